/** Everything the configuration says about trust, read from its files and put together: all of it, or nothing. */
import type { Config } from '../config.ts';
import { loadBundle } from './bundle.ts';
import { createTrust, type Trust } from './trust.ts';

export interface LoadedTrust {
  readonly trust: Trust;
  /** What an operator should know about files that are sound. */
  readonly warnings: readonly string[];
}

/** @throws {StartupError} naming what is wrong as `file:line` */
export async function loadTrust(
  { bundle: path, names, pins, deny, report_only: reportOnly }: Config['trust'],
  { generation, now }: { readonly generation: number; readonly now: Date },
): Promise<LoadedTrust> {
  const bundle = await loadBundle(path, now);
  return {
    trust: createTrust({ bundle, names, generation, pins, deny, reportOnly }),
    warnings: bundle.warnings,
  };
}

/** Files and folders that `loadTrust` reads: where a change is to be looked for. */
export function trustPaths({ bundle }: Config['trust']): string[] {
  return [bundle];
}

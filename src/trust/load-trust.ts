/** Everything the configuration says about trust, read from its files and put together: all of it, or nothing. */
import type { Config } from '../config.ts';
import { StartupError } from '../errors.ts';
import { loadAddresses } from './addresses.ts';
import { loadBundle } from './bundle.ts';
import { denyDistrusted, distrustedPath, loadDistrusted } from './distrusted.ts';
import { loadCrls } from './load-crls.ts';
import { warnAboutException } from './server-auth-only.ts';
import { createTrust, type Trust } from './trust.ts';
import { warnAboutMode } from './unproven.ts';

export interface LoadedTrust {
  readonly trust: Trust;
  /** What an operator should know about files that are sound. */
  readonly warnings: readonly string[];
}

/** @throws {StartupError} naming what is wrong as `file:line` */
export async function loadTrust(
  {
    client_certificate: mode,
    bundle: path,
    state,
    names,
    pins,
    deny,
    addresses: list,
    crl,
    crl_policy: policy,
    server_auth_only: exception,
    report_only: reportOnly,
  }: Config['trust'],
  {
    generation,
    now,
    inForce,
    keepLists = false,
  }: {
    readonly generation: number;
    readonly now: Date;
    /** What it is to replace; left out at a start. */
    readonly inForce?: Trust | undefined;
    /** A list that cannot be read stays as it is in force, and that is told. */
    readonly keepLists?: boolean;
  },
): Promise<LoadedTrust> {
  const serverAuthOnly = exception && { until: exception.until, spki: new Set(exception.spki) };
  const about = [warnAboutMode(mode), warnAboutException(serverAuthOnly, now)];
  const bundle = await loadBundle(path, now, inForce?.anchors);
  const kept = keepLists ? inForce : undefined;
  const from = await orInForce(
    async () => (list === undefined ? undefined : await loadAddresses(list)),
    kept && { addresses: kept.addresses },
  );
  const distrusted = await loadDistrusted(distrustedPath(state));
  const { anchors } = bundle;
  const lists = await orInForce(
    async () => (crl === undefined ? undefined : await loadCrls(crl, { anchors, policy, now })),
    kept && { revocation: kept.revocation },
  );
  return {
    trust: createTrust({
      bundle,
      mode,
      names,
      generation,
      pins,
      deny: [...deny, ...denyDistrusted(distrusted)],
      addresses: from?.addresses,
      revocation: lists?.revocation,
      serverAuthOnly,
      reportOnly,
    }),
    warnings: [
      ...about.filter((warning) => warning !== undefined),
      ...bundle.warnings,
      ...(from?.warnings ?? []),
      ...(lists?.warnings ?? []),
    ],
  };
}

async function orInForce<Loaded extends { readonly warnings: readonly string[] }, Kept extends object>(
  load: () => Promise<Loaded | undefined>,
  kept: Kept | undefined,
): Promise<Loaded | (Kept & Pick<Loaded, 'warnings'>) | undefined> {
  try {
    return await load();
  } catch (error) {
    if (kept === undefined || !(error instanceof StartupError)) throw error;
    const warnings = error.message
      .split('\n')
      .map((problem) => `${problem}: not taken, what is in force stays`);
    return { ...kept, warnings };
  }
}

/** Files and folders that `loadTrust` reads: where a change is to be looked for. */
export function trustPaths({ bundle, state, addresses, crl }: Config['trust']): string[] {
  return [bundle, distrustedPath(state), addresses, crl].filter((path) => path !== undefined);
}

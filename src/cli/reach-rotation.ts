/** Whom a command speaks to: the running receiver, or its files while none runs. Said, never guessed. */
import { controlPath, readControlFile } from '../admin/control-token.ts';
import type { Config } from '../config.ts';
import { StartupError } from '../errors.ts';
import type { Rotation } from '../rotation/rotation.ts';
import type { Log } from '../telemetry/log.ts';
import { type ControlClient, createControlClient } from './control-client.ts';
import { harmless } from './harmless.ts';
import type { Terminal } from './terminal.ts';

/** As `openOfflineRotation` of the receiver. */
export type OpenOffline = (parts: {
  readonly config: Config;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly now: () => Date;
}) => Promise<Rotation & AsyncDisposable>;

export interface Reached extends AsyncDisposable {
  readonly rotation: Rotation;
  /** Example: `on the running receiver, process 4711` */
  readonly where: string;
}

/** @throws {StartupError} when it cannot be told whether a receiver runs: two that change the same files are too many */
export async function reachRotation({
  config,
  terminal,
  now,
  openOffline,
}: {
  readonly config: Config;
  readonly terminal: Pick<Terminal, 'complain' | 'mark'>;
  readonly now: () => Date;
  readonly openOffline: OpenOffline;
}): Promise<Reached> {
  const { state } = config.trust;
  const running = await findRunning(state);
  if (running !== undefined) return { ...running, async [Symbol.asyncDispose]() {} };
  const tell = (fields: object, message: string): void => {
    const { problem } = fields as { readonly problem?: unknown };
    const why = typeof problem === 'string' ? `: ${problem}` : '';
    terminal.complain(`${terminal.mark.warn} ${harmless(message + why)}`);
  };
  const rotation = await openOffline({ config, log: { info() {}, warn: tell, error: tell }, now });
  return {
    rotation,
    where: OFFLINE,
    [Symbol.asyncDispose]: () => rotation[Symbol.asyncDispose](),
  };
}

export const OFFLINE = 'offline, on the files: no receiver runs here';

export interface Running extends Pick<ControlClient, 'rotation' | 'releases'> {
  readonly where: string;
}

/**
 * @param state `trust.state`
 * @returns undefined while no receiver runs
 * @throws {StartupError} when that cannot be told
 */
export async function findRunning(state: string): Promise<Running | undefined> {
  const path = harmless(controlPath(state));
  const file = await readControlFile(state).catch((cause: Error) => {
    throw new StartupError(`${path}, by which the receiver is found, ${cause.message}; nothing was changed`, {
      hint: "run this as the receiver's user; if no receiver runs, remove that file",
      cause,
    });
  });
  if (file === undefined) return undefined;
  const { hello, ...controlled } = createControlClient(file);
  const found = await hello();
  if (found === 'nobody') return undefined; // it died without taking its file away
  if (found !== 'stranger') return { ...controlled, where: `on the running receiver, process ${found.pid}` };
  throw new StartupError(
    `what answers at ${harmless(file.url)} is not the receiver that wrote ${path}; nothing was changed`,
    { hint: 'if a receiver runs, restart it; if none does, remove that file; then try again' },
  );
}

/**
 * Notices changed files. What counts is a look at size, times and inode every few seconds, through symbolic links; what
 * the system reports only makes the next look come sooner. Never: reads what is in them.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, StartupError } from '../errors.ts';
import { createFileHints } from './file-hints.ts';
import type { ReloadCause, ReloadOutcome } from './keeper.ts';

export interface WatchTiming {
  /** How often to look when nothing is reported. */
  readonly pollMs: number;
  /** Files are taken once they have been left alone for so long: a copy under way is not read. */
  readonly quietMs: number;
  /** What failed and was not touched since is tried again: dates come true, and a full table of files empties. */
  readonly retryMs: number;
}

export const WATCH_TIMING: WatchTiming = { pollMs: 2_000, quietMs: 1_000, retryMs: 60_000 };

export interface Watcher {
  /** One look. `moving`: something changed, and may be changing still. */
  runOnce(): Promise<'still' | 'moving' | ReloadOutcome>;
}

export interface WatcherParts {
  readonly look: () => Promise<string>;
  /** The look from before the first load, so that no change falls between. */
  readonly taken: string;
  readonly reload: (why: ReloadCause) => Promise<ReloadOutcome>;
  readonly timing: WatchTiming;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

export function createWatcher({ look, taken: first, reload, timing, clock }: WatcherParts): Watcher {
  let taken = first;
  let seen = first;
  let seenAt = clock();
  let failedAt: number | undefined;

  const take = async (why: ReloadCause): Promise<ReloadOutcome> => {
    taken = seen; // from before the read: what changes during it is seen at the next look
    const outcome = await reload(why);
    failedAt = outcome === 'failed' ? clock() : undefined;
    return outcome;
  };

  return {
    async runOnce() {
      const now = await look();
      if (now !== seen) {
        seen = now;
        seenAt = clock();
      }
      if (seen !== taken) return clock() - seenAt >= timing.quietMs ? await take('files changed') : 'moving';
      if (failedAt !== undefined && clock() - failedAt >= timing.retryMs) return await take('another try');
      return 'still';
    },
  };
}

/** Files and folders as one text that changes whenever one of them does. What cannot be looked at is part of it. */
export async function lookAt(paths: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const path of paths) lines.push(...(await describe(path)));
  return lines.join('\n');
}

async function describe(path: string): Promise<string[]> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isDirectory()) return [fileLine(path, found)];
    const entries = (await readdir(path)).filter((entry) => !entry.startsWith('.')).sort();
    const lines = [`${path} ${found.dev} ${found.ino}`];
    for (const entry of entries) lines.push(await describeFile(join(path, entry)));
    return lines;
  } catch (error) {
    return [`${path} ${codeOf(error) ?? 'unknown error'}`];
  }
}

async function describeFile(path: string): Promise<string> {
  try {
    return fileLine(path, await stat(path, { bigint: true }));
  } catch (error) {
    return `${path} ${codeOf(error) ?? 'unknown error'}`;
  }
}

/** With the time of change: a file that may be read again has the same content and another mode. */
function fileLine(
  path: string,
  {
    dev,
    ino,
    size,
    mtimeNs,
    ctimeNs,
  }: Readonly<Record<'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs', bigint>>,
): string {
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

const MOST_READS = 3;

/**
 * Reads several files as one: what changed meanwhile is read again, so that no mixture of before and after counts.
 *
 * @throws what `read` throws, once nothing moved while it did
 */
export async function readSteadily<T>(look: () => Promise<string>, read: () => Promise<T>): Promise<T> {
  for (let turn = 0; turn < MOST_READS; turn += 1) {
    const before = await look();
    const [result] = await Promise.allSettled([read()]);
    if ((await look()) !== before) continue;
    if (result.status === 'fulfilled') return result.value;
    throw result.reason;
  }
  throw new StartupError('the files changed again and again while they were read', {
    hint: 'nothing to do if they were just being replaced: they are read again once they are left alone',
  });
}

/** Looks until it is disposed of, at the paths there are by then. */
export function startWatch({
  paths,
  ...parts
}: Omit<WatcherParts, 'look'> & { readonly paths: () => readonly string[] }): AsyncDisposable {
  const { pollMs, quietMs } = parts.timing;
  const watcher = createWatcher({ ...parts, look: () => lookAt(paths()) });
  const hints = createFileHints(paths);
  let stopped = false;
  const looking = (async () => {
    while (!stopped) {
      await hints.renew();
      if ((await watcher.runOnce()) === 'moving') await hints.pause(quietMs, { evenIfHinted: true });
      else await hints.pause(pollMs);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stopped = true;
      hints[Symbol.dispose]();
      await looking;
    },
  };
}

/** What the system reports about files. It forgets a folder that was replaced and knows no network drive: a hint, no more. */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FileHints extends Disposable {
  /** Listens to the folders as they are now. */
  renew(): Promise<void>;
  /** Ends after `ms`, or soon after a hint; at once when disposed of. */
  pause(ms: number, options?: { readonly evenIfHinted?: boolean }): Promise<void>;
}

/** A replacement comes as several reports. */
const TOGETHER_MS = 50;

export function createFileHints(paths: () => readonly string[]): FileHints {
  const listeners = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>();
  let hinted = false;
  let stopped = false;
  let endPause = (): void => {};
  let endPauseSoon = (): void => {};

  const forget = (folder: string): void => {
    listeners.get(folder)?.watcher.close();
    listeners.delete(folder);
  };
  const listen = async (folder: string): Promise<void> => {
    const identity = await identityOf(folder);
    if (stopped || listeners.get(folder)?.identity === identity) return;
    forget(folder);
    if (identity === undefined) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        hinted = true;
        endPauseSoon();
      });
      watcher.on('error', () => forget(folder));
      listeners.set(folder, { watcher, identity });
    } catch {
      // it has just gone, or the system has no more listeners to give: a look now and then is enough
    }
  };

  return {
    async renew() {
      const folders = new Set(paths().flatMap((path) => [dirname(path), path]));
      for (const folder of listeners.keys()) if (!folders.has(folder)) forget(folder);
      for (const folder of folders) await listen(folder);
    },
    async pause(ms, { evenIfHinted = false } = {}) {
      if (stopped) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timers = [setTimeout(resolve, ms)];
      endPause = resolve;
      endPauseSoon = () => {
        if (!evenIfHinted && timers.length === 1) timers.push(setTimeout(resolve, TOGETHER_MS));
      };
      if (hinted) endPauseSoon(); // it came while nobody paused
      await promise;
      hinted = false;
      for (const timer of timers) clearTimeout(timer);
    },
    [Symbol.dispose]() {
      stopped = true;
      for (const folder of [...listeners.keys()]) forget(folder);
      endPause();
    },
  };
}

/** Undefined for what is no folder, or not there. */
async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const found = await stat(folder, { bigint: true });
    return found.isDirectory() ? `${found.dev} ${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}

/** The file of an SQLite store: made private, named durably, and held by one receiver at a time. */
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { codeOf, StartupError } from '../errors.ts';
import { hasCode, SQLITE } from './sqlite-errors.ts';

/**
 * Makes folder (0700) and file (0600) where they are missing; what exists keeps its mode.
 *
 * @returns the path that every opener of this file agrees on, links resolved, so that they meet at the same lock
 * @throws {StartupError} when it cannot be written
 */
export function prepareFile(path: string): string {
  const file = resolve(path);
  const folder = dirname(file);
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
    createPrivately(file);
    // A name is durable once its folder is: without this a power cut could take the whole file with the orders in it.
    for (let named = folder; ; named = dirname(named)) {
      syncFolderAtOnce(named);
      if (made === undefined || named === dirname(made)) break;
    }
    return realpathSync(file);
  } catch (cause) {
    throw new StartupError(`the store ${path} cannot be written: ${codeOf(cause) ?? String(cause)}`, {
      hint: `give the receiver's user a folder it may write to, for example: install -d -m 700 -o USER ${folder}`,
      cause,
    });
  }
}

/**
 * Never opens a file that is there: POSIX frees all of a process's locks on a file as soon as it closes any descriptor
 * of it, those that SQLite holds included (https://www.sqlite.org/howtocorrupt.html, section 2.2).
 */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** A name is durable once its folder is. Windows has no folders to sync. */
export function syncFolderAtOnce(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export interface HeldFile extends Disposable {
  readonly file: string;
}

/**
 * Takes the store for this process. The lock is SQLite's own on a file beside the store, so the operating system
 * frees it however the process ends, and a stale one cannot exist.
 *
 * @throws {StartupError} when another holds it
 */
export function lockFile(file: string): HeldFile {
  createPrivately(`${file}.lock`);
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!hasCode(cause, SQLITE.busy)) throw cause;
    throw new StartupError(`the store ${file} is in use by another receiver`, {
      hint: `stop that one first (fuser ${file}.lock names it), or give this one its own store.url`,
      cause,
    });
  }
  return { file, [Symbol.dispose]: () => lock.close() };
}

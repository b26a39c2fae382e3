import { StartupError } from '../errors.ts';

/** SQLite's result codes that we tell apart. @see https://www.sqlite.org/rescode.html */
export const SQLITE = {
  busy: 5,
  readOnly: 8,
  cannotOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  range: 25,
  notADatabase: 26,
} as const;

/** An extended code carries the primary one in its low byte. */
export function hasCode(error: unknown, code: number): boolean {
  return (resultCodeOf(error) ?? -1) % 256 === code;
}

/** Would the same item fail on any disk? Then it is a fault of ours; everything else is trouble with the store. */
export function isOfTheItem(error: unknown): boolean {
  const { tooBig, constraint, mismatch, range } = SQLITE;
  return (
    resultCodeOf(error) === undefined ||
    [tooBig, constraint, mismatch, range].some((code) => hasCode(error, code))
  );
}

export function resultCodeOf(error: unknown): number | undefined {
  return (error as { readonly errcode?: number }).errcode;
}

/** Turns SQLite's first complaint about a file into one for the operator. */
export function asStartupError(error: unknown, file: string): unknown {
  if (hasCode(error, SQLITE.notADatabase)) {
    return new StartupError(`the store ${file} is not an SQLite database, or its first page is damaged`, {
      hint: 'name another file in store.url, or put the last backup in its place',
      cause: error,
    });
  }
  if (hasCode(error, SQLITE.cannotOpen) || hasCode(error, SQLITE.readOnly)) {
    return new StartupError(`the store ${file} cannot be opened`, {
      hint: "check that file, folder and the -wal and -shm files beside it belong to the receiver's user",
      cause: error,
    });
  }
  return error;
}

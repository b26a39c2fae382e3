import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore, type SqliteParts } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import type { Place } from './contract.ts';

export interface SqlitePlace extends Place {
  readonly folder: string;
  /** Of the database file. */
  readonly path: string;
  open(parts?: Partial<SqliteParts>): Promise<Store>;
}

/** A folder of its own for one store, gone with everything in it at the end of the test. */
export async function createSqlitePlace(): Promise<SqlitePlace> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-store-'));
  const path = join(folder, 'data', 'orders.db');
  return {
    folder,
    path,
    open: (parts) =>
      openSqliteStore({
        path,
        refusedMaxCount: 1_000,
        refusedMaxBytes: 100_000_000,
        minFreeBytes: 0,
        ...parts,
      }),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The refusal, or whatever else came instead. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    (value) => `no failure but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
}

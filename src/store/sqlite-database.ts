/** One connection to SQLite: opened as we need it, proved to be so, and driving scripts. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { StartupError } from '../errors.ts';
import { type Row, runScript, type Script } from './script.ts';

/** Older ones can corrupt a database in WAL mode ("WAL-reset bug", fixed in 3.51.3). */
const OLDEST_SQLITE = '3.51.3';
const BUSY_TIMEOUT_MS = 5_000;

/**
 * The one connection that writes. A commit returns when it is on disk: `synchronous=FULL` syncs the WAL at every
 * commit, NORMAL would lose answered orders at a power cut. Everything that matters is read back, because a pragma
 * that cannot be obeyed is silently not.
 *
 * @throws {StartupError} when this SQLite cannot promise what we promise
 */
export function openWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
    assertPromises(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function openReading(file: string): DatabaseSync {
  return new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
}

/** Drives scripts; every statement is prepared once. */
export function createRunner(database: DatabaseSync): <T>(script: Script<T>) => T {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'));
    prepared.set(sql, statement);
    return statement;
  };
  return (script) =>
    runScript(script, ({ sql, values, gives }) => {
      const statement = prepared.get(sql) ?? prepare(sql);
      if (gives === 'id') return [{ id: Number(statement.run(...values).lastInsertRowid) }];
      return statement.all(...values) as unknown as readonly Row[];
    });
}

function assertPromises(database: DatabaseSync): void {
  const version = firstValue(database, 'SELECT sqlite_version()');
  if (!isAtLeast(String(version), OLDEST_SQLITE)) {
    throw new StartupError(`this Node brings SQLite ${version}, which can corrupt a store in WAL mode`, {
      hint: `use a Node with SQLite ${OLDEST_SQLITE} or newer: 24.15.0 and up, or 26`,
    });
  }
  const wanted = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, busy_timeout: BUSY_TIMEOUT_MS };
  for (const [pragma, value] of Object.entries(wanted)) {
    const found = firstValue(database, `PRAGMA ${pragma}`);
    if (found === value) continue;
    throw new StartupError(`SQLite will not keep orders safely here: ${pragma} is ${found}, not ${value}`, {
      hint: 'put the store on a local disk (no NFS, no SMB, no EFS)',
    });
  }
}

function firstValue(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

/** @param version like `3.53.4` */
export function isAtLeast(version: string, oldest: string): boolean {
  const [have, need] = [version.split('.').map(Number), oldest.split('.').map(Number)];
  const differs = need.findIndex((part, index) => part !== have[index]);
  return differs === -1 || (have[differs] ?? 0) > (need[differs] ?? 0);
}

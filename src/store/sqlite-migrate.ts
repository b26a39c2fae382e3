/**
 * Brings the tables up to date: numbered SQL files, forward only, all that are missing in one exclusive transaction.
 * A store that was written by a newer receiver, or by files that have changed since, is not touched.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { StartupError } from '../errors.ts';

const FOLDER = new URL('./migrations/sqlite/', import.meta.url);

export interface Migration {
  readonly version: number;
  /** File name. Example: `001-orders.sql` */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** The files that came with this receiver, oldest first. */
export function loadMigrations(folder: URL = FOLDER): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => /^\d{3}-.+\.sql$/.test(name));
  return names.sort().map((name, index) => {
    if (Number(name.slice(0, 3)) !== index + 1)
      throw new Error(`${name}: migrations must count from 001 without a gap`);
    // Line endings are git's business, not the schema's.
    const sql = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n');
    return { version: index + 1, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/** @throws {StartupError} when the store is not ours, newer, or made by other files; nothing is changed then */
export function migrate(database: DatabaseSync, migrations: readonly Migration[], now: () => Date): void {
  database.exec('BEGIN EXCLUSIVE');
  try {
    if (!isOurs(database)) {
      database.exec(`CREATE TABLE schema_version (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL
      ) STRICT`);
    }
    for (const { version, name, sql, checksum } of missing(database, migrations)) {
      database.exec(sql);
      database
        .prepare('INSERT INTO schema_version (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)')
        .run(version, name, checksum, now().getTime());
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * For a connection that only reads: the tables must be exactly those that this receiver knows.
 *
 * @throws {StartupError} when they are not
 */
export function assertMigrated(database: DatabaseSync, migrations: readonly Migration[]): void {
  if (isOurs(database) && missing(database, migrations).length === 0) return;
  throw new StartupError('the store has not been brought up to this version yet', {
    hint: 'start the receiver once (sallyport serve): it brings the store up to date, then ask again',
  });
}

/** Is there a table of versions? An empty file is nobody's yet; any other database is someone else's. */
function isOurs(database: DatabaseSync): boolean {
  const tables = database.prepare('SELECT name FROM sqlite_schema').all();
  if (tables.length > 0 && !tables.some(({ name }) => name === 'schema_version')) {
    throw new StartupError('the file of the store is an SQLite database of another program', {
      hint: 'name another file in store.url; this one was left as it is',
    });
  }
  return tables.length > 0;
}

function missing(database: DatabaseSync, migrations: readonly Migration[]): readonly Migration[] {
  const applied = database
    .prepare('SELECT version, name, checksum FROM schema_version ORDER BY version')
    .all() as unknown as readonly Applied[];
  for (const { version, name, checksum } of applied) {
    const known = migrations[version - 1];
    if (known === undefined) {
      throw new StartupError(
        `the store was written by a newer Sallyport (its schema is ${version}, ${name})`,
        {
          hint: 'start that version again; an older one could misread the orders and will not touch them',
        },
      );
    }
    if (known.checksum !== checksum) {
      throw new StartupError(`the store was made with another ${name} than this Sallyport has`, {
        hint: 'install an unchanged release of Sallyport; nothing in the store was changed',
      });
    }
  }
  return migrations.slice(applied.length);
}

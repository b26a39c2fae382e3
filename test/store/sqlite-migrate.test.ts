import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { keepOrder } from '../../src/store/keep-order.ts';
import { keepPeer } from '../../src/store/keep-peer.ts';
import { createRunner, openWriting } from '../../src/store/sqlite-database.ts';
import { assertMigrated, loadMigrations, type Migration, migrate } from '../../src/store/sqlite-migrate.ts';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import type { Arrival } from '../../src/store/store.ts';
import { AT, arrival, later, sha256 } from './arrivals.ts';
import { refusedHandshake, use } from './contract-evidence.ts';
import { createSqlitePlace, failureOf } from './sqlite-place.ts';

function migration(version: number, sql: string): Migration {
  return { version, name: `00${version}-test.sql`, sql, checksum: sha256(sql) };
}

const ONE = migration(1, 'CREATE TABLE one (id INTEGER) STRICT');
const TWO = migration(2, 'CREATE TABLE two (id INTEGER) STRICT');

function tables(database: DatabaseSync): unknown[] {
  return database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name);
}

describe('migrate', () => {
  it('applies what is missing, in order, once', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, [ONE], () => AT);
    migrate(database, [ONE, TWO], () => AT);
    migrate(database, [ONE, TWO], () => AT);
    expect(tables(database)).to.deep.equal(['one', 'schema_version', 'two']);
    expect(database.prepare('SELECT version, applied_at FROM schema_version').all()).to.have.length(2);
  });

  it('changes nothing at all when one of several fails', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, [ONE], () => AT);
    const broken = migration(3, 'CREATE TABLE three (id INTEGER) STRICT; CREATE TABLE one (id INTEGER)');
    expect(() => migrate(database, [ONE, TWO, broken], () => AT)).to.throw('already exists');
    expect(tables(database)).to.deep.equal(['one', 'schema_version']);
  });

  it('refuses a store of a newer version', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, [ONE, TWO], () => AT);
    expect(() => migrate(database, [ONE], () => AT)).to.throw(StartupError, 'newer Sallyport');
  });

  it('refuses a store that was made by a changed file', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, [ONE], () => AT);
    const changed = migration(1, `${ONE.sql}; -- changed`);
    expect(() => migrate(database, [changed, TWO], () => AT)).to.throw(StartupError, '001-test.sql');
    expect(tables(database)).to.deep.equal(['one', 'schema_version']);
  });

  it('refuses the database of another program and leaves it alone', () => {
    using database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE bookmarks (url TEXT)');
    expect(() => migrate(database, [ONE], () => AT)).to.throw(StartupError, 'another program');
    expect(tables(database)).to.deep.equal(['bookmarks']);
  });
});

describe('assertMigrated', () => {
  it('passes a store of this version only', () => {
    using database = new DatabaseSync(':memory:');
    expect(() => assertMigrated(database, [ONE])).to.throw(StartupError, 'brought up');
    migrate(database, [ONE], () => AT);
    assertMigrated(database, [ONE]);
    expect(() => assertMigrated(database, [ONE, TWO])).to.throw(StartupError, 'brought up');
    expect(() => assertMigrated(database, [])).to.throw(StartupError, 'newer Sallyport');
  });
});

describe('loadMigrations', () => {
  it('gives the files of this receiver, counted from 1', () => {
    const migrations = loadMigrations();
    expect(migrations.map(({ version }) => version)).to.deep.equal(migrations.map((_, index) => index + 1));
    expect(migrations[0]?.name).to.equal('001-orders.sql');
  });

  it('does not see how git ends the lines', async () => {
    await using place = await createSqlitePlace();
    const checksums = ['\n', '\r\n'].map((end, index) => {
      const folder = join(place.folder, `${index}`);
      mkdirSync(folder);
      writeFileSync(join(folder, '001-a.sql'), `CREATE TABLE a (${end} id INTEGER${end});`);
      return loadMigrations(pathToFileURL(`${folder}/`))[0]?.checksum;
    });
    expect(checksums[0]).to.equal(checksums[1]);
  });
});

describe('a store of the first version', () => {
  it('is brought up to date with everything in it when a receiver starts, and not by a reader', async () => {
    await using place = await createSqlitePlace();
    const oldest = arrival({ payloadId: 'p0', receivedAt: later(-1) });
    createFirstVersion(place.path, [oldest, arrival()]);
    expect(await failureOf(openSqliteReader(place.path))).to.be.instanceOf(StartupError);
    await using store = await place.open();
    expect(await store.counts()).to.deep.equal({ messages: 2, orders: 1, refused: 0, conflicts: 0 });
    expect(await store.keepOrder(arrival())).to.include({ outcome: 'replayed' });
    expect(await store.listSeenChains()).to.deep.equal([]);
    await store.keepEvidence({ uses: [use()], refused: [refusedHandshake()] });
    expect((await store.listSeenChains())[0]?.lastOrder).to.deep.equal({
      orderId: '4500',
      buyer: 'acme',
      receivedAt: AT,
    });
    await using reader = await openSqliteReader(place.path);
    expect(await reader.listRefusedHandshakes()).to.have.length(1);
  });
});

/** As the first release left it: its tables, and orders in them. */
function createFirstVersion(path: string, arrivals: readonly Arrival[]): void {
  mkdirSync(dirname(path), { recursive: true });
  using database = openWriting(path);
  migrate(database, loadMigrations().slice(0, 1), () => AT);
  const run = createRunner(database);
  for (const each of arrivals) {
    run(keepPeer(each.peer));
    run(keepOrder(each));
  }
}

describe('a store on disk', () => {
  for (const [what, sql] of Object.entries({
    'written by a newer receiver': "INSERT INTO schema_version VALUES (99, '099-later.sql', 'x', 0)",
    'made by a changed file': "UPDATE schema_version SET checksum = 'other' WHERE version = 1",
  })) {
    it(`is not opened when it was ${what}, and not changed`, async () => {
      await using place = await createSqlitePlace();
      {
        await using store = await place.open();
        await store.keepOrder(arrival());
      }
      const change = (statement: string) => {
        using database = new DatabaseSync(place.path);
        database.exec(statement);
      };
      change(sql);
      const error = await failureOf(place.open());
      expect(error).to.be.instanceOf(StartupError);
      expect((error as StartupError).hint).to.not.equal('');
      change(
        `DELETE FROM schema_version WHERE version = 99;
         UPDATE schema_version SET checksum = '${loadMigrations()[0]?.checksum}' WHERE version = 1`,
      );
      await using store = await place.open();
      expect(await store.keepOrder(arrival())).to.include({ outcome: 'replayed' });
    });
  }
});

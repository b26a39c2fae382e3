import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { arrival, refused } from './arrivals.ts';
import { startProgram } from './child.ts';
import { refusedHandshake, use } from './contract-evidence.ts';
import { createSqlitePlace, failureOf } from './sqlite-place.ts';

describe('openSqliteReader', () => {
  it('sees each order as soon as it is kept, while the writer goes on', async () => {
    await using place = await createSqlitePlace();
    await using store = await place.open();
    await using reader = await openSqliteReader(place.path);
    for (let index = 1; index <= 20; index += 1) {
      const next = store.keepOrder(arrival({ payloadId: `next ${index}`, orderId: `next ${index}` }));
      await store.keepOrder(arrival({ payloadId: `p${index}`, orderId: `${index}` }));
      expect(await reader.findOrders({ orderId: `${index}` })).to.have.length(1);
      await next;
    }
    expect(await reader.counts()).to.deep.include({ messages: 40, orders: 40 });
  });

  it('reads everything that a store reads', async () => {
    await using place = await createSqlitePlace();
    await using store = await place.open();
    await store.keepOrder(arrival());
    await store.keepRefused(refused());
    await store.keepEvidence({ uses: [use()], refused: [refusedHandshake()] });
    await using reader = await openSqliteReader(place.path);
    expect(await reader.listOrders()).to.deep.equal(await store.listOrders());
    expect(await reader.findOrders({ orderId: '4500' })).to.deep.equal(
      await store.findOrders({ orderId: '4500' }),
    );
    expect(await reader.readMessage(1)).to.deep.equal(await store.readMessage(1));
    expect(await reader.listRefused()).to.deep.equal(await store.listRefused());
    expect(await reader.readRefused(1)).to.deep.equal(await store.readRefused(1));
    expect(await reader.listSeenChains()).to.deep.equal(await store.listSeenChains());
    expect(await reader.listRefusedHandshakes()).to.deep.equal(await store.listRefusedHandshakes());
    expect(await reader.findRefusedHandshake('1')).to.deep.equal(await store.findRefusedHandshake('1'));
  });

  it('reads a store that nobody holds, and one whose receiver was killed', async function () {
    this.timeout(30_000);
    await using place = await createSqlitePlace();
    {
      await using store = await place.open();
      await store.keepOrder(arrival());
    }
    {
      await using reader = await openSqliteReader(place.path);
      expect(await reader.listOrders()).to.have.length(1);
    }
    await using child = startProgram('keep-orders.ts', place.path, 'round');
    const orderId = (await child.line()) ?? '';
    await child.kill();
    await using reader = await openSqliteReader(place.path);
    expect(await reader.findOrders({ orderId })).to.have.length(1);
  });

  it('refuses a path where no store is, and makes none there', async () => {
    await using place = await createSqlitePlace();
    const path = join(place.folder, 'nothing.db');
    for (const _again of [1, 2]) {
      const error = await failureOf(openSqliteReader(path));
      expect(error).to.be.instanceOf(StartupError);
      expect(String(error)).to.include('there is no store');
    }
  });

  it('refuses a store of another version, another program, or none at all', async () => {
    await using place = await createSqlitePlace();
    const make = (name: string, sql: string): string => {
      const path = join(place.folder, name);
      using database = new DatabaseSync(path);
      database.exec(sql);
      return path;
    };
    const versions = 'CREATE TABLE schema_version (version INTEGER, name TEXT, checksum TEXT);';
    const paths = {
      newer: make('newer.db', `${versions} INSERT INTO schema_version VALUES (99, '099-later.sql', 'x')`),
      older: make('older.db', versions),
      foreign: make('foreign.db', 'CREATE TABLE bookmarks (url TEXT)'),
    };
    for (const path of Object.values(paths)) {
      const error = await failureOf(openSqliteReader(path));
      expect(error).to.be.instanceOf(StartupError);
    }
  });

  it('cannot write', async () => {
    await using place = await createSqlitePlace();
    await using _store = await place.open();
    await using reader = await openSqliteReader(place.path);
    expect(reader).to.not.have.any.keys('keepOrder', 'keepRefused', 'keepEvidence', 'probe');
  });
});

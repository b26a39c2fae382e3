import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { Refusal, StartupError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { needs } from '../support/needs.ts';
import { arrival, refused } from './arrivals.ts';
import { exerciseStore } from './contract.ts';
import { use } from './contract-evidence.ts';
import { createSqlitePlace, failureOf } from './sqlite-place.ts';

exerciseStore('SQLite', createSqlitePlace);

describe('openSqliteStore', () => {
  it('makes folder, database, log and lock for its user alone', async function () {
    needs(this, process.platform !== 'win32', 'file modes, which Windows does not have');
    await using place = await createSqlitePlace();
    await using store = await place.open();
    await store.keepOrder(arrival());
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(mode(join(place.folder, 'data'))).to.equal('700');
    for (const suffix of ['', '-wal', '-shm', '.lock']) expect(mode(place.path + suffix)).to.equal('600');
  });

  it('leaves the mode of a folder that was there', async function () {
    needs(this, process.platform !== 'win32', 'file modes, which Windows does not have');
    await using place = await createSqlitePlace();
    chmodSync(place.folder, 0o750);
    await using _store = await openSqliteStore({
      path: join(place.folder, 'orders.db'),
      refusedMaxCount: 1,
      refusedMaxBytes: 1,
    });
    expect((statSync(place.folder).mode & 0o777).toString(8)).to.equal('750');
  });

  it('leaves one whole file behind when it is closed', async () => {
    await using place = await createSqlitePlace();
    {
      await using store = await place.open();
      await store.keepOrder(arrival());
    }
    expect(() => statSync(`${place.path}-wal`)).to.throw('ENOENT');
    using database = new DatabaseSync(place.path, { readOnly: true });
    expect(database.prepare('PRAGMA journal_mode').get()).to.deep.include({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA integrity_check').get()).to.deep.include({ integrity_check: 'ok' });
    expect(database.prepare('PRAGMA foreign_key_check').all()).to.deep.equal([]);
  });

  it('refuses a second opener in this process, also one that comes through a link', async () => {
    await using place = await createSqlitePlace();
    await using store = await place.open();
    symlinkSync(join(place.folder, 'data'), join(place.folder, 'link'));
    const linked = join(place.folder, 'link', 'orders.db');
    const openLinked = () => openSqliteStore({ path: linked, refusedMaxCount: 1, refusedMaxBytes: 1 });
    for (const open of [() => place.open(), openLinked]) {
      const error = await failureOf(open());
      expect(error).to.be.instanceOf(StartupError);
      expect(String(error)).to.include('in use by another receiver');
    }
    expect(await store.keepOrder(arrival())).to.include({ outcome: 'kept' });
    expect(await failureOf(place.open())).to.be.instanceOf(StartupError);
  });

  it('refuses a file that is no database, and leaves it as it was', async () => {
    await using place = await createSqlitePlace();
    await (await place.open())[Symbol.asyncDispose]();
    writeFileSync(place.path, 'these are my notes, not a database\n'.repeat(100));
    const error = await failureOf(place.open());
    expect(error).to.be.instanceOf(StartupError);
    expect((error as StartupError).hint).to.include('store.url');
    expect(readFileSync(place.path, 'utf8')).to.include('my notes');
  });

  it('refuses a path that cannot be a file', async () => {
    await using place = await createSqlitePlace();
    await using _store = await place.open();
    for (const path of [place.folder, join(place.path, 'below-a-file.db')]) {
      const error = await failureOf(openSqliteStore({ path, refusedMaxCount: 1, refusedMaxBytes: 1 }));
      expect(error).to.be.instanceOf(StartupError);
    }
  });

  it('puts everything off while the disk has less room than the floor', async () => {
    await using place = await createSqlitePlace();
    await using store = await place.open({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    const seen = store.keepEvidence({ uses: [use()], refused: [] });
    for (const put of [store.keepOrder(arrival()), store.keepRefused(refused()), seen, store.probe()]) {
      expect(await failureOf(put))
        .to.be.instanceOf(Refusal)
        .and.include({ code: 'store-unavailable' });
    }
    expect(String(await failureOf(store.probe()))).to.include('disk almost full');
    expect(await store.listSeenChains()).to.deep.equal([]);
    expect(await store.counts()).to.deep.equal({ messages: 0, orders: 0, refused: 0, conflicts: 0 });
  });

  it('says so when the bytes of a message are no longer those that came', async () => {
    await using place = await createSqlitePlace();
    {
      await using store = await place.open();
      await store.keepOrder(arrival());
      await store.keepRefused(refused());
    }
    {
      using database = new DatabaseSync(place.path);
      database.exec("UPDATE message_body SET bytes = x'00'; UPDATE refused_body SET bytes = x'00'");
    }
    await using store = await place.open();
    expect(String(await failureOf(store.readMessage(1)))).to.include('message 1 is damaged');
    expect(String(await failureOf(store.readRefused(1)))).to.include('refused message 1 is damaged');
  });

  it('tells the buyer nothing of what went wrong inside', async () => {
    await using place = await createSqlitePlace();
    await using store = await place.open();
    const error = await failureOf(store.keepOrder(arrival({ environment: 'staging' as 'test' })));
    expect((error as Refusal).message).to.not.match(/constraint|environment|sqlite/i);
    expect(String((error as Refusal).cause)).to.match(/constraint/i);
  });
});

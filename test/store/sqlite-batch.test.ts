import { join } from 'node:path';
import { expect } from 'chai';
import { createBatchRunner, type Job } from '../../src/store/sqlite-batch.ts';
import { openWriting } from '../../src/store/sqlite-database.ts';
import { loadMigrations, migrate } from '../../src/store/sqlite-migrate.ts';
import type { Arrival } from '../../src/store/store.ts';
import { AT, arrival, peer, refused } from './arrivals.ts';
import { refusedHandshake } from './contract-evidence.ts';
import { createSqlitePlace } from './sqlite-place.ts';

async function openRunner(objection: () => string | undefined = () => undefined) {
  await using parts = new AsyncDisposableStack();
  const place = parts.use(await createSqlitePlace());
  const database = parts.adopt(openWriting(join(place.folder, 'orders.db')), (opened) => opened.close());
  migrate(database, loadMigrations(), () => AT);
  const runBatch = createBatchRunner({ database, objection, bound: { maxCount: 2, maxBytes: 1_000 } });
  const owned = parts.move();
  return { database, runBatch, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function order(index: number, overrides: Partial<Arrival> = {}): Job {
  return { kind: 'order', arrival: arrival({ payloadId: `p${index}`, orderId: `${index}`, ...overrides }) };
}

function evidence(chains: readonly string[]): Job {
  const refused = chains.map((chainPem, index) => refusedHandshake({ reference: `${index}`, chainPem }));
  return { kind: 'evidence', evidence: { uses: [], refused } };
}

const POISON = { environment: 'staging' as 'test' };

describe('createBatchRunner', () => {
  it('fails one item alone and keeps the others of the same batch', async () => {
    await using opened = await openRunner();
    const jobs = [
      order(1),
      order(2, POISON),
      order(3),
      order(4, { receivedAt: undefined as unknown as Date }),
    ];
    const { outcomes } = opened.runBatch(jobs);
    expect(outcomes.map((outcome) => (outcome.failed ? { alone: outcome.alone } : 'kept'))).to.deep.equal([
      'kept',
      { alone: true },
      'kept',
      { alone: true },
    ]);
  });

  it('leaves nothing behind of an item that failed half-way, not even a certificate others need', async () => {
    await using opened = await openRunner();
    const fresh = peer({ fingerprint: 'ab'.repeat(32) });
    const headless = { peer: fresh, headers: null as unknown as string };
    const { outcomes } = opened.runBatch([order(1, headless), order(2, { peer: fresh })]);
    expect(outcomes.map(({ failed }) => failed)).to.deep.equal([true, false]);
    expect(opened.database.prepare('SELECT order_id FROM purchase_order').all()).to.have.length(1);
    expect(opened.database.prepare('SELECT number FROM revision').all()).to.have.length(1);
    expect(opened.database.prepare('PRAGMA foreign_key_check').all()).to.deep.equal([]);
  });

  it('blames the store when it is full, loses nothing that was kept, and goes on when it has room', async () => {
    await using opened = await openRunner();
    opened.runBatch([order(1)]);
    opened.database.exec('PRAGMA max_page_count = 40');
    const large = { bytes: Buffer.alloc(500_000) };
    const { outcomes } = opened.runBatch([order(2, large), order(3, large)]);
    expect(outcomes.map((outcome) => outcome.failed && outcome.alone)).to.deep.equal([false, false]);
    expect(outcomes[0]).to.include({ failed: true, code: 13 });
    opened.database.exec('PRAGMA max_page_count = 100000');
    const again = opened.runBatch([order(1), order(2, large), order(3, large)]).outcomes;
    expect(again.map((outcome) => !outcome.failed && outcome.kept?.outcome)).to.deep.equal([
      'replayed',
      'kept',
      'kept',
    ]);
  });

  it('keeps the orders of a batch when only what the gate saw does not fit', async () => {
    await using opened = await openRunner();
    opened.runBatch([order(1)]);
    opened.database.exec('PRAGMA max_page_count = 80');
    const { outcomes } = opened.runBatch([order(2), evidence(Array(20).fill('x'.repeat(60_000))), order(3)]);
    expect(outcomes.map((outcome) => (outcome.failed ? { alone: outcome.alone } : 'kept'))).to.deep.equal([
      'kept',
      { alone: true },
      'kept',
    ]);
    expect(opened.database.prepare('SELECT COUNT(*) AS n FROM refused_handshake').get()).to.include({ n: 0 });
    opened.database.exec('PRAGMA max_page_count = 100000');
    expect(opened.runBatch([evidence(['x'])]).outcomes).to.deep.equal([{ failed: false }]);
  });

  it('keeps the orders of a batch when only those to be waited for do not fit', async () => {
    await using opened = await openRunner();
    opened.runBatch([order(1)]);
    opened.database.exec('PRAGMA max_page_count = 80');
    const one = {
      sha256: 'a'.repeat(64),
      payloadId: null,
      buyer: null,
      orderId: '4711',
      firstAt: new Date(1),
    };
    const { outcomes } = opened.runBatch([
      order(2),
      { kind: 'awaited', awaited: Array(10_000).fill(one) },
      order(3),
    ]);
    expect(outcomes.map((outcome) => (outcome.failed ? { alone: outcome.alone } : 'kept'))).to.deep.equal([
      'kept',
      { alone: true },
      'kept',
    ]);
  });

  it('touches nothing while there is an objection', async () => {
    await using opened = await openRunner(() => 'disk almost full');
    const { outcomes } = opened.runBatch([order(1), { kind: 'probe' }]);
    expect(outcomes).to.deep.equal([
      { failed: true, alone: false, reason: 'disk almost full' },
      { failed: true, alone: false, reason: 'disk almost full' },
    ]);
    expect(opened.database.prepare('SELECT id FROM message').all()).to.deep.equal([]);
  });

  it('keeps whom to wait for all the same', async () => {
    await using opened = await openRunner(() => 'disk almost full');
    const awaited = [{ sha256: 'a', payloadId: null, buyer: null, orderId: '4711', firstAt: new Date(1) }];
    const { outcomes } = opened.runBatch([order(1), { kind: 'awaited', awaited }, order(2)]);
    expect(outcomes.map(({ failed }) => failed)).to.deep.equal([true, false, true]);
    expect(opened.database.prepare('SELECT order_id FROM awaited').all()).to.deep.equal([
      { __proto__: null, order_id: '4711' },
    ]);
  });

  it('says how many refused messages went to keep the bound', async () => {
    await using opened = await openRunner();
    const jobs = Array.from(
      { length: 5 },
      (_, index): Job => ({ kind: 'refused', refused: refused({ bytes: Buffer.from(`${index}`) }) }),
    );
    expect(opened.runBatch(jobs).dropped).to.equal(3);
  });

  it('collapses duplicates within one batch', async () => {
    await using opened = await openRunner();
    const { outcomes } = opened.runBatch([order(1), order(1), order(1, { reply: Buffer.from('another') })]);
    expect(outcomes.map((outcome) => !outcome.failed && outcome.kept?.outcome)).to.deep.equal([
      'kept',
      'replayed',
      'replayed',
    ]);
  });
});

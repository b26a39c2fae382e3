import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createReleases, type ReleaseParts } from '../../src/intake/release.ts';
import { createSpool } from '../../src/intake/spool.ts';
import type { Verdict } from '../../src/trust/peer.ts';
import { refused } from '../store/arrivals.ts';
import { type Bench, createBench, order, peer } from './bench.ts';

const ANNA = { by: 'anna@host', reason: 'mended' };
const TRUSTED: Verdict = { trusted: true, peer, wouldRefuse: [] };

function releases(bench: Bench, change: Partial<ReleaseParts> = {}) {
  const note = (fields: object, message: string): void => void told.push([fields, message]);
  const told: unknown[] = [];
  const { release } = createReleases({
    store: bench.store,
    intake: bench.intake,
    spool: createSpool({ folder: bench.store.incomingFolder, hasRoom: async () => true }),
    judge: () => TRUSTED,
    charsetOf: () => undefined,
    now: () => new Date('2026-11-20T15:00:00Z'),
    log: { info: note, warn: note },
    ...change,
  });
  return { release: (id = 1) => release(id, ANNA), told };
}

/** Held as if the receiver had made a mistake when it came. */
async function hold(
  bench: Bench,
  document: string,
  change: Parameters<typeof refused>[0] = {},
): Promise<void> {
  await bench.store.keepRefused(refused({ bytes: Buffer.from(document), code: 'internal', ...change }));
}

describe('createReleases', () => {
  it('takes an order on the same way as one that has just come', async () => {
    await using bench = await createBench();
    await hold(bench, order());
    const { release, told } = releases(bench);
    expect(await release()).to.deep.equal({
      released: true,
      refused: 1,
      outcome: 'kept',
      buyer: 'acme',
      orderId: '4711',
      revision: 1,
      current: true,
      notes: [],
    });
    expect(told).to.have.length(1);
    expect(told[0]).to.deep.include.members(['refused message released']);
    expect(await release()).to.deep.include({ released: false, problem: 'there is no refused message 1' });
  });

  it('counts what would be refused again as nothing that came', async () => {
    await using bench = await createBench();
    await hold(bench, order().replace('</Total>', ''));
    const report = await releases(bench).release();
    expect(report).to.deep.include({ released: false, refused: 1 });
    expect(report)
      .to.have.property('problem')
      .that.matches(/^it would be refused again: .*line \d+/);
    expect(report).to.have.nested.property('place.line').that.is.a('number');
    expect(await bench.store.listRefused()).to.have.length(1);
    expect(await bench.store.findRefused(1)).to.include({ times: 1, code: 'internal' });
    await hold(bench, order().replace('not a real secret', 'another'), { code: 'sender-unknown' });
    expect(await releases(bench).release(2)).to.include({ released: false });
    expect(await bench.scrape()).to.match(/^sallyport_authentications_total\{.*outcome="refused".*\} 0$/m);
    expect(bench.logged.map(({ message }) => message)).not.to.include('message refused');
  });

  it('takes what has the content of a known order for that order, sent again', async () => {
    await using bench = await createBench();
    await bench.send(order({ payloadId: 'one' }));
    await hold(bench, order({ payloadId: 'two' }));
    expect(await releases(bench).release()).to.include({ released: true, outcome: 'resent', revision: 1 });
    expect(await bench.store.counts()).to.include({ messages: 2, orders: 1, refused: 0 });
  });

  it('changes nothing when its payloadID is taken by other content, and asks for nothing to be mended', async () => {
    await using bench = await createBench();
    await bench.send(order({ payloadId: 'one' }));
    await hold(bench, order({ payloadId: 'one', quantity: '99' }));
    const report = await releases(bench).release();
    expect(report).to.include({ released: false });
    expect(report)
      .to.have.property('next')
      .that.matches(/^ask the buyer to send the order again/);
    expect(await bench.store.counts()).to.include({ orders: 1, refused: 1, conflicts: 0 });
    expect(await bench.scrape()).to.match(/duplicates_total{buyer="acme",kind="payload_conflict"} 0\n/);
  });

  it('is no sign that the buyer still sends', async () => {
    await using bench = await createBench();
    await bench.send(order({ payloadId: 'one' }));
    const last = /order_last_received_timestamp_seconds{.*/.exec(await bench.scrape())?.[0];
    await hold(bench, order({ orderId: '4712' }), { receivedAt: new Date('2026-11-01T08:00:00Z') });
    expect(await releases(bench).release()).to.include({ released: true });
    expect(await bench.scrape()).to.include(`${last}\n`);
  });

  it('takes nothing from a client that is trusted no more, and asks as of the moment it came', async () => {
    await using bench = await createBench();
    const receivedAt = new Date('2026-11-01T08:00:00Z');
    await hold(bench, order(), { receivedAt });
    const asked: Date[] = [];
    const judge: ReleaseParts['judge'] = (held) => {
      asked.push(held.receivedAt);
      const findings = [{ reason: 'deny_listed', detail: 'it is on the deny-list\u001b[31m' }] as const;
      return { trusted: false, refusal: { findings, nearMiss: true } };
    };
    const report = await releases(bench, { judge }).release();
    expect(report)
      .to.include({ released: false })
      .and.have.property('problem')
      .that.includes('deny-list�[31m');
    expect(asked).to.deep.equal([receivedAt]);
    expect(await bench.store.counts()).to.include({ orders: 0, refused: 1 });
  });

  it('answers no question that nobody waits for', async () => {
    await using bench = await createBench();
    await hold(bench, order().replace(/<Request[\s\S]*<\/Request>/, '<Request><ProfileRequest/></Request>'));
    expect(await releases(bench).release()).to.deep.include({
      released: false,
      next: 'nothing is to be done',
    });
  });

  it('says so when the store takes nothing, and leaves it held', async () => {
    await using bench = await createBench();
    await hold(bench, order());
    const spool = { begin: () => Promise.reject(new Error('not asked')) };
    const intake = {
      ...bench.intake,
      takeHeld: async () => {
        const { Refusal } = await import('../../src/errors.ts');
        throw new Refusal('store-unavailable', 'Please send it again later.');
      },
    };
    const report = await releases(bench, { spool, intake }).release();
    expect(report).to.deep.include({ released: false, problem: 'the store cannot take it at this moment' });
    expect(report).to.have.property('next').that.includes('sallyport doctor'); // also where no receiver runs
    expect(await bench.store.findRefused(1)).to.include({ times: 1 });
  });

  it('copies its files, and notices one that is damaged', async () => {
    await using bench = await createBench();
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-release-'));
    try {
      const path = join(folder, 'drawing');
      writeFileSync(path, 'round');
      const file = { path, size: 5, sha256: '0'.repeat(64), contentId: 'd', mediaType: 'text/plain' };
      const attachments = [{ ...file, sniffedType: null, fileName: null, description: null }];
      await hold(bench, order());
      const store = {
        readHeld: async (id: number) => {
          const held = await bench.store.readHeld(id);
          return held && { ...held, attachments };
        },
      };
      const report = await releases(bench, { store }).release();
      expect(report).to.include({ released: false });
      expect(report).to.have.property('problem').that.includes('a file is damaged');
      expect(await bench.store.counts()).to.include({ orders: 0, refused: 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('leaves files alone that came in several sets', async () => {
    await using bench = await createBench();
    await hold(bench, order());
    const store = {
      readHeld: async (id: number) => {
        const held = await bench.store.readHeld(id);
        return held && { ...held, isMixed: true };
      },
    };
    const report = await releases(bench, { store }).release();
    expect(report).to.have.property('problem').that.includes('which of them belong together');
  });
});

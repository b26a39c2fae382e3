import { expect } from 'chai';
import { createRetryClock } from '../../src/intake/retry-clock.ts';
import { startRetryWatch } from '../../src/intake/watch-retries.ts';
import type { Awaited } from '../../src/store/awaited.ts';
import type { AwaitedMessage } from '../../src/telemetry/retry-metrics.ts';

const START = new Date('2026-11-20T09:00:00Z');
const MINUTE_MS = 60_000;

/** Outlives the watch, and can be told to take nothing. */
function createMemory() {
  let kept: readonly Awaited[] = [];
  const memory = {
    takes: true,
    times: 0,
    store: {
      async keepAwaited(all: readonly Awaited[]) {
        if (!memory.takes) throw new Error('the disk is full');
        memory.times += 1;
        kept = all;
      },
      listAwaited: async () => kept,
    },
    kept: () => kept,
  };
  return memory;
}

async function createParts({ memory = createMemory(), from = 0 } = {}) {
  let minutes = from;
  let awaited: () => readonly AwaitedMessage[] = () => [];
  const logged: { fields: object; message: string }[] = [];
  const note = (fields: object, message: string): void => void logged.push({ fields, message });
  const lost: string[] = [];
  const retries = createRetryClock();
  const watch = await startRetryWatch({
    retries,
    store: memory.store,
    log: { error: note, info: note },
    metrics: {
      senderGaveUp: (buyer) => void lost.push(buyer),
      watchSenders: (source) => {
        awaited = source;
      },
    },
    now: () => new Date(START.getTime() + minutes * MINUTE_MS),
  });
  const at = (to: number): void => {
    minutes = to;
  };
  return { retries, watch, logged, lost, at, memory, awaited: () => awaited() };
}

describe('startRetryWatch', () => {
  it('tells once of a message whose sender came for the last time, by whose it is', async () => {
    const { retries, watch, logged, lost, at } = await createParts();
    await using _watch = watch;
    retries.failed({ sha256: 'a', buyer: 'acme', orderId: '4711' }, START);
    retries.failed({ sha256: 'b' }, START);
    at(314);
    await watch.look();
    expect(logged).to.deep.equal([]);
    at(316);
    await watch.look();
    await watch.look();
    expect(lost).to.deep.equal(['acme', 'unknown']);
    expect(logged.map(({ message }) => message)).to.deep.equal([
      'sender has given up',
      'sender has given up',
    ]);
    expect(logged[0]?.fields).to.include({ buyer: 'acme', orderId: '4711', sha256: 'a' });
  });

  it('looks before it answers a scrape', async () => {
    const { retries, watch, lost, at, awaited } = await createParts();
    await using _watch = watch;
    retries.failed({ sha256: 'a', buyer: 'acme' }, START);
    expect(awaited()).to.have.length(1);
    at(316);
    expect(awaited()).to.deep.equal([]);
    expect(lost).to.deep.equal(['acme']);
  });

  it('goes on after a restart: the attempts are counted on, and who gave up meanwhile is told', async () => {
    const memory = createMemory();
    {
      const { retries, watch } = await createParts({ memory });
      await using _watch = watch;
      retries.failed({ sha256: 'a', buyer: 'acme', orderId: '4711', payloadId: 'p' }, START);
      retries.failed({ sha256: 'b', buyer: 'acme', orderId: '4712' }, START);
    }
    const { retries, watch, lost, at, logged, awaited } = await createParts({ memory, from: 61 });
    await using _watch = watch;
    expect(logged).to.deep.equal([
      { fields: { messages: 2 }, message: 'senders waited for since before the start' },
    ]);
    expect(awaited()).to.have.length(2);
    const again = { sha256: 'other bytes', buyer: 'acme', payloadId: 'p' };
    expect(retries.failed(again, new Date(START.getTime() + 61 * MINUTE_MS))).to.include({ number: 2 });
    retries.settled({ sha256: 'b' });
    at(316);
    await watch.look();
    expect(lost).to.deep.equal(['acme']);
    expect(logged.at(-1)?.fields).to.include({ orderId: '4711', sha256: 'other bytes' });
    expect(memory.kept()).to.deep.equal([]);
  });

  it('keeps what changed, and offers it again while the store takes nothing', async () => {
    const { retries, watch, memory } = await createParts();
    await using _watch = watch;
    memory.takes = false;
    retries.failed({ sha256: 'a' }, START);
    await watch.look();
    expect(memory.kept()).to.deep.equal([]);
    memory.takes = true;
    await watch.look();
    await watch.look();
    expect(memory.kept().map(({ sha256 }) => sha256)).to.deep.equal(['a']);
    expect(memory.times, 'nothing is written that has not changed').to.equal(1);
  });
});

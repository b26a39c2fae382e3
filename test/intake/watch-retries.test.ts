import { expect } from 'chai';
import { createRetryClock } from '../../src/intake/retry-clock.ts';
import { startRetryWatch } from '../../src/intake/watch-retries.ts';
import type { AwaitedMessage } from '../../src/telemetry/retry-metrics.ts';

const START = new Date('2026-11-20T09:00:00Z');

function createParts() {
  let minutes = 0;
  let awaited: () => readonly AwaitedMessage[] = () => [];
  const logged: { fields: object; message: string }[] = [];
  const lost: string[] = [];
  const retries = createRetryClock();
  const watch = startRetryWatch({
    retries,
    log: { error: (fields: object, message: string) => void logged.push({ fields, message }) },
    metrics: {
      senderGaveUp: (buyer) => void lost.push(buyer),
      watchSenders: (source) => {
        awaited = source;
      },
    },
    now: () => new Date(START.getTime() + minutes * 60_000),
  });
  const at = (to: number): void => {
    minutes = to;
  };
  return { retries, watch, logged, lost, at, awaited: () => awaited() };
}

describe('startRetryWatch', () => {
  it('tells once of a message whose sender came for the last time, by whose it is', () => {
    const { retries, watch, logged, lost, at } = createParts();
    using _watch = watch;
    retries.failed({ sha256: 'a', buyer: 'acme', orderId: '4711' }, START);
    retries.failed({ sha256: 'b' }, START);
    at(314);
    watch.look();
    expect(logged).to.deep.equal([]);
    at(316);
    watch.look();
    watch.look();
    expect(lost).to.deep.equal(['acme', 'unknown']);
    expect(logged.map(({ message }) => message)).to.deep.equal([
      'sender has given up',
      'sender has given up',
    ]);
    expect(logged[0]?.fields).to.include({ buyer: 'acme', orderId: '4711', sha256: 'a' });
  });

  it('looks before it answers a scrape', () => {
    const { retries, watch, lost, at, awaited } = createParts();
    using _watch = watch;
    retries.failed({ sha256: 'a', buyer: 'acme' }, START);
    expect(awaited()).to.have.length(1);
    at(316);
    expect(awaited()).to.deep.equal([]);
    expect(lost).to.deep.equal(['acme']);
  });
});

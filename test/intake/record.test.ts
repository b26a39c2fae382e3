import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { createBench, order, SECRET } from './bench.ts';

/** A store that cannot keep orders until it is mended. */
function createIllStore() {
  let ill = true;
  const change = ({ keepOrder }: Store) => ({
    keepOrder: (arrival: Parameters<Store['keepOrder']>[0]) =>
      ill ? Promise.reject(new Refusal('store-unavailable', 'disk full')) : keepOrder(arrival),
  });
  const mend = (): void => {
    ill = false;
  };
  return { change, mend };
}

describe('what is remembered of a sender that was told to repeat', () => {
  it('ends when the order comes again and is kept, whatever its payloadID is then', async () => {
    const { change, mend } = createIllStore();
    await using bench = await createBench(change);
    await bench.refused(order({ payloadId: 'one' }));
    expect(bench.retries.waiting()).to.have.length(1);
    expect(bench.retries.waiting()[0]).to.include({ buyer: 'acme', orderId: '4711', payloadId: 'one' });
    mend();
    await bench.send(order({ payloadId: 'two' }));
    expect(bench.retries.waiting()).to.deep.equal([]);
  });

  it('begins with a bug, too', async () => {
    await using bench = await createBench(() => ({
      keepOrder: () => Promise.reject(new TypeError('a bug')),
    }));
    await bench.send(order()).catch(() => undefined);
    expect(bench.retries.waiting()).to.have.length(1);
    const line = bench.logged.find(({ message }) => message === 'sender will repeat');
    expect(line?.fields).to.include({ code: 'internal', attempt: 1, of: 6, orderId: '4711' });
  });

  it('ends when the message is refused for good', async () => {
    const { change, mend } = createIllStore();
    await using bench = await createBench(change);
    await bench.refused(order({ payloadId: 'one', quantity: '5' }));
    mend();
    await bench.refused(order({ payloadId: 'one' }).replace(/orderID="[^"]*"/, ''));
    expect(bench.retries.waiting()).to.deep.equal([]);
  });

  it('does not end because another message about the order is refused', async () => {
    const { change, mend } = createIllStore();
    await using bench = await createBench(change);
    await bench.send(order({ payloadId: 'one', orderId: '1' })).catch(() => undefined);
    mend();
    await bench.send(order({ payloadId: 'two', orderId: '2' }));
    await bench.refused(order({ payloadId: 'two', orderId: '1', quantity: '99' }));
    expect(bench.retries.waiting().map(({ orderId }) => orderId)).to.deep.equal(['1']);
  });

  it('does not end by a message of somebody who did not prove who they are', async () => {
    const { change } = createIllStore();
    await using bench = await createBench(change);
    await bench.refused(order({ payloadId: 'one' }));
    await bench.refused(order({ payloadId: 'one' }).replace(SECRET, 'wrong'));
    expect(bench.retries.waiting()).to.have.length(1);
  });

  it('is short, however long the identifiers are', async () => {
    const { change } = createIllStore();
    await using bench = await createBench(change);
    await bench.refused(order({ payloadId: 'x'.repeat(5_000), orderId: '7'.repeat(3_000) }));
    expect(JSON.stringify(bench.retries.waiting()).length).to.be.lessThan(1_000);
    expect(JSON.stringify(bench.logged).length).to.be.lessThan(3_000);
  });
});

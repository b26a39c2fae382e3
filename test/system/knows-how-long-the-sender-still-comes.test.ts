/** After a 5xx Coupa repeats a message five times, an hour apart, and then never: a person must know before, and after. */
import { expect } from 'chai';
import { openStoreReader } from '../../src/store/open-store.ts';
import { createBuyer } from '../support/buyer.ts';
import { sampleDocument } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace, startTestReceiver } from '../support/receiver.ts';
import { spawnReceiver } from '../support/spawned.ts';

/** More than any disk here has free, so that nothing can be kept. */
const FULL = { url: 'sqlite:data/sallyport.db', min_free_bytes: 1024 ** 4 };
const START = new Date();
const hours = (count: number): Date => new Date(START.getTime() + count * 3_600_000);
const order = (orderId: string): string => sampleDocument({ orderId, payloadId: `${orderId}@buyer.example` });

function createTime() {
  let minutes = 0;
  return {
    now: () => new Date(START.getTime() + minutes * 60_000),
    set: (to: number): void => {
      minutes = to;
    },
  };
}

describe('a receiver that had to send an order away', () => {
  it('tells which attempt it was, when the next and the last come, and when the sender has given up', async () => {
    const time = createTime();
    await using receiver = await startTestReceiver({ store: FULL }, { now: time.now });
    using buyer = receiver.buyer();

    expect((await buyer.post(order('4711'))).code).to.equal(560);
    const [first] = await receiver.told('sender will repeat');
    expect(first).to.include({
      level: 'warn',
      buyer: 'anybody',
      orderId: '4711',
      payloadId: '4711@buyer.example',
      code: 'store-unavailable',
      attempt: 1,
      of: 6,
      nextAt: hours(1).toISOString(),
      finalAt: hours(5).toISOString(),
    });
    const expected = 'sallyport_sender_retries_expected{buyer="anybody"}';
    const final = 'sallyport_sender_final_attempt_timestamp_seconds{buyer="anybody"}';
    const gaveUp = 'sallyport_sender_gave_up_total{buyer="anybody"}';
    expect(await receiver.metric(expected)).to.equal(1);
    expect(await receiver.metric(final)).to.equal(hours(5).getTime() / 1000);
    expect(await receiver.metric(gaveUp)).to.equal(0);

    for (const hour of [1, 2, 3, 4]) {
      time.set(hour * 60 + 1);
      await buyer.post(order('4711'));
    }
    const told = await receiver.told('sender will repeat', 5);
    expect(told.map(({ attempt }) => attempt)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(await receiver.metric(expected)).to.equal(1);
    time.set(301);
    await buyer.post(order('4711'));
    const [last] = await receiver.told('last attempt of sender failed');
    expect(last).to.include({ attempt: 6, orderId: '4711' });
    expect(last).not.to.have.property('nextAt');

    time.set(320);
    expect(await receiver.metric(gaveUp)).to.equal(1);
    expect(await receiver.metric(expected)).to.equal(0);
    expect(await receiver.metric(final)).to.equal(undefined);
    const lost = await receiver.told('sender has given up');
    expect(lost).to.have.length(1);
    expect(lost[0]).to.include({ level: 'error', orderId: '4711', payloadId: '4711@buyer.example' });
    expect(lost[0]?.next).to.match(/administrator/);
  });

  it('goes on with that after a restart', async () => {
    await using workplace = await prepareWorkplace({ store: FULL });
    const { pki } = workplace;
    const post = async ({ url }: { readonly url: string }): Promise<number> => {
      using buyer = createBuyer({ url, ca: pki.server.cert, ...pki.client(COUPA_NAME) });
      return (await buyer.post(order('4713'))).code;
    };
    {
      await using receiver = await spawnReceiver(workplace);
      expect(await post(receiver)).to.equal(560);
      expect(await receiver.stop()).to.equal(0);
      expect(receiver.logged.filter(({ msg }) => msg === 'store recovered')).to.deep.equal([]);
    }
    {
      await using restarted = await spawnReceiver(workplace);
      expect(await restarted.told('senders waited for since before the start')).to.have.length(1);
      await using reader = await openStoreReader({ url: `sqlite:${workplace.folder}/data/sallyport.db` });
      const [awaited] = await reader.listAwaited();
      expect(awaited).to.include({ orderId: '4713', payloadId: '4713@buyer.example', buyer: 'anybody' });
    }
    await workplace.configure({ store: { url: FULL.url } });
    await using roomy = await spawnReceiver(workplace);
    expect(await post(roomy)).to.equal(200);
    await roomy.stop();
    await using reader = await openStoreReader({ url: `sqlite:${workplace.folder}/data/sallyport.db` });
    expect(await reader.listAwaited()).to.deep.equal([]);
  });

  it('counts what it could not read for nobody in particular', async () => {
    await using receiver = await startTestReceiver({ store: FULL });
    using buyer = receiver.buyer();
    expect((await buyer.post('<cXML>')).code).to.equal(560);
    expect(await receiver.metric('sallyport_sender_retries_expected{buyer="unknown"}')).to.equal(1);
  });

  it('waits for nothing that it has kept, or refused for good', async () => {
    await using receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    expect((await buyer.post(order('4711'))).code).to.equal(200);
    expect((await buyer.post('<cXML>')).code).to.equal(406);
    expect(await receiver.metric('sallyport_sender_retries_expected{buyer="anybody"}')).to.equal(0);
    expect(await receiver.metric('sallyport_sender_retries_expected{buyer="unknown"}')).to.equal(0);
    await using store = await openStoreReader({ url: `sqlite:${receiver.storePath}` });
    expect(await store.counts()).to.include({ messages: 1, refused: 1 });
  });
});

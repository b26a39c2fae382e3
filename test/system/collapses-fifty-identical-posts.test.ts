import { expect } from 'chai';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver } from '../support/receiver.ts';

describe('fifty identical posts at once', () => {
  it('get fifty times one reply, and make one order', async () => {
    await using receiver = await startTestReceiver();
    using buyer = receiver.buyer({ connections: 50 });
    const document = sampleDocument({ orderId: '4500012345' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => buyer.post(document)));

    expect(answers.map(({ http, code }) => [http, code])).to.deep.equal(Array(50).fill([200, 200]));
    expect(new Set(answers.map(({ body }) => body.toString('utf8'))).size).to.equal(1);
    await using store = await openSqliteReader(receiver.storePath);
    expect(await store.counts()).to.include({ messages: 1, orders: 1, refused: 0 });
    const [order] = await store.findOrders({ orderId: '4500012345' });
    expect(order?.messages.map(({ replays }) => replays)).to.deep.equal([49]);
    expect(
      await receiver.metric('sallyport_duplicates_total{buyer="anybody",kind="payload_identical"}'),
    ).to.equal(49);
  });
});

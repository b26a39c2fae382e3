/** A disk under its floor: whoever sends is told to come again, and whoever watches is told why. */
import { expect } from 'chai';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver } from '../support/receiver.ts';

/** More than any disk here has free, so the floor is passed from the start. */
const FLOOR_BYTES = 1024 ** 4;

describe('a receiver whose disk is full', () => {
  it('answers 503 to orders and to what it cannot even set aside, keeps nothing, and says so', async () => {
    await using receiver = await startTestReceiver({
      store: { url: 'sqlite:data/sallyport.db', min_free_bytes: FLOOR_BYTES },
    });
    using buyer = receiver.buyer();
    const order = sampleDocument({ orderId: '1' });
    for (const document of [order, order.replace('</Total>', ''), order]) {
      const answer = await buyer.post(document);
      expect([answer.http, answer.code]).to.deep.equal([503, 560]);
      expect(answer.headers['retry-after']).to.match(/^\d+$/);
    }

    const ready = await fetch(`${receiver.adminUrl}/readyz`);
    expect(ready.status).to.equal(503);
    expect(await ready.text()).to.match(/free where the store is/);
    expect((await fetch(`${receiver.adminUrl}/livez`)).status).to.equal(200);
    expect(await receiver.metric('sallyport_archive_write_failures_total')).to.equal(3);
    await using store = await openSqliteReader(receiver.storePath);
    expect(await store.counts()).to.deep.equal({ messages: 0, orders: 0, refused: 0, conflicts: 0 });
  });
});

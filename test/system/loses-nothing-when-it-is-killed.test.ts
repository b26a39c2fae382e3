/**
 * The promise behind every 200: kill the receiver at any moment, and what it had answered is there, once, with its
 * bytes; resending everything yields only replays. A SIGKILL proves the order of writing and answering; that the
 * write is also forced to the disk is `synchronous=FULL`, asserted when the store opens.
 */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace } from '../support/receiver.ts';
import { spawnReceiver } from '../support/spawned.ts';

const KILLS = 12;
const SENDERS = 8;

describe('a receiver that is killed under load', () => {
  it('has every order that it answered 200, once, and only replays them afterwards', async function () {
    this.timeout(120_000);
    await using workplace = await prepareWorkplace();
    const document = documentSeries(3);
    const acknowledged = new Map<number, string>();
    let next = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      await using receiver = await spawnReceiver(workplace);
      using buyer = createBuyer({
        url: receiver.url,
        ca: workplace.pki.server.cert,
        ...workplace.pki.client(COUPA_NAME),
        connections: SENDERS,
      });
      const before = acknowledged.size;
      const sendOn = async (): Promise<void> => {
        for (;;) {
          next += 1;
          const number = next;
          const answer = await buyer.post(document(number)).catch(() => undefined);
          if (answer === undefined) return; // the connection died: nothing was promised
          if (answer.code === 200) acknowledged.set(number, answer.body.toString('utf8'));
        }
      };
      const senders = Promise.all(Array.from({ length: SENDERS }, sendOn));
      // A different amount of work before every kill, so that it falls on another line each time.
      while (acknowledged.size < before + 20 + kill * 17) await receiver.turn();
      receiver.kill();
      await senders;
    }

    await using receiver = await spawnReceiver(workplace);
    await using store = await openSqliteReader(receiver.storePath);
    for (const [number] of acknowledged) {
      const [order, ...others] = await store.findOrders({ orderId: `L${number}` });
      expect(others).to.have.length(0);
      expect(order?.messages.length, `order L${number}`).to.equal(1);
      const kept = await store.readMessage(order?.messages[0]?.id ?? 0);
      expect(
        createHash('sha256')
          .update(kept?.bytes ?? '')
          .digest('hex'),
      ).to.equal(createHash('sha256').update(document(number)).digest('hex'));
    }
    const before = await store.counts();
    using buyer = createBuyer({
      url: receiver.url,
      ca: workplace.pki.server.cert,
      ...workplace.pki.client(COUPA_NAME),
    });
    for (const [number, reply] of acknowledged) {
      const answer = await buyer.post(document(number));
      expect(answer.body.toString('utf8'), `replay of L${number}`).to.equal(reply);
    }
    expect(await store.counts()).to.deep.equal(before);
    console.log(`      ${KILLS} kills, ${acknowledged.size} orders answered 200, none lost, none doubled`);
  });
});

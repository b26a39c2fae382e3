import { expect } from 'chai';
import { arrival, later, peer, refused } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

export function exerciseLists(createPlace: CreatePlace): void {
  describe('listOrders', () => {
    it('gives the order with the newest message first', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      for (const index of [1, 2, 3]) {
        await store.keepOrder(
          arrival({ payloadId: `p${index}`, orderId: `${index}`, receivedAt: later(index) }),
        );
      }
      await store.keepOrder(
        arrival({ payloadId: 'p4', orderId: '1', content: 'more', receivedAt: later(4) }),
      );
      const list = await store.listOrders();
      expect(list.map(({ orderId }) => orderId)).to.deep.equal(['1', '3', '2']);
      expect(list[0]).to.deep.include({ revisions: 2, firstReceivedAt: later(1), lastReceivedAt: later(4) });
    });

    it('does not take an order back in time when the clock goes back', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ receivedAt: later(5) }));
      await store.keepOrder(arrival({ payloadId: 'p2', content: 'more', receivedAt: later(4) }));
      await store.keepOrder(arrival({ payloadId: 'p3', content: 'more', receivedAt: later(3) }));
      expect((await store.listOrders())[0]?.lastReceivedAt).to.deep.equal(later(5));
    });

    it('gives as many as asked for, of one buyer when asked', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      for (const index of [1, 2, 3, 4]) {
        const buyer = index % 2 === 0 ? 'globex' : 'acme';
        await store.keepOrder(
          arrival({ buyer, payloadId: `p${index}`, orderId: `${index}`, receivedAt: later(index) }),
        );
      }
      const ids = async (query: Parameters<typeof store.listOrders>[0]) =>
        (await store.listOrders(query)).map(({ orderId }) => orderId);
      expect(await ids({ limit: 3 })).to.deep.equal(['4', '3', '2']);
      expect(await ids({ buyer: 'globex' })).to.deep.equal(['4', '2']);
      expect(await ids({ buyer: 'acme', limit: 1 })).to.deep.equal(['3']);
      expect(await ids({ buyer: 'nobody' })).to.deep.equal([]);
    });

    it('gives 50 unless told, and never more than 1,000', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await Promise.all(
        Array.from({ length: 1_010 }, (_, index) =>
          store.keepOrder(arrival({ payloadId: `p${index}`, orderId: `${index}` })),
        ),
      );
      expect(await store.listOrders()).to.have.length(50);
      expect(await store.listOrders({ limit: 5_000 })).to.have.length(1_000);
      expect(await store.listOrders({ limit: -1 })).to.have.length(1);
    });

    it('shows the facts of the current revision', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ orderVersion: 2, totalAmount: '20.00', lineCount: 2 }));
      await store.keepOrder(
        arrival({ payloadId: 'p2', content: 'one', orderVersion: 1, totalAmount: '10.00', lineCount: 1 }),
      );
      expect((await store.listOrders())[0]).to.include({ totalAmount: '20.00', lineCount: 2, revision: 1 });
    });
  });

  describe('findOrders', () => {
    it('finds an order by its exact number only', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ orderId: 'PO-0045' }));
      expect(await store.findOrders({ orderId: 'PO-0045' })).to.have.length(1);
      for (const orderId of ['PO-45', 'po-0045', 'PO-004', '%', '']) {
        expect(await store.findOrders({ orderId })).to.deep.equal([]);
      }
    });

    it('gives the messages oldest first, each with the certificate it came with', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const rotated = peer({
        fingerprint: 'ff'.repeat(32),
        name: 'cxml-supplier.coupacloud.com',
        spki: '00',
      });
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ payloadId: 'p2', peer: rotated }));
      await store.keepOrder(arrival({ payloadId: 'p3' }));
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(
        order?.messages.map(({ payloadId, peerName, peerSpki }) => [payloadId, peerName, peerSpki]),
      ).to.deep.equal([
        ['1585687161.4500@acme', 'cxml-supplier.coupahost.com', peer().spki],
        ['p2', 'cxml-supplier.coupacloud.com', '00'],
        ['p3', 'cxml-supplier.coupahost.com', peer().spki],
      ]);
    });
  });

  describe('readMessage and readRefused', () => {
    it('say nothing of a number that was never given', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      expect(await store.readMessage(1)).to.equal(undefined);
      expect(await store.readRefused(1)).to.equal(undefined);
    });
  });

  describe('listRefused', () => {
    it('gives the newest first, as many as asked for', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      for (const index of [1, 2, 3]) {
        await store.keepRefused(refused({ text: `${index}`, bytes: Buffer.from(`${index}`) }));
      }
      expect((await store.listRefused({ limit: 2 })).map(({ text }) => text)).to.deep.equal(['3', '2']);
    });
  });

  describe('findRefused', () => {
    it('gives one by its number, with the first and the last time it came, and nothing for no such number', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      for (const minute of [1, 5]) await store.keepRefused(refused({ receivedAt: later(minute) }));
      await store.keepRefused(refused({ bytes: Buffer.from('other') }));
      expect(await store.findRefused(1)).to.deep.include({
        id: 1,
        place: null,
        times: 2,
        receivedAt: later(1),
        lastReceivedAt: later(5),
      });
      expect(await store.findRefused(99)).to.equal(undefined);
    });
  });

  describe('counts', () => {
    it('counts messages, orders, refused messages and conflicts apart', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ payloadId: 'p2' }));
      await store.keepOrder(arrival({ payloadId: 'p3', orderId: '4501' }));
      await store.keepOrder(arrival({ content: 'eleven' }));
      await store.keepRefused(refused());
      await store.keepRefused(refused());
      expect(await store.counts()).to.deep.equal({ messages: 3, orders: 2, refused: 1, conflicts: 1 });
    });
  });
}

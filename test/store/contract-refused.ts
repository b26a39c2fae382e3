import { expect } from 'chai';
import type { Store } from '../../src/store/store.ts';
import { AT, arrival, later, refused, sha256 } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

export function exerciseRefused(createPlace: CreatePlace): void {
  describe('keepOrder, of a payloadID that is taken', () => {
    it('holds other content as a refused message and changes nothing else', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      const before = await store.findOrders({ orderId: '4500' });
      const other = arrival({ content: 'eleven', receivedAt: later(1), operation: 'cancel' });
      const { reply, ...kept } = await store.keepOrder(other);
      expect(kept).to.deep.equal({ outcome: 'conflict', revision: 0, current: false, notes: [] });
      expect(reply.byteLength).to.equal(0);
      expect(await store.findOrders({ orderId: '4500' })).to.deep.equal(before);
      const [held] = await store.listRefused();
      expect(held).to.deep.include({
        code: 'payload-conflict',
        buyer: 'acme',
        payloadId: '1585687161.4500@acme',
        orderId: '4500',
        place: { path: 'cXML/@payloadID' },
        receivedAt: later(1),
        sha256: other.sha256,
        times: 1,
      });
      const read = await store.readRefused(held?.id ?? 0);
      expect(Buffer.from(read?.bytes ?? [])).to.deep.equal(other.bytes);
      expect(await store.counts()).to.deep.equal({ messages: 1, orders: 1, refused: 0, conflicts: 1 });
    });

    it('only counts the same conflict when it comes again, and replays the first content still', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      for (const minute of [1, 2, 3]) {
        await store.keepOrder(arrival({ content: 'eleven', receivedAt: later(minute) }));
      }
      expect(await store.listRefused()).to.have.length(1);
      expect((await store.listRefused())[0]).to.include({ times: 3 });
      expect(await store.keepOrder(arrival())).to.include({ outcome: 'replayed' });
    });

    it('holds one that speaks of another order, and makes no such order', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ orderId: '4501', content: 'eleven' }));
      expect(await store.findOrders({ orderId: '4501' })).to.deep.equal([]);
      expect((await store.listRefused())[0]).to.include({ orderId: '4501' });
    });
  });

  describe('keepRefused', () => {
    it('keeps the message whole', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const spot = { line: 3, column: 7, path: 'cXML/oops' };
      const sent = refused({ buyer: 'acme', payloadId: 'p9', orderId: '77', place: spot });
      await store.keepRefused(sent);
      expect(await store.listRefused()).to.deep.equal([
        {
          id: 1,
          code: 'xml-malformed',
          text: 'line 3: not well-formed',
          place: spot,
          buyer: 'acme',
          payloadId: 'p9',
          orderId: '77',
          receivedAt: AT,
          lastReceivedAt: AT,
          sha256: sent.sha256,
          size: sent.bytes.byteLength,
          peerName: 'cxml-supplier.coupahost.com',
          remoteAddress: '192.0.2.8',
          times: 1,
        },
      ]);
      const read = await store.readRefused(1);
      expect(Buffer.from(read?.bytes ?? [])).to.deep.equal(sent.bytes);
      expect(read?.sha256).to.equal(sent.sha256);
    });

    it('counts the same bytes for the same reason, and keeps them again for another reason', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepRefused(refused());
      await store.keepRefused(refused({ receivedAt: later(1) }));
      await store.keepRefused(refused({ code: 'sender-unknown' }));
      const list = await store.listRefused();
      expect(list.map(({ code, times }) => [code, times])).to.deep.equal([
        ['sender-unknown', 1],
        ['xml-malformed', 2],
      ]);
      expect(list[1]?.receivedAt).to.deep.equal(AT);
    });

    it('drops the oldest beyond the number it may hold', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 3 });
      for (let index = 1; index <= 5; index += 1) await store.keepRefused(numbered(index));
      expect(await heldTexts(store)).to.deep.equal(['5', '4', '3']);
      expect(await store.readRefused(1)).to.equal(undefined);
      expect((await store.counts()).refused).to.equal(3);
    });

    it('drops the oldest beyond the bytes it may hold', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxBytes: 2_500 });
      for (let index = 1; index <= 4; index += 1) await store.keepRefused(numbered(index, 1_000));
      expect(await heldTexts(store)).to.deep.equal(['4', '3']);
    });

    it('holds the bound also when all come at once', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 5 });
      await Promise.all(Array.from({ length: 60 }, (_, index) => store.keepRefused(numbered(index))));
      expect(await store.listRefused()).to.have.length(5);
    });

    it('keeps nothing when its bound is nothing', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 0 });
      await store.keepRefused(refused());
      expect(await store.listRefused()).to.deep.equal([]);
    });

    it('drops every ordinary message before a conflict, also a newer one', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 3 });
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ content: 'eleven' }));
      await store.keepOrder(arrival({ content: 'twelve' }));
      for (let index = 1; index <= 3; index += 1) await store.keepRefused(numbered(index));
      expect((await store.listRefused()).map(({ code }) => code)).to.deep.equal([
        'xml-malformed',
        'payload-conflict',
        'payload-conflict',
      ]);
      await store.keepOrder(arrival({ content: 'thirteen' }));
      await store.keepRefused(numbered(4));
      expect(await store.counts()).to.deep.include({ refused: 0, conflicts: 3 });
    });

    it('drops the oldest conflict when nothing but conflicts is left', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 2 });
      await store.keepOrder(arrival());
      for (const content of ['a', 'b', 'c']) await store.keepOrder(arrival({ content }));
      expect((await store.listRefused()).map(({ sha256: digest }) => digest)).to.deep.equal(
        ['c', 'b'].map((content) => arrival({ content }).sha256),
      );
    });

    it('never drops an order or a message for a bound', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 1, refusedMaxBytes: 1 });
      for (let index = 0; index < 30; index += 1) {
        await store.keepOrder(arrival({ payloadId: `p${index}`, content: `${index}` }));
        await store.keepRefused(numbered(index));
      }
      expect(await store.counts()).to.deep.equal({ messages: 30, orders: 1, refused: 0, conflicts: 0 });
      expect(sha256((await store.readMessage(1))?.bytes ?? '')).to.equal(
        arrival({ payloadId: 'p0', content: '0' }).sha256,
      );
    });
  });
}

function numbered(index: number, size = 20) {
  return refused({ text: `${index}`, bytes: Buffer.alloc(size, `<${index}>`), receivedAt: later(index) });
}

async function heldTexts(store: Store): Promise<readonly string[]> {
  return (await store.listRefused()).map(({ text }) => text);
}

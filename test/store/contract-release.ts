/** A refused message is taken after all: it becomes an order and leaves the refused ones, both or neither. */
import { expect } from 'chai';
import type { Release, Store } from '../../src/store/store.ts';
import { AT, arrival, later, peer, refused } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

const BYTES = Buffer.from('<cXML>4500: ten pencils</cXML>');

async function hold(store: Store, change: Parameters<typeof refused>[0] = {}): Promise<number> {
  await store.keepRefused(refused({ bytes: BYTES, code: 'sender-unknown', ...change }));
  const [newest] = await store.listRefused();
  return newest?.id ?? 0;
}

const releaseOf = (number: number): Release => ({
  refused: number,
  code: 'sender-unknown',
  at: later(90),
  by: 'anna@host',
  reason: 'the identity was mistyped in the configuration',
});

export function exerciseReleases(createPlace: CreatePlace): void {
  describe('readHeld', () => {
    it('gives all that is needed to take a message again', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const sent = refused({ bytes: BYTES, code: 'sender-unknown', contentType: 'text/xml; charset=latin1' });
      const id = await hold(store, sent);
      expect(await store.readHeld(id)).to.deep.equal({
        bytes: new Uint8Array(BYTES),
        sha256: sent.sha256,
        code: 'sender-unknown',
        isMixed: false,
        contentType: 'text/xml; charset=latin1',
        headers: sent.headers,
        protocol: sent.protocol,
        remoteAddress: sent.remoteAddress,
        receivedAt: sent.receivedAt,
        peer: peer(),
        attachments: [],
      });
      expect(await store.readHeld(id + 1)).to.equal(undefined);
    });
  });

  describe('keepOrder of a released message', () => {
    it('keeps the order with who decided so and why, and holds the message no longer', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const id = await hold(store);
      const release = releaseOf(id);
      const kept = await store.keepOrder(arrival({ bytes: BYTES, release }));
      expect(kept).to.include({ outcome: 'kept', revision: 1, current: true });
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order?.messages[0]).to.deep.include({ released: release, receivedAt: AT });
      expect(await store.findRefused(id)).to.equal(undefined);
      expect(await store.counts()).to.deep.equal({ messages: 1, orders: 1, refused: 0, conflicts: 0 });
    });

    it('is no other order than the one that came again meanwhile, and no replay of it', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const id = await hold(store);
      const first = await store.keepOrder(arrival({ bytes: BYTES }));
      const kept = await store.keepOrder(arrival({ bytes: BYTES, release: releaseOf(id) }));
      expect(kept).to.include({ outcome: 'replayed', revision: 1 });
      expect(Buffer.from(kept.reply).toString()).to.equal(Buffer.from(first.reply).toString());
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order?.messages).to.have.length(1);
      expect(order?.messages[0]).to.deep.include({ replays: 0, released: null });
      expect(await store.counts()).to.deep.equal({ messages: 1, orders: 1, refused: 0, conflicts: 0 });
    });

    it('stays held when its payloadID is taken by other content', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const id = await hold(store);
      await store.keepOrder(arrival({ content: 'something else' }));
      const kept = await store.keepOrder(arrival({ bytes: BYTES, release: releaseOf(id) }));
      expect(kept.outcome).to.equal('conflict');
      expect(await store.findRefused(id)).to.include({ code: 'sender-unknown', times: 1 });
      expect(await store.counts(), 'held once').to.include({ orders: 1, refused: 1, conflicts: 0 });
    });

    it('is older than what came about its order meanwhile, where neither says when it was sent', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const id = await hold(store);
      await store.keepOrder(arrival({ content: 'nine pencils', payloadId: 'new', receivedAt: later(60) }));
      const kept = await store.keepOrder(arrival({ bytes: BYTES, release: releaseOf(id) }));
      expect(kept).to.deep.include({ outcome: 'kept', revision: 2, current: false });
      expect(kept.notes).to.include('older-than-current');
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order).to.deep.include({ revision: 1, revisions: 2, lastReceivedAt: later(60) });
    });

    it('is in force where it says that it is newer', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const id = await hold(store);
      const before = { content: 'nine pencils', payloadId: 'new', sentAt: AT, receivedAt: later(60) };
      await store.keepOrder(arrival(before));
      const kept = await store.keepOrder(arrival({ bytes: BYTES, sentAt: later(1), release: releaseOf(id) }));
      expect(kept).to.include({ revision: 2, current: true });
    });

    it('is taken once when two release it at once', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const id = await hold(store);
      const release = releaseOf(id);
      const both = await Promise.all([
        store.keepOrder(arrival({ bytes: BYTES, release })),
        store.keepOrder(arrival({ bytes: BYTES, release })),
      ]);
      expect(both.map(({ outcome }) => outcome)).to.deep.equal(['kept', 'replayed']);
      expect(await store.counts()).to.deep.equal({ messages: 1, orders: 1, refused: 0, conflicts: 0 });
    });

    it('makes room in the bound for what is refused next', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 1 });
      await store.keepOrder(arrival({ bytes: BYTES, release: releaseOf(await hold(store)) }));
      await hold(store, { bytes: Buffer.from('<next/>') });
      expect((await store.counts()).refused).to.equal(1);
      expect(await store.listRefused()).to.have.length(1);
    });
  });
}

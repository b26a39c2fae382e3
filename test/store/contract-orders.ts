import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import { AT, arrival, later, peer, sha256 } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

export function exerciseOrders(createPlace: CreatePlace): void {
  describe('keepOrder', () => {
    it('keeps a new order with its bytes, reply and every fact', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const sent = arrival({ orderVersion: 3, operation: 'update' });
      const kept = await store.keepOrder(sent);
      expect(kept).to.deep.equal({
        outcome: 'kept',
        reply: sent.reply,
        revision: 1,
        current: true,
        notes: ['change-for-unknown-order'],
      });
      const [order] = await store.findOrders({ orderId: '4500' });
      const { messages, ...summary } = order ?? { messages: [] };
      expect(summary).to.deep.equal({
        id: 1,
        buyer: 'acme',
        environment: 'production',
        orderId: '4500',
        state: 'open',
        revision: 1,
        revisions: 1,
        operation: 'update',
        orderDate: '2026-03-01T02:00:00-08:00',
        totalAmount: '1505.0',
        currency: 'USD',
        lineCount: 14,
        firstReceivedAt: AT,
        lastReceivedAt: AT,
      });
      expect(messages).to.deep.equal([
        {
          id: 1,
          payloadId: '1585687161.4500@acme',
          outcome: 'kept',
          revision: 1,
          operation: 'update',
          orderVersion: 3,
          current: true,
          receivedAt: AT,
          sha256: sent.sha256,
          size: sent.bytes.byteLength,
          contentType: 'text/xml; charset=UTF-8',
          peerName: 'cxml-supplier.coupahost.com',
          peerFingerprint: peer().fingerprint,
          peerSpki: peer().spki,
          protocol: 'TLSv1.3',
          remoteAddress: '192.0.2.7',
          replays: 0,
          lastReplayedAt: null,
          notes: ['change-for-unknown-order'],
          attachments: [],
          released: null,
          findings: '[{"id":"W-TOTAL-001"}]',
        },
      ]);
      const read = await store.readMessage(1);
      expect(Buffer.from(read?.bytes ?? [])).to.deep.equal(sent.bytes);
      expect(Buffer.from(read?.reply ?? [])).to.deep.equal(sent.reply);
      expect(read?.sha256).to.equal(sent.sha256);
    });

    it('keeps what the document does not say as null', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(
        arrival({ payloadId: null, orderDate: null, totalAmount: null, currency: null, lineCount: 0 }),
      );
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order).to.include({ orderDate: null, totalAmount: null, currency: null, lineCount: 0 });
      expect(order?.messages[0]).to.include({ payloadId: null, orderVersion: null });
    });

    it('leaves the bytes of the caller as they were, also when they are part of a larger buffer', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const whole = Buffer.from('before<cXML/>after');
      await store.keepOrder(arrival({ bytes: whole.subarray(6, 13) }));
      expect(whole.toString()).to.equal('before<cXML/>after');
      const read = await store.readMessage(1);
      expect(Buffer.from(read?.bytes ?? []).toString()).to.equal('<cXML/>');
    });

    it('answers the same message again with the first reply, byte for byte, and counts it', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const first = arrival();
      await store.keepOrder(first);
      const again = await store.keepOrder(arrival({ receivedAt: later(60) }));
      const { reply, ...rest } = again;
      expect(rest).to.deep.equal({ outcome: 'replayed', revision: 1, current: true, notes: [] });
      expect(Buffer.from(reply)).to.deep.equal(first.reply);
      await store.keepOrder(arrival({ receivedAt: later(120) }));
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order).to.include({ revisions: 1 });
      expect(order?.lastReceivedAt).to.deep.equal(AT);
      expect(order?.messages).to.have.length(1);
      expect(order?.messages[0]).to.include({ replays: 2 });
      expect(order?.messages[0]?.lastReplayedAt).to.deep.equal(later(120));
    });

    it('says of a replay of an older revision that it is not the current one', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ payloadId: 'p2', content: 'eleven', operation: 'update' }));
      expect(await store.keepOrder(arrival())).to.include({
        outcome: 'replayed',
        revision: 1,
        current: false,
      });
    });

    it('collapses fifty identical messages at once to one order and one reply', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const sent = Array.from({ length: 50 }, (_, index) =>
        arrival({ reply: Buffer.from(`reply ${index}`) }),
      );
      const all = await Promise.all(sent.map((each) => store.keepOrder(each)));
      expect(all.filter(({ outcome }) => outcome === 'kept')).to.have.length(1);
      expect(all.filter(({ outcome }) => outcome === 'replayed')).to.have.length(49);
      expect(new Set(all.map(({ reply }) => Buffer.from(reply).toString())).size).to.equal(1);
      expect(await store.counts()).to.deep.equal({ messages: 1, orders: 1, refused: 0, conflicts: 0 });
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order?.messages[0]?.replays).to.equal(49);
    });

    it('links another message with known content to its revision', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      const second = arrival({ payloadId: 'p2', receivedAt: later(1) });
      expect(await store.keepOrder(second)).to.deep.equal({
        outcome: 'resent',
        reply: second.reply,
        revision: 1,
        current: true,
        notes: [],
      });
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order).to.include({ revision: 1, revisions: 1 });
      expect(order?.firstReceivedAt).to.deep.equal(AT);
      expect(order?.lastReceivedAt).to.deep.equal(later(1));
      expect(order?.messages.map(({ outcome, revision }) => [outcome, revision])).to.deep.equal([
        ['kept', 1],
        ['resent', 1],
      ]);
    });

    it('answers a repeated resend with the reply of that resend', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      const second = arrival({ payloadId: 'p2' });
      await store.keepOrder(second);
      const again = await store.keepOrder(arrival({ payloadId: 'p2', receivedAt: later(5) }));
      expect(again).to.include({ outcome: 'replayed', revision: 1 });
      expect(Buffer.from(again.reply)).to.deep.equal(second.reply);
    });

    it('notes a resend of a superseded revision and leaves the current one in force', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ payloadId: 'p2', content: 'eleven', operation: 'update' }));
      const back = await store.keepOrder(arrival({ payloadId: 'p3' }));
      expect(back).to.deep.include({
        outcome: 'resent',
        revision: 1,
        current: false,
        notes: ['resent-superseded'],
      });
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order).to.include({ revision: 2, operation: 'update' });
      expect(order?.messages.map(({ current }) => current)).to.deep.equal([false, true, false]);
      expect(order?.messages[2]?.notes).to.deep.equal(['resent-superseded']);
    });

    it('notes a new order that is known with other content', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      const changed = await store.keepOrder(arrival({ payloadId: 'p2', content: 'eleven' }));
      expect(changed).to.deep.include({ outcome: 'kept', revision: 2, current: true });
      expect(changed.notes).to.deep.equal(['new-for-known-order']);
    });

    it('cancels an order, and opens it again with a later revision', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const state = async () => (await store.listOrders())[0]?.state;
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ payloadId: 'p2', content: 'none', operation: 'cancel' }));
      expect(await state()).to.equal('cancelled');
      await store.keepOrder(arrival({ payloadId: 'p3', content: 'twelve', operation: 'update' }));
      expect(await state()).to.equal('open');
    });

    it('takes a cancel of an order it never saw as a cancelled order', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const kept = await store.keepOrder(arrival({ operation: 'cancel' }));
      expect(kept.notes).to.deep.equal(['change-for-unknown-order']);
      expect((await store.listOrders())[0]?.state).to.equal('cancelled');
    });

    it('keeps the orders of buyers and environments apart', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      for (const [payloadId, about] of Object.entries({
        a: {},
        b: { environment: 'test' },
        c: { buyer: 'globex' },
      } as const)) {
        expect(await store.keepOrder(arrival({ payloadId, ...about }))).to.include({
          outcome: 'kept',
          revision: 1,
        });
      }
      expect(await store.findOrders({ orderId: '4500' })).to.have.length(3);
      expect(await store.findOrders({ orderId: '4500', buyer: 'globex' })).to.have.length(1);
    });

    it('keeps large and empty bytes exactly', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const large = Buffer.alloc(5 * 1024 * 1024, 'line\r\n\0');
      await store.keepOrder(arrival({ bytes: large }));
      await store.keepOrder(arrival({ payloadId: 'p2', bytes: Buffer.alloc(0), reply: Buffer.alloc(0) }));
      expect(sha256((await store.readMessage(1))?.bytes ?? '')).to.equal(sha256(large));
      expect(await store.readMessage(2)).to.deep.include({
        bytes: new Uint8Array(0),
        reply: new Uint8Array(0),
      });
    });

    it('refuses one message that cannot be kept, and its nineteen neighbours are kept', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const sent = Array.from({ length: 20 }, (_, index) =>
        arrival({
          payloadId: `p${index}`,
          orderId: `${index}`,
          ...(index === 7 ? { environment: 'staging' as 'test' } : {}),
        }),
      );
      const all = await Promise.allSettled(sent.map((each) => store.keepOrder(each)));
      expect(all.map(({ status }) => status === 'fulfilled')).to.deep.equal(
        sent.map((_, index) => index !== 7),
      );
      const failed = all[7]?.status === 'rejected' ? all[7].reason : undefined;
      expect(failed).to.be.instanceOf(Refusal).and.include({ code: 'store-unavailable' });
      expect(await store.counts()).to.deep.include({ messages: 19, orders: 19 });
    });
  });
}

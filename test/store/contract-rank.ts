import { expect } from 'chai';
import { arrival, later } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

interface Rank {
  readonly orderVersion?: number | null;
  readonly orderedAt?: Date | null;
  readonly sentAt?: Date | null;
}

interface Case {
  readonly says: string;
  readonly first: Rank;
  readonly second: Rank;
  /** Does the second become the current one? */
  readonly current: boolean;
}

const CASES: readonly Case[] = [
  { says: 'nothing on either side', first: {}, second: {}, current: true },
  { says: 'a higher version', first: { orderVersion: 2 }, second: { orderVersion: 10 }, current: true },
  { says: 'a lower version', first: { orderVersion: 10 }, second: { orderVersion: 9 }, current: false },
  {
    says: 'a lower version with later dates',
    first: { orderVersion: 2, orderedAt: later(0), sentAt: later(0) },
    second: { orderVersion: 1, orderedAt: later(1), sentAt: later(1) },
    current: false,
  },
  {
    says: 'the same version and an earlier order date',
    first: { orderVersion: 2, orderedAt: later(5) },
    second: { orderVersion: 2, orderedAt: later(4) },
    current: false,
  },
  {
    says: 'a version on one side only and an earlier order date',
    first: { orderedAt: later(5) },
    second: { orderVersion: 2, orderedAt: later(4) },
    current: false,
  },
  {
    says: 'a later order date',
    first: { orderedAt: later(4) },
    second: { orderedAt: later(5) },
    current: true,
  },
  {
    says: 'an earlier order date, sent later',
    first: { orderedAt: later(5), sentAt: later(5) },
    second: { orderedAt: later(4), sentAt: later(6) },
    current: false,
  },
  {
    says: 'the same order date, sent earlier',
    first: { orderedAt: later(5), sentAt: later(7) },
    second: { orderedAt: later(5), sentAt: later(6) },
    current: false,
  },
  { says: 'an earlier sending', first: { sentAt: later(7) }, second: { sentAt: later(6) }, current: false },
  { says: 'a later sending', first: { sentAt: later(6) }, second: { sentAt: later(7) }, current: true },
  { says: 'the same of everything', first: rankOf(1, 1, 1), second: rankOf(1, 1, 1), current: true },
  {
    says: 'different facts on the two sides',
    first: { orderVersion: 5 },
    second: { orderedAt: later(-9) },
    current: true,
  },
  {
    says: 'a date that is none',
    first: { sentAt: later(6) },
    second: { sentAt: new Date(Number.NaN) },
    current: true,
  },
];

function rankOf(orderVersion: number, ordered: number, sent: number): Rank {
  return { orderVersion, orderedAt: later(ordered), sentAt: later(sent) };
}

export function exerciseRank(createPlace: CreatePlace): void {
  describe('keepOrder, of two revisions', () => {
    for (const { says, first, second, current } of CASES) {
      it(`has ${current ? 'the one that came last' : 'the first one'} in force when the second says ${says}`, async () => {
        await using place = await createPlace();
        await using store = await place.open();
        await store.keepOrder(arrival(first));
        const kept = await store.keepOrder(
          arrival({ payloadId: 'p2', content: 'eleven', operation: 'update', ...second }),
        );
        expect(kept).to.deep.include({
          outcome: 'kept',
          revision: 2,
          current,
          notes: current ? [] : ['older-than-current'],
        });
        const [order] = await store.findOrders({ orderId: '4500' });
        expect(order).to.include({
          revision: current ? 2 : 1,
          revisions: 2,
          operation: current ? 'update' : 'new',
        });
      });
    }

    it('leaves the state alone when a late cancel is older than the current revision', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ orderVersion: 3 }));
      const late = arrival({ payloadId: 'p2', content: 'none', operation: 'cancel', orderVersion: 2 });
      expect(await store.keepOrder(late)).to.deep.include({ current: false, notes: ['older-than-current'] });
      expect((await store.listOrders())[0]).to.include({ state: 'open', revision: 1 });
    });

    it('gives both notes to a new order that is known and older', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ orderVersion: 3, operation: 'update' }));
      const { notes } = await store.keepOrder(
        arrival({ payloadId: 'p2', content: 'eleven', orderVersion: 1 }),
      );
      expect(notes).to.deep.equal(['new-for-known-order', 'older-than-current']);
    });

    it('compares with the current revision, not with the one that came last', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ orderVersion: 3 }));
      await store.keepOrder(arrival({ payloadId: 'p2', content: 'one', orderVersion: 1 }));
      const second = arrival({ payloadId: 'p3', content: 'two', orderVersion: 2, operation: 'update' });
      expect(await store.keepOrder(second)).to.include({ revision: 3, current: false });
    });

    it('takes the current revision as said again at the moment it is sent again', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ sentAt: later(1) }));
      await store.keepOrder(arrival({ payloadId: 'p2', sentAt: later(9) }));
      const between = arrival({ payloadId: 'p3', content: 'eleven', operation: 'update', sentAt: later(5) });
      expect(await store.keepOrder(between)).to.include({ revision: 2, current: false });
    });
  });
}

/** Whom to wait for outlives the process. */
import { expect } from 'chai';
import type { Awaited } from '../../src/store/awaited.ts';
import { AT, later, sha256 } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

const known: Awaited = {
  sha256: sha256('a'),
  payloadId: '1@acme',
  buyer: 'acme',
  orderId: '4711',
  firstAt: later(1),
};
const unread: Awaited = { sha256: sha256('b'), payloadId: null, buyer: null, orderId: null, firstAt: AT };

export function exerciseAwaited(createPlace: CreatePlace): void {
  describe('keepAwaited', () => {
    it('keeps all of it over a restart, oldest first, in place of what was there', async () => {
      await using place = await createPlace();
      {
        await using store = await place.open();
        expect(await store.listAwaited()).to.deep.equal([]);
        await store.keepAwaited([known, unread]);
      }
      await using store = await place.open();
      expect(await store.listAwaited()).to.deep.equal([unread, known]);
      await store.keepAwaited([known]);
      expect(await store.listAwaited()).to.deep.equal([known]);
      await store.keepAwaited([]);
      expect(await store.listAwaited()).to.deep.equal([]);
    });
  });
}

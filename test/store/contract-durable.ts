import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import { arrival, later } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

export function exerciseDurable(createPlace: CreatePlace): void {
  describe('a store that is closed and opened again', () => {
    it('keeps everything over a restart', async () => {
      await using place = await createPlace();
      {
        await using store = await place.open();
        await store.keepOrder(arrival());
        await store.keepOrder(arrival({ content: 'other' }));
      }
      await using store = await place.open();
      expect(await store.keepOrder(arrival({ receivedAt: later(9) }))).to.include({ outcome: 'replayed' });
      expect(await store.keepOrder(arrival({ payloadId: 'p2', content: 'eleven' }))).to.include({
        revision: 2,
      });
      expect(await store.counts()).to.deep.equal({ messages: 2, orders: 1, refused: 0, conflicts: 1 });
      expect(Buffer.from((await store.readMessage(1))?.bytes ?? [])).to.deep.equal(arrival().bytes);
    });

    it('finishes what it accepted before it closes, and then takes nothing more', async () => {
      await using place = await createPlace();
      const store = await place.open();
      const accepted = Array.from({ length: 40 }, (_, index) =>
        store.keepOrder(arrival({ payloadId: `p${index}` })),
      );
      await store[Symbol.asyncDispose]();
      expect(await Promise.all(accepted)).to.have.length(40);
      const refusal = await store.keepOrder(arrival()).then(String, (error: unknown) => error);
      expect(refusal).to.be.instanceOf(Refusal).and.include({ code: 'store-unavailable' });
      await using again = await place.open();
      expect((await again.counts()).messages).to.equal(40);
    });
  });

  describe('probe', () => {
    it('makes a commit and changes nothing that can be seen', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.probe();
      expect(await store.counts()).to.deep.equal({ messages: 0, orders: 0, refused: 0, conflicts: 0 });
    });
  });
}

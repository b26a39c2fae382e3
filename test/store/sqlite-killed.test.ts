import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { arrival, sha256 } from './arrivals.ts';
import { startProgram } from './child.ts';
import { createSqlitePlace } from './sqlite-place.ts';

const ROUNDS = 10;

describe('a store whose process is killed', function () {
  this.timeout(180_000);

  it('has every order that was acknowledged, once, with its bytes, and replays them all', async () => {
    await using place = await createSqlitePlace();
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await using child = startProgram('keep-orders.ts', place.path, `${round}`);
      const killAfter = 1 + Math.floor(Math.random() * 400);
      let mine = 0;
      for (let line = await child.line(); line !== undefined; line = await child.line()) {
        acknowledged.push(line);
        mine += 1;
        if (mine === killAfter) void child.kill(); // and read on: what it said before it died counts
      }
      expect(mine).to.be.at.least(killAfter);
    }
    await using store = await place.open();
    for (const orderId of acknowledged) {
      const [order, ...others] = await store.findOrders({ orderId });
      expect(others).to.deep.equal([]);
      expect(order?.messages.map(({ outcome }) => outcome)).to.deep.equal(['kept']);
      const read = await store.readMessage(order?.messages[0]?.id ?? 0);
      expect(sha256(read?.bytes ?? '')).to.equal(keptAs(orderId).sha256);
    }
    const again = await Promise.all(acknowledged.map((orderId) => store.keepOrder(keptAs(orderId))));
    expect(new Set(again.map(({ outcome }) => outcome))).to.deep.equal(new Set(['replayed']));
    using database = new DatabaseSync(place.path, { readOnly: true });
    expect(database.prepare('PRAGMA integrity_check').all()).to.deep.equal([
      Object.assign(Object.create(null), { integrity_check: 'ok' }),
    ]);
    expect(database.prepare('PRAGMA foreign_key_check').all()).to.deep.equal([]);
    console.log(`    ${acknowledged.length} acknowledged orders survived ${ROUNDS} kills`);
  });
});

function keptAs(orderId: string) {
  return arrival({ orderId, payloadId: orderId, content: `${orderId} `.repeat(800) });
}

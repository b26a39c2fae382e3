import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import type { Arrival } from '../../src/store/store.ts';
import { arrival, peer } from './arrivals.ts';
import { createSqlitePlace } from './sqlite-place.ts';

const LOOKS = 400;

describe('the look-up of a duplicate', function () {
  this.timeout(120_000);

  it('takes about as long among a hundred thousand orders as among a thousand', async () => {
    const few = await timeAmong(1_000);
    const many = await timeAmong(100_000);
    console.log(
      `    replay among 10^3: ${few.toFixed(3)} ms, among 10^5: ${many.toFixed(3)} ms, ${(many / few).toFixed(2)} times`,
    );
    expect(many / few).to.be.below(5);
  });
});

/** @returns milliseconds per replay, the median over rounds with other orders each */
async function timeAmong(orders: number): Promise<number> {
  await using place = await createSqlitePlace();
  {
    await using store = await place.open();
    await store.keepOrder(arrival());
  }
  fill(place.path, orders);
  await using store = await place.open();
  expect((await store.counts()).messages).to.equal(orders + 1);
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const known = pick(place.path);
    const start = performance.now();
    const all = await Promise.all(known.map((each) => store.keepOrder(each)));
    times.push((performance.now() - start) / LOOKS);
    expect(all.every(({ outcome }) => outcome === 'replayed')).to.equal(true);
  }
  return times.toSorted((a, b) => a - b)[4] ?? 0;
}

function pick(path: string): readonly Arrival[] {
  using database = new DatabaseSync(path, { readOnly: true });
  const rows = database
    .prepare(
      `SELECT message_key, content_digest FROM message JOIN revision USING (purchase_order_id)
       WHERE id IN (SELECT id FROM message ORDER BY random() LIMIT ${LOOKS})`,
    )
    .all();
  return rows.map((row) =>
    arrival({ messageKey: String(row.message_key), contentDigest: String(row.content_digest) }),
  );
}

/** Straight into the tables: as many orders through the front door would take a minute. */
function fill(path: string, orders: number): void {
  using database = new DatabaseSync(path);
  database.exec(`
    BEGIN;
    CREATE TEMP TABLE n AS
      WITH RECURSIVE c (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM c WHERE i <= ${orders}) SELECT i FROM c;
    INSERT INTO purchase_order SELECT i, lower(hex(randomblob(32))), 'acme', 'production', 'n' || i, 'open', 1, 1, i, i
      FROM n;
    INSERT INTO revision
      SELECT i, 1, lower(hex(randomblob(32))), 'new', NULL, NULL, NULL, NULL, NULL, NULL, 1 FROM n;
    INSERT INTO message SELECT i, lower(hex(randomblob(32))), i, 1, 'kept', 'p' || i, i, 'x', 3, 'text/xml',
      '${peer().fingerprint}', 'TLSv1.3', '192.0.2.7', '[]', x'00', '{}', '[]' FROM n;
    INSERT INTO message_body SELECT i, randomblob(3) FROM n;
    COMMIT;
  `);
}

/**
 * Keeps orders in the store at argv[2] until the disk takes no more, and says how many were kept. Told to go on, it
 * makes room when argv[3] names a file of ballast, keeps one order more, and proves that none of the others was lost.
 */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { Refusal } from '../../../src/errors.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import type { Kept } from '../../../src/store/store.ts';
import { arrival } from '../arrivals.ts';

const [path = '', ballast] = process.argv.slice(2);
if (ballast !== undefined) writeFileSync(ballast, Buffer.alloc(2_000_000));
const events: string[] = [];
const log = (_fields: object, message: string) => void events.push(message);
await using store = await openSqliteStore({
  path,
  refusedMaxCount: 10,
  refusedMaxBytes: 1_000_000,
  minFreeBytes: 0,
  log: { error: log, warn: log, info: log },
});

const keep = (index: number): Promise<Kept | undefined> =>
  store
    .keepOrder(arrival({ orderId: `${index}`, payloadId: `${index}`, content: `${index} `.repeat(10_000) }))
    .catch((error: unknown) => {
      if (error instanceof Refusal && error.code === 'store-unavailable') return undefined;
      throw error;
    });

let kept = 0;
while ((await keep(kept)) !== undefined) kept += 1;
console.log(JSON.stringify({ kept, again: (await keep(kept))?.outcome ?? 'unavailable', events }));
await once(process.stdin, 'data');
if (ballast !== undefined) rmSync(ballast);

const next = await keep(kept);
const others = await Promise.all(Array.from({ length: kept }, (_, index) => keep(index)));
const replays = others.filter((each) => each?.outcome === 'replayed').length;
console.log(JSON.stringify({ next: next?.outcome ?? 'unavailable', replays, events }));
process.stdin.destroy();

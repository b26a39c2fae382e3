/**
 * Keeps orders in the store at argv[2] until the disk takes no more, and says how many were kept. Told to go on, it
 * makes room when argv[3] names a file of ballast, keeps one order more, and proves that none of the others was lost.
 * What the gate saw is offered each time, too.
 */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { Refusal } from '../../../src/errors.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import type { Kept } from '../../../src/store/store.ts';
import { arrival } from '../arrivals.ts';
import { refusedHandshake } from '../contract-evidence.ts';

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

const keepEvidence = (): Promise<string> =>
  store.keepEvidence({ uses: [], refused: [refusedHandshake({ chainPem: 'x'.repeat(500_000) })] }).then(
    () => 'kept',
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

let kept = 0;
while ((await keep(kept)) !== undefined) kept += 1;
const again = (await keep(kept))?.outcome ?? 'unavailable';
console.log(JSON.stringify({ kept, again, evidence: await keepEvidence(), events }));
await once(process.stdin, 'data');
if (ballast !== undefined) rmSync(ballast);

const next = await keep(kept);
const others = await Promise.all(Array.from({ length: kept }, (_, index) => keep(index)));
const replays = others.filter((each) => each?.outcome === 'replayed').length;
const evidence = await keepEvidence();
console.log(JSON.stringify({ next: next?.outcome ?? 'unavailable', replays, evidence, events }));
process.stdin.destroy();

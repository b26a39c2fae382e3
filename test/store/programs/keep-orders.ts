/** Keeps orders as fast as it can in the store at argv[2], and prints the orderID of each one that is kept. */
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { arrival } from '../arrivals.ts';

const [path = '', round = ''] = process.argv.slice(2);
const store = await openSqliteStore({
  path,
  refusedMaxCount: 10,
  refusedMaxBytes: 1_000_000,
  minFreeBytes: 0,
});

async function keepOn(lane: number): Promise<never> {
  for (let index = 0; ; index += 1) {
    const orderId = `${round}-${lane}-${index}`;
    await store.keepOrder(arrival({ orderId, payloadId: orderId, content: `${orderId} `.repeat(800) }));
    process.stdout.write(`${orderId}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, (_, lane) => keepOn(lane)));

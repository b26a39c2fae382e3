/** A large order must not make a hundred small ones wait: reading it gives the event loop back between slices. */
import { expect } from 'chai';
import { type Buyer, createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace } from '../support/receiver.ts';
import { spawnReceiver } from '../support/spawned.ts';

const CONNECTIONS = 32;
const RATE_PER_SECOND = 100;
const SMALL = 500;
const LIMIT_MS = 250;

const smallDocument = documentSeries(3);
const largeDocument = documentSeries(1_000);

describe('small orders while orders of a thousand lines arrive one after another', () => {
  it('are answered within 250 ms at the 99th percentile', async function () {
    this.timeout(90_000);
    await using workplace = await prepareWorkplace();
    await using receiver = await spawnReceiver(workplace);
    const parts = { url: receiver.url, ca: workplace.pki.server.cert, ...workplace.pki.client(COUPA_NAME) };
    using small = createBuyer({ ...parts, connections: CONNECTIONS });
    using large = createBuyer({ ...parts, connections: 1 });
    // All connections first: a full handshake costs more than an order, and is not what is measured here.
    await Promise.all(
      Array.from({ length: 2 * CONNECTIONS }, (_, warm) => small.post(smallDocument(-1 - warm))),
    );
    // The best of three: the machine may be busy with others. A large order read in one go fails all three.
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3 && best >= LIMIT_MS; attempt += 1) {
      best = Math.min(best, await measureP99({ small, large, attempt }));
    }
    expect(best).to.be.below(LIMIT_MS);
  });
});

interface Run {
  readonly small: Buyer;
  readonly large: Buyer;
  /** No two send the same orders. */
  readonly attempt: number;
}

async function measureP99({ small, large, attempt }: Run): Promise<number> {
  let isOver = false;
  let largeBytes = 0;
  const largeTimes: number[] = [];
  const sendLarge = async (): Promise<void> => {
    for (let number = 1; !isOver; number += 1) {
      const document = largeDocument((attempt + 1) * 1_000_000 + number);
      largeBytes = document.length;
      largeTimes.push(await timed(large, document));
    }
  };
  const background = sendLarge();
  const times = (await sendAtRate(small, attempt * SMALL)).sort((one, other) => one - other);
  isOver = true;
  await background;

  const p99 = times[Math.floor(times.length * 0.99)] ?? Number.NaN;
  const p50 = times[Math.floor(times.length / 2)] ?? Number.NaN;
  const largest = Math.max(...largeTimes);
  console.log(
    `      ${SMALL} small at ${RATE_PER_SECOND}/s: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, beside ` +
      `${largeTimes.length} of ${(largeBytes / 1e6).toFixed(2)} MB (slowest ${largest.toFixed(0)} ms)`,
  );
  expect(largeBytes).to.be.above(1_000_000);
  return p99;
}

/** Open loop: the next order goes out when it is due, whether or not the last one was answered. */
async function sendAtRate(buyer: Buyer, after: number): Promise<number[]> {
  const times: Promise<number>[] = [];
  const startedAt = performance.now();
  for (let number = 1; number <= SMALL; number += 1) {
    const dueIn = startedAt + (number * 1000) / RATE_PER_SECOND - performance.now();
    if (dueIn > 0) await new Promise((resolve) => setTimeout(resolve, dueIn));
    times.push(timed(buyer, smallDocument(after + number)));
  }
  return Promise.all(times);
}

async function timed(buyer: Buyer, document: Buffer): Promise<number> {
  const sentAt = performance.now();
  expect((await buyer.post(document)).code).to.equal(200);
  return performance.now() - sentAt;
}

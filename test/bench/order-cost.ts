/**
 * What one order costs: CPU of the whole server process (all its threads) per 20 KB order on kept-alive mutual TLS,
 * beside a bare Node mTLS server that throws the body away, measured in one run, in turns. `npm run bench`.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Buyer, createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace, type Workplace } from '../support/receiver.ts';
import { spawnReceiver } from '../support/spawned.ts';

const ORDERS = 4_000;
const ROUNDS = 5;
const CONNECTIONS = 32;
const LINES = 16;

const document = documentSeries(LINES);
let next = 0;

await using workplace = await prepareWorkplace();
await using echo = await spawnEcho(workplace);
await using receiver = await spawnReceiver(workplace);
using toEcho = buyerFor(echo.url);
using toReceiver = buyerFor(receiver.url);
console.log(
  `orders of ${document(1_000_000).length} bytes, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${ORDERS}`,
);

await round(toEcho, echo.pid);
await round(toReceiver, receiver.pid);
const figures = { echo: [] as Figures[], order: [] as Figures[], replay: [] as Figures[] };
for (let turn = 0; turn < ROUNDS; turn += 1) {
  figures.echo.push(await round(toEcho, echo.pid));
  const first = next;
  figures.order.push(await round(toReceiver, receiver.pid));
  figures.replay.push(await round(toReceiver, receiver.pid, first));
}
const bare = median(figures.echo.map(({ cpuMs }) => cpuMs));
for (const [name, rounds] of Object.entries(figures)) {
  const cpuMs = median(rounds.map((each) => each.cpuMs));
  const perSecond = median(rounds.map((each) => each.perSecond));
  console.log(
    `${name.padEnd(7)} ${cpuMs.toFixed(3)} ms CPU per post  ${(cpuMs / bare).toFixed(1).padStart(5)} x bare  ` +
      `${perSecond.toFixed(0).padStart(6)} posts/s (client and server share the machine)`,
  );
}

interface Figures {
  readonly cpuMs: number;
  readonly perSecond: number;
}

function buyerFor(url: string): Buyer {
  const { pki } = workplace;
  return createBuyer({ url, ca: pki.server.cert, ...pki.client(COUPA_NAME), connections: CONNECTIONS });
}

/** @param from number of the first document; default: documents never sent before */
async function round(buyer: Buyer, pid: number, from = next): Promise<Figures> {
  let number = from;
  const end = from + ORDERS;
  next = Math.max(next, end);
  const cpuBefore = cpuMsOf(pid);
  const startedAt = performance.now();
  const send = async (): Promise<void> => {
    while (number < end) {
      number += 1;
      const { code } = await buyer.post(document(number));
      if (code !== 200) throw new Error(`answered ${code}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const tookMs = performance.now() - startedAt;
  return { cpuMs: (cpuMsOf(pid) - cpuBefore) / ORDERS, perSecond: (ORDERS * 1000) / tookMs };
}

/** User and system time of all threads, in clock ticks of 10 ms: fine enough over thousands of orders. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function spawnEcho({ folder }: Workplace): Promise<{ url: string; pid: number } & AsyncDisposable> {
  const program = fileURLToPath(new URL('bare-echo.ts', import.meta.url));
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return {
    url: String(value),
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill();
    },
  };
}

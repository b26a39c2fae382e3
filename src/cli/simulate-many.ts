/** Many posts, at a rate or one after the other: progress while it runs, a summary at the end. */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { createBuyerClient, type Exchange, type Sending } from './buyer-client.ts';
import { formatMs, isDelivered, nameOutcome } from './describe-exchange.ts';
import { harmlessJson } from './harmless.ts';
import type { Plan } from './plan-posts.ts';
import { count } from './print-order.ts';
import { indent, layTable } from './table.ts';
import type { ExitCode, Terminal } from './terminal.ts';

interface Parts {
  readonly plan: Plan;
  readonly repeat: number;
  /** Rounds a second; without it one round waits for the one before. */
  readonly rate?: number;
  readonly json: boolean;
  readonly client: Parameters<typeof createBuyerClient>[0];
  readonly terminal: Terminal;
  readonly now: () => Date;
}

interface Tally {
  readonly times: number[];
  readonly outcomes: Map<string, number>;
  good: number;
}

const CONNECTIONS_AT_A_RATE = 32;

export async function simulateMany(parts: Parts): Promise<ExitCode> {
  const { repeat, rate, terminal } = parts;
  const tally: Tally = { times: [], outcomes: new Map(), good: 0 };
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  // Ctrl-C ends the run, not the report about it.
  process.once('SIGINT', abort);
  const progress = terminal.progress(repeat, 'rounds');
  const started = performance.now();
  let done = 0;
  using client = createBuyerClient({
    ...parts.client,
    connections: rate === undefined ? 1 : CONNECTIONS_AT_A_RATE,
  });
  const running = new Set<Promise<void>>();
  for (let round = 0; round < repeat && !stop.signal.aborted; round += 1) {
    const posting = postRound(parts, round, client.post, tally).then(() => {
      done += 1;
      running.delete(posting);
      progress.update(done, `${tally.good} delivered`);
    });
    running.add(posting);
    if (rate === undefined) await posting;
    else await pause(started + ((round + 1) * 1_000) / rate - performance.now(), stop.signal);
  }
  await Promise.all(running);
  process.off('SIGINT', abort);
  progress.finish();
  report(parts, tally, (performance.now() - started) / 1_000);
  return tally.good === tally.times.length && done === repeat ? 0 : 1;
}

async function postRound(
  { plan, now }: Parts,
  round: number,
  post: (bytes: Uint8Array, sending?: Sending) => Promise<Exchange>,
  tally: Tally,
): Promise<void> {
  const { times, outcomes } = tally;
  for (const { bytes, sending } of plan(round, now())) {
    const exchange = await post(bytes, sending);
    times.push(exchange.requestMs + exchange.replyMs);
    const outcome = nameOutcome(exchange);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (isDelivered(exchange)) tally.good += 1;
  }
}

function report({ json, terminal }: Parts, { times, outcomes, good }: Tally, seconds: number): void {
  const sorted = times.toSorted((one, other) => one - other);
  const share = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? 0;
  const answered = { p50: share(0.5), p95: share(0.95), p99: share(0.99), max: sorted.at(-1) ?? 0 };
  const byCount = [...outcomes].sort(([, one], [, other]) => other - one);
  if (json) {
    const milliseconds = Object.entries(answered).map(([name, value]) => [name, Number(value.toFixed(3))]);
    terminal.print(
      harmlessJson({
        posts: times.length,
        delivered: good,
        seconds: Number(seconds.toFixed(3)),
        outcomes: Object.fromEntries(byCount),
        answeredInMs: Object.fromEntries(milliseconds),
      }),
    );
    return;
  }
  const { bold, dim, mark } = terminal;
  const rate = seconds === 0 ? 0 : times.length / seconds;
  const sign = good === times.length ? mark.yes : mark.no;
  terminal.print(
    `${sign} ${bold(count(times.length, 'post'))} in ${seconds.toFixed(1)} s, ${rate.toFixed(1)} a second`,
    ...layTable(
      [{ title: 'posts', align: 'right' }, { title: 'Status' }],
      byCount.map(([name, number]) => [String(number), name]),
      dim,
    ).map(indent),
    `  answered in ${Object.entries(answered)
      .map(([name, value]) => `${dim(name)} ${formatMs(value)}`)
      .join('  ')}`,
  );
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return setImmediate();
  return sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

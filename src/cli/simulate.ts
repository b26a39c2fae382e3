/** Acts as Coupa: posts over mutual TLS, repeats as Coupa does, and says what Coupa would make of each answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../errors.ts';
import { createBuyerClient, type Exchange } from './buyer-client.ts';
import { describeExchange, exchangeJson, formatBytes, isDelivered } from './describe-exchange.ts';
import { describeAttempt, describeEnd } from './describe-retry.ts';
import { harmless, harmlessJson } from './harmless.ts';
import { type Plan, type Post, planPosts } from './plan-posts.ts';
import { loadIdentity, readSecret, readUrl } from './simulate-identity.ts';
import { simulateMany } from './simulate-many.ts';
import { type Attempt, sendUntilDelivered } from './simulate-retry.ts';
import type { ExitCode, TimedSurroundings } from './terminal.ts';

export interface SimulateOptions {
  readonly to: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly buyerDomain: string;
  readonly buyerIdentity: string;
  readonly supplierDomain: string;
  readonly supplierIdentity: string;
  readonly secretEnv?: string;
  readonly order?: string;
  readonly lines?: number;
  readonly multipart: 'related' | 'mixed';
  readonly seconds?: number;
  readonly timeout: number;
  readonly retry?: boolean;
  readonly hourSeconds: number;
  readonly repeat: number;
  readonly rate?: number;
  readonly json?: boolean;
}

/** What became of one post. */
interface Outcome {
  readonly attempts: readonly Attempt[];
  readonly last: Exchange;
}

/** @returns 0 when every message was delivered in the end (and a duplicate got the same bytes), else 1 */
export async function simulate(
  what: string,
  options: SimulateOptions,
  around: TimedSurroundings,
): Promise<ExitCode> {
  // A cut makes sense only with the repeat that follows it.
  const retry = options.retry === true || what === 'cut';
  const { repeat, rate, json = false, timeout, hourSeconds } = options;
  if (retry && repeat > 1) {
    throw new StartupError(`--repeat cannot be combined with ${what === 'cut' ? 'cut' : '--retry'}`, {
      hint: 'Repeat many orders, or follow one through all its attempts.',
    });
  }
  const url = readUrl(options.to);
  const identity = await loadIdentity(options);
  const plan = await planPosts({
    what,
    from: { domain: options.buyerDomain, identity: options.buyerIdentity },
    to: { domain: options.supplierDomain, identity: options.supplierIdentity },
    secret: readSecret(options.secretEnv, around.env),
    order: options.order,
    lines: options.lines,
    multipart: options.multipart,
    seconds: options.seconds,
  });
  const client = { url, identity, timeoutMs: timeout * 1_000 };
  if (repeat > 1) return simulateMany({ plan, repeat, rate, json, client, ...around });
  const minuteMs = retry ? (hourSeconds * 1_000) / 60 : undefined;
  return simulateOnce({ plan, client, json, minuteMs, compare: what === 'duplicate', ...around });
}

async function simulateOnce({
  plan,
  client: clientParts,
  json,
  minuteMs,
  compare,
  terminal,
  now,
}: {
  readonly plan: Plan;
  readonly client: Parameters<typeof createBuyerClient>[0];
  readonly json: boolean;
  /** Of a minute on Coupa's clock; without it nothing is sent again. */
  readonly minuteMs?: number;
  readonly compare: boolean;
} & TimedSurroundings): Promise<ExitCode> {
  const { bold, dim, mark } = terminal;
  const print = (...lines: readonly string[]): void => {
    if (!json) terminal.print(...lines);
  };
  const told: object[] = [];
  const replies: Uint8Array[] = [];
  let good = true;
  using client = createBuyerClient(clientParts);
  for (const post of plan(0, now())) {
    const { name, orderId, payloadId, bytes } = post;
    const about = [`PO ${orderId}`, payloadId, formatBytes(bytes.byteLength)].filter((part) => part !== '');
    print(`${bold(harmless(name))}  ${dim(harmless(about.join(', ')))}`);
    const show = (attempt: Attempt): void => {
      if (minuteMs !== undefined) print(describeAttempt(attempt, terminal));
    };
    const { attempts, last } = await deliver(post, client.post, minuteMs, show);
    const end = minuteMs === undefined ? describeExchange(last, orderId, terminal) : undefined;
    print(...(end ?? describeEnd(attempts, orderId, terminal)), '');
    replies.push(last.reply);
    good &&= isDelivered(last);
    told.push({
      sent: name,
      orderId,
      payloadId,
      ...exchangeJson(last, orderId),
      ...(minuteMs !== undefined && { attempts: attempts.map((each) => attemptJson(each, orderId)) }),
    });
  }
  if (compare) {
    const [first, second] = replies;
    const same = first !== undefined && second !== undefined && Buffer.compare(first, second) === 0;
    good &&= same;
    const words = same
      ? 'both replies are the same, byte for byte'
      : 'the replies differ: a duplicate must be told the same';
    print(`${same ? mark.yes : mark.no} ${words}`);
  }
  if (json) terminal.print(harmlessJson(told));
  return good ? 0 : 1;
}

async function deliver(
  { orderId, bytes, sending }: Post,
  post: (bytes: Uint8Array, sending: Post['sending']) => Promise<Exchange>,
  minuteMs: number | undefined,
  show: (attempt: Attempt) => void,
): Promise<Outcome> {
  if (minuteMs === undefined) return { attempts: [], last: await post(bytes, sending) };
  const attempts: Attempt[] = [];
  const repeated = sendUntilDelivered({
    orderId,
    // Only the first one is cut.
    send: (number) =>
      post(bytes, number === 1 || sending === undefined ? sending : { ...sending, cutAfterBytes: undefined }),
    pause: (minutes) => sleep(minutes * minuteMs),
  });
  for await (const attempt of repeated) {
    attempts.push(attempt);
    show(attempt);
  }
  const last = attempts.at(-1);
  if (last === undefined) throw new Error('nothing was sent');
  return { attempts, last: last.exchange };
}

function attemptJson({ exchange, ...attempt }: Attempt, orderId: string): object {
  return { ...attempt, ...exchangeJson(exchange, orderId) };
}

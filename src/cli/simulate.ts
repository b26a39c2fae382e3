/** Acts as Coupa: posts over mutual TLS, and says what Coupa would make of each answer. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { StartupError } from '../errors.ts';
import { type BuyerIdentity, createBuyerClient } from './buyer-client.ts';
import { describeExchange, exchangeJson, formatBytes, isDelivered } from './describe-exchange.ts';
import { harmless } from './harmless.ts';
import { type Plan, planPosts } from './plan-posts.ts';
import { simulateMany } from './simulate-many.ts';
import type { ExitCode, Terminal } from './terminal.ts';

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
  readonly repeat: number;
  readonly rate?: number;
  readonly json?: boolean;
}

interface Surroundings {
  readonly terminal: Terminal;
  readonly now: () => Date;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @returns 0 when every answer was HTTP 200 with Status 200 (and a duplicate got the same bytes), else 1 */
export async function simulate(
  what: string,
  options: SimulateOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const url = readUrl(options.to);
  const identity = await loadIdentity(options);
  const plan = await planPosts({
    what,
    from: { domain: options.buyerDomain, identity: options.buyerIdentity },
    to: { domain: options.supplierDomain, identity: options.supplierIdentity },
    secret: readSecret(options.secretEnv, around.env),
    order: options.order,
  });
  const { repeat, rate, json = false } = options;
  if (repeat > 1) return simulateMany({ plan, repeat, rate, json, url, identity, ...around });
  return simulateOnce({ plan, url, identity, json, compare: what === 'duplicate', ...around });
}

async function simulateOnce({
  plan,
  url,
  identity,
  json,
  compare,
  terminal,
  now,
}: {
  readonly plan: Plan;
  readonly url: URL;
  readonly identity: BuyerIdentity;
  readonly json: boolean;
  readonly compare: boolean;
} & Surroundings): Promise<ExitCode> {
  const { bold, dim, mark } = terminal;
  const told: object[] = [];
  const replies: Uint8Array[] = [];
  let good = true;
  using client = createBuyerClient({ url, identity });
  for (const { name, orderId, payloadId, bytes } of plan(0, now())) {
    if (!json) {
      const about = [`PO ${orderId}`, payloadId, formatBytes(bytes.byteLength)].filter((part) => part !== '');
      terminal.print(`${bold(harmless(name))}  ${dim(harmless(about.join(', ')))}`);
    }
    const exchange = await client.post(bytes);
    replies.push(exchange.reply);
    good &&= isDelivered(exchange);
    told.push({ sent: name, orderId, payloadId, ...exchangeJson(exchange, orderId) });
    if (!json) terminal.print(...describeExchange(exchange, orderId, terminal), '');
  }
  if (compare) {
    const [first, second] = replies;
    const same = first !== undefined && second !== undefined && Buffer.compare(first, second) === 0;
    good &&= same;
    if (!json) {
      const words = same
        ? 'both replies are the same, byte for byte'
        : 'the replies differ: a duplicate must be told the same';
      terminal.print(`${same ? mark.yes : mark.no} ${words}`);
    }
  }
  if (json) terminal.print(JSON.stringify(told, undefined, 2));
  return good ? 0 : 1;
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return url;
  throw new StartupError(`--to ${harmless(text)} is no https:// address`, {
    hint: 'Name the whole address, as Coupa has it: https://po.example.com/cxml',
  });
}

async function loadIdentity({ cert, key, ca }: SimulateOptions): Promise<BuyerIdentity> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new StartupError(`--${cert === undefined ? 'key' : 'cert'} is given without the other`, {
      hint: 'Give --cert and --key, or neither to connect without a certificate.',
    });
  }
  const identity = {
    cert: await load(cert, '--cert'),
    key: await load(key, '--key'),
    ca: await load(ca, '--ca'),
  };
  try {
    createSecureContext(identity);
  } catch (error) {
    // Without its cause: what the library says could quote the key.
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new StartupError(`--cert, --key and --ca cannot be used together (${code})`, {
      hint: 'Each is PEM; the key is not locked with a passphrase and belongs to the first certificate of --cert.',
    });
  }
  return identity;
}

async function load(file: string | undefined, option: string): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (cause) {
    throw new StartupError(`${option} ${harmless(file)} cannot be read`, {
      hint: 'Name a PEM file that you may read. `sallyport demo` makes a set to try with.',
      cause,
    });
  }
}

function readSecret(name: string | undefined, env: Surroundings['env']): string | undefined {
  if (name === undefined) return undefined;
  const secret = env[name];
  if (secret !== undefined && secret !== '') return secret;
  throw new StartupError(`--secret-env ${harmless(name)}: that variable is not set`, {
    hint: `Set it, or leave the option out: Coupa sends no SharedSecret when none was agreed.`,
  });
}

/**
 * Orders at a steady rate from many clients, each post with what its sender saw: over kept-alive connections and over
 * fresh ones, on TLS 1.2 and 1.3. A machine that is too slow is sent less, never asked to catch up.
 */
import { Agent, request } from 'node:https';
import { createSecureContext, type SecureVersion, type TLSSocket } from 'node:tls';
import { readStatus } from './buyer.ts';
import { documentSeries } from './orders.ts';

export interface LoadClient {
  readonly name: string;
  /** Undefined comes without a certificate. */
  readonly identity: { readonly cert: string; readonly key: string } | undefined;
  readonly version: SecureVersion;
  /** Over a few connections again and again; else over a new one each time. */
  readonly keepsAlive: boolean;
  /** How many of its posts come in one round of all clients. */
  readonly weight: number;
}

export interface LoadPost<Client extends LoadClient> {
  /** The order is `L` and this number. */
  readonly number: number;
  readonly client: Client;
  /** Milliseconds since 1970, as in the log of the receiver. */
  readonly from: number;
  readonly to: number;
  readonly tookMs: number;
  /** `cut`: the connection ended without an answer. */
  readonly result: 'kept' | 'refused' | 'cut' | 'unexpected';
  readonly http: number;
  /** What a refused client is told to ask about. */
  readonly reference: string | undefined;
  /** Why it was cut, or what came instead of an answer. */
  readonly problem?: string;
}

export interface OrderLoad<Client extends LoadClient> {
  /** Resolves once every client has ended so many posts that it began after this was asked. */
  through(count: number): Promise<void>;
  /** Sends an order again, or a first time, outside the rate. */
  post(client: Client, number?: number): Promise<LoadPost<Client>>;
  /** Waits for what is on its way. The connections stay, for `post`, until the load is disposed of. */
  pause(): Promise<readonly LoadPost<Client>[]>;
  /** Handshakes that came to their end on this side, and how many of them took up an earlier session. */
  readonly handshakes: { done: number; resumed: number };
  [Symbol.dispose](): void;
}

const CONNECTIONS = 3;
/** Enough for 200 posts a second; more would only wait in line, before and behind every step of the receiver. */
const AT_ONCE = 10;
const TICK_MS = 5;
const REFERENCE = /reference ([0-9a-f]{10})\b/;

export function startOrderLoad<Client extends LoadClient>({
  url,
  ca,
  clients,
  perSecond,
}: {
  readonly url: string;
  readonly ca: string;
  readonly clients: readonly Client[];
  readonly perSecond: number;
}): OrderLoad<Client> {
  const document = documentSeries(1);
  const handshakes = { done: 0, resumed: 0 };
  const known = new WeakSet<object>();
  const agents = new Map(clients.map((client) => [client, openAgent(client, ca)]));
  const round = clients.flatMap((client) => Array.from({ length: client.weight }, () => client));
  const done: LoadPost<Client>[] = [];
  const underWay = new Set<Promise<unknown>>();
  const watchers = new Set<(post: LoadPost<Client>) => void>();
  let number = 0;

  const post = async (client: Client, mine: number): Promise<LoadPost<Client>> => {
    const [from, begunAt] = [Date.now(), performance.now()];
    const seen = await send({ url, agent: agents.get(client), body: document(mine), handshakes, known });
    return { number: mine, client, from, to: Date.now(), tookMs: performance.now() - begunAt, ...seen };
  };
  const postNext = (): void => {
    const client = round[number % round.length];
    if (client === undefined) throw new Error('there are no clients');
    number += 1;
    const sending = post(client, number).then((ended) => {
      underWay.delete(sending);
      done.push(ended);
      for (const watch of watchers) watch(ended);
    });
    underWay.add(sending);
  };
  let due = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    due = Math.min(due + ((now - last) * perSecond) / 1_000, AT_ONCE);
    last = now;
    for (; due >= 1 && underWay.size < AT_ONCE; due -= 1) postNext();
  }, TICK_MS);

  return {
    through(count) {
      const after = number;
      const missing = new Map(clients.map((client) => [client, count]));
      const { promise, resolve } = Promise.withResolvers<void>();
      const watch = (ended: LoadPost<Client>): void => {
        if (ended.number <= after) return;
        const left = (missing.get(ended.client) ?? 1) - 1;
        if (left > 0) missing.set(ended.client, left);
        else missing.delete(ended.client);
        if (missing.size > 0) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      return promise;
    },
    post(client, again) {
      if (again === undefined) number += 1;
      return post(client, again ?? number);
    },
    async pause() {
      clearInterval(timer);
      await Promise.all(underWay);
      return done;
    },
    handshakes,
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

/** It offers the session of an earlier connection each time, as Node does unless told otherwise. */
function openAgent({ identity, version, keepsAlive }: LoadClient, ca: string): Agent {
  // Made once: made for each connection it takes longer than the handshake itself.
  const secureContext = createSecureContext({ ca, ...identity, minVersion: version, maxVersion: version });
  return new Agent({
    secureContext,
    keepAlive: keepsAlive,
    ...(keepsAlive ? { maxSockets: CONNECTIONS } : {}),
  });
}

type Seen = Pick<LoadPost<LoadClient>, 'result' | 'http' | 'reference' | 'problem'>;

function send({
  url,
  agent,
  body,
  handshakes,
  known,
}: {
  readonly url: string;
  readonly agent: Agent | undefined;
  readonly body: Buffer;
  readonly handshakes: OrderLoad<LoadClient>['handshakes'];
  /** The sockets whose handshake is counted. */
  readonly known: WeakSet<object>;
}): Promise<Seen> {
  const { promise, resolve } = Promise.withResolvers<Seen>();
  const cut = (error: Error): void =>
    resolve({ result: 'cut', http: 0, reference: undefined, problem: error.message });
  const headers = { 'content-type': 'text/xml', 'content-length': body.length };
  const sent = request(url, { agent, method: 'POST', headers });
  sent.on('socket', (socket) => {
    if (known.has(socket)) return;
    known.add(socket);
    socket.once('secureConnect', () => {
      handshakes.done += 1;
      if ((socket as TLSSocket).isSessionReused()) handshakes.resumed += 1;
    });
  });
  sent.on('error', cut);
  sent.on('response', (response) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('error', cut);
    response.on('end', () => resolve(read(response.statusCode ?? 0, Buffer.concat(parts))));
  });
  sent.end(body);
  return promise;
}

function read(http: number, body: Buffer): Seen {
  try {
    const { code, detail } = readStatus(body);
    const reference = REFERENCE.exec(detail)?.[1];
    if (http === 200 && code === 200) return { result: 'kept', http, reference };
    if (reference !== undefined && (http === 503 || http === 403))
      return { result: 'refused', http, reference };
    return { result: 'unexpected', http, reference, problem: `${code}: ${detail}` };
  } catch (error) {
    return { result: 'unexpected', http, reference: undefined, problem: String(error) };
  }
}

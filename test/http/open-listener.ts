/** A listener on a free port with a made-up intake, and clients that speak to it byte by byte. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect as connectRaw, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Limits } from '../../src/http/limits.ts';
import { type Listener, type ListenerParts, startListener } from '../../src/http/listener.ts';
import type { ArrivedMessage, Receipt } from '../../src/intake/intake.ts';
import { createReplyIdentity } from '../../src/intake/reply-identity.ts';
import { createSpool } from '../../src/intake/spool.ts';
import type { Log } from '../../src/telemetry/log.ts';
import type { Metrics } from '../../src/telemetry/metrics.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import { createTrust, type Trust } from '../../src/trust/trust.ts';
import { readStatus } from '../support/buyer.ts';
import { createTestPki, type Identity } from '../support/pki.ts';
import { createWitnessed, type Witnessed } from './witnessed.ts';

export const NAME = 'cxml-supplier.coupahost.com';
export const pki = createTestPki();
export const guest = pki.client(NAME);

export const ROOMY: Limits = {
  handshake_timeout_ms: 5_000,
  headers_timeout_ms: 5_000,
  request_timeout_ms: 5_000,
  idle_timeout_ms: 5_000,
  connections: 1_000,
  connections_per_address: 1_000,
  requests_in_flight: 100,
  header_bytes: 16_384,
  headers_count: 100,
  body_bytes: 1_000_000,
  expanded_bytes: 2_000_000,
  message_bytes: 4_000_000,
  spooled_bytes: 20_000_000,
  buffered_bytes: 10_000_000,
  shutdown_ms: 2_000,
};

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

type Handshake = Parameters<Metrics['handshake']>[0];
type Finished = Parameters<Metrics['requestFinished']>[0];

export interface Opened extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly listener: Listener;
  readonly received: ArrivedMessage[];
  readonly lines: LogLine[];
  readonly handshakes: Handshake[];
  readonly finished: Finished[];
  /** Reasons. */
  readonly wouldRefuse: string[];
  readonly witnessed: Witnessed;
  readonly counts: { started: number };
  /** Where attachments wait. */
  readonly spoolFolder: string;
  connect(options?: ConnectionOptions): Promise<Wire>;
  connectRaw(): Promise<Wire>;
}

export function createTestTrust(
  generation = 1,
  names: readonly string[] = [NAME],
  pem = pki.bundlePem,
): Trust {
  const bundle = parseBundle([{ name: 'intermediate.pem', text: Buffer.from(pem) }], new Date());
  return createTrust({ bundle, names, generation });
}

export function receiptOf(text = 'kept'): Receipt {
  const reply = Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><cXML payloadID="r@test" timestamp="2026-11-20T10:00:00+00:00">' +
      `<Response><Status code="200" text="OK">${text}</Status></Response></cXML>`,
  );
  return { reply, outcome: 'kept', buyer: 'acme' };
}

export type Overrides = Partial<Omit<ListenerParts, 'limits' | 'intake'>> & {
  readonly limits?: Partial<Limits>;
  readonly receive?: (message: ArrivedMessage) => Promise<Receipt>;
};

export async function openListener({ limits, receive, ...parts }: Overrides = {}): Promise<Opened> {
  const received: ArrivedMessage[] = [];
  const handshakes: Handshake[] = [];
  const finished: Finished[] = [];
  const wouldRefuse: string[] = [];
  const counts = { started: 0 };
  const { witnessed, evidence } = createWitnessed();
  const { log, lines } = recordLog();
  const trust = createTestTrust();
  const shown = { certPem: pki.server.cert, keyPem: Buffer.from(pki.server.key) };
  const metrics = {
    handshake: (event: Handshake) => void handshakes.push(event),
    requestStarted: () => {
      counts.started += 1;
    },
    requestFinished: (event: Finished) => void finished.push(event),
    stage: () => {},
    wouldRefuse: (reason: string) => void wouldRefuse.push(reason),
  } as unknown as Metrics;
  const spoolFolder = mkdtempSync(join(tmpdir(), 'sallyport-spool-'));
  const listener = await startListener({
    spool: createSpool({ folder: spoolFolder, hasRoom: async () => true }),
    listen: { host: '127.0.0.1', port: 0, path: '/cxml' },
    trust: () => trust,
    certificate: () => shown,
    limits: { ...ROOMY, ...limits },
    intake: {
      async receive(message) {
        received.push(message);
        return receive === undefined ? receiptOf() : await receive(message);
      },
    },
    answers: () => 'envelope',
    replyIdentity: createReplyIdentity({ host: 'test', now: () => new Date() }),
    evidence,
    log,
    metrics,
    now: () => new Date(),
    clock: () => performance.now(),
    ...parts,
  });
  const { port } = listener;
  const wires = new AsyncDisposableStack();
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    listener,
    received,
    lines,
    handshakes,
    wouldRefuse,
    witnessed,
    finished,
    counts,
    spoolFolder,
    connect: async (options = {}) => wires.use(await connectSecure(port, options)),
    connectRaw: async () =>
      wires.use(wireOn(await opened(connectRaw({ host: '127.0.0.1', port }), 'connect'))),
    async [Symbol.asyncDispose]() {
      await wires.disposeAsync();
      await listener[Symbol.asyncDispose]();
      await new Promise(setImmediate);
      const left = readdirSync(spoolFolder);
      rmSync(spoolFolder, { recursive: true });
      if (left.length > 0) throw new Error(`${left.length} files of attachments were left behind`);
      if (counts.started !== finished.length) {
        throw new Error(`${counts.started} requests started and ${finished.length} finished`);
      }
    },
  };
}

export function recordLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push({ level, fields, message });
  const log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  } as unknown as Log;
  return { log, lines };
}

/** One client connection, seen as bytes. */
export interface Wire extends Disposable {
  readonly socket: Socket | TLSSocket;
  readonly openedAt: number;
  /** Everything that came so far. */
  readonly text: () => string;
  write(bytes: string | Uint8Array): void;
  /** Resolves with the answers once there are so many; rejects when the connection ends before. */
  answers(count: number): Promise<readonly Answer[]>;
  answer(): Promise<Answer>;
  /** Resolves when the connection has ended, by whichever end, with the milliseconds since it was opened. */
  closed(): Promise<number>;
}

export interface Answer {
  readonly http: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly code: number;
  readonly text: string;
  readonly detail: string;
  readonly body: string;
}

async function connectSecure(port: number, options: ConnectionOptions): Promise<Wire> {
  const { cert, key }: Partial<Identity> = guest;
  const socket = connect({ host: '127.0.0.1', port, ca: pki.server.ca, cert, key, ...options });
  return wireOn(await opened(socket, 'secureConnect'));
}

function opened<T extends Socket>(socket: T, event: string): Promise<T> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function wireOn(socket: Socket): Wire {
  const openedAt = performance.now();
  let text = '';
  let wake = (): void => {};
  let ended: number | undefined;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  const end = (): void => {
    ended ??= performance.now() - openedAt;
    wake();
  };
  socket.on('error', end).on('end', end).on('close', end);

  const until = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const answers = (count: number): Promise<readonly Answer[]> =>
    until(() => {
      const found = readAnswers(text);
      if (found.length >= count) return found;
      if (ended !== undefined) throw new Error(`ended after ${found.length} of ${count} answers: ${text}`);
      return undefined;
    });
  return {
    socket,
    openedAt,
    text: () => text,
    write: (bytes) => void socket.write(bytes),
    answers,
    answer: async () => {
      const [first] = await answers(1);
      if (first === undefined) throw new Error('no answer');
      return first;
    },
    closed: () => until(() => ended),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Takes answers apart strictly: by Content-Length, each body one complete cXML document with one Status. */
export function readAnswers(text: string): Answer[] {
  const found: Answer[] = [];
  let rest = text;
  for (;;) {
    const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest);
    if (head === null) return found;
    const [all, http, lines = ''] = head;
    const headers = Object.fromEntries(
      lines
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => [
          line.slice(0, line.indexOf(':')).toLowerCase(),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
    );
    if (http === '100') {
      rest = rest.slice(all.length);
      continue;
    }
    const length = Number(headers['content-length']);
    const body = rest.slice(all.length, all.length + length);
    if (body.length < length) return found;
    found.push({ http: Number(http), headers, body, ...readStatus(Buffer.from(body, 'latin1')) });
    rest = rest.slice(all.length + length);
  }
}

/** A request as it goes over the wire. */
export function post(body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: 'test',
    'Content-Type': 'text/xml',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /cxml HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

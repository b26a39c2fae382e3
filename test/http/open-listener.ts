/** A listener on a free port with a made-up intake, and clients that speak to it byte by byte. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect as connectRaw } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type ConnectionOptions, connect } from 'node:tls';
import type { Limits } from '../../src/http/limits.ts';
import { type Listener, type ListenerParts, startListener } from '../../src/http/listener.ts';
import type { ArrivedMessage, Receipt } from '../../src/intake/intake.ts';
import { createReplyIdentity } from '../../src/intake/reply-identity.ts';
import { createSpool } from '../../src/intake/spool.ts';
import type { Log } from '../../src/telemetry/log.ts';
import type { Metrics } from '../../src/telemetry/metrics.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import { createTrust, type Trust } from '../../src/trust/trust.ts';
import { createTestPki, type Identity } from '../support/pki.ts';
import { opened, type Wire, wireOn } from './wire.ts';
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

async function connectSecure(port: number, options: ConnectionOptions): Promise<Wire> {
  const { cert, key }: Partial<Identity> = guest;
  const socket = connect({ host: '127.0.0.1', port, ca: pki.server.ca, cert, key, ...options });
  return wireOn(await opened(socket, 'secureConnect'));
}

/** An intake over a store of its own, and documents to give it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Buyer, Secret } from '../../src/config.ts';
import { DEFAULT_XML_LIMITS } from '../../src/cxml/parse-tree.ts';
import { Refusal } from '../../src/errors.ts';
import { createIntake, type Intake, type Receipt } from '../../src/intake/intake.ts';
import { createReplyIdentity } from '../../src/intake/reply-identity.ts';
import { createRetryClock, type RetryClock } from '../../src/intake/retry-clock.ts';
import { followBuyers } from '../../src/intake/sender.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createMetrics } from '../../src/telemetry/prometheus.ts';
import type { Peer } from '../../src/trust/peer.ts';
import { sampleDocument } from '../support/orders.ts';

export const SECRET = 'not a real secret';
const NAME = 'cxml-supplier.coupahost.com';

const acme: Buyer = {
  key: 'acme',
  from: [{ domain: 'DUNS', identity: '128293714' }],
  sender: [{ domain: 'DUNS', identity: '128293714' }],
  shared_secret: new Secret(SECRET),
  shared_secret_previous: new Secret('last year'),
  names: [NAME],
  answers: 'envelope',
};

export const peer: Peer = {
  proven: true,
  name: NAME,
  fingerprint: 'f'.repeat(64),
  spki: 'a'.repeat(64),
  subject: `CN=${NAME}`,
  issuer: 'CN=Intermediate',
  serial: '01',
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2027-01-01T00:00:00Z'),
  anchor: 'b'.repeat(64),
  chainPem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
  protocol: 'TLSv1.3',
};

export interface Bench extends AsyncDisposable {
  readonly intake: Intake;
  readonly store: Store;
  readonly retries: RetryClock;
  readonly logged: readonly { readonly message: string; readonly fields: object }[];
  send(document: string | Uint8Array): Promise<Receipt>;
  refused(document: string | Uint8Array): Promise<Refusal>;
  scrape(): Promise<string>;
}

export async function createBench(change: (store: Store) => Partial<Store> = () => ({})): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-intake-'));
  const opened = await openStore({
    url: `sqlite:${join(folder, 'orders.db')}`,
    refused_max_count: 100,
    refused_max_bytes: 1_000_000,
    min_free_bytes: 1,
  });
  const store: Store = { ...opened, ...change(opened) };
  const logged: { message: string; fields: object }[] = [];
  const note = (fields: object, message: string): void => void logged.push({ fields, message });
  const log = { fatal: note, error: note, warn: note, info: note, debug: note };
  const metrics = createMetrics({ version: '0', known: { buyers: ['acme'] } });
  const now = () => new Date('2026-11-20T12:00:00Z');
  const retries = createRetryClock();
  const intake: Intake = createIntake({
    store,
    retries,
    authenticator: followBuyers({ buyers: () => [acme], now, log }),
    replyIdentity: createReplyIdentity({ host: 'po.example', now }),
    xmlLimits: DEFAULT_XML_LIMITS,
    profile: {
      url: 'https://po.example/cxml',
      effectiveDate: '2026-11-20T12:00:00+00:00',
      attachments: true,
    },
    log,
    metrics,
    clock: () => performance.now(),
  });
  const send: Bench['send'] = (document) =>
    intake.receive({
      bytes: typeof document === 'string' ? Buffer.from(document) : document,
      contentType: 'text/xml',
      headers: { 'content-type': 'text/xml' },
      peer,
      remoteAddress: '127.0.0.1',
      receivedAt: now(),
    });
  return {
    intake,
    store,
    retries,
    logged,
    send,
    async refused(document) {
      const outcome = await send(document).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (outcome instanceof Refusal) return outcome;
      throw new Error(`no refusal, but ${String(outcome)}`);
    },
    scrape: async () => (await metrics.scrape()).body,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const order = (change: Partial<Parameters<typeof sampleDocument>[0]> = {}): string =>
  sampleDocument({ orderId: '4711', ...change });

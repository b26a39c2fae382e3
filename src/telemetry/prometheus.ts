/**
 * Every metric of the receiver, declared once, as Prometheus reads them. Labels come from closed lists. Never: knows
 * the rooms; what a scrape has to ask for is handed in as `sources`.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createDeclarations, seconds } from './declare.ts';
import type { Metrics } from './metrics.ts';
import { createRetryMetrics, type RetryMetrics } from './retry-metrics.ts';
import { type Asked, createAsking, type Sources } from './sources.ts';
import { createTrustMetrics, type TrustMetrics } from './trust-metrics.ts';

export interface MetricsOptions {
  readonly version: string;
  /** Closed lists known at start: their series exist at 0, so that an alert sees the very first event. */
  readonly known?: {
    readonly buyers?: readonly string[];
    readonly handshakeReasons?: readonly string[];
    readonly trialReasons?: readonly string[];
    /** What is not taken, each as it is counted: an order that was refused must show the first time. */
    readonly refusals?: readonly Omit<RequestLabels, 'outcome'>[];
  };
}

export interface PrometheusMetrics extends Metrics, TrustMetrics, RetryMetrics {
  readonly registry: Registry;
  /** The whole exposition, fresh. */
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Where a scrape asks for what nobody reports. */
  watch(sources: Sources): void;
  /** Something happened: what was answered a moment ago is not good enough for the next scrape. */
  askAnew(): void;
}

const REQUEST_LABELS = ['buyer', 'request_type', 'outcome', 'reason', 'status_class'] as const;
type RequestLabels = Readonly<Record<(typeof REQUEST_LABELS)[number], string>>;

/** Against Coupa's limit of 60 s; 20 s is where a page goes out. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
const STAGE_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20,
];
const BODY_BYTES = [1, 4, 16, 64, 256, 1024, 4096, 10_240, 20_480].map((kib) => kib * 1024);

export function createMetrics({ version, known = {} }: MetricsOptions): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges that end in _total: promtool objects, and the same facts are there by type.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);

  const declare = createDeclarations(registry);
  const { counter, gauge, histogram } = declare;
  gauge('build_info', 'Always 1; the labels say what runs.', ['version', 'revision', 'node_version']).set(
    { version, revision: 'unknown', node_version: process.version },
    1,
  );

  const trustMetrics = createTrustMetrics(declare, known);
  const retryMetrics = createRetryMetrics(declare, known);
  const requests = counter(
    'requests_total',
    'Answers on the receiving port; status_class is the class of the cXML Status.',
    REQUEST_LABELS,
  );
  const requestSeconds = histogram('request_duration_seconds', 'From the first header byte to the answer.', {
    buckets: REQUEST_SECONDS,
    labelNames: ['outcome'],
  });
  const bodyBytes = histogram('request_body_bytes', 'Size of request bodies as sent.', {
    buckets: BODY_BYTES,
  });
  const stageSeconds = histogram('request_stage_duration_seconds', 'Where the time of a request goes.', {
    buckets: STAGE_SECONDS,
    labelNames: ['stage'],
  });
  const inFlight = gauge('requests_in_flight', 'Requests being worked on.');
  const authentications = counter(
    'authentications_total',
    'Senders, by whether their credentials were accepted, and by which slot of a secret.',
    ['buyer', 'outcome', 'slot'],
  );
  const duplicates = counter('duplicates_total', 'Messages or orders that were sent before.', [
    'buyer',
    'kind',
  ]);
  const findings = counter('validation_findings_total', 'Oddities in orders that were kept all the same.', [
    'buyer',
    'rule',
    'severity',
  ]);
  const orders = counter('orders_total', 'Orders and changes to orders that were kept.', [
    'buyer',
    'environment',
    'operation',
  ]);
  const orderLastReceived = gauge('order_last_received_timestamp_seconds', 'When the last order was kept.', [
    'buyer',
    'environment',
  ]);
  const writeFailures = counter(
    'archive_write_failures_total',
    'Messages that could not be made durable.',
    [],
  );
  const waiting = gauge('quarantine_items', 'Messages held for a person.', ['reason']);
  const refusedRecords = gauge(
    'trust_refused_records',
    'Clients that the gate refused, as far as they are on record: near misses, strangers, and who was let in on trial.',
    ['kind'],
  );
  const archived = gauge('archive_objects', 'Messages in the store.');
  const freeBytes = gauge('storage_free_bytes', 'Free disk space where the store is.');

  for (const outcome of ['accepted', 'replayed', 'refused', 'failed']) requestSeconds({ outcome });
  for (const stage of ['read', 'parse', 'validate', 'store', 'reply']) stageSeconds({ stage });
  bodyBytes({});
  writeFailures({});
  authentications({ buyer: 'unknown', outcome: 'refused', slot: 'none' });
  for (const refusal of known.refusals ?? []) {
    requests({ ...refusal, outcome: refusal.status_class === '5xx' ? 'failed' : 'refused' });
  }
  for (const buyer of known.buyers ?? []) {
    for (const slot of ['current', 'previous']) authentications({ buyer, outcome: 'accepted', slot });
    const answered = { buyer, request_type: 'OrderRequest', reason: 'none', status_class: '2xx' };
    for (const outcome of ['accepted', 'replayed']) requests({ ...answered, outcome });
    for (const kind of ['payload_identical', 'payload_conflict', 'order_resent']) duplicates({ buyer, kind });
    for (const environment of ['production', 'test']) {
      for (const operation of ['new', 'update', 'cancel']) orders({ buyer, environment, operation });
    }
  }

  inFlight.set(0);

  const showAsked = ({ counts, freeBytes: free, refusedRecords: records, trust: measured }: Asked): void => {
    waiting.reset();
    refusedRecords.reset();
    archived.remove();
    freeBytes.remove();
    if (counts !== undefined) {
      waiting.set({ reason: 'refused' }, counts.refused);
      waiting.set({ reason: 'payload_conflict' }, counts.conflicts);
      archived.set(counts.messages);
    }
    if (free !== undefined) freeBytes.set(free);
    if (records !== undefined) {
      refusedRecords.set({ kind: 'near_miss' }, records.nearMisses);
      refusedRecords.set({ kind: 'stranger' }, records.strangers);
      refusedRecords.set({ kind: 'on_trial' }, records.onTrial);
    }
    if (measured !== undefined) trustMetrics.measured(measured);
  };
  let ask: (anew?: boolean) => Promise<Asked> = async () => ({});
  let stale = false;

  return {
    ...trustMetrics,
    ...retryMetrics,
    registry,

    async scrape() {
      const anew = stale;
      stale = false;
      showAsked(await ask(anew));
      retryMetrics.askSenders();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },

    watch(sources) {
      ask = createAsking(sources, { clock: () => performance.now() });
    },

    askAnew() {
      stale = true;
    },

    requestStarted: () => inFlight.inc(),

    requestFinished({ buyer, requestType, outcome, reason, statusClass, seconds: took, bytes }) {
      inFlight.dec();
      requests({ buyer, request_type: requestType, outcome, reason, status_class: statusClass }).inc();
      requestSeconds({ outcome }).observe(amount(took));
      bodyBytes({}).observe(amount(bytes));
    },

    stage: (stage, took) => stageSeconds({ stage }).observe(amount(took)),
    authentication: ({ buyer, outcome, slot }) => authentications({ buyer, outcome, slot }).inc(),
    duplicate: ({ buyer, kind }) => duplicates({ buyer, kind }).inc(),
    finding: ({ buyer, rule, severity }) => findings({ buyer, rule, severity }).inc(),

    order({ buyer, environment, operation, at }) {
      orders({ buyer, environment, operation }).inc();
      if (at !== undefined) orderLastReceived.set({ buyer, environment }, seconds(at));
    },

    archiveWriteFailed: () => writeFailures({}).inc(),
  };
}

/** The library throws on what is no number, and a metric must never cost an order. */
function amount(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}

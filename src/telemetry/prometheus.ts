/**
 * Every metric of the receiver, declared once, as Prometheus reads them. Labels come from closed lists. Never: knows
 * the rooms; what a scrape has to ask for is handed in as `sources`.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { childrenOf } from './children.ts';
import type { Metrics } from './metrics.ts';
import { type Asked, createAsking, type Sources } from './sources.ts';

export interface MetricsOptions {
  readonly version: string;
  /** Commit the receiver was built from, if known. */
  readonly revision?: string;
  /** Closed lists known at start: their series exist at 0, so that an alert sees the very first event. */
  readonly known?: {
    readonly buyers?: readonly string[];
    readonly handshakeReasons?: readonly string[];
    readonly trialReasons?: readonly string[];
    /** Refusal codes that are answered 5xx. */
    readonly failureCodes?: readonly string[];
  };
}

export interface PrometheusMetrics extends Metrics {
  readonly registry: Registry;
  /** The whole exposition, fresh. */
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** What is trusted now; replaces what was said before. */
  trust(inForce: {
    readonly generation: number;
    /** `spki`: SHA-256 of the anchor's public key, hex. */
    readonly pins: readonly { readonly spki: string; readonly notAfter: Date }[];
  }): void;
  serverCertificate(certificate: { readonly notAfter: Date }): void;
  /** The files of trust and of our own certificate were read, at the start or again. */
  reload(event: {
    readonly outcome: 'started' | 'replaced' | 'unchanged' | 'failed';
    readonly at: Date;
  }): void;
  /** Where a scrape asks for what nobody reports. */
  watch(sources: Sources): void;
}

/** Against Coupa's limit of 60 s; 20 s is where a page goes out. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
const STAGE_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20,
];
const BODY_BYTES = [1, 4, 16, 64, 256, 1024, 4096, 10_240, 20_480].map((kib) => kib * 1024);

export function createMetrics({
  version,
  revision = 'unknown',
  known = {},
}: MetricsOptions): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges that end in _total: promtool objects, and the same facts are there by type.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);

  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) => {
    const metric = new Counter({ name: `sallyport_${name}`, help, labelNames, registers });
    return childrenOf(labelNames, (labels) => {
      metric.inc(labels, 0);
      return metric.labels(labels);
    });
  };
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) => {
    const metric = new Gauge({ name: `sallyport_${name}`, help, labelNames, registers });
    if (labelNames.length === 0) metric.remove(); // born as 0, which would be taken for a fact
    return metric;
  };
  const histogram = <Label extends string>(
    name: string,
    help: string,
    { buckets, labelNames = [] }: { buckets: readonly number[]; labelNames?: readonly Label[] },
  ) => {
    const metric = new Histogram({
      name: `sallyport_${name}`,
      help,
      buckets: [...buckets],
      labelNames,
      registers,
    });
    return childrenOf(labelNames, (labels) => {
      metric.zero(labels);
      return metric.labels(labels);
    });
  };

  gauge('build_info', 'Always 1; the labels say what runs.', ['version', 'revision', 'node_version']).set(
    { version, revision, node_version: process.version },
    1,
  );

  const handshakes = counter('tls_handshakes_total', 'TLS handshakes, by what the gate decided and why.', [
    'outcome',
    'reason',
  ]);
  const wouldRefuse = counter(
    'tls_would_refuse_total',
    'Clients let in although a check that only reports speaks against them, by reason.',
    ['reason'],
  );
  const serverNotAfter = gauge(
    'tls_server_certificate_not_after_timestamp_seconds',
    'When our own certificate expires.',
  );
  const pinNotAfter = gauge('tls_pin_not_after_timestamp_seconds', 'When a pinned certificate expires.', [
    'pin',
    'state',
  ]);
  const pinLastSeen = gauge(
    'tls_pin_last_seen_timestamp_seconds',
    'When a pinned certificate last vouched for a client.',
    ['pin'],
  );
  const generation = gauge('trust_generation', 'Counts up each time the trusted set is replaced.');
  const reloads = counter(
    'trust_reloads_total',
    'How often the files of trust and of our own certificate were read again, and what came of it.',
    ['outcome'],
  );
  const lastReloadSuccessful = gauge(
    'config_last_reload_successful',
    '1 when those files were sound when they were last read; 0 when the ones before are still in force.',
  );
  const lastReloadSuccess = gauge(
    'config_last_reload_success_timestamp_seconds',
    'When those files were last read and sound.',
  );
  const requests = counter(
    'requests_total',
    'Answers on the receiving port; status_class is the class of the cXML Status.',
    ['buyer', 'request_type', 'outcome', 'reason', 'status_class'],
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
    'Senders, by whether their credentials were accepted.',
    ['buyer', 'outcome'],
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
  const archived = gauge('archive_objects', 'Messages in the store.');
  const freeBytes = gauge('storage_free_bytes', 'Free disk space where the store is.');

  for (const outcome of ['accepted', 'replayed', 'refused', 'failed']) requestSeconds({ outcome });
  for (const stage of ['read', 'parse', 'validate', 'store', 'reply']) stageSeconds({ stage });
  bodyBytes({});
  writeFailures({});
  handshakes({ outcome: 'accepted', reason: 'none' });
  for (const reason of known.handshakeReasons ?? []) handshakes({ outcome: 'refused', reason });
  for (const outcome of ['replaced', 'unchanged', 'failed']) reloads({ outcome });
  for (const reason of known.trialReasons ?? []) wouldRefuse({ reason });
  authentications({ buyer: 'unknown', outcome: 'refused' });
  for (const reason of known.failureCodes ?? []) {
    const failure = { outcome: 'failed', reason, status_class: '5xx' };
    requests({ buyer: 'unknown', request_type: 'none', ...failure });
    for (const buyer of known.buyers ?? []) requests({ buyer, request_type: 'OrderRequest', ...failure });
  }
  for (const buyer of known.buyers ?? []) {
    authentications({ buyer, outcome: 'accepted' });
    const answered = { buyer, request_type: 'OrderRequest', reason: 'none', status_class: '2xx' };
    for (const outcome of ['accepted', 'replayed']) requests({ ...answered, outcome });
    for (const kind of ['payload_identical', 'payload_conflict', 'order_resent']) duplicates({ buyer, kind });
    for (const environment of ['production', 'test']) {
      for (const operation of ['new', 'update', 'cancel']) orders({ buyer, environment, operation });
    }
  }

  inFlight.set(0);

  const showAsked = ({ counts, freeBytes: free }: Asked): void => {
    waiting.reset();
    archived.remove();
    freeBytes.remove();
    if (counts !== undefined) {
      waiting.set({ reason: 'refused' }, counts.refused);
      waiting.set({ reason: 'payload_conflict' }, counts.conflicts);
      archived.set(counts.messages);
    }
    if (free !== undefined) freeBytes.set(free);
  };
  let ask: () => Promise<Asked> = async () => ({});

  return {
    registry,

    async scrape() {
      showAsked(await ask());
      return { contentType: registry.contentType, body: await registry.metrics() };
    },

    trust(inForce) {
      generation.set(inForce.generation);
      pinNotAfter.reset();
      for (const { spki, notAfter } of inForce.pins) {
        pinNotAfter.set({ pin: pinName(spki), state: 'active' }, seconds(notAfter));
      }
    },

    serverCertificate: ({ notAfter }) => serverNotAfter.set(seconds(notAfter)),

    reload({ outcome, at }) {
      if (outcome !== 'started') reloads({ outcome }).inc();
      lastReloadSuccessful.set(outcome === 'failed' ? 0 : 1);
      if (outcome !== 'failed') lastReloadSuccess.set(seconds(at));
    },

    watch(sources) {
      ask = createAsking(sources, { clock: () => performance.now() });
    },

    handshake({ outcome, reason, vouched }) {
      handshakes({ outcome, reason }).inc();
      if (vouched !== undefined) pinLastSeen.set({ pin: pinName(vouched.spki) }, seconds(vouched.at));
    },

    wouldRefuse: (reason) => wouldRefuse({ reason }).inc(),
    requestStarted: () => inFlight.inc(),

    requestFinished({ buyer, requestType, outcome, reason, statusClass, seconds: took, bytes }) {
      inFlight.dec();
      requests({ buyer, request_type: requestType, outcome, reason, status_class: statusClass }).inc();
      requestSeconds({ outcome }).observe(amount(took));
      bodyBytes({}).observe(amount(bytes));
    },

    stage: (stage, took) => stageSeconds({ stage }).observe(amount(took)),
    authentication: ({ buyer, outcome }) => authentications({ buyer, outcome }).inc(),
    duplicate: ({ buyer, kind }) => duplicates({ buyer, kind }).inc(),
    finding: ({ buyer, rule, severity }) => findings({ buyer, rule, severity }).inc(),

    order({ buyer, environment, operation, at }) {
      orders({ buyer, environment, operation }).inc();
      orderLastReceived.set({ buyer, environment }, seconds(at));
    },

    archiveWriteFailed: () => writeFailures({}).inc(),
  };
}

/** Long enough to be unique among pins, short enough to read aloud; what `trust show` prints first, too. */
function pinName(spki: string): string {
  return spki.slice(0, 12);
}

function seconds(at: Date): number {
  return at.getTime() / 1000;
}

/** The library throws on what is no number, and a metric must never cost an order. */
function amount(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}

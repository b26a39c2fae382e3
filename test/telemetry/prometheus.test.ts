import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { createMetrics, type PrometheusMetrics } from '../../src/telemetry/prometheus.ts';
import { needsTool } from '../support/needs.ts';

const AT = new Date('2026-01-02T03:04:05.000Z');
const PIN = '0123456789abcdef'.repeat(4);

const KNOWN = {
  buyers: ['acme'],
  handshakeReasons: ['expired', 'no_certificate'],
  refusals: [
    { reason: 'internal', buyer: 'unknown', request_type: 'none', status_class: '5xx' },
    { reason: 'internal', buyer: 'acme', request_type: 'OrderRequest', status_class: '5xx' },
    { reason: 'order-invalid', buyer: 'acme', request_type: 'OrderRequest', status_class: '4xx' },
  ],
};

function create(): PrometheusMetrics {
  return createMetrics({ version: '1.2.3', known: KNOWN });
}

/** Samples by name and labels, without the library's own. */
async function samplesOf(metrics: PrometheusMetrics): Promise<Record<string, number>> {
  const { body } = await metrics.scrape();
  const lines = body.split('\n').filter((line) => line.startsWith('sallyport_'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const FINISHED = {
  buyer: 'acme',
  requestType: 'OrderRequest',
  outcome: 'accepted',
  reason: 'none',
  statusClass: '2xx',
  seconds: 0.02,
  bytes: 20_000,
} as const;

describe('createMetrics', () => {
  it('has what alerts watch at 0 before anything happens', async () => {
    const samples = await samplesOf(create());
    const failed = 'outcome="failed",reason="internal",status_class="5xx"';
    expect(samples).to.include({
      'sallyport_tls_handshakes_total{outcome="refused",reason="expired"}': 0,
      sallyport_archive_write_failures_total: 0,
      'sallyport_duplicates_total{buyer="acme",kind="payload_conflict"}': 0,
      'sallyport_authentications_total{buyer="unknown",outcome="refused",slot="none"}': 0,
      'sallyport_authentications_total{buyer="acme",outcome="accepted",slot="previous"}': 0,
      'sallyport_orders_total{buyer="acme",environment="production",operation="new"}': 0,
      'sallyport_request_duration_seconds_count{outcome="failed"}': 0,
      sallyport_requests_in_flight: 0,
      [`sallyport_requests_total{buyer="unknown",request_type="none",${failed}}`]: 0,
      [`sallyport_requests_total{buyer="acme",request_type="OrderRequest",${failed}}`]: 0,
    });
  });

  it('claims nothing that it was not told: no time, size or number of 0', async () => {
    const names = Object.keys(await samplesOf(create())).join('\n');
    for (const name of [
      'not_after',
      'last_seen',
      'last_received',
      'storage_free',
      'archive_objects',
      'generation',
      'last_reload',
    ]) {
      expect(names).not.to.include(name);
    }
  });

  it('says what runs', async () => {
    const labels = `version="1.2.3",revision="unknown",node_version="${process.version}"`;
    expect(await samplesOf(create())).to.have.property(`sallyport_build_info{${labels}}`, 1);
  });

  it('counts a request from start to answer', async () => {
    const metrics = create();
    metrics.requestStarted();
    metrics.requestStarted();
    metrics.requestFinished(FINISHED);
    metrics.stage('parse', 0.003);
    const answered = 'outcome="accepted",reason="none",status_class="2xx"';
    expect(await samplesOf(metrics)).to.include({
      sallyport_requests_in_flight: 1,
      [`sallyport_requests_total{buyer="acme",request_type="OrderRequest",${answered}}`]: 1,
      'sallyport_request_duration_seconds_bucket{le="0.01",outcome="accepted"}': 0,
      'sallyport_request_duration_seconds_bucket{le="0.025",outcome="accepted"}': 1,
      'sallyport_request_duration_seconds_bucket{le="60",outcome="accepted"}': 1,
      sallyport_request_body_bytes_sum: 20_000,
      'sallyport_request_stage_duration_seconds_sum{stage="parse"}': 0.003,
    });
  });

  it('counts orders, duplicates, findings, senders and failed writes', async () => {
    const metrics = create();
    metrics.order({ buyer: 'acme', environment: 'test', operation: 'update', at: AT });
    metrics.duplicate({ buyer: 'acme', kind: 'order_resent' });
    metrics.finding({ buyer: 'acme', rule: 'W-TOTAL-001', severity: 'warning' });
    metrics.finding({ buyer: 'acme', rule: 'W-TOTAL-001', severity: 'warning' });
    metrics.authentication({ buyer: 'acme', outcome: 'accepted', slot: 'current' });
    metrics.archiveWriteFailed();
    expect(await samplesOf(metrics)).to.include({
      'sallyport_orders_total{buyer="acme",environment="test",operation="update"}': 1,
      'sallyport_order_last_received_timestamp_seconds{buyer="acme",environment="test"}': AT.getTime() / 1000,
      'sallyport_duplicates_total{buyer="acme",kind="order_resent"}': 1,
      'sallyport_validation_findings_total{buyer="acme",rule="W-TOTAL-001",severity="warning"}': 2,
      'sallyport_authentications_total{buyer="acme",outcome="accepted",slot="current"}': 1,
      sallyport_archive_write_failures_total: 1,
    });
  });

  it('shows which mode of client certificates is in force', async () => {
    const metrics = create();
    const all = ['required', 'off'];
    metrics.trust({ generation: 1, mode: { inForce: 'off', all }, pins: [] });
    expect(await samplesOf(metrics)).to.include({ 'sallyport_trust_mode{mode="off"}': 1 });
    metrics.trust({ generation: 2, mode: { inForce: 'required', all }, pins: [] });
    expect(await samplesOf(metrics)).to.include({
      'sallyport_trust_mode{mode="required"}': 1,
      'sallyport_trust_mode{mode="off"}': 0,
    });
  });

  it('shows the trust in force, and forgets a pin that left it', async () => {
    const metrics = create();
    metrics.trust({ generation: 1, pins: [{ spki: 'f'.repeat(64), notAfter: AT }] });
    metrics.trust({ generation: 2, pins: [{ spki: PIN, notAfter: AT }] });
    metrics.serverCertificate({ notAfter: AT });
    metrics.handshake({ outcome: 'accepted', reason: 'none', vouched: { spki: PIN, at: AT } });
    metrics.handshake({ outcome: 'refused', reason: 'expired' });
    const samples = await samplesOf(metrics);
    expect(samples).to.include({
      sallyport_trust_generation: 2,
      'sallyport_tls_pin_not_after_timestamp_seconds{pin="0123456789ab",state="active"}': AT.getTime() / 1000,
      'sallyport_tls_pin_last_seen_timestamp_seconds{pin="0123456789ab"}': AT.getTime() / 1000,
      sallyport_tls_server_certificate_not_after_timestamp_seconds: AT.getTime() / 1000,
      'sallyport_tls_handshakes_total{outcome="refused",reason="expired"}': 1,
      'sallyport_tls_handshakes_total{outcome="accepted",reason="none"}': 1,
    });
    expect(Object.keys(samples).join()).not.to.include('ffff');
  });

  it('says whether the files in force are the ones that lie there, and since when', async () => {
    const metrics = create();
    const later = new Date(AT.getTime() + 60_000);
    metrics.reload({ outcome: 'started', at: AT });
    metrics.reload({ outcome: 'failed', at: later });
    expect(await samplesOf(metrics)).to.include({
      sallyport_config_last_reload_successful: 0,
      sallyport_config_last_reload_success_timestamp_seconds: AT.getTime() / 1000,
      'sallyport_trust_reloads_total{outcome="failed"}': 1,
      'sallyport_trust_reloads_total{outcome="replaced"}': 0,
      'sallyport_trust_reloads_total{outcome="unchanged"}': 0,
    });
    metrics.reload({ outcome: 'unchanged', at: later });
    expect(await samplesOf(metrics)).to.include({
      sallyport_config_last_reload_successful: 1,
      sallyport_config_last_reload_success_timestamp_seconds: later.getTime() / 1000,
    });
  });

  it('asks the store at a scrape, and still answers when the store does not', async () => {
    const metrics = create();
    metrics.watch({ counts: async () => ({ messages: 7, refused: 2, conflicts: 1 }), freeBytes: () => 1000 });
    expect(await samplesOf(metrics)).to.include({
      sallyport_archive_objects: 7,
      'sallyport_quarantine_items{reason="refused"}': 2,
      'sallyport_quarantine_items{reason="payload_conflict"}': 1,
      sallyport_storage_free_bytes: 1000,
    });
    metrics.watch({
      counts: () => Promise.reject(new Error('closed')),
      freeBytes: () => {
        throw new Error('no such folder');
      },
    });
    const names = Object.keys(await samplesOf(metrics)).join();
    expect(names).to.include('sallyport_requests_in_flight');
    expect(names).not.to.match(/archive_objects|quarantine|storage_free/);
  });

  it('never throws over a number that is none', async () => {
    const metrics = create();
    metrics.stage('read', Number.NaN);
    metrics.requestFinished({ ...FINISHED, seconds: -1, bytes: Number.POSITIVE_INFINITY });
    metrics.order({ buyer: 'acme', environment: 'test', operation: 'new', at: new Date(Number.NaN) });
    expect(await samplesOf(metrics)).to.include({
      'sallyport_request_stage_duration_seconds_sum{stage="read"}': 0,
    });
  });

  it('names every metric by Prometheus practice', async () => {
    const metrics = create();
    metrics.watch({ counts: async () => ({ messages: 0, refused: 0, conflicts: 0 }), freeBytes: () => 1 });
    const { body, contentType } = await metrics.scrape();
    expect(contentType).to.match(/^text\/plain; version=0\.0\.4/);
    const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
    expect(types.length).to.be.greaterThan(40);
    for (const { name, type } of types) {
      expect(name, name).to.match(/^(sallyport|process|nodejs)_[a-z0-9_]+$/);
      expect(name.endsWith('_total'), `${name} is a ${type}`).to.equal(type === 'counter');
      if (type === 'histogram') expect(name).to.match(/_(seconds|bytes)$/);
    }
  });

  it('passes promtool', async function () {
    needsTool(this, 'promtool');
    const { body } = await create().scrape();
    expect(execFileSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' })).to.equal('');
  });
});

import { expect } from 'chai';
import { createMetrics, type PrometheusMetrics } from '../../src/telemetry/prometheus.ts';
import type { Measured } from '../../src/telemetry/trust-metrics.ts';

const AT = new Date('2026-01-02T03:04:05.000Z');
const LATER = new Date('2027-01-02T03:04:05.000Z');
const A = 'aaaaaaaaaaaa'.padEnd(64, '0');
const B = 'bbbbbbbbbbbb'.padEnd(64, '0');
const NAME = 'client.example';
const seconds = (at: Date): number => at.getTime() / 1000;

const NOTHING: Measured = { journalIntact: true, staged: [], seen: { pins: [], clients: [] } };

function open(found: () => Measured | Promise<never>): PrometheusMetrics {
  const metrics = createMetrics({ version: '0', known: { handshakeReasons: ['expired'] } });
  metrics.watch({
    counts: async () => ({ messages: 0, refused: 0, conflicts: 0 }),
    freeBytes: () => 1,
    refusedRecords: async () => ({ nearMisses: 3, strangers: 2, onTrial: 1 }),
    trust: async () => found(),
  });
  return metrics;
}

/** Those about trust; without `sallyport_`. */
async function samplesOf(metrics: PrometheusMetrics): Promise<Record<string, number>> {
  metrics.askAnew();
  const { body } = await metrics.scrape();
  const lines = body.split('\n').filter((line) => /^sallyport_(tls|trust)_/.test(line));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice('sallyport_'.length, line.lastIndexOf(' ')),
      Number(line.split(' ').at(-1)),
    ]),
  );
}

describe('the metrics about trust', () => {
  it('tell pins in force from staged ones, and how many there are of each', async () => {
    let staged = [{ spki: B, notAfter: LATER }];
    const metrics = open(() => ({ ...NOTHING, staged }));
    metrics.trust({ generation: 1, pins: [{ spki: A, notAfter: AT }] });
    const name = 'tls_pin_not_after_timestamp_seconds';
    expect(await samplesOf(metrics)).to.include({
      [`${name}{pin="aaaaaaaaaaaa",state="active"}`]: seconds(AT),
      [`${name}{pin="bbbbbbbbbbbb",state="staged"}`]: seconds(LATER),
      'tls_pins{state="active"}': 1,
      'tls_pins{state="staged"}': 1,
    });
    staged = [];
    metrics.trust({
      generation: 2,
      pins: [
        { spki: A, notAfter: AT },
        { spki: B, notAfter: LATER },
      ],
    });
    const samples = await samplesOf(metrics);
    expect(samples).to.include({
      [`${name}{pin="bbbbbbbbbbbb",state="active"}`]: seconds(LATER),
      'tls_pins{state="active"}': 2,
      'tls_pins{state="staged"}': 0,
    });
    expect(samples).not.to.have.property(`${name}{pin="bbbbbbbbbbbb",state="staged"}`);
  });

  it('take one key in two certificates for as good as the one that lasts longer', async () => {
    const metrics = open(() => NOTHING);
    metrics.trust({
      generation: 1,
      pins: [
        { spki: A, notAfter: LATER },
        { spki: A, notAfter: AT },
      ],
    });
    expect(await samplesOf(metrics)).to.include({
      'tls_pin_not_after_timestamp_seconds{pin="aaaaaaaaaaaa",state="active"}': seconds(LATER),
      'tls_pins{state="active"}': 2,
    });
  });

  it('know from the store when a pin was last seen, and never go back', async () => {
    const metrics = open(() => ({
      ...NOTHING,
      seen: { pins: [A, B].map((spki) => ({ spki, at: AT })), clients: [] },
    }));
    metrics.trust({ generation: 1, pins: [{ spki: A, notAfter: LATER }] });
    const name = 'tls_pin_last_seen_timestamp_seconds{pin="aaaaaaaaaaaa"}';
    expect(await samplesOf(metrics)).to.include({ [name]: seconds(AT) });
    metrics.handshake({ outcome: 'accepted', reason: 'none', vouched: { spki: A, at: LATER } });
    const samples = await samplesOf(metrics);
    expect(samples).to.include({ [name]: seconds(LATER) });
    expect(Object.keys(samples).join()).not.to.include('bbbb'); // of former times, no pin of today
  });

  it('show a client certificate by its name, and only names of the configuration', async () => {
    const clients = [NAME, 'evil\n"name"'].map((name) => ({ name, notAfter: LATER, at: AT }));
    const metrics = open(() => ({ ...NOTHING, seen: { pins: [], clients } }));
    metrics.trust({ generation: 1, names: [NAME], pins: [] });
    const samples = await samplesOf(metrics);
    expect(samples).to.include({
      [`tls_client_certificate_not_after_timestamp_seconds{name="${NAME}"}`]: seconds(LATER),
      [`tls_client_certificate_last_seen_timestamp_seconds{name="${NAME}"}`]: seconds(AT),
    });
    expect(Object.keys(samples).join()).not.to.include('evil');
  });

  it('tell whether the journal is intact, and what is on record of refused clients', async () => {
    let journalIntact = true;
    const metrics = open(() => ({ ...NOTHING, journalIntact }));
    expect(await samplesOf(metrics)).to.include({
      trust_journal_intact: 1,
      'trust_refused_records{kind="near_miss"}': 3,
      'trust_refused_records{kind="stranger"}': 2,
      'trust_refused_records{kind="on_trial"}': 1,
    });
    journalIntact = false;
    expect(await samplesOf(metrics)).to.include({ trust_journal_intact: 0 });
  });

  it('count near misses by reason, from 0', async () => {
    const metrics = open(() => NOTHING);
    expect(await samplesOf(metrics)).to.include({ 'tls_near_misses_total{reason="expired"}': 0 });
    metrics.nearMiss('expired');
    expect(await samplesOf(metrics)).to.include({ 'tls_near_misses_total{reason="expired"}': 1 });
  });

  it('keep what they knew while nobody answers, so that no alert flaps', async () => {
    let answers = true;
    const metrics = open(() =>
      answers ? { ...NOTHING, staged: [{ spki: B, notAfter: LATER }] } : Promise.reject(new Error('busy')),
    );
    const before = await samplesOf(metrics);
    answers = false;
    expect(await samplesOf(metrics)).to.deep.equal(before);
    expect(before).to.include({ 'tls_pins{state="staged"}': 1 });
  });
});

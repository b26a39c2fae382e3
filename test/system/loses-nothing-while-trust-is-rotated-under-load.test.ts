/**
 * 200 orders a second from clients of three issuers and from strangers, while a rotation goes through all its steps by
 * the commands of a person, and broken files are dropped in between. Whatever a post met was decided by the trust of its
 * moment: the receiver logs a replacement in the same turn in which it happens, so that what was answered before that
 * moment was judged by the old trust, and what began after it by the new. Only a post that was on its way at such a
 * moment, from a client whose standing it changed, may go either way.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { type LoadPost, type OrderLoad, startOrderLoad } from '../support/order-load.ts';
import { mintCa } from '../support/pki.ts';
import { prepareWorkplace, type Workplace } from '../support/receiver.ts';
import { type Samples, scrape, sumOf } from '../support/scrape.ts';
import { type SpawnedReceiver, spawnReceiver } from '../support/spawned.ts';
import {
  BETWEEN_STEPS,
  type Client,
  createClients,
  type Issuer,
  NOT_REPLACED,
  rotate,
} from './rotation-under-load.ts';

type Post = LoadPost<Client>;
/** Undefined: trust was replaced while it was on its way, and only one of the two lets its sender in. */
type JudgedPost = Post & { readonly allowed: boolean | undefined };

const PER_SECOND = 200;
/** Of those that were put off; each is one more request after the load. */
const REPEATED = 60;

describe('a receiver whose trust is rotated under load', () => {
  it('loses no order, refuses nobody it trusts, and lets in nobody else', async function () {
    this.timeout(240_000);
    await using workplace = await prepareWorkplace({ trust: { bundle: 'coupa' } });
    const { folder, pki } = workplace;
    const third = mintCa('Test Intermediate C', { issuer: pki.root });
    const issuers = { old: pki.intermediate, third, new: pki.sibling };
    await mkdir(join(folder, 'coupa'));
    await writeFile(join(folder, 'coupa', 'old.pem'), issuers.old.pem);
    await writeFile(join(folder, 'coupa', 'third.pem'), third.pem);
    await writeFile(join(folder, 'new.pem'), issuers.new.pem);

    await using receiver = await spawnReceiver(workplace);
    const clients = createClients(pki, issuers);
    using load = startOrderLoad({
      url: receiver.url,
      ca: pki.server.ca,
      clients,
      perSecond: PER_SECOND,
    });
    const begunAt = performance.now();
    const allowed = await rotate({ workplace, receiver, load, issuers });
    const posts = await load.pause();
    const seconds = (performance.now() - begunAt) / 1_000;

    const eras = erasOf(receiver, allowed);
    const judged = posts.map((post) => ({ ...post, allowed: wasAllowed(post, eras) }));
    expect(judged.filter(({ result }) => result === 'unexpected')).to.deep.equal([]);
    expect(judged.filter((post) => post.allowed === true && post.result !== 'kept')).to.deep.equal([]);
    expect(judged.filter((post) => post.allowed === false && post.result === 'kept')).to.deep.equal([]);
    for (const client of clients) {
      const surely = judged.filter((post) => post.client === client && post.allowed !== undefined);
      expect(surely.length, client.name).to.be.at.least(eras.length * BETWEEN_STEPS);
    }

    const repeated = await repeatWhatWasNotKept(load, posts, clients);
    const samples = await scrape(receiver.adminUrl);
    expect((await fetch(`${receiver.adminUrl}/readyz`)).status).to.equal(200);
    expect(await receiver.stop()).to.equal(0);

    expectCountedReloads(receiver, samples, eras.length);
    await expectJournal(workplace, eras.length);
    await expectKeptOnce(receiver, posts, repeated);
    const reasons = await expectCountedRefusals(receiver, samples, posts, load);
    tell({ judged, seconds, changes: eras.length - 1, reasons, repeated: repeated.length, load });
  });
});

/** When somebody was let in, by the log of the receiver. */
interface Era {
  readonly from: number;
  readonly to: number;
  readonly allowed: readonly Issuer[];
}

function erasOf({ logged }: SpawnedReceiver, allowed: readonly (readonly Issuer[])[]): readonly Era[] {
  const replaced = logged.filter(({ msg }) => msg === 'trust replaced');
  const generations = replaced.map(({ generation }) => generation);
  expect(generations).to.deep.equal(allowed.slice(1).map((_, index) => index + 2));
  const times = replaced.map(({ time }) => Date.parse(String(time)));
  return allowed.map((each, index) => ({
    from: times[index - 1] ?? Number.NEGATIVE_INFINITY,
    to: times[index] ?? Number.POSITIVE_INFINITY,
    allowed: each,
  }));
}

function wasAllowed({ client: { issuer }, from, to }: Post, eras: readonly Era[]): boolean | undefined {
  if (issuer === undefined) return false;
  // In one millisecond both may have been in force.
  const met = eras.filter((era) => from <= era.to && era.from <= to);
  const lets = new Set(met.map(({ allowed }) => allowed.includes(issuer)));
  return lets.size === 1 ? lets.has(true) : undefined;
}

/** As Coupa does with what was put off, and with what it got no answer to. @returns the numbers */
async function repeatWhatWasNotKept(
  load: OrderLoad<Client>,
  posts: readonly Post[],
  clients: readonly Client[],
): Promise<readonly number[]> {
  const trusted = clients.find(({ issuer, keepsAlive }) => issuer === 'new' && keepsAlive);
  if (trusted === undefined) throw new Error('nobody is left who is let in');
  const wasCut = posts.filter(({ result }) => result === 'cut');
  const putOff = posts.filter(({ result, client }) => result === 'refused' && client.issuer !== undefined);
  const numbers = [...wasCut, ...putOff.slice(-REPEATED)].map(({ number }) => number);
  for (const number of numbers) {
    expect(await load.post(trusted, number)).to.include({ number, result: 'kept' });
  }
  return numbers;
}

function expectCountedReloads({ logged }: SpawnedReceiver, samples: Samples, generations: number): void {
  const failed = logged.filter(({ msg }) => msg === NOT_REPLACED).length;
  expect(failed).to.be.at.least(4);
  expect(samples.get('sallyport_trust_generation')).to.equal(generations);
  expect(samples.get('sallyport_trust_reloads_total{outcome="replaced"}')).to.equal(generations - 1);
  expect(samples.get('sallyport_trust_reloads_total{outcome="failed"}')).to.equal(failed);
  expect(samples.get('sallyport_config_last_reload_successful')).to.equal(1);
}

async function expectJournal({ folder }: Workplace, generations: number): Promise<void> {
  const journal = await readFile(join(folder, 'data/trust/journal.jsonl'), 'utf8');
  const entries = journal
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const actions = [
    'opened',
    'stage',
    'promote',
    'retire',
    'rollback',
    'distrust',
    'retire',
    'rollback',
    'retire',
  ];
  expect(verifyJournal(journal)).to.include({ intact: true, entries: actions.length });
  expect(entries.map(({ action }) => action)).to.deep.equal(actions);
  expect(entries.at(-1).generation).to.equal(generations);
}

/** Answered 200, at once or when it was repeated: there, once. Refused: not there. */
async function expectKeptOnce(
  { storePath }: SpawnedReceiver,
  posts: readonly Post[],
  repeated: readonly number[],
): Promise<void> {
  await using store = await openSqliteReader(storePath);
  const again = new Set(repeated);
  const wrong: string[] = [];
  let kept = 0;
  for (const { number, result, client } of posts) {
    const orders = await store.findOrders({ orderId: `L${number}` });
    const count = orders.reduce((sum, { messages }) => sum + messages.length, 0);
    const expected = result === 'kept' || again.has(number) ? 1 : 0;
    kept += expected;
    if (count !== expected)
      wrong.push(`L${number} of ${client.name} was ${result} and is there ${count} times`);
  }
  expect(wrong).to.deep.equal([]);
  expect((await store.counts()).orders).to.equal(kept);
}

/**
 * Every refusal has a record by the reference that the client was told, and its reason there is the one in the metrics.
 *
 * @returns what the clients saw, by reason
 */
async function expectCountedRefusals(
  { storePath }: SpawnedReceiver,
  samples: Samples,
  posts: readonly Post[],
  { handshakes }: OrderLoad<Client>,
): Promise<ReadonlyMap<string, number>> {
  await using store = await openSqliteReader(storePath);
  const records = await store.listRefusedHandshakes({ limit: 1_000 });
  const byReference = new Map(records.map((record) => [record.reference, record]));
  const seen = new Map<string, number>();
  for (const { reference, http, client } of posts.filter(({ result }) => result === 'refused')) {
    const record = byReference.get(reference ?? '');
    expect(record?.nearMiss, `${client.name} was told ${http}`).to.equal(http === 503);
    const reason = record?.findings[0]?.reason ?? '';
    seen.set(reason, (seen.get(reason) ?? 0) + 1);
  }

  const refused = 'sallyport_tls_handshakes_total{outcome="refused",reason=';
  // A refusal on a connection that was open already is one of a request, and its answer may be cut off as any other.
  let onOpen = sumOf(samples, /^sallyport_requests_total\{.*reason="peer-/);
  for (const [reason, count] of seen) {
    const atTheGate = samples.get(`${refused}"${reason}"}`) ?? 0;
    expect(atTheGate, reason).to.be.at.most(count);
    onOpen -= count - atTheGate;
  }
  expect(onOpen).to.be.within(0, posts.filter(({ result }) => result === 'cut').length);
  const atTheGate = sumOf(samples, /^sallyport_tls_handshakes_total\{outcome="refused"/);
  expect(atTheGate).to.equal(
    [...seen.keys()].reduce((sum, reason) => sum + (samples.get(`${refused}"${reason}"}`) ?? 0), 0),
  );
  expect(sumOf(samples, /^sallyport_tls_handshakes_total\{/)).to.equal(handshakes.done);
  expect(handshakes.resumed).to.equal(0);

  const times = (nearMiss: boolean) =>
    records.reduce((sum, record) => (record.nearMiss === nearMiss ? sum + record.times : sum), 0);
  expect(sumOf(samples, /^sallyport_tls_near_misses_total\{/)).to.equal(times(true));
  expect(posts.filter(({ result, http }) => result === 'refused' && http === 403).length).to.equal(
    times(false),
  );
  expect(samples.get('sallyport_tls_refusals_unrecorded_total')).to.equal(0);
  return seen;
}

function tell({
  judged,
  seconds,
  changes,
  reasons,
  repeated,
  load: { handshakes },
}: {
  readonly judged: readonly JudgedPost[];
  readonly seconds: number;
  readonly changes: number;
  readonly reasons: ReadonlyMap<string, number>;
  readonly repeated: number;
  readonly load: OrderLoad<Client>;
}): void {
  const count = (test: (post: JudgedPost) => boolean): number => judged.filter(test).length;
  const took = judged
    .filter(({ result }) => result === 'kept')
    .map(({ tookMs }) => tookMs)
    .sort((one, other) => one - other);
  const percentile = (share: number): string => (took[Math.floor(took.length * share)] ?? 0).toFixed(0);
  const byReason = [...reasons].map(([reason, times]) => `${reason} ${times}`).join(', ');
  console.log(
    `      ${judged.length} posts in ${seconds.toFixed(1)} s (${(judged.length / seconds).toFixed(0)}/s of ${PER_SECOND}), ` +
      `${handshakes.done} handshakes, ${changes} changes; kept ${took.length} (p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms), ` +
      `refused ${count(({ result }) => result === 'refused')} (${byReason}), cut ${count(({ result }) => result === 'cut')}, ` +
      `${repeated} repeated; surely let in ${count(({ allowed }) => allowed === true)}, surely kept out ` +
      `${count(({ allowed }) => allowed === false)}, either way ${count(({ allowed }) => allowed === undefined)}`,
  );
}

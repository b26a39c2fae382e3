/**
 * About 200 orders a second from clients of an old and of a new issuer, over kept and over fresh connections, while the
 * bundle goes from the old to both to the new and back, broken files in between. Nobody who is let in is refused, nobody
 * who is not gets in, and every order that was answered 200 is there once.
 */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { type Buyer, createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import type { Identity, Minted, TestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

type Issuer = 'old' | 'new';

interface Step {
  readonly name: string;
  readonly bundle: (pki: TestPki) => string | Uint8Array;
  /** Who is let in from then on. A broken bundle changes nothing. */
  readonly allowed: readonly Issuer[];
  readonly outcome: 'replaced' | 'failed';
}

const OLD = ({ intermediate }: TestPki) => intermediate.pem;
const NEW = ({ sibling }: TestPki) => sibling.pem;
const BOTH = (pki: TestPki) => OLD(pki) + NEW(pki);

const STEPS: readonly Step[] = [
  { name: 'both', bundle: BOTH, allowed: ['old', 'new'], outcome: 'replaced' },
  { name: 'cut off', bundle: (pki) => BOTH(pki).slice(0, -99), allowed: ['old', 'new'], outcome: 'failed' },
  { name: 'new', bundle: NEW, allowed: ['new'], outcome: 'replaced' },
  { name: 'DER', bundle: ({ intermediate }) => intermediate.der, allowed: ['new'], outcome: 'failed' },
  { name: 'both again', bundle: BOTH, allowed: ['old', 'new'], outcome: 'replaced' },
  { name: 'old again', bundle: OLD, allowed: ['old'], outcome: 'replaced' },
  { name: 'empty', bundle: () => '', allowed: ['old'], outcome: 'failed' },
  { name: 'new at once', bundle: NEW, allowed: ['new'], outcome: 'replaced' },
  { name: 'back at once', bundle: OLD, allowed: ['old'], outcome: 'replaced' },
];
const STEP_MS = 750;
const EVERY_MS = 5;
/** Every so many posts take a connection of their own. */
const FRESH_EVERY = 8;

interface Post {
  readonly number: number;
  readonly issuer: Issuer;
  readonly from: number;
  readonly to: number;
  readonly result: 'kept' | 'refused' | 'cut';
}

/** When somebody was surely let in, or surely not; between two such times trust was being replaced. */
interface Era {
  readonly from: number;
  readonly allowed: readonly Issuer[];
  to: number;
}

describe('a receiver whose trust is rotated under load', () => {
  it('loses no order, refuses nobody it trusts, and lets in nobody else', async function () {
    this.timeout(60_000);
    const watchTiming = { pollMs: 200, quietMs: 100, retryMs: 60_000 };
    await using receiver = await startTestReceiver({}, { watchTiming });
    const { pki } = receiver;
    const identities = { old: identityOf(pki, pki.intermediate), new: identityOf(pki, pki.sibling) };
    const eras: Era[] = [{ from: performance.now(), to: Number.POSITIVE_INFINITY, allowed: ['old'] }];
    const begunAt = performance.now();
    const load = startLoad(receiver, identities);
    await pause(STEP_MS);
    for (const step of STEPS) await take(step, receiver, eras);
    const posts = await load.stop();
    const seconds = (performance.now() - begunAt) / 1_000;

    const surely = posts.map((post) => ({ ...post, allowed: wasAllowed(post, eras) }));
    const letIn = surely.filter(({ allowed }) => allowed === true);
    const keptOut = surely.filter(({ allowed }) => allowed === false);
    expect(letIn.filter(({ result }) => result !== 'kept')).to.deep.equal([]);
    expect(keptOut.filter(({ result }) => result === 'kept')).to.deep.equal([]);
    for (const issuer of ['old', 'new']) {
      expect(letIn.filter((post) => post.issuer === issuer).length).to.be.greaterThan(20);
      expect(keptOut.filter((post) => post.issuer === issuer).length).to.be.greaterThan(20);
    }
    const kept = posts.filter(({ result }) => result === 'kept');
    await expectKeptOnce(receiver, posts);

    const count = (wanted: string) => STEPS.filter(({ outcome }) => outcome === wanted).length;
    for (const outcome of ['replaced', 'failed']) {
      const counted = await receiver.metric(`sallyport_trust_reloads_total{outcome="${outcome}"}`);
      expect(counted, outcome).to.equal(count(outcome));
    }
    expect(await receiver.metric('sallyport_trust_generation')).to.equal(1 + count('replaced'));
    expect(await receiver.metric('sallyport_config_last_reload_successful')).to.equal(1);
    const refused = await receiver.metric(
      'sallyport_tls_handshakes_total{outcome="refused",reason="untrusted_issuer"}',
    );
    expect(refused).to.be.greaterThan(20);
    expect((await fetch(`${receiver.adminUrl}/readyz`)).status).to.equal(200);
    const unsure = posts.length - letIn.length - keptOut.length;
    console.log(
      `      ${posts.length} posts in ${seconds.toFixed(1)} s, ${kept.length} kept; ${letIn.length} surely let in, ` +
        `${keptOut.length} surely kept out, ${unsure} while trust was replaced; ` +
        `${count('replaced')} replacements, ${count('failed')} broken files, ${refused} handshakes refused`,
    );
  });
});

/** With a quick key: the clients share the processor with the receiver. */
function identityOf(pki: TestPki, issuer: Minted): Identity {
  const leaf = pki.leaf(COUPA_NAME, {
    issuer,
    key: { kind: 'p-256', label: 'rotation client' },
    keyUsage: ['digitalSignature'],
  });
  return { cert: leaf.pem + issuer.pem, key: leaf.keyPem };
}

async function take(step: Step, receiver: TestReceiver, eras: Era[]): Promise<void> {
  const { folder, pki, logged } = receiver;
  const message =
    step.outcome === 'replaced' ? 'trust replaced' : 'trust not replaced, the one in force stays';
  const before = logged.filter(({ msg }) => msg === message).length;
  const last = eras.at(-1);
  if (last !== undefined && step.outcome === 'replaced') last.to = performance.now();
  await writeFile(join(folder, 'next'), step.bundle(pki));
  await rename(join(folder, 'next'), join(folder, 'bundle.pem'));
  await receiver.told(message, before + 1);
  if (step.outcome === 'replaced') {
    eras.push({ from: performance.now(), to: Number.POSITIVE_INFINITY, allowed: step.allowed });
  }
  await pause(STEP_MS);
}

/** Undefined when trust was being replaced while the post was on its way. */
function wasAllowed({ issuer, from, to }: Post, eras: readonly Era[]): boolean | undefined {
  const era = eras.find((each) => each.from <= from && to <= each.to);
  return era?.allowed.includes(issuer);
}

function startLoad({ url, pki }: TestReceiver, identities: Readonly<Record<Issuer, Identity>>) {
  const document = documentSeries(1);
  const open = (issuer: Issuer): Buyer => createBuyer({ url, ca: pki.server.ca, ...identities[issuer] });
  const steady: Readonly<Record<Issuer, Buyer>> = { old: open('old'), new: open('new') };
  const posts: Promise<Post>[] = [];

  const postOne = async (number: number): Promise<Post> => {
    const issuer = number % 2 === 0 ? 'old' : 'new';
    const own = number % FRESH_EVERY < 2 ? open(issuer) : undefined;
    const from = performance.now();
    const answer = await (own ?? steady[issuer]).post(document(number)).catch(() => undefined);
    own?.[Symbol.dispose]();
    const result = answer === undefined ? 'cut' : answer.code === 200 ? 'kept' : 'refused';
    return { number, issuer, from, to: performance.now(), result };
  };
  const begunAt = performance.now();
  const timer = setInterval(() => {
    // By the clock: what a busy moment delayed is made up for.
    while (posts.length < (performance.now() - begunAt) / EVERY_MS) posts.push(postOne(posts.length + 1));
  }, EVERY_MS);
  return {
    async stop(): Promise<readonly Post[]> {
      clearInterval(timer);
      const done = await Promise.all(posts);
      for (const buyer of Object.values(steady)) buyer[Symbol.dispose]();
      return done;
    },
  };
}

/** Answered 200: there, once. Refused: not there. Cut off: there at most once, and the sender repeats it. */
async function expectKeptOnce({ storePath }: TestReceiver, posts: readonly Post[]): Promise<void> {
  await using store = await openSqliteReader(storePath);
  const wrong: string[] = [];
  for (const { number, result } of posts) {
    const orders = await store.findOrders({ orderId: `L${number}` });
    const count = orders.reduce((sum, { messages }) => sum + messages.length, 0);
    const right = result === 'kept' ? count === 1 : result === 'refused' ? count === 0 : count <= 1;
    if (!right) wrong.push(`L${number} was ${result} and is there ${count} times`);
  }
  expect(wrong).to.deep.equal([]);
}

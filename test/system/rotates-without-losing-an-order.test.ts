/**
 * A rotation of Coupa's issuer by its own steps, while clients of the old and of the new issuer post: staged, rehearsed,
 * promoted, the old one retired and brought back. Nobody who is let in is refused, and every order that was answered 200
 * is there, once.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { type Buyer, createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import type { Minted } from '../support/pki.ts';
import { COUPA_NAME, startWatchingReceiver, type TestReceiver } from '../support/receiver.ts';

const ANNA = { by: 'anna@host', reason: 'Coupa’s yearly change' };
const AT_ONCE = 5;

describe('a rotation by its steps, under a running receiver', () => {
  let receiver: TestReceiver;
  let buyers: readonly Buyer[];
  /** Of the old and of the new issuer. */
  let old: () => Promise<number[]>;
  let fresh: () => Promise<number[]>;
  const answered: { readonly number: number; readonly code: number }[] = [];

  beforeEach(async () => {
    answered.length = 0;
    // Sees the files change under each step, and must take none of it for somebody else's doing.
    receiver = await startWatchingReceiver();
    const { pki } = receiver;
    const [ofOld, ofNew] = [clientOf(pki.intermediate), clientOf(pki.sibling)];
    buyers = [ofOld, ofNew];
    [old, fresh] = [ofOld, ofNew].map((buyer) => () => postSome(buyer)) as [typeof old, typeof fresh];
  });
  afterEach(async () => {
    for (const buyer of buyers) buyer[Symbol.dispose]();
    await receiver[Symbol.asyncDispose]();
  });

  function clientOf(issuer: Minted): Buyer {
    const { url, pki } = receiver;
    const leaf = pki.leaf(COUPA_NAME, {
      issuer,
      key: { kind: 'p-256', label: 'rotation client' },
      keyUsage: ['digitalSignature'],
    });
    const identity = { cert: leaf.pem + issuer.pem, key: leaf.keyPem };
    return createBuyer({ url, ca: pki.server.ca, ...identity, connections: AT_ONCE });
  }

  const document = documentSeries(1);
  let number = 0;
  /** Codes of orders posted at once; 0 for one whose connection ended. */
  async function postSome(buyer: Buyer): Promise<number[]> {
    const posts = Array.from({ length: AT_ONCE }, async () => {
      number += 1;
      const mine = number;
      const { code } = await buyer.post(document(mine)).catch(() => ({ code: 0 }));
      answered.push({ number: mine, code });
      return code;
    });
    return await Promise.all(posts);
  }

  it('loses no order, doubles none, and lets in exactly who is pinned', async function () {
    this.timeout(60_000);
    const { rotation, pki, folder } = receiver;
    const kept = Array.from({ length: AT_ONCE }, () => 200);
    const refused = Array.from({ length: AT_ONCE }, () => 560);
    expect(await old()).to.deep.equal(kept);
    expect(await fresh()).to.deep.equal(refused);

    const bytes = Buffer.from(pki.sibling.pem);
    const [staged, duringStage] = await Promise.all([
      rotation.stage({ file: 'new.pem', bytes }, ANNA),
      old(),
    ]);
    expect(duringStage).to.deep.equal(kept);
    const [pin] = staged.staged.map((each) => each.pin);
    expect(await fresh()).to.deep.equal(refused);

    const [rehearsed, duringRehearsal] = await Promise.all([rotation.rehearse(), old()]);
    expect(duringRehearsal).to.deep.equal(kept);
    expect(rehearsed).to.include({ clients: 1, safeToPromote: true });
    const helped = rehearsed.scenarios.find(({ set, inDays }) => set === 'with staged' && inDays === 0);
    expect(helped?.newlyAccepted.map(({ name }) => name)).to.deep.equal([COUPA_NAME]);
    expect(rehearsed.conclusions.map(({ text }) => text).join()).to.include('would be let in after promote');

    const [promoted, duringPromote] = await Promise.all([
      rotation.promote({ pins: [], force: false }, ANNA),
      old(),
    ]);
    expect(duringPromote).to.deep.equal(kept);
    expect(promoted).to.include({ generation: 2 });
    expect(promoted.added.map((each) => each.pin)).to.deep.equal([pin]);
    expect(await Promise.all([old(), fresh()])).to.deep.equal([kept, kept]);

    const anchor = (await rotation.show()).pins.find((each) => each.state === 'active' && each.pin !== pin);
    const retire = { pin: anchor?.fingerprint ?? '', force: false };
    const stillSeen = await rotation.retire(retire, ANNA).catch((error: unknown) => error);
    expect(stillSeen).to.be.instanceOf(RotationError).with.property('forceable', true);
    expect((stillSeen as RotationError).message).to.match(/last order L\d+/);
    expect(await Promise.all([old(), fresh()])).to.deep.equal([kept, kept]);

    const [retired, duringRetire] = await Promise.all([
      rotation.retire({ ...retire, force: true }, ANNA),
      fresh(),
    ]);
    expect(duringRetire).to.deep.equal(kept);
    expect(retired.warnings.join()).to.include(COUPA_NAME);
    // Connections of the old issuer are ending by now: a post may cross with that, and is cut. The next cannot.
    await old();
    expect(await old()).to.deep.equal(refused);

    const [back, duringRollback] = await Promise.all([rotation.rollback({}, ANNA), fresh()]);
    expect(duringRollback).to.deep.equal(kept);
    expect(back.added.map(({ fingerprint }) => fingerprint)).to.deep.equal([anchor?.fingerprint]);
    expect(await Promise.all([old(), fresh()])).to.deep.equal([kept, kept]);

    const journal = await readFile(join(folder, 'data/trust/journal.jsonl'), 'utf8');
    expect(verifyJournal(journal)).to.include({ intact: true, entries: 5 });
    const actions = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).action);
    expect(actions).to.deep.equal(['opened', 'stage', 'promote', 'retire', 'rollback']);
    expect(await receiver.metric('sallyport_trust_generation')).to.equal(4);
    await expectKeptOnce();
  });

  /** Answered 200: there, once. Refused: not there. Cut off: there at most once. */
  async function expectKeptOnce(): Promise<void> {
    await using store = await openSqliteReader(receiver.storePath);
    const wrong: string[] = [];
    for (const each of answered) {
      const orders = await store.findOrders({ orderId: `L${each.number}` });
      const count = orders.reduce((sum, { messages }) => sum + messages.length, 0);
      const right = each.code === 200 ? count === 1 : each.code === 0 ? count <= 1 : count === 0;
      if (!right) wrong.push(`L${each.number} was answered ${each.code} and is there ${count} times`);
    }
    expect(wrong).to.deep.equal([]);
    expect(answered.filter(({ code }) => code === 200)).to.have.length.above(49);
  }
});

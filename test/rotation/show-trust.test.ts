import { appendFile } from 'node:fs/promises';
import { expect } from 'chai';
import { journalPath } from '../../src/rotation/journal.ts';
import type { PinReport } from '../../src/rotation/rotation.ts';
import { daysFromNow, NAME, NOW, spkiOf } from '../support/judging.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';
import { refusedHandshake, seenChain } from './evidence.ts';
import { ANNA, openPlace, type Place, printOf } from './procedure-place.ts';

const pki = createTestPki();
const LONG = { notAfter: daysFromNow(900) };
const old = mintCa('Old', { issuer: pki.root, ...LONG });
const next = mintCa('New', { issuer: pki.root, ...LONG });
const client = (issuer: Minted, days = 400, usage = ['clientAuth']): Minted =>
  pki.leaf(NAME, { issuer, notAfter: daysFromNow(days), extendedKeyUsage: usage });
const day = (days: number): string => daysFromNow(days).toISOString().slice(0, 10);

describe('showTrust', () => {
  const warningsOf = async ({ rotation }: Place): Promise<string> =>
    (await rotation.show()).warnings.join('\n');

  it('shows every pin by its state, with where it stands and when it was used', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, seen } = place;
    const [ofOld, ofNext] = [client(old), client(next)];
    seen.push(
      seenChain([ofNext, next], next, {
        firstSeen: daysFromNow(-3),
        lastSeen: NOW,
        days: [
          { day: day(0), anchor: spkiOf(next), handshakes: 5 },
          { day: day(-3), anchor: spkiOf(next), handshakes: 2 },
          { day: day(-40), anchor: spkiOf(next), handshakes: 9 },
        ],
      }),
    );
    await place.stage(pki.sibling);
    await rotation.retire({ pin: printOf(old), force: false }, ANNA);
    seen.push(seenChain([ofOld, old], old));
    await rotation.distrust({ key: spkiOf(pki.intermediate) }, ANNA);

    const report = await rotation.show();
    const states = Object.fromEntries(report.pins.map(({ fingerprint, state }) => [fingerprint, state]));
    expect(states).to.deep.equal({
      [printOf(next)]: 'active',
      [printOf(pki.sibling)]: 'staged',
      [printOf(old)]: 'retired',
    });
    const active = report.pins.find(({ state }) => state === 'active') as PinReport;
    expect(active).to.deep.include({
      file: `${place.bundle}/1.pem`,
      firstSeen: daysFromNow(-3).toISOString(),
      lastSeen: NOW.toISOString(),
      handshakes24h: 5,
      handshakes30d: 7,
    });
    expect(report).to.deep.include({ mode: 'required', names: [NAME], generation: 3 });
    expect(report.clients.map(({ fingerprint, pin }) => [fingerprint, pin])).to.deep.equal([
      [printOf(ofNext), spkiOf(next).slice(0, 12)],
      [printOf(ofOld), spkiOf(old).slice(0, 12)],
    ]);
    expect(report.journal).to.deep.include({ entries: 4, intact: true, problem: null });
    expect(report.journal.last).to.deep.equal({ at: NOW.toISOString(), action: 'distrust', by: ANNA.by });
    expect(report.next).to.equal('sallyport trust rehearse');
  });

  it('warns of a single pin without a successor, until one is staged', async () => {
    await using place = await openPlace([old]);
    expect(await warningsOf(place)).to.include('no successor is staged');
    await place.stage(next);
    expect(await warningsOf(place)).not.to.include('no successor');
  });

  for (const [days, words] of [
    [120, undefined],
    [89.5, 'expires in 89 days'],
    [7.5, 'expires in 7 days'],
    [0.5, 'expires within a day'],
  ] as const) {
    it(`${words === undefined ? 'does not warn' : 'warns'} of a pin and of a client with ${days} days left`, async () => {
      const short = mintCa('Short', { issuer: pki.root, notAfter: daysFromNow(days) });
      await using place = await openPlace([short, next]);
      place.seen.push(seenChain([client(short, days), short], short));
      const { warnings } = await place.rotation.show();
      const told = warnings.filter((each) => words !== undefined && each.includes(words));
      expect(told).to.have.length(words === undefined ? 0 : 2);
      if (words === undefined) expect(warnings).to.deep.equal([]);
    });
  }

  it('does not warn of a client certificate that was replaced', async () => {
    await using place = await openPlace([old, next]);
    place.seen.push(seenChain([client(old, 400), old], old), seenChain([client(old, 3), old], old));
    expect(await warningsOf(place)).to.equal('');
  });

  it('names the near miss of the last day to look at, and the command for it', async () => {
    await using place = await openPlace([old, next]);
    place.refused.push(
      refusedHandshake([client(pki.sibling), pki.sibling], { id: 17 }),
      refusedHandshake([client(pki.sibling), pki.sibling], { id: 18, nearMiss: false }),
      refusedHandshake([client(pki.sibling), pki.sibling], { id: 19, lastAt: daysFromNow(-2) }),
      refusedHandshake([client(pki.sibling), pki.sibling], { id: 20, enforced: false }),
    );
    const { refused24h, warnings, next: step } = await place.rotation.show();
    expect(refused24h).to.deep.equal({ nearMisses: 1, mended: 0, others: 1 });
    expect(warnings.join()).to.include('sallyport trust refused show 17');
    expect(step).to.include('sallyport trust refused show 17');
  });

  it('takes a near miss for mended once the trust in force lets it in, and for one until then', async () => {
    await using place = await openPlace([old]);
    const { rotation, refused } = place;
    refused.push(refusedHandshake([client(next), next], { id: 17 }));
    expect((await rotation.show()).next).to.include('refused show 17');
    await place.stage(next);
    expect((await rotation.show()).next, 'staged lets nobody in').to.include('refused show 17');
    await rotation.promote({ pins: [], force: true }, ANNA);
    const report = await rotation.show();
    expect(report.refused24h).to.deep.equal({ nearMisses: 1, mended: 1, others: 0 });
    expect(report.attention.filter(({ about }) => about === 'refused')).to.deep.equal([]);
    expect(report.next).to.equal('');
    refused.push(refusedHandshake([client(pki.sibling), pki.sibling], { id: 18 }));
    const { next: step, warnings } = await rotation.show();
    expect(step).to.include('refused show 18');
    expect(warnings.join()).to.include('1 client with the right name').and.not.to.include('show 17');
  });

  it('takes nothing for mended that another reason still refuses', async () => {
    await using place = await openPlace([old]);
    const { rotation, refused } = place;
    const leaf = client(old, 400);
    refused.push(
      refusedHandshake([leaf, old], { id: 17, reasons: ['openssl'] }),
      refusedHandshake([client(old, -1), old], { id: 18, reasons: ['expired'] }),
    );
    expect((await rotation.show()).refused24h).to.include({ nearMisses: 2, mended: 0 });
    await place.stage(next);
    await rotation.promote({ pins: [], force: true }, ANNA);
    refused.splice(0, 2, refusedHandshake([leaf, old], { id: 19 }));
    expect((await rotation.show()).refused24h).to.include({ nearMisses: 1, mended: 1 });
    await rotation.distrust({ key: spkiOf(leaf) }, ANNA);
    expect((await rotation.show()).refused24h).to.include({ nearMisses: 1, mended: 0 });
  });

  it('recognises the end of clientAuth at public CAs', async () => {
    await using place = await openPlace([old, next]);
    place.seen.push(seenChain([client(old, 400, ['serverAuth', 'clientAuth']), old], old));
    place.refused.push(
      refusedHandshake([client(old, 400, ['serverAuth']), old], { reasons: ['server_auth_only'] }),
    );
    const warnings = await warningsOf(place);
    expect(warnings).to.include('stopped issuing for clients').and.to.include('15 March 2027');
  });

  it('says first that the journal was altered, and what to do', async () => {
    await using place = await openPlace([old]);
    await place.rotation.noteInForce('receiver started');
    await appendFile(journalPath(place.state), '{"seq":2}\n{"seq":3}\n');
    const { journal, warnings, next: step } = await place.rotation.show();
    expect(journal.intact).to.equal(false);
    expect(warnings[0]).to.include('journal');
    expect(step).to.include('sallyport audit verify');
  });

  it('tells of changes that were made outside', async () => {
    await using place = await openPlace([old]);
    await place.rotation.noteInForce('receiver started');
    await place.put('other.pem', next);
    await place.stage(pki.sibling);
    expect(await warningsOf(place))
      .to.include('changed outside')
      .and.to.include(printOf(next).slice(0, 12));
  });

  it('shows what it can when the store fails', async () => {
    await using place = await openPlace([old]);
    place.faults.evidence = async () => {
      throw new Error('the store is gone');
    };
    const { pins, warnings } = await place.rotation.show();
    expect(pins).to.have.length(1);
    expect(warnings.filter((each) => each.includes('the store is gone'))).to.have.length(1);
  });
});

import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { lockedOutBy } from '../../src/rotation/conclude-rehearsal.ts';
import { type Rehearsal, rehearse } from '../../src/rotation/rehearse.ts';
import type { RehearseReport, Scenario } from '../../src/rotation/rotation.ts';
import { inTurns } from '../../src/turns.ts';
import { daysFromNow, NAME, NOW, spkiOf, trusting } from '../support/judging.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';
import { refusedHandshake, seenChain } from './evidence.ts';

const pki = createTestPki();
const { intermediate: old, sibling: next } = pki;
const LONG = { notAfter: daysFromNow(900) };
const oldCa = mintCa('Old', { issuer: pki.root, ...LONG });
const newCa = mintCa('New', { issuer: pki.root, ...LONG });

const client = (issuer: Minted, notAfter = daysFromNow(400)): Minted => pki.leaf(NAME, { issuer, notAfter });
const anchorsOf = (...minted: readonly Minted[]) => trusting(minted).anchors;

function play(change: Partial<Rehearsal> = {}): RehearseReport {
  const steps = rehearse({
    trust: trusting([oldCa]),
    staged: [],
    leftOut: [],
    seen: [],
    refused: [],
    lastDays: 30,
    now: NOW,
    ...change,
  });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function scenario({ scenarios }: RehearseReport, set: Scenario['set'], inDays = 0): Scenario {
  const found = scenarios.find((each) => each.set === set && each.inDays === inDays);
  if (found === undefined) throw new Error(`no scenario ${set} in ${inDays} days`);
  return found;
}

const textsOf = ({ conclusions }: RehearseReport): string => conclusions.map(({ text }) => text).join('\n');

describe('rehearse', () => {
  it('shows before promotion that nobody is lost with the staged pins, and everybody without the old', () => {
    const report = play({
      staged: anchorsOf(newCa),
      seen: [seenChain([client(oldCa), oldCa], oldCa, { handshakes: 412 })],
    });
    expect(report).to.include({ clients: 1, handshakes: 412, refusedReplayed: 0, safeToPromote: true });
    expect(scenario(report, 'in force').accepted).to.deep.equal({ clients: 1, handshakes: 412 });
    expect(scenario(report, 'with staged').accepted).to.deep.equal({ clients: 1, handshakes: 412 });
    const alone = scenario(report, 'staged alone');
    expect(alone.accepted).to.deep.equal({ clients: 0, handshakes: 0 });
    expect(alone.refused[0]?.findings.map(({ reason }) => reason)).to.deep.equal(['untrusted_issuer']);
    expect(alone.pins).to.deep.equal([spkiOf(newCa).slice(0, 12)]);
    expect(report.conclusions.map(({ state }) => state)).to.deep.equal(['warn', 'yes']);
    expect(textsOf(report)).to.include(`do not retire ${spkiOf(oldCa).slice(0, 12)} yet`);
    expect(report.next).to.equal('sallyport trust promote');
  });

  it('says after the switch that the old pin can go', () => {
    const report = play({
      trust: trusting([oldCa, newCa]),
      leftOut: anchorsOf(oldCa),
      seen: [seenChain([client(newCa), newCa], newCa)],
    });
    expect(scenario(report, 'without').pins).to.deep.equal([spkiOf(newCa).slice(0, 12)]);
    expect(lockedOutBy(report.scenarios, 'without')).to.deep.equal([]);
    expect(report.conclusions.map(({ state }) => state)).to.deep.equal(['yes', 'yes']);
  });

  it('names who would be locked out without a pin', () => {
    const lost = client(oldCa);
    const report = play({
      trust: trusting([oldCa, newCa]),
      leftOut: anchorsOf(oldCa),
      seen: [seenChain([client(newCa), newCa], newCa), seenChain([lost, oldCa], oldCa)],
    });
    expect(lockedOutBy(report.scenarios, 'without').map(({ issuer }) => issuer)).to.deep.equal([
      'O=Sallyport tests, CN=Old',
    ]);
    expect(report.conclusions[0]?.state).to.equal('no');
  });

  it('leaves out of staged and pinned together what is to go', () => {
    const report = play({
      staged: anchorsOf(newCa),
      leftOut: anchorsOf(oldCa),
      seen: [seenChain([client(oldCa), oldCa], oldCa)],
    });
    expect(scenario(report, 'without').pins).to.deep.equal([spkiOf(newCa).slice(0, 12)]);
  });

  it('refuses a candidate that holds nothing', () => {
    expect(() => play({ leftOut: anchorsOf(oldCa) })).to.throw(StartupError);
  });

  it('keeps every other part of the trust in force', () => {
    const leaf = client(oldCa);
    const trust = trusting([oldCa], NOW, {
      names: ['another-name'],
      pins: ['ab'.repeat(32)],
      deny: [{ spki: spkiOf(leaf) }],
    });
    const report = play({ trust, staged: anchorsOf(newCa), seen: [seenChain([leaf, oldCa], oldCa)] });
    for (const set of ['in force', 'with staged'] as const) {
      expect(scenario(report, set).refused[0]?.findings.map(({ reason }) => reason)).to.have.members([
        'name_not_allowed',
        'pin_mismatch',
        'deny_listed',
      ]);
    }
    // Refused already, so nothing is lost by promoting.
    expect(report.safeToPromote).to.equal(true);
    expect(textsOf(report)).to.include('refused today already');
  });

  it('tells what dies in 30 and in 90 days, once each, apart from what is refused today', () => {
    const dying = client(oldCa, daysFromNow(20));
    const dead = client(oldCa, daysFromNow(-1 / 48));
    const report = play({
      seen: [
        seenChain([dying, oldCa], oldCa),
        seenChain([dead, oldCa], oldCa),
        seenChain([client(oldCa), oldCa], oldCa),
      ],
    });
    expect(scenario(report, 'in force', 0).accepted.clients).to.equal(2);
    expect(scenario(report, 'in force', 30).accepted.clients).to.equal(1);
    expect(scenario(report, 'in force', 90).accepted.clients).to.equal(1);
    const texts = report.conclusions.filter(({ state }) => state === 'warn').map(({ text }) => text);
    expect(texts).to.have.length(2);
    expect(texts[0]).to.include('refused today already');
    expect(texts[1]).to.match(/^in 30 days the client certificate .* itself has expired/);
  });

  it('tells when a pin dies under its clients', () => {
    const short = mintCa('Short', { issuer: pki.root, notAfter: daysFromNow(60) });
    const report = play({ trust: trusting([short]), seen: [seenChain([client(short), short], short)] });
    const [dies] = report.conclusions;
    expect(dies?.text)
      .to.match(/^in 90 days/)
      .and.to.include('the pinned O=Sallyport tests, CN=Short expired');
    expect(report.safeToPromote).to.equal(true);
  });

  it('never takes it for fine that nothing was seen', () => {
    const report = play({ staged: anchorsOf(newCa) });
    expect(report.safeToPromote).to.equal(false);
    expect(report.conclusions).to.deep.equal([
      {
        state: 'warn',
        text: 'no client was seen in the last 30 days, so this rehearsal proves nothing',
      },
    ]);
  });

  it('names the refused handshakes that promotion would let in', () => {
    const stranger = pki.leaf('a stranger', { issuer: newCa, notAfter: daysFromNow(400) });
    const report = play({
      staged: anchorsOf(newCa),
      seen: [seenChain([client(oldCa), oldCa], oldCa)],
      refused: [
        refusedHandshake([client(newCa), newCa], { times: 17, reference: 'aa11' }),
        refusedHandshake([stranger, newCa], { id: 18, reference: 'bb22', nearMiss: false }),
        refusedHandshake([], { id: 19, reference: 'cc33', nearMiss: false, reasons: ['no_certificate'] }),
      ],
    });
    expect(report.refusedReplayed).to.equal(3);
    expect(scenario(report, 'in force').newlyAccepted).to.deep.equal([]);
    expect(scenario(report, 'with staged').newlyAccepted.map(({ handshakes }) => handshakes)).to.deep.equal([
      17,
    ]);
    expect(textsOf(report)).to.match(
      /17 refused handshakes since \S+ would be let in after promote.*17 \(aa11\)/,
    );
    expect(textsOf(report)).not.to.match(/bb22|cc33/);
  });

  it('says of near misses that promotion would not help them', () => {
    const report = play({
      staged: anchorsOf(newCa),
      refused: [refusedHandshake([client(old), old], { reference: 'aa11' })],
    });
    expect(textsOf(report)).to.include('would still be refused: 17 (aa11)');
  });

  it('tells of a staged pin that lets its clients in only later', () => {
    const future = mintCa('Future', { notBefore: daysFromNow(12), ...LONG });
    const report = play({
      staged: anchorsOf(future),
      refused: [refusedHandshake([client(future), future], { reference: 'aa11' })],
    });
    expect(scenario(report, 'with staged').newlyAccepted).to.deep.equal([]);
    expect(scenario(report, 'with staged', 30).newlyAccepted).to.have.length(1);
    expect(textsOf(report)).to.include('but not today');
  });

  it("keeps OpenSSL's verdict where it alone refused, and a resumed session refused", () => {
    const chain = [client(newCa), newCa];
    const report = play({
      staged: anchorsOf(newCa),
      refused: [
        refusedHandshake(chain, { reasons: ['openssl'], opensslError: 'CERT_CHAIN_TOO_LONG' }),
        refusedHandshake(chain, { id: 18, reasons: ['untrusted_issuer', 'resumed'] }),
      ],
    });
    expect(scenario(report, 'with staged').newlyAccepted).to.deep.equal([]);
  });

  it('judges as if a certificate were required, where it is not, and says so', () => {
    const report = play({
      trust: trusting([oldCa], NOW, { mode: 'requested' }),
      staged: anchorsOf(newCa),
      seen: [seenChain([client(oldCa), oldCa], oldCa)],
    });
    expect(scenario(report, 'staged alone').refused).to.have.length(1);
    expect(textsOf(report)).to.include('trust.client_certificate is requested');
  });

  it('counts a client once, however many chains it sent', () => {
    const leaf = client(oldCa);
    const report = play({
      leftOut: anchorsOf(next),
      trust: trusting([oldCa]),
      seen: [
        seenChain([leaf], oldCa, { handshakes: 3 }),
        seenChain([leaf, oldCa], oldCa, { handshakes: 4, lastSeen: daysFromNow(-3) }),
      ],
      staged: anchorsOf(newCa),
    });
    expect(report).to.include({ clients: 1, handshakes: 7 });
    expect(scenario(report, 'staged alone').refused.map(({ handshakes }) => handshakes)).to.deep.equal([7]);
  });

  it('counts handshakes of the days asked for alone', () => {
    const day = (days: number): string => daysFromNow(days).toISOString().slice(0, 10);
    const days = [
      { day: day(-1), anchor: spkiOf(oldCa), handshakes: 2 },
      { day: day(-20), anchor: spkiOf(oldCa), handshakes: 40 },
    ];
    const seen = [seenChain([client(oldCa), oldCa], oldCa, { days, handshakes: 42 })];
    expect(play({ seen, lastDays: 7 }).handshakes).to.equal(2);
    expect(play({ seen, lastDays: 30 }).handshakes).to.equal(42);
  });

  it('gives the event loop back after every chain and every judgement', async function () {
    this.timeout(30_000);
    const seen = Array.from({ length: 20 }, () => seenChain([client(oldCa), oldCa], oldCa));
    const steps = rehearse({
      trust: trusting([oldCa]),
      staged: anchorsOf(newCa),
      leftOut: [],
      seen,
      refused: [],
      lastDays: 30,
      now: NOW,
    });
    let turns = 0;
    const counting = (function* () {
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
        turns += 1;
        yield;
      }
    })();
    await inTurns(counting);
    expect(turns).to.equal(20 + 20 * 9);
  });
});

import { expect } from 'chai';
import { writeChain } from '../../src/trust/sent-chain.ts';
import { AT, der, from, later, openRecorder, peer, refusal } from './recorder.ts';

describe('the recorder of refusals', () => {
  it('writes what was presented and why it was refused', async () => {
    const { evidence, refused } = openRecorder();
    const { reference, recorded } = evidence.refused(refusal({ chain: ['leaf', 'issuer'] }));
    expect(recorded).to.equal(true);
    expect(reference).to.match(/^[0-9a-f]{10}$/);
    await evidence.flush();
    expect(refused()).to.deep.equal([
      {
        reference,
        enforced: true,
        at: AT,
        remoteAddress: '192.0.2.1',
        protocol: 'TLSv1.2',
        nearMiss: false,
        findings: [{ reason: 'untrusted_issuer', detail: 'why' }],
        opensslError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        leaf: undefined,
        chainPem: writeChain([der('leaf'), der('issuer')]),
        times: 1,
      },
    ]);
  });

  it('has no code of OpenSSL where that had nothing against it', async () => {
    const { evidence, refused } = openRecorder();
    evidence.refused(refusal({ openssl: { authorized: true } }));
    await evidence.flush();
    expect(refused()[0]?.opensslError).to.equal(null);
  });

  it('writes a near miss at once, a stranger with the next batch', async () => {
    const { evidence, batches, kept, refused } = openRecorder();
    evidence.refused(refusal());
    expect(batches).to.have.length(0);
    evidence.refused(refusal({ nearMiss: true }));
    await kept(1);
    expect(refused()).to.have.length(2);
  });

  it('has a place for the near miss of an address from which a client came, whoever else forges near misses', async () => {
    const { evidence } = openRecorder();
    evidence.accepted(peer(), from('203.0.113.9'));
    const forge = (index: number) =>
      refusal({ chain: [`forged ${index}`], nearMiss: true, remoteAddress: `198.51.100.${index}` });
    for (let index = 0; index < 200; index += 1) evidence.refused(forge(index));
    expect(evidence.refused(forge(200)).recorded).to.equal(false);
    const coupa = refusal({ chain: ['renewed'], nearMiss: true, remoteAddress: '203.0.113.9' });
    expect(evidence.refused(coupa).recorded).to.equal(true);
    await evidence.flush();
  });

  it('writes strangers by itself after a while', async () => {
    const { evidence, kept, refused } = openRecorder({ everyMs: 1 });
    evidence.refused(refusal());
    await kept(1);
    expect(refused()).to.have.length(1);
  });

  it('never has two writes under way, and puts what comes meanwhile into the next', async () => {
    const { evidence, state, batches, hold, letGo, kept } = openRecorder();
    hold();
    for (let index = 0; index < 30; index += 1) {
      evidence.refused(refusal({ chain: [`leaf ${index}`], nearMiss: true }));
    }
    letGo();
    await kept(2);
    expect(state.most).to.equal(1);
    expect(batches.map(({ refused }) => refused.length)).to.deep.equal([1, 29]);
  });

  it('collapses the same client and reasons to one reference, also over batches', async () => {
    const { evidence, refused } = openRecorder();
    const first = evidence.refused(refusal());
    const again = evidence.refused(refusal({ at: later(5) }));
    await evidence.flush();
    const afterwards = evidence.refused(refusal({ at: later(9) }));
    await evidence.flush();
    expect([again.reference, afterwards.reference]).to.deep.equal([first.reference, first.reference]);
    expect(refused().map(({ times, at }) => [times, at])).to.deep.equal([
      [2, later(5)],
      [1, later(9)],
    ]);
    expect(refused()[1]?.chainPem).to.equal(refused()[0]?.chainPem);
  });

  for (const [what, change] of [
    ['other reasons', { reasons: ['expired'] }],
    ['another chain', { chain: ['leaf', 'issuer'] }],
    ['another address', { remoteAddress: '192.0.2.2' }],
    ['a check on trial', { enforced: false }],
  ] as const) {
    it(`tells ${what} apart`, () => {
      const { evidence } = openRecorder();
      expect(evidence.refused(refusal(change)).reference).not.to.equal(evidence.refused(refusal()).reference);
    });
  }

  it('takes a host that changes its address within a /64 for one, with and without a chain', () => {
    const { evidence } = openRecorder();
    for (const chain of [['leaf'], []]) {
      const references = ['2001:db8::1', '2001:db8::2'].map(
        (remoteAddress) => evidence.refused(refusal({ chain, remoteAddress })).reference,
      );
      expect(references[0]).to.equal(references[1]);
    }
  });

  it('gives a reference to whoever is over the rate, and says that it is not recorded', async () => {
    const { evidence, refused, unrecorded, state } = openRecorder();
    const told = Array.from({ length: 2_000 }, (_, index) =>
      evidence.refused(refusal({ chain: [`leaf ${index}`], remoteAddress: `192.0.${index % 8}.1` })),
    );
    await evidence.flush();
    const recorded = told.filter((each) => each.recorded);
    expect(recorded).to.have.length(100);
    expect(refused().map(({ reference }) => reference)).to.deep.equal(
      recorded.map(({ reference }) => reference),
    );
    expect(new Set(told.map(({ reference }) => reference)).size).to.equal(2_000);
    expect(unrecorded.refusal).to.equal(1_900);
    state.ms += 10_000;
    expect(evidence.refused(refusal({ chain: ['new'] })).recorded).to.equal(true);
  });

  it('records a near miss and a client on trial in the middle of a flood of strangers', () => {
    const { evidence } = openRecorder();
    for (let index = 0; index < 2_000; index += 1) {
      evidence.refused(refusal({ chain: [`leaf ${index}`], remoteAddress: `192.0.${index % 8}.1` }));
    }
    expect(evidence.refused(refusal({ nearMiss: true })).recorded).to.equal(true);
    expect(evidence.refused(refusal({ enforced: false })).recorded).to.equal(true);
  });

  it('keeps counting whoever is known in a flood of others', async () => {
    const { evidence, refused } = openRecorder();
    evidence.refused(refusal());
    for (let index = 0; index < 500; index += 1) evidence.refused(refusal({ chain: [`leaf ${index}`] }));
    evidence.refused(refusal());
    await evidence.flush();
    expect(refused()[0]?.times).to.equal(2);
  });
});

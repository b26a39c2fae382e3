import { expect } from 'chai';
import type { Denied } from '../../src/trust/deny.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { Verdict } from '../../src/trust/peer.ts';
import { NAME, NOW, present, reasonsOf, spkiOf, trusting } from '../support/judging.ts';
import type { Minted, TestPki } from '../support/pki.ts';
import { createTestPki, mintCa } from '../support/pki.ts';

describe('the deny-list, as judgePeer uses it', () => {
  let pki: TestPki;
  let leaf: Minted;
  const judge = (deny: readonly Denied[], chain: readonly Minted[] = [leaf], reportOnly = false): Verdict =>
    judgePeer(
      present(chain),
      trusting([pki.intermediate], NOW, { deny, reportOnly: reportOnly ? ['pins'] : [] }),
      NOW,
    );

  before(() => {
    pki = createTestPki();
    leaf = pki.leaf(NAME, { serial: '4abc' });
  });

  it('refuses a client by the serial of its certificate, of any issuer or of the one named', () => {
    const issuer = 'O=Sallyport tests, CN=Test Intermediate A';
    expect(reasonsOf(judge([{ serial: '4abc' }]))).to.deep.equal(['deny_listed']);
    expect(reasonsOf(judge([{ serial: '4abc', issuer }]))).to.deep.equal(['deny_listed']);
    expect(reasonsOf(judge([{ serial: '4abc', issuer: 'CN=Another' }]))).to.deep.equal([]);
    expect(reasonsOf(judge([{ serial: '4abd', issuer }]))).to.deep.equal([]);
  });

  it('refuses a client by its key, whatever certificate it is in', () => {
    const deny = [{ spki: '00'.repeat(32) }, { spki: spkiOf(leaf), comment: 'lost\nlaptop' }];
    const verdict = judge(deny, [pki.leaf(NAME)]);
    expect(reasonsOf(verdict)).to.deep.equal(['deny_listed']);
    expect(verdict.trusted || verdict.refusal.findings[0]?.detail).to.equal(
      'the client certificate is on the deny-list by its key: lost\\u{a}laptop',
    );
    const key = { kind: 'p-256', label: 'another' } as const;
    expect(reasonsOf(judge(deny, [pki.leaf(NAME, { key })]))).to.deep.equal([]);
  });

  it('refuses whatever an issuer on it vouches for, the pinned one included', () => {
    const upper = mintCa('Upper', { issuer: pki.intermediate, serial: '4def' });
    const below = pki.leaf(NAME, { issuer: upper });
    expect(reasonsOf(judge([{ serial: '4def' }], [below, upper]))).to.deep.equal(['deny_listed']);
    expect(reasonsOf(judge([{ serial: '4def' }], [leaf, upper]))).to.deep.equal([]);
    expect(reasonsOf(judge([{ spki: spkiOf(pki.intermediate) }]))).to.deep.equal(['deny_listed']);
  });

  it('goes another way where one is free of it', () => {
    const denied = mintCa('Twice', { issuer: pki.intermediate, serial: '4def' });
    const free = mintCa('Twice', { issuer: pki.intermediate });
    const below = pki.leaf(NAME, { issuer: free });
    expect(reasonsOf(judge([{ serial: '4def' }], [below, denied, free]))).to.deep.equal([]);
  });

  it('is never on trial', () => {
    expect(reasonsOf(judge([{ serial: '4abc' }], [leaf], true))).to.deep.equal(['deny_listed']);
  });
});

import { expect } from 'chai';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import { PEER_REASONS } from '../../src/trust/peer.ts';
import { TRIAL_REASONS } from '../../src/trust/trial.ts';
import {
  daysFromNow,
  NAME,
  NOW,
  present,
  reasonsOf,
  reportedOf,
  spkiOf,
  trusting,
} from '../support/judging.ts';
import { createTestPki, mint } from '../support/pki.ts';

const pki = createTestPki();
const leaf = pki.leaf(NAME);
const OTHER = '00'.repeat(32);
const pinning = (pins: readonly string[], reportOnly: readonly 'pins'[] = []) =>
  trusting([pki.intermediate], NOW, { pins, reportOnly });

describe('pins, as judgePeer uses them', () => {
  it('let in the key that is listed, beside others, and no other', () => {
    expect(reasonsOf(judgePeer(present([leaf]), pinning([OTHER, spkiOf(leaf)]), NOW))).to.deep.equal([]);
    expect(reasonsOf(judgePeer(present([leaf]), pinning([OTHER]), NOW))).to.deep.equal(['pin_mismatch']);
  });

  it('mean the key of the client, not of its issuer', () => {
    const trust = pinning([spkiOf(pki.intermediate)]);
    expect(reasonsOf(judgePeer(present([leaf, pki.intermediate]), trust, NOW))).to.deep.equal([
      'pin_mismatch',
    ]);
  });

  it('are added to the chain, never instead of it', () => {
    const selfSigned = mint({ subject: NAME, extendedKeyUsage: ['clientAuth'] });
    const trust = pinning([spkiOf(selfSigned)]);
    expect(reasonsOf(judgePeer(present([selfSigned]), trust, NOW))).to.deep.equal(['untrusted_issuer']);
  });

  it('do not stand in for a fault that OpenSSL found', () => {
    const openssl = { authorized: false, error: 'UNSPECIFIED' };
    const verdict = judgePeer(present([leaf], { openssl }), pinning([OTHER]), NOW);
    expect(reasonsOf(verdict)).to.deep.equal(['pin_mismatch', 'openssl']);
  });
});

describe('what is on trial', () => {
  it('is told, and lets in', () => {
    const verdict = judgePeer(present([leaf]), pinning([OTHER], ['pins']), NOW);
    expect(reasonsOf(verdict)).to.deep.equal([]);
    expect(reportedOf(verdict)).to.deep.equal(['pin_mismatch']);
    expect(reportedOf(judgePeer(present([leaf]), pinning([]), NOW))).to.deep.equal([]);
  });

  it('is no reason against a client that is refused for another', () => {
    const expired = pki.leaf(NAME, { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
    const verdict = judgePeer(present([expired]), pinning([OTHER], ['pins']), NOW);
    expect(reasonsOf(verdict)).to.deep.equal(['expired']);
  });

  it('has reasons from the closed list', () => {
    expect(PEER_REASONS).to.include.members(TRIAL_REASONS);
    expect(TRIAL_REASONS).not.to.include('deny_listed');
  });
});

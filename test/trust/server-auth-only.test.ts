import { expect } from 'chai';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { Presented, Verdict } from '../../src/trust/peer.ts';
import { daysLeftOf, warnAboutException } from '../../src/trust/server-auth-only.ts';
import type { Trust } from '../../src/trust/trust.ts';
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
import { createTestPki, type MintOrder, mintCa } from '../support/pki.ts';
import { startTlsGate } from '../support/tls-gate.ts';

const pki = createTestPki();
const serverOnly = (change: Partial<MintOrder> = {}) =>
  pki.leaf(NAME, { extendedKeyUsage: ['serverAuth'], ...change });
const leaf = serverOnly();
const INVALID_PURPOSE = { openssl: { authorized: false, error: 'INVALID_PURPOSE' } } as const;
const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

function excepting(until: string, further: Parameters<typeof trusting>[2] = {}): Trust {
  const serverAuthOnly = { until, spki: new Set([spkiOf(leaf)]) };
  return trusting([pki.intermediate], NOW, { serverAuthOnly, ...further });
}

const judge = (presented: Presented, trust: Trust, now = NOW): Verdict => judgePeer(presented, trust, now);

describe('a certificate that is for servers only', () => {
  const trust = excepting(dayOf(daysFromNow(30)));

  it('is refused without an exception', () => {
    const verdict = judge(present([leaf], INVALID_PURPOSE), trusting([pki.intermediate]));
    expect(reasonsOf(verdict)).to.deep.equal(['server_auth_only']);
    // What the exception needs, for whoever reads the log.
    expect(verdict.trusted ? '' : verdict.refusal.findings[0]?.detail).to.include(spkiOf(leaf));
  });

  it('is let in by its key, proved, and reported each time', () => {
    const verdict = judge(present([leaf], INVALID_PURPOSE), trust);
    expect(verdict.trusted && verdict.peer).to.include({ proven: true, name: NAME });
    expect(reportedOf(verdict)).to.deep.equal(['server_auth_only']);
    const [told] = verdict.trusted ? verdict.wouldRefuse : [];
    expect(told?.detail).to.include(`lets this key in until ${dayOf(daysFromNow(30))}`);
  });

  it('is let in to the end of the last day, UTC, and no longer', () => {
    const lasting = excepting('2027-03-15');
    const long = serverOnly({ notBefore: daysFromNow(-1), notAfter: daysFromNow(800) });
    const anchor = mintCa('Test Intermediate A', { issuer: pki.root, notAfter: daysFromNow(800) });
    const trusted = { ...lasting, anchors: trusting([anchor]).anchors };
    const on = (instant: string) =>
      judge(present([long], INVALID_PURPOSE), trusted, new Date(instant)).trusted;
    expect(on('2027-03-15T23:59:59.999Z')).to.equal(true);
    expect(on('2027-03-16T00:00:00.000Z')).to.equal(false);
    const days = (instant: string) => daysLeftOf({ until: '2027-03-15' }, new Date(instant));
    expect(days('2027-03-15T23:59:59.999Z')).to.equal(1);
    expect(days('2027-03-16T00:00:00.000Z')).to.be.at.most(0);
    expect(days('2027-03-01T00:00:00.000Z')).to.equal(15);
  });

  it('is refused with another key', () => {
    const other = serverOnly({ key: { kind: 'p-256', label: 'other' } });
    expect(reasonsOf(judge(present([other], INVALID_PURPOSE), trust))).to.deep.equal(['server_auth_only']);
  });

  it('is refused for any other extended key usage', () => {
    for (const extendedKeyUsage of [['emailProtection'], ['serverAuth', 'emailProtection']]) {
      const odd = serverOnly({ extendedKeyUsage });
      expect(reasonsOf(judge(present([odd], INVALID_PURPOSE), trust))).to.deep.equal(['extended_key_usage']);
    }
  });

  it('is judged as ever in everything else', () => {
    const cases = [
      [pki.leaf('x.example.com', { extendedKeyUsage: ['serverAuth'] }), 'name_not_allowed'],
      [serverOnly({ notAfter: daysFromNow(-1), notBefore: daysFromNow(-2) }), 'expired'],
      [serverOnly({ issuer: pki.sibling }), 'untrusted_issuer'],
      [serverOnly({ keyUsage: ['keyEncipherment'] }), 'key_usage'],
    ] as const;
    for (const [each, reason] of cases) {
      expect(reasonsOf(judge(present([each], INVALID_PURPOSE), trust))).to.deep.equal([reason]);
    }
    const denied = excepting(dayOf(daysFromNow(30)), { deny: [{ spki: spkiOf(leaf) }] });
    expect(reasonsOf(judge(present([leaf], INVALID_PURPOSE), denied))).to.deep.equal(['deny_listed']);
  });

  it('is refused when an issuer on the way is for servers only, too', () => {
    const between = mintCa('Between', { issuer: pki.intermediate, extendedKeyUsage: ['serverAuth'] });
    const below = serverOnly({ issuer: between });
    const verdict = judge(present([below, between], INVALID_PURPOSE), trust);
    expect(reasonsOf(verdict)).to.deep.equal(['extended_key_usage']);
  });

  it('accounts for the one code of OpenSSL that says the same, and for no other', () => {
    for (const error of [
      'CERT_REJECTED',
      'CERT_UNTRUSTED',
      'UNABLE_TO_GET_ISSUER_CERT',
      'CERT_HAS_EXPIRED',
    ]) {
      const verdict = judge(present([leaf], { openssl: { authorized: false, error } }), trust);
      expect(reasonsOf(verdict), error).to.deep.equal(['openssl']);
    }
    const unnamed = judge(present([leaf], { openssl: { authorized: false } }), trust);
    expect(reasonsOf(unnamed)).to.deep.equal(['openssl']);
  });

  it('does not let a code of OpenSSL pass for a certificate that it is not about', () => {
    const ordinary = pki.leaf(NAME);
    expect(reasonsOf(judge(present([ordinary], INVALID_PURPOSE), trust))).to.deep.equal(['openssl']);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`is let in over ${version} by the exception alone, and reported`, async () => {
      const shown = { cert: leaf.pem, key: leaf.keyPem };
      const only = { minVersion: version, maxVersion: version };
      await using gate = await startTlsGate({ trust: trusting([pki.intermediate]), pki });
      const without = await gate.judge(shown, only);
      expect(without.presented.openssl).to.deep.equal(INVALID_PURPOSE.openssl);
      expect(reasonsOf(without.verdict)).to.deep.equal(['server_auth_only']);
      gate.replaceTrust(trust);
      const { verdict } = await gate.judge(shown, only);
      expect(verdict.trusted && verdict.peer.proven).to.equal(true);
      expect(reportedOf(verdict)).to.deep.equal(['server_auth_only']);
    });
  }
});

describe('warnAboutException', () => {
  it('speaks once the exception has ended', () => {
    const exception = { until: '2027-03-15', spki: new Set(['ab']) };
    expect(warnAboutException(undefined, NOW)).to.equal(undefined);
    expect(warnAboutException(exception, new Date('2027-03-15T12:00:00Z'))).to.equal(undefined);
    expect(warnAboutException(exception, new Date('2027-03-16T12:00:00Z'))).to.include('2027-03-15');
  });
});

import { expect } from 'chai';
import { AddressList } from '../../src/trust/addresses.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { Presented, Verdict } from '../../src/trust/peer.ts';
import type { Trust } from '../../src/trust/trust.ts';
import {
  createUnprovenPeer,
  describeUnproven,
  TRUST_MODES,
  warnAboutMode,
} from '../../src/trust/unproven.ts';
import { NAME, NOW, present, reasonsOf, reportedOf, spkiOf, trusting } from '../support/judging.ts';
import { createTestPki, mint } from '../support/pki.ts';

const pki = createTestPki();
const good = pki.leaf(NAME);
const stranger = pki.leaf('somebody.example.com', { issuer: pki.sibling });
const refusedByOpenssl = {
  openssl: { authorized: false, error: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
} as const;

const at = (mode: Trust['mode'], further: Parameters<typeof trusting>[2] = {}): Trust =>
  trusting([pki.intermediate], NOW, { mode, ...further });
const judge = (presented: Presented, trust: Trust): Verdict => judgePeer(presented, trust, NOW);
const peerOf = (verdict: Verdict) => (verdict.trusted ? verdict.peer : undefined);

describe('judgePeer, where client certificates are requested', () => {
  it('proves a good client as ever', () => {
    const verdict = judge(present([good]), at('requested'));
    expect(peerOf(verdict)).to.include({ proven: true, name: NAME });
    expect(reportedOf(verdict)).to.deep.equal([]);
    expect(verdict).not.to.have.property('unproven');
  });

  it('lets a client without a certificate in, unproven, and says what it would have been told', () => {
    const verdict = judge(present([]), at('requested'));
    expect(peerOf(verdict)).to.deep.equal(createUnprovenPeer('requested', 'none', 'TLSv1.3'));
    expect(reportedOf(verdict)).to.deep.equal(['no_certificate']);
    expect(verdict.trusted && verdict.unproven).to.deep.include({ nearMiss: false });
  });

  it('lets a client with a certificate that is not trusted in, with every reason, and believes nothing of it', () => {
    const verdict = judge(present([stranger], refusedByOpenssl), at('requested'));
    expect(peerOf(verdict)).to.deep.equal(createUnprovenPeer('requested', 'not trusted', 'TLSv1.3'));
    expect(reportedOf(verdict)).to.deep.equal(['name_not_allowed', 'untrusted_issuer']);
    const record = verdict.trusted ? verdict.unproven : undefined;
    expect(record?.leaf?.names).to.deep.equal(['somebody.example.com']);
    expect(record?.findings.map(({ reason }) => reason)).to.deep.equal(reportedOf(verdict));
  });

  it('does not take the right name of a forger for a proof', () => {
    const forged = mint({ subject: NAME, extendedKeyUsage: ['clientAuth'], keyUsage: ['digitalSignature'] });
    const verdict = judge(present([forged], refusedByOpenssl), at('requested'));
    expect(peerOf(verdict)).to.include({ proven: false, name: '', anchor: '' });
    expect(verdict.trusted && verdict.unproven).to.include({ nearMiss: true });
  });

  it('does not prove what OpenSSL alone refuses', () => {
    const verdict = judge(present([good], { openssl: { authorized: false, error: 'ODD' } }), at('requested'));
    expect(peerOf(verdict)).to.include({ proven: false });
    expect(reportedOf(verdict)).to.deep.equal(['openssl']);
  });

  it('tells what is on trial beside what would refuse', () => {
    const trust = at('requested', { pins: ['ab'.repeat(32)], reportOnly: ['pins'] });
    expect(reportedOf(judge(present([stranger], refusedByOpenssl), trust))).to.include('pin_mismatch');
  });

  it('refuses a certificate that it cannot read, for it may be one that is denied', () => {
    const presented = { ...present([]), chain: [Uint8Array.of(0x30, 0x00)], ...refusedByOpenssl };
    expect(reasonsOf(judge(presented, at('requested')))).to.include('unreadable_certificate');
  });

  it('refuses whoever is denied, trusted or not', () => {
    for (const leaf of [good, stranger]) {
      const trust = at('requested', { deny: [{ spki: spkiOf(leaf) }] });
      expect(reasonsOf(judge(present([leaf]), trust))).to.include('deny_listed');
    }
  });
});

for (const mode of ['requested', 'off'] as const) {
  describe(`judgePeer, whatever is shown in mode ${mode}`, () => {
    it('refuses an address that is not listed, an old protocol and a resumed session', () => {
      const addresses = new AddressList([]);
      const elsewhere = at(mode, { addresses });
      for (const chain of [[], [good]]) {
        expect(reasonsOf(judge(present(chain), elsewhere))).to.include('address_not_allowed');
        expect(reasonsOf(judge(present(chain, { protocol: 'TLSv1.1' }), at(mode)))).to.include('protocol');
        expect(reasonsOf(judge(present(chain, { resumed: true }), at(mode)))).to.include('resumed');
      }
    });

    it('refuses a socket that could not be read', () => {
      const nothing = { chain: [], openssl: { authorized: false }, resumed: false, protocol: 'unknown' };
      expect(judge(nothing, at(mode)).trusted).to.equal(false);
    });
  });
}

describe('judgePeer, where client certificates are off', () => {
  it('proves nobody, and misses nothing', () => {
    for (const chain of [[], [good], [stranger]]) {
      const verdict = judge(present(chain), at('off'));
      expect(peerOf(verdict)).to.deep.equal(createUnprovenPeer('off', 'none', 'TLSv1.3'));
      expect(reportedOf(verdict)).to.deep.equal([]);
      expect(verdict).not.to.have.property('unproven');
    }
  });
});

describe('judgePeer, where client certificates are required', () => {
  it('lets nobody in unproven', () => {
    for (const chain of [[], [stranger]]) {
      expect(judge(present(chain, refusedByOpenssl), at('required')).trusted).to.equal(false);
      expect(judge(present(chain, refusedByOpenssl), trusting([pki.intermediate])).trusted).to.equal(false);
    }
  });
});

describe('describeUnproven', () => {
  it('reads what stands in the place of a fingerprint, and nothing else', () => {
    const { fingerprint } = createUnprovenPeer('requested', 'none', 'TLSv1.3');
    expect(describeUnproven(fingerprint)).to.equal('none (mode requested)');
    const other = createUnprovenPeer('requested', 'not trusted', 'TLSv1.2');
    expect(describeUnproven(other.fingerprint)).to.equal('not trusted (mode requested)');
    expect(describeUnproven('ab'.repeat(32))).to.equal(undefined);
  });
});

describe('warnAboutMode', () => {
  it('is silent only where certificates are required', () => {
    expect(TRUST_MODES.filter((mode) => warnAboutMode(mode) === undefined)).to.deep.equal(['required']);
  });
});

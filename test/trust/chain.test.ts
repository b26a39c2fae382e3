import type { KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { type Certificate, readCertificate } from '../../src/trust/certificate.ts';
import { findChain } from '../../src/trust/chain.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import { daysFromNow, NAME, NOW, pinIntermediate, present, reasonsOf, trusting } from '../support/judging.ts';
import type { Minted } from '../support/pki.ts';
import { mint, mintCa } from '../support/pki.ts';

describe('findChain', () => {
  it('checks few signatures, however many issuers of one name and key are sent', () => {
    const key = { kind: 'p-256', label: 'one of many' } as const;
    let checks = 0;
    const counted = ({ der }: Minted): Certificate => {
      const certificate = readCertificate(der);
      const x509 = Object.create(certificate.x509, {
        verify: {
          value: (key: KeyObject) => {
            checks += 1;
            return certificate.x509.verify(key);
          },
        },
        publicKey: { value: certificate.x509.publicKey },
      });
      return { ...certificate, x509 };
    };
    const self = mintCa('One of many', { key });
    const sent = Array.from({ length: 7 }, (_, index) =>
      counted(mintCa('One of many', { key, issuer: self, serial: `0${index + 1}` })),
    );
    const leaf = counted(mint({ subject: NAME, issuer: self }));
    const { anchor, findings } = findChain({ leaf, sent, trust: trusting([mintCa('Pinned')]), now: NOW });
    expect([anchor, findings.map(({ reason }) => reason)]).to.deep.equal([undefined, ['untrusted_issuer']]);
    expect(checks).to.equal(24);
  });
});

describe('findChain, as judgePeer uses it', () => {
  const { pki, judge } = pinIntermediate();

  describe('lets in', () => {
    it('a chain signed with ECDSA or Ed25519', () => {
      for (const kind of ['p-384', 'ed25519'] as const) {
        const issuer = mintCa(`CA ${kind}`, { key: { kind, label: 'ca' }, issuer: pki.root });
        const verdict = judgePeer(
          present([pki.leaf(NAME, { issuer, digest: 'sha384' })]),
          trusting([issuer]),
          NOW,
        );
        expect(reasonsOf(verdict), kind).to.deep.equal([]);
      }
    });

    it('a chain with two issuers below the anchor, in any order, with strangers and copies among them', () => {
      const upper = mintCa('Upper', { issuer: pki.intermediate });
      const lower = mintCa('Lower', { issuer: upper });
      const leaf = pki.leaf(NAME, { issuer: lower });
      expect(reasonsOf(judge(leaf, lower, upper))).to.deep.equal([]);
      expect(reasonsOf(judge(leaf, leaf, pki.sibling, upper, lower, lower))).to.deep.equal([]);
    });

    it('a client of either key when two pinned certificates share a name', () => {
      const renewed = mintCa('Test Intermediate A', {
        issuer: pki.root,
        key: { kind: 'rsa-2048', label: 'A again' },
      });
      const both = trusting([pki.intermediate, renewed]);
      for (const issuer of [pki.intermediate, renewed]) {
        const verdict = judgePeer(present([pki.leaf(NAME, { issuer, withoutKeyIds: true })]), both, NOW);
        expect(reasonsOf(verdict)).to.deep.equal([]);
      }
    });

    it('the sound one of two ways to the anchor', () => {
      const expired = mintCa('Sub', {
        issuer: pki.intermediate,
        notBefore: daysFromNow(-9),
        notAfter: daysFromNow(-1),
      });
      const sound = mintCa('Sub', { issuer: pki.intermediate });
      const leaf = pki.leaf(NAME, { issuer: sound });
      expect(reasonsOf(judge(leaf, expired, sound))).to.deep.equal([]);
      expect(reasonsOf(judge(leaf, expired))).to.deep.equal(['expired']);
    });
  });

  it('refuses a self-signed certificate with the right name', () => {
    const verdict = judge(mint({ subject: NAME, extendedKeyUsage: ['clientAuth'] }));
    expect(reasonsOf(verdict)).to.deep.equal(['untrusted_issuer']);
    expect(verdict.trusted || verdict.refusal.nearMiss).to.equal(true);
  });

  it('refuses a client of a sibling, with its whole chain sent', () => {
    const leaf = pki.leaf(NAME, { issuer: pki.sibling });
    expect(reasonsOf(judge(leaf, pki.sibling, pki.root))).to.deep.equal(['untrusted_issuer']);
    expect(reasonsOf(judge(leaf, pki.intermediate))).to.deep.equal(['untrusted_issuer']);
  });

  it('refuses a forged issuer of the pinned name, with its certificate or the real one attached', () => {
    const fake = mintCa('Test Intermediate A', {
      key: { kind: 'rsa-2048', label: 'fake' },
      issuer: pki.sibling,
    });
    const leaf = pki.leaf(NAME, { issuer: fake });
    expect(reasonsOf(judge(leaf))).to.deep.equal(['bad_signature']);
    expect(reasonsOf(judge(leaf, fake))).to.deep.equal(['bad_signature']);
    expect(reasonsOf(judge(leaf, pki.intermediate))).to.deep.equal(['bad_signature']);
  });

  it('refuses a client whose issuer is another client', () => {
    const client = pki.leaf('client.example', { key: { kind: 'rsa-2048', label: 'client as ca' } });
    const verdict = judge(pki.leaf(NAME, { issuer: client }), client);
    expect(reasonsOf(verdict)).to.deep.equal(['untrusted_issuer', 'key_usage']);
  });

  it('refuses an issuer that may not issue for clients', () => {
    const issuer = mintCa('Servers only', { issuer: pki.intermediate, extendedKeyUsage: ['serverAuth'] });
    expect(reasonsOf(judge(pki.leaf(NAME, { issuer }), issuer))).to.deep.equal(['extended_key_usage']);
  });

  it('refuses a chain deeper than three', () => {
    const upper = mintCa('Upper', { issuer: pki.intermediate });
    const middle = mintCa('Middle', { issuer: upper });
    const lower = mintCa('Lower', { issuer: middle });
    expect(reasonsOf(judge(pki.leaf(NAME, { issuer: lower }), lower, middle, upper))).to.deep.equal([
      'depth',
    ]);
  });

  it('refuses more issuers than the anchor or one on the way allows', () => {
    const narrow = mintCa('Narrow', { issuer: pki.root, pathLength: 0 });
    const sub = mintCa('Sub', { issuer: narrow });
    const leaf = pki.leaf(NAME, { issuer: sub });
    expect(reasonsOf(judgePeer(present([leaf, sub]), trusting([narrow]), NOW))).to.deep.equal([
      'path_length',
    ]);
    const upper = mintCa('Upper', { issuer: pki.intermediate, pathLength: 0 });
    const lower = mintCa('Lower', { issuer: upper });
    expect(reasonsOf(judge(pki.leaf(NAME, { issuer: lower }), lower, upper))).to.deep.equal(['path_length']);
  });

  it('refuses an anchor that has ended since it was loaded', () => {
    const short = mintCa('Short', { issuer: pki.root, notAfter: daysFromNow(1) });
    const presented = present([pki.leaf(NAME, { issuer: short, notAfter: daysFromNow(9) })]);
    expect(reasonsOf(judgePeer(presented, trusting([short]), NOW))).to.deep.equal([]);
    expect(reasonsOf(judgePeer(presented, trusting([short]), daysFromNow(2)))).to.deep.equal([
      'anchor_expired',
    ]);
  });

  it('refuses name constraints it does not evaluate, in an issuer and in the leaf', () => {
    const extensions = [{ oid: '2.5.29.30', critical: true, hex: '3000' }];
    const issuer = mintCa('Constrained', { issuer: pki.intermediate, extensions });
    expect(reasonsOf(judge(pki.leaf(NAME, { issuer }), issuer))).to.deep.equal(['name_constraint']);
    expect(reasonsOf(judge(pki.leaf(NAME, { extensions })))).to.deep.equal(['name_constraint']);
  });
});

import { expect } from 'chai';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { PeerReason } from '../../src/trust/peer.ts';
import { daysFromNow, NAME, pinIntermediate, present, reasonsOf, trusting } from '../support/judging.ts';
import type { MintOrder } from '../support/pki.ts';
import { mintCa } from '../support/pki.ts';

describe('checkLeaf, as judgePeer uses it', () => {
  const { pki, judgeLeaf } = pinIntermediate();

  describe('lets in', () => {
    it('a certificate that does not limit its use', () => {
      expect(judgeLeaf({ keyUsage: undefined, extendedKeyUsage: undefined, ca: undefined })).to.deep.equal(
        [],
      );
      expect(judgeLeaf({ extendedKeyUsage: ['serverAuth', 'clientAuth'] })).to.deep.equal([]);
    });

    for (const kind of ['rsa-3072', 'p-256', 'p-384', 'ed25519'] as const) {
      it(`a ${kind} key`, () => {
        expect(judgeLeaf({ key: { kind, label: 'leaf' } })).to.deep.equal([]);
      });
    }

    it('a certificate signed with RSA-PSS, SHA-384 or SHA-512', () => {
      for (const digest of ['sha256-pss', 'sha384', 'sha512'] as const) {
        expect(judgeLeaf({ digest }), digest).to.deep.equal([]);
      }
    });

    it('a leaf on its first and on its last second', () => {
      const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-12-31T23:59:59Z')];
      const anchor = mintCa('Long', { notBefore: new Date('2020-01-01'), notAfter: new Date('2040-01-01') });
      const presented = present([pki.leaf(NAME, { issuer: anchor, notBefore, notAfter })]);
      const judgedAt = (at: Date) => reasonsOf(judgePeer(presented, trusting([anchor]), at));
      expect(judgedAt(notBefore)).to.deep.equal([]);
      expect(judgedAt(notAfter)).to.deep.equal([]);
      expect(judgedAt(new Date(notBefore.getTime() - 1))).to.deep.equal(['not_yet_valid']);
      expect(judgedAt(new Date(notAfter.getTime() + 1))).to.deep.equal(['expired']);
      const verdict = judgePeer(presented, trusting([anchor]), new Date(notAfter.getTime() + 1));
      expect(verdict.trusted ? '' : verdict.refusal.findings[0]?.detail).to.equal(
        'the client certificate expired on 2026-12-31 23:59Z',
      );
    });
  });

  for (const [what, reason, overrides] of [
    ['expired', 'expired', { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }],
    ['not yet valid', 'not_yet_valid', { notBefore: daysFromNow(1) }],
    ['for servers only', 'server_auth_only', { extendedKeyUsage: ['serverAuth'] }],
    ['for anything', 'extended_key_usage', { extendedKeyUsage: ['2.5.29.37.0'] }],
    ['for servers and anything', 'extended_key_usage', { extendedKeyUsage: ['serverAuth', '2.5.29.37.0'] }],
    ['for signing code', 'extended_key_usage', { extendedKeyUsage: ['codeSigning'] }],
    ['without digitalSignature', 'key_usage', { keyUsage: ['keyEncipherment'] }],
    ['a CA', 'is_ca', { ca: true }],
    ['that may sign certificates', 'is_ca', { keyUsage: ['digitalSignature', 'keyCertSign'] }],
    ['of RSA with 1024 bits', 'weak_key', { key: { kind: 'rsa-1024', label: 'weak' } }],
    ['of an unusual curve', 'key_type', { key: { kind: 'secp256k1', label: 'odd' } }],
    ['of an RSA-PSS key', 'key_type', { key: { kind: 'rsa-pss', label: 'odd' } }],
    ['signed with SHA-1', 'weak_signature', { digest: 'sha1' }],
    ['signed with MD5', 'weak_signature', { digest: 'md5' }],
    [
      'with an unknown critical extension',
      'unknown_critical_extension',
      { extensions: [{ oid: '1.2.3.4', critical: true, hex: '0500' }] },
    ],
  ] as const satisfies readonly (readonly [string, PeerReason, Partial<MintOrder>])[]) {
    it(`refuses one ${what} as ${reason}`, () => {
      expect(judgeLeaf(overrides)).to.deep.equal([reason]);
    });
  }

  it('passes over an unknown extension that is not critical', () => {
    expect(judgeLeaf({ extensions: [{ oid: '1.2.3.4', critical: false, hex: 'ff' }] })).to.deep.equal([]);
  });

  it('says every reason at once', () => {
    const extensions = [{ oid: '1.2.3.4', critical: true, hex: '0500' }];
    const faults = {
      notBefore: daysFromNow(-9),
      notAfter: daysFromNow(-1),
      extendedKeyUsage: ['serverAuth'],
      extensions,
    };
    expect(judgeLeaf(faults)).to.have.members(['expired', 'server_auth_only', 'unknown_critical_extension']);
    expect(judgeLeaf({ ...faults, issuer: pki.sibling }, 'someone.example')).to.have.members([
      'name_not_allowed',
      'expired',
      'server_auth_only',
      'unknown_critical_extension',
      'untrusted_issuer',
    ]);
  });
});

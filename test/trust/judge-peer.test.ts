import { expect } from 'chai';
import fc from 'fast-check';
import { parseBundle } from '../../src/trust/bundle.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { PeerReason, Presented, Verdict } from '../../src/trust/peer.ts';
import type { Trust } from '../../src/trust/trust.ts';
import { createTrust } from '../../src/trust/trust.ts';
import type { Minted, MintOrder, TestPki } from '../support/pki.ts';
import { createTestPki, mint, mintCa } from '../support/pki.ts';

const NAME = 'cxml-supplier.coupahost.com';
const OTHER = 'cxml-supplier.coupacloud.com';
const NOW = new Date();
const DAY_MS = 86_400_000;
const daysFromNow = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

const trusting = (...anchors: Minted[]): Trust =>
  createTrust({
    bundle: parseBundle(
      [{ name: 'bundle.pem', text: Buffer.from(anchors.map(({ pem }) => pem).join('')) }],
      NOW,
    ),
    names: [NAME, OTHER],
    generation: 1,
  });

/** As OpenSSL would hand it over when it has nothing against it. */
const present = (
  chain: readonly { readonly der: Uint8Array }[],
  change: Partial<Presented> = {},
): Presented => ({
  chain: chain.map(({ der }) => der),
  openssl: { authorized: true },
  resumed: false,
  protocol: 'TLSv1.3',
  ...change,
});

const reasons = (verdict: Verdict): PeerReason[] =>
  verdict.trusted ? [] : verdict.refusal.findings.map(({ reason }) => reason);

describe('judgePeer', () => {
  let pki: TestPki;
  let trust: Trust;
  const judge = (leaf: Minted, ...sent: Minted[]) => judgePeer(present([leaf, ...sent]), trust, NOW);
  const judgeLeaf = (overrides: Partial<MintOrder>, subject: MintOrder['subject'] = NAME) =>
    reasons(judge(pki.leaf(subject, overrides)));

  before(() => {
    pki = createTestPki();
    trust = trusting(pki.intermediate);
  });

  describe('lets in', () => {
    it('a client of the pinned intermediate, and says who it is', () => {
      const leaf = pki.leaf(NAME, { serial: '0abc' });
      const verdict = judge(leaf, pki.intermediate);
      expect(verdict.trusted).to.equal(true);
      if (!verdict.trusted) return;
      expect(verdict.peer).to.include({
        name: NAME,
        serial: '0abc',
        subject: `CN=${NAME}`,
        issuer: 'O=Sallyport tests, CN=Test Intermediate A',
        anchor: trust.anchors[0]?.certificate.spki,
        chainPem: leaf.pem + pki.intermediate.pem,
        protocol: 'TLSv1.3',
      });
      expect(verdict.peer.fingerprint).to.match(/^[0-9a-f]{64}$/);
    });

    it('every allowed name, with and without the intermediate sent', () => {
      expect(reasons(judge(pki.leaf(NAME)))).to.deep.equal([]);
      expect(reasons(judge(pki.leaf(OTHER), pki.intermediate))).to.deep.equal([]);
      expect(reasons(judge(pki.leaf(OTHER), pki.intermediate, pki.root))).to.deep.equal([]);
    });

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

    it('a chain signed with ECDSA or Ed25519', () => {
      for (const kind of ['p-384', 'ed25519'] as const) {
        const issuer = mintCa(`CA ${kind}`, { key: { kind, label: 'ca' }, issuer: pki.root });
        const verdict = judgePeer(
          present([pki.leaf(NAME, { issuer, digest: 'sha384' })]),
          trusting(issuer),
          NOW,
        );
        expect(reasons(verdict), kind).to.deep.equal([]);
      }
    });

    it('a chain with two issuers below the anchor, sent in any order, with strangers and copies among them', () => {
      const upper = mintCa('Upper', { issuer: pki.intermediate });
      const lower = mintCa('Lower', { issuer: upper });
      const leaf = pki.leaf(NAME, { issuer: lower });
      expect(reasons(judge(leaf, lower, upper))).to.deep.equal([]);
      expect(reasons(judge(leaf, leaf, pki.sibling, upper, lower, lower))).to.deep.equal([]);
    });

    it('a client of either key when two pinned certificates share a name', () => {
      const renewed = mintCa('Test Intermediate A', {
        issuer: pki.root,
        key: { kind: 'rsa-2048', label: 'A again' },
      });
      const both = trusting(pki.intermediate, renewed);
      for (const issuer of [pki.intermediate, renewed]) {
        const verdict = judgePeer(present([pki.leaf(NAME, { issuer, withoutKeyIds: true })]), both, NOW);
        expect(reasons(verdict)).to.deep.equal([]);
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
      expect(reasons(judge(leaf, expired, sound))).to.deep.equal([]);
      expect(reasons(judge(leaf, expired))).to.deep.equal(['expired']);
    });

    it('a chain with an unreadable extra that it does not need', () => {
      const verdict = judgePeer(present([pki.leaf(NAME), { der: Buffer.from('0500', 'hex') }]), trust, NOW);
      expect(reasons(verdict)).to.deep.equal([]);
    });

    it('a leaf on its first and on its last second', () => {
      const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-12-31T23:59:59Z')];
      const anchor = mintCa('Long', { notBefore: new Date('2020-01-01'), notAfter: new Date('2040-01-01') });
      const presented = present([pki.leaf(NAME, { issuer: anchor, notBefore, notAfter })]);
      const judgedAt = (at: Date) => reasons(judgePeer(presented, trusting(anchor), at));
      expect(judgedAt(notBefore)).to.deep.equal([]);
      expect(judgedAt(notAfter)).to.deep.equal([]);
      expect(judgedAt(new Date(notBefore.getTime() - 1))).to.deep.equal(['not_yet_valid']);
      expect(judgedAt(new Date(notAfter.getTime() + 1))).to.deep.equal(['expired']);
    });
  });

  describe('follows signatures, never names', () => {
    it('refuses a self-signed certificate with the right name', () => {
      const verdict = judge(mint({ subject: NAME, extendedKeyUsage: ['clientAuth'] }));
      expect(reasons(verdict)).to.deep.equal(['untrusted_issuer']);
      expect(verdict.trusted || verdict.refusal.nearMiss).to.equal(true);
    });

    it('refuses a client of a sibling, with its whole chain sent', () => {
      const leaf = pki.leaf(NAME, { issuer: pki.sibling });
      expect(reasons(judge(leaf, pki.sibling, pki.root))).to.deep.equal(['untrusted_issuer']);
      expect(reasons(judge(leaf, pki.intermediate))).to.deep.equal(['untrusted_issuer']);
    });

    it('refuses a forged issuer of the pinned name, with its certificate or the real one attached', () => {
      const fake = mintCa('Test Intermediate A', {
        key: { kind: 'rsa-2048', label: 'fake' },
        issuer: pki.sibling,
      });
      const leaf = pki.leaf(NAME, { issuer: fake });
      expect(reasons(judge(leaf))).to.deep.equal(['bad_signature']);
      expect(reasons(judge(leaf, fake))).to.deep.equal(['bad_signature']);
      expect(reasons(judge(leaf, pki.intermediate))).to.deep.equal(['bad_signature']);
    });

    it('refuses a client whose issuer is another client', () => {
      const client = pki.leaf('client.example', { key: { kind: 'rsa-2048', label: 'client as ca' } });
      const verdict = judge(pki.leaf(NAME, { issuer: client }), client);
      expect(reasons(verdict)).to.deep.equal(['untrusted_issuer', 'key_usage']);
    });

    it('refuses an issuer that may not issue for clients', () => {
      const issuer = mintCa('Servers only', { issuer: pki.intermediate, extendedKeyUsage: ['serverAuth'] });
      expect(reasons(judge(pki.leaf(NAME, { issuer }), issuer))).to.deep.equal(['extended_key_usage']);
    });

    it('refuses a chain deeper than three', () => {
      const upper = mintCa('Upper', { issuer: pki.intermediate });
      const middle = mintCa('Middle', { issuer: upper });
      const lower = mintCa('Lower', { issuer: middle });
      expect(reasons(judge(pki.leaf(NAME, { issuer: lower }), lower, middle, upper))).to.deep.equal([
        'depth',
      ]);
    });

    it('refuses more issuers than the anchor or one on the way allows', () => {
      const narrow = mintCa('Narrow', { issuer: pki.root, pathLength: 0 });
      const sub = mintCa('Sub', { issuer: narrow });
      const leaf = pki.leaf(NAME, { issuer: sub });
      expect(reasons(judgePeer(present([leaf, sub]), trusting(narrow), NOW))).to.deep.equal(['path_length']);
      const upper = mintCa('Upper', { issuer: pki.intermediate, pathLength: 0 });
      const lower = mintCa('Lower', { issuer: upper });
      expect(reasons(judge(pki.leaf(NAME, { issuer: lower }), lower, upper))).to.deep.equal(['path_length']);
    });

    it('refuses an anchor that has ended since it was loaded', () => {
      const short = mintCa('Short', { issuer: pki.root, notAfter: daysFromNow(1) });
      const presented = present([pki.leaf(NAME, { issuer: short, notAfter: daysFromNow(9) })]);
      expect(reasons(judgePeer(presented, trusting(short), NOW))).to.deep.equal([]);
      expect(reasons(judgePeer(presented, trusting(short), daysFromNow(2)))).to.deep.equal([
        'anchor_expired',
      ]);
    });

    it('refuses name constraints it does not evaluate, in an issuer and in the leaf', () => {
      const extensions = [{ oid: '2.5.29.30', critical: true, hex: '3000' }];
      const issuer = mintCa('Constrained', { issuer: pki.intermediate, extensions });
      expect(reasons(judge(pki.leaf(NAME, { issuer }), issuer))).to.deep.equal(['name_constraint']);
      expect(judgeLeaf({ extensions })).to.deep.equal(['name_constraint']);
    });
  });

  describe('reads the leaf', () => {
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
      expect(judgeLeaf(faults)).to.have.members([
        'expired',
        'server_auth_only',
        'unknown_critical_extension',
      ]);
      expect(judgeLeaf({ ...faults, issuer: pki.sibling }, 'someone.example')).to.have.members([
        'name_not_allowed',
        'expired',
        'server_auth_only',
        'unknown_critical_extension',
        'untrusted_issuer',
      ]);
    });
  });

  describe('compares the name byte for byte', () => {
    for (const [what, name] of [
      ['another name', 'supplier.example'],
      ['another case', 'CXML-supplier.coupahost.com'],
      ['a trailing dot', `${NAME}.`],
      ['a leading space', ` ${NAME}`],
      ['a trailing space', `${NAME} `],
      ['a NUL', `${NAME}\0`],
      ['a NUL and more', `${NAME}\0.evil.example`],
      ['a line feed', `${NAME}\n`],
      ['a zero-width character', `cxml\u200b-supplier.coupahost.com`],
      ['a look-alike letter', 'cxml-supplier.c\u043eupahost.com'],
      ['a wildcard', '*.coupahost.com'],
      ['an empty name', ''],
      ['the name within a longer one', `evil ${NAME}`],
    ] as const) {
      it(`refuses ${what}`, () => {
        expect(judgeLeaf({}, [{ value: name }])).to.deep.equal(['name_not_allowed']);
      });
    }

    it('refuses two common names, though both be allowed', () => {
      expect(judgeLeaf({}, [{ value: NAME }, { value: OTHER }])).to.deep.equal(['ambiguous_name']);
      expect(judgeLeaf({}, [{ value: NAME }, { value: NAME }])).to.deep.equal(['ambiguous_name']);
      expect(judgeLeaf({}, [[{ value: 'evil' }, { value: NAME }]])).to.deep.equal(['ambiguous_name']);
    });

    it('takes no other field for the name', () => {
      const unit = { oid: '2.5.4.11', value: `x, CN=${NAME}` };
      expect(judgeLeaf({}, [unit])).to.deep.equal(['name_not_allowed']);
      expect(judgeLeaf({}, [unit, { value: 'evil' }])).to.deep.equal(['name_not_allowed']);
      expect(judgeLeaf({ dns: [NAME] }, [{ oid: '2.5.4.10', value: 'Coupa' }])).to.deep.equal([
        'name_not_allowed',
      ]);
    });

    it('calls it a near miss only when the one name is right and something else is wrong', () => {
      const nearMiss = (leaf: Minted) => {
        const verdict = judge(leaf);
        return verdict.trusted ? undefined : verdict.refusal.nearMiss;
      };
      expect(nearMiss(pki.leaf(NAME, { extendedKeyUsage: ['serverAuth'] }))).to.equal(true);
      expect(nearMiss(pki.leaf(OTHER, { issuer: pki.sibling }))).to.equal(true);
      expect(nearMiss(pki.leaf('evil'))).to.equal(false);
      expect(nearMiss(pki.leaf([{ value: NAME }, { value: OTHER }]))).to.equal(false);
      expect(nearMiss(pki.leaf(NAME))).to.equal(undefined);
    });

    it('describes the refused leaf in a form that is safe to print', () => {
      const verdict = judge(pki.leaf([{ value: 'evil\n\u202eCN=x' }], { serial: '0abc' }));
      if (verdict.trusted) expect.fail('a stranger was let in');
      expect(verdict.refusal.leaf).to.include({
        serial: '0abc',
        issuer: 'O=Sallyport tests, CN=Test Intermediate A',
      });
      expect(verdict.refusal.leaf?.names).to.deep.equal(['evil\\u{a}\\u{202e}CN\\=x']);
      expect(JSON.stringify(verdict.refusal)).to.not.include('\u202e');
    });
  });

  describe('agrees with OpenSSL or refuses', () => {
    const judgeWith = (change: Partial<Presented>, leaf = pki.leaf(NAME)) =>
      reasons(judgePeer(present([leaf], change), trust, NOW));

    it('refuses what only OpenSSL refuses', () => {
      expect(judgeWith({ openssl: { authorized: false, error: 'UNSPECIFIED' } })).to.deep.equal(['openssl']);
      expect(judgeWith({ openssl: { authorized: false } })).to.deep.equal(['openssl']);
    });

    it('says the better word where it has one', () => {
      const expired = pki.leaf(NAME, { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
      const openssl = { authorized: false, error: 'CERT_HAS_EXPIRED' };
      expect(judgeWith({ openssl }, expired)).to.deep.equal(['expired']);
    });

    it('keeps a code that none of its own reasons accounts for', () => {
      const openssl = { authorized: false, error: 'PATH_LENGTH_EXCEEDED' };
      expect(judgeWith({ openssl }, pki.leaf('evil'))).to.deep.equal(['name_not_allowed', 'openssl']);
      const unspecified = { authorized: false, error: 'UNSPECIFIED' };
      expect(judgeWith({ openssl: unspecified }, pki.leaf('evil'))).to.deep.equal([
        'name_not_allowed',
        'openssl',
      ]);
    });

    it('refuses a resumed session and an old protocol', () => {
      expect(judgeWith({ resumed: true })).to.deep.equal(['resumed']);
      expect(judgeWith({ protocol: 'TLSv1.1' })).to.deep.equal(['protocol']);
      expect(judgeWith({ protocol: 'unknown' })).to.deep.equal(['protocol']);
    });
  });

  describe('bounds its work', () => {
    it('refuses no certificate, though OpenSSL call it authorised', () => {
      expect(reasons(judgePeer(present([]), trust, NOW))).to.deep.equal(['no_certificate']);
      expect(reasons(judgePeer(present([], { resumed: true }), trust, NOW))).to.have.members([
        'no_certificate',
        'resumed',
      ]);
    });

    it('refuses bytes that are no certificate', () => {
      expect(reasons(judgePeer(present([{ der: Buffer.from('garbage') }]), trust, NOW))).to.deep.equal([
        'unreadable_certificate',
      ]);
    });

    it('reports an unreadable issuer when there is no way around it', () => {
      const presented = present([pki.leaf(NAME, { issuer: pki.sibling }), { der: Buffer.from('garbage') }]);
      expect(reasons(judgePeer(presented, trust, NOW))).to.deep.equal([
        'untrusted_issuer',
        'unreadable_certificate',
      ]);
    });

    it('refuses more than eight certificates, though the first be good', () => {
      const leaf = pki.leaf(NAME);
      const seven = Array.from({ length: 7 }, () => pki.intermediate);
      expect(reasons(judge(leaf, ...seven))).to.deep.equal([]);
      expect(reasons(judge(leaf, ...seven, pki.intermediate))).to.deep.equal(['depth']);
    });

    it('finds its way through issuers that all vouch for one another within 200 ms', () => {
      const key = { kind: 'rsa-2048', label: 'maze' } as const;
      const first = mintCa('Maze', { key });
      const maze = Array.from({ length: 7 }, () => mintCa('Maze', { key, issuer: first }));
      const leaf = pki.leaf(NAME, { issuer: first });
      judge(leaf, ...maze);
      const started = performance.now();
      expect(reasons(judge(leaf, ...maze))).to.deep.equal(['untrusted_issuer']);
      expect(performance.now() - started).to.be.below(200);
    });

    it('answers any bytes with a refusal', () => {
      const good = pki.leaf(NAME).der;
      const anything = fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        fc.tuple(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
          const damaged = Buffer.from(good);
          damaged[at] = (damaged[at] ?? 0) ^ flip;
          return damaged;
        }),
      );
      fc.assert(
        fc.property(fc.array(anything, { minLength: 1, maxLength: 10 }), (chain) => {
          expect(judgePeer(present(chain.map((der) => ({ der }))), trust, NOW).trusted).to.equal(false);
        }),
        { numRuns: 500 },
      );
    });
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { Presented } from '../../src/trust/peer.ts';
import {
  daysFromNow,
  NAME,
  NOW,
  OTHER_NAME,
  pinIntermediate,
  present,
  reasonsOf,
} from '../support/judging.ts';
import type { Minted } from '../support/pki.ts';
import { mintCa } from '../support/pki.ts';

describe('judgePeer', () => {
  const { pki, trust, judge, judgeLeaf } = pinIntermediate();

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
      expect(reasonsOf(judge(pki.leaf(NAME)))).to.deep.equal([]);
      expect(reasonsOf(judge(pki.leaf(OTHER_NAME), pki.intermediate))).to.deep.equal([]);
      expect(reasonsOf(judge(pki.leaf(OTHER_NAME), pki.intermediate, pki.root))).to.deep.equal([]);
    });

    it('a chain with an unreadable extra that it does not need', () => {
      const verdict = judgePeer(present([pki.leaf(NAME), { der: Buffer.from('0500', 'hex') }]), trust, NOW);
      expect(reasonsOf(verdict)).to.deep.equal([]);
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
      expect(judgeLeaf({}, [{ value: NAME }, { value: OTHER_NAME }])).to.deep.equal(['ambiguous_name']);
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
      expect(nearMiss(pki.leaf(OTHER_NAME, { issuer: pki.sibling }))).to.equal(true);
      expect(nearMiss(pki.leaf('evil'))).to.equal(false);
      expect(nearMiss(pki.leaf([{ value: NAME }, { value: OTHER_NAME }]))).to.equal(false);
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
      reasonsOf(judgePeer(present([leaf], change), trust, NOW));

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
      expect(reasonsOf(judgePeer(present([]), trust, NOW))).to.deep.equal(['no_certificate']);
      expect(reasonsOf(judgePeer(present([], { resumed: true }), trust, NOW))).to.have.members([
        'no_certificate',
        'resumed',
      ]);
    });

    it('refuses bytes that are no certificate', () => {
      expect(reasonsOf(judgePeer(present([{ der: Buffer.from('garbage') }]), trust, NOW))).to.deep.equal([
        'unreadable_certificate',
      ]);
    });

    it('reports an unreadable issuer when there is no way around it', () => {
      const presented = present([pki.leaf(NAME, { issuer: pki.sibling }), { der: Buffer.from('garbage') }]);
      expect(reasonsOf(judgePeer(presented, trust, NOW))).to.deep.equal([
        'untrusted_issuer',
        'unreadable_certificate',
      ]);
    });

    it('refuses more than eight certificates, though the first be good', () => {
      const leaf = pki.leaf(NAME);
      const seven = Array.from({ length: 7 }, () => pki.intermediate);
      expect(reasonsOf(judge(leaf, ...seven))).to.deep.equal([]);
      expect(reasonsOf(judge(leaf, ...seven, pki.intermediate))).to.deep.equal(['depth']);
    });

    it('finds its way through issuers that all vouch for one another within half a second', () => {
      const key = { kind: 'rsa-2048', label: 'maze' } as const;
      const first = mintCa('Maze', { key });
      const maze = Array.from({ length: 7 }, () => mintCa('Maze', { key, issuer: first }));
      const leaf = pki.leaf(NAME, { issuer: first });
      judge(leaf, ...maze);
      const started = performance.now();
      expect(reasonsOf(judge(leaf, ...maze))).to.deep.equal(['untrusted_issuer']);
      expect(performance.now() - started).to.be.below(500);
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

import { expect } from 'chai';
import fc from 'fast-check';
import { type Crl, isSignedBy, readCrl } from '../../src/trust/crl.ts';
import { UnreadableDer } from '../../src/trust/der.ts';
import {
  type CrlOrder,
  DELTA,
  INDIRECT,
  ISSUING_POINT,
  mintCrl,
  NUMBER,
  REASON,
  UNKNOWN,
} from '../support/crl.ts';
import { createTestPki, mintCa } from '../support/pki.ts';

const pki = createTestPki();
const issuer = pki.intermediate;

function read(der: Uint8Array): Crl {
  const steps = readCrl(der);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

const minted = (order: Partial<CrlOrder> = {}) => read(mintCrl({ issuer, ...order }));

describe('readCrl', () => {
  it('reads issuer, times and serial numbers', () => {
    const thisUpdate = new Date('2026-11-01T00:00:00Z');
    const nextUpdate = new Date('2026-11-08T00:00:00Z');
    const crl = minted({
      revoked: ['01', '4abc', 'ff00', `00${'ab'.repeat(20)}`],
      thisUpdate,
      nextUpdate,
      extensions: [NUMBER],
      entryExtensions: [REASON],
    });
    expect(crl.issuer.text).to.equal('O=Sallyport tests, CN=Test Intermediate A');
    expect(crl).to.deep.include({ thisUpdate, nextUpdate, unfit: undefined });
    expect([...crl.serials]).to.deep.equal(['01', '4abc', 'ff00', 'ab'.repeat(20)]);
    expect(crl.fingerprint).to.match(/^[0-9a-f]{64}$/);
  });

  it('reads a list without entries, without extensions, without an end, and of the first version', () => {
    expect(minted().serials.size).to.equal(0);
    expect(minted({ nextUpdate: null, revoked: ['01'] }).nextUpdate).to.equal(undefined);
    expect(minted({ version: 0, revoked: ['01'] }).serials.size).to.equal(1);
  });

  for (const [what, order, words] of [
    ['a delta', { extensions: [NUMBER, DELTA] }, 'delta'],
    ['an issuing distribution point', { extensions: [ISSUING_POINT] }, 'partial or indirect'],
    ['entries of another issuer', { revoked: ['01'], entryExtensions: [INDIRECT] }, '2.5.29.29'],
    ['an unknown critical extension', { extensions: [NUMBER, UNKNOWN] }, '2.5.29.99'],
  ] as const) {
    it(`says that a list with ${what} does not say all it seems to`, () => {
      const { unfit } = minted(order);
      expect(unfit?.what).to.include(words);
      expect(unfit?.hint).to.match(/list/);
    });
  }

  it('gives way to others many times in a long list', () => {
    const revoked = Array.from({ length: 5_000 }, (_, index) => (index + 1).toString(16).padStart(4, '0'));
    const turns = [...readCrl(mintCrl({ issuer, revoked }))].length;
    expect(turns).to.be.within(20, 30);
  });

  it('refuses what is no list, or more than one', () => {
    const list = mintCrl({ issuer });
    for (const bad of [
      Buffer.concat([list, Buffer.of(0)]),
      list.subarray(0, -1),
      issuer.der,
      mintCrl({ issuer, version: 2 }),
      mintCrl({ issuer, version: 0, extensions: [NUMBER] }),
      Buffer.of(0x30, 0),
      Buffer.alloc(0),
    ]) {
      expect(() => read(bad)).to.throw(UnreadableDer);
    }
  });

  it('reads or refuses whatever the bytes are, and never reads another issuer than the signed one', async () => {
    const list = mintCrl({ issuer, revoked: ['01', '02'], extensions: [NUMBER] });
    const flip = fc.tuple(fc.nat(list.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(flip, async ([at, change]) => {
        const damaged = Buffer.from(list);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        let crl: Crl;
        try {
          crl = read(damaged);
        } catch (error) {
          expect(error).to.be.instanceOf(UnreadableDer);
          return;
        }
        expect(await isSignedBy(crl, issuer.publicKey)).to.equal(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('isSignedBy', () => {
  it('knows the key of an RSA, EC or Ed25519 issuer, and no other', async () => {
    for (const kind of ['rsa-2048', 'p-256', 'p-384', 'ed25519'] as const) {
      const ca = mintCa(`CA ${kind}`, { key: { kind, label: `crl ${kind}` } });
      const crl = read(mintCrl({ issuer: ca, revoked: ['01'] }));
      expect(await isSignedBy(crl, ca.publicKey), kind).to.equal(true);
      expect(await isSignedBy(crl, pki.root.publicKey), kind).to.equal(false);
    }
  });

  it('takes no signature that is not on the list of algorithms', async () => {
    expect(await isSignedBy(minted({ digest: 'sha1' }), issuer.publicKey)).to.equal(false);
  });
});

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { CHAIN_TEXT_LIMIT, digestOf, readChain, writeChain } from '../../src/trust/sent-chain.ts';
import { createTestPki } from '../support/pki.ts';

const pki = createTestPki();
const leaf = pki.leaf('somebody.example');
const chain = [leaf.der, pki.intermediate.der];

describe('a chain as it was sent', () => {
  it('is written as it came, leaf first, and read back', () => {
    const text = writeChain(chain);
    expect(text).to.equal(leaf.pem + pki.intermediate.pem);
    expect(Buffer.concat(readChain(text)).equals(Buffer.concat(chain))).to.equal(true);
  });

  it('is empty when none came', () => {
    expect(writeChain([])).to.equal('');
  });

  it('has the digest of its certificates in their order', () => {
    expect(digestOf(chain)).to.equal(createHash('sha256').update(Buffer.concat(chain)).digest('hex'));
    expect(digestOf(chain.toReversed())).not.to.equal(digestOf(chain));
  });

  for (const [what, count, bytes, kept] of [
    ['more certificates than the limit', 20, 100, CHAIN_TEXT_LIMIT.certificates],
    ['certificates of more text than the limit', 4, 20_000, 2],
    ['one certificate that is over the limit by itself', 1, 100_000, 0],
  ] as const) {
    it(`is cut, and says so, with ${what}`, () => {
      const text = writeChain(Array.from({ length: count }, () => new Uint8Array(bytes).fill(7)));
      expect(readChain(text)).to.have.length(kept);
      expect(text).to.include(`Left out: the last ${count - kept} of ${count} certificates`);
      expect(text.length).to.be.below(CHAIN_TEXT_LIMIT.chars + 200);
    });
  }
});

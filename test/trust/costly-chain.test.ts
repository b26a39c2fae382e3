import { expect } from 'chai';
import forge from 'node-forge';
import { isCostly } from '../../src/trust/costly-chain.ts';
import { der } from '../support/crl.ts';
import { createTestPki, mintCa } from '../support/pki.ts';

/** With a modulus and an exponent of so many bits. */
function withKey(modulus: number, exponent: number): Uint8Array {
  const number = (length: number): Buffer => der(0x02, Buffer.of(0), Buffer.alloc(length / 8, 0xff));
  const key = der(0x30, number(modulus), number(exponent));
  const spki = der(0x30, Buffer.from('300d06092a864886f70d0101010500', 'hex'), der(0x03, Buffer.of(0), key));
  const { der: certificate } = mintCa('x', {
    tamper: (tbs) => {
      (tbs.value as unknown[])[6] = forge.asn1.fromDer(forge.util.createBuffer(spki.toString('binary')));
    },
  });
  return certificate;
}

describe('isCostly', () => {
  const { root, intermediate, leaf } = createTestPki();
  const good = [leaf('a'), intermediate, root].map((each) => each.der);

  it('is no chain of usual length and keys, whatever cannot be read in it', () => {
    expect(isCostly([])).to.equal(false);
    expect(isCostly([...good, ...good, ...good.slice(1)])).to.equal(false);
    expect(isCostly([...good, Buffer.from('no certificate')])).to.equal(false);
    expect(isCostly([...good, withKey(4_096, 32)])).to.equal(false);
  });

  it('is one of more certificates than anybody needs', () => {
    expect(isCostly([...good, ...good, ...good])).to.equal(true);
  });

  it('is one with a key that nobody here would use', () => {
    expect(isCostly([...good, withKey(2_048, 128)])).to.equal(true);
    expect(isCostly([...good, withKey(16_384, 24)])).to.equal(true);
  });
});

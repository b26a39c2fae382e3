import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { readDer, UnreadableDer } from '../../src/trust/der.ts';
import { checkKey, isUsableKey, readPublicKey } from '../../src/trust/public-key.ts';

/** An RSA key of so many bits and with this exponent; only its shape matters here. */
function rsa(bits: number, exponent: bigint): ReturnType<typeof readPublicKey> {
  const n = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  n[0] = 0xff >> (n.length * 8 - bits);
  const hex = exponent.toString(16);
  const e = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const jwk = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
  return readPublicKey(
    readDer(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' })),
  );
}

describe('checkKey', () => {
  it('takes RSA from 2048 to 8192 bits', () => {
    for (const bits of [2048, 3072, 4096, 8192])
      expect(checkKey(rsa(bits, 65537n)), `${bits}`).to.equal(undefined);
    for (const bits of [512, 1024, 2047, 8193]) {
      expect(checkKey(rsa(bits, 65537n))?.reason, `${bits}`).to.equal('weak_key');
    }
  });

  it('takes odd exponents from 65537 to 64 bits', () => {
    for (const exponent of [65537n, 65539n, 2n ** 64n - 1n]) {
      expect(checkKey(rsa(2048, exponent)), `${exponent}`).to.equal(undefined);
    }
    for (const exponent of [1n, 3n, 17n, 65535n, 65538n, 2n ** 64n + 1n, 2n ** 1000n + 1n]) {
      expect(checkKey(rsa(2048, exponent))?.reason, `${exponent}`).to.equal('weak_key');
    }
  });

  it('takes three curves and Ed25519, by name', () => {
    const reasonFor = (curve: string) => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
      return checkKey(readPublicKey(readDer(publicKey.export({ type: 'spki', format: 'der' }))))?.reason;
    };
    for (const curve of ['P-256', 'P-384', 'P-521']) expect(reasonFor(curve), curve).to.equal(undefined);
    for (const curve of ['secp256k1', 'brainpoolP256r1', 'secp224r1'])
      expect(reasonFor(curve), curve).to.equal('key_type');
  });

  it('takes no other type', () => {
    const spki = (key: { export(options: { type: 'spki'; format: 'der' }): Buffer }) =>
      readDer(key.export({ type: 'spki', format: 'der' }));
    for (const type of ['x25519', 'ed448'] as const) {
      const { publicKey } = type === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed448');
      expect(checkKey(readPublicKey(spki(publicKey)))?.reason, type).to.equal('key_type');
    }
  });
});

describe('readPublicKey', () => {
  it('takes no curve that is spelled out for the one it describes', () => {
    const spelled = Buffer.from('301b301306072a8648ce3d0201300806032b0e03020101ff0300040101', 'hex');
    expect(() => readPublicKey(readDer(spelled))).to.throw(UnreadableDer);
    const key = Buffer.from('3013300d06072a8648ce3d02013002050003020004', 'hex');
    expect(readPublicKey(readDer(key))).to.deep.equal({ type: 'other', oid: '1.2.840.10045.2.1' });
  });

  it('refuses an RSA key with a third number or a negative one', () => {
    const sized = (tag: string, body: string) =>
      `${tag}${(body.length / 2).toString(16).padStart(2, '0')}${body}`;
    const key = (numbers: string) =>
      Buffer.from(
        sized('30', `300d06092a864886f70d0101010500${sized('03', `00${sized('30', numbers)}`)}`),
        'hex',
      );
    expect(readPublicKey(readDer(key('020105020103')))).to.include({ type: 'rsa', bits: 3, exponent: 3n });
    expect(() => readPublicKey(readDer(key('020105020103020107')))).to.throw(UnreadableDer);
    expect(() => readPublicKey(readDer(key('020185020103')))).to.throw(UnreadableDer);
  });
});

describe('isUsableKey', () => {
  it('follows a weak key, but none that would take long to check', () => {
    expect(isUsableKey(rsa(1024, 3n))).to.equal(true);
    expect(isUsableKey(rsa(8192, 65537n))).to.equal(true);
    expect(isUsableKey(rsa(8193, 65537n))).to.equal(false);
    expect(isUsableKey(rsa(2048, 2n ** 64n + 1n))).to.equal(false);
    expect(isUsableKey({ type: 'ec', curve: '1.3.132.0.10' })).to.equal(false);
    expect(isUsableKey({ type: 'other', oid: '1.2.3' })).to.equal(false);
  });
});

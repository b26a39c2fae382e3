import { expect } from 'chai';
import { readDer, UnreadableDer } from '../../src/trust/der.ts';
import { readSignatureAlgorithm } from '../../src/trust/signature-algorithm.ts';

const sized = (tag: string, ...parts: string[]) => {
  const body = parts.join('');
  return `${tag}${(body.length / 2).toString(16).padStart(2, '0')}${body}`;
};
const NULL = '0500';
const PKCS1 = (last: string) => `06092a864886f70d0101${last}`;
const ECDSA = (last: string) => `06082a8648ce3d0403${last}`;
const sha = (last: string) => sized('30', `06096086480165030402${last}`, NULL);
const mgf1 = (hash: string) => sized('30', '06092a864886f70d010108', hash);
const pss = (...fields: string[]) => sized('30', PKCS1('0a'), sized('30', ...fields));

const allowed = (hex: string) => readSignatureAlgorithm(readDer(Buffer.from(hex, 'hex'))).allowed;

describe('readSignatureAlgorithm', () => {
  for (const [name, hex] of [
    ['RSA-SHA256', sized('30', PKCS1('0b'), NULL)],
    ['RSA-SHA384', sized('30', PKCS1('0c'), NULL)],
    ['RSA-SHA512', sized('30', PKCS1('0d'), NULL)],
    ['ECDSA-SHA256', sized('30', ECDSA('02'))],
    ['ECDSA-SHA384', sized('30', ECDSA('03'))],
    ['ECDSA-SHA512', sized('30', ECDSA('04'))],
    ['Ed25519', sized('30', '06032b6570')],
    ['RSA-PSS-SHA256', pss(sized('a0', sha('01')), sized('a1', mgf1(sha('01'))), sized('a2', '020120'))],
    ['RSA-PSS-SHA384', pss(sized('a0', sha('02')), sized('a1', mgf1(sha('02'))), sized('a2', '020130'))],
    ['RSA-PSS-SHA512', pss(sized('a0', sha('03')), sized('a1', mgf1(sha('03'))), sized('a2', '020140'))],
  ] as const) {
    it(`allows ${name}`, () => {
      expect(allowed(hex)).to.equal(name);
    });
  }

  for (const [what, hex] of [
    ['MD5', sized('30', PKCS1('04'), NULL)],
    ['SHA-1 with RSA', sized('30', PKCS1('05'), NULL)],
    ['SHA-1 with ECDSA', sized('30', '06072a8648ce3d0401')],
    ['SHA-224', sized('30', PKCS1('0e'), NULL)],
    ['RSA without its NULL', sized('30', PKCS1('0b'))],
    ['ECDSA with parameters', sized('30', ECDSA('02'), NULL)],
    ['an algorithm nobody knows', sized('30', '06032a0304')],
    ['PSS without parameters', sized('30', PKCS1('0a'))],
    ['PSS whose defaults mean SHA-1', pss()],
    ['PSS without a mask', pss(sized('a0', sha('01')), sized('a2', '020120'))],
    [
      'PSS whose mask uses another hash',
      pss(sized('a0', sha('01')), sized('a1', mgf1(sha('02'))), sized('a2', '020120')),
    ],
    [
      'PSS with a short salt',
      pss(sized('a0', sha('01')), sized('a1', mgf1(sha('01'))), sized('a2', '020100')),
    ],
    ['PSS whose default salt is that of SHA-1', pss(sized('a0', sha('01')), sized('a1', mgf1(sha('01'))))],
    [
      'PSS with another trailer',
      pss(sized('a0', sha('01')), sized('a1', mgf1(sha('01'))), sized('a2', '020120'), sized('a3', '020102')),
    ],
  ] as const) {
    it(`does not allow ${what}`, () => {
      expect(allowed(hex)).to.equal(undefined);
    });
  }

  it('refuses what is not an algorithm at all', () => {
    for (const hex of ['0500', '3000', sized('30', NULL), sized('30', PKCS1('0b'), NULL, NULL)]) {
      expect(() => allowed(hex), hex).to.throw(UnreadableDer);
    }
    const twice = sized('a0', sha('01'));
    expect(() => allowed(pss(twice, twice))).to.throw(UnreadableDer);
  });
});

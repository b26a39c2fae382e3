import { expect } from 'chai';
import { readCertificate } from '../../src/trust/certificate.ts';
import { readDer } from '../../src/trust/der.ts';
import { printable, printableAscii, readString } from '../../src/trust/distinguished-name.ts';
import type { MintOrder } from '../support/pki.ts';
import { createTestPki, mint } from '../support/pki.ts';

const NAME = 'cxml-supplier.coupahost.com';
const TAG = { utf8: 0x0c, printable: 0x13, t61: 0x14, ia5: 0x16, universal: 0x1c, bmp: 0x1e };

const commonNames = (subject: MintOrder['subject']) => {
  const { der } = mint({ subject, issuer: createTestPki().root });
  return readCertificate(der).subject.commonNames;
};

describe('readDistinguishedName', () => {
  for (const [type, tag, value] of [
    ['UTF8String', TAG.utf8, NAME],
    ['PrintableString', TAG.printable, NAME],
    ['IA5String', TAG.ia5, NAME],
    ['T61String', TAG.t61, NAME],
    ['BMPString', TAG.bmp, NAME],
    ['UniversalString', TAG.universal, [...NAME].map((char) => `\0\0\0${char}`).join('')],
  ] as const) {
    it(`reads a common name written as ${type}`, () => {
      expect(commonNames([{ value, tag }])).to.deep.equal([NAME]);
    });
  }

  it('reads every common name: of one part, and of one part with several values', () => {
    expect(commonNames([{ value: 'a' }, { value: 'b' }])).to.deep.equal(['a', 'b']);
    expect(commonNames([[{ value: 'a' }, { value: 'b' }]])).to.deep.equal(['a', 'b']);
    expect(commonNames([[{ oid: '2.5.4.11', value: 'x' }, { value: NAME }]])).to.deep.equal([NAME]);
  });

  it('keeps the exact text', () => {
    for (const value of [
      `${NAME}\0`,
      ` ${NAME}`,
      `${NAME} `,
      `${NAME}.`,
      NAME.toUpperCase(),
      `${NAME}\n`,
      '\uFEFFa',
      'a\u200b',
      '',
    ]) {
      expect(commonNames([{ value }]), JSON.stringify(value)).to.deep.equal([value]);
    }
  });

  it('takes no other attribute for a common name', () => {
    expect(commonNames([{ oid: '2.5.4.11', value: `CN=${NAME}` }])).to.deep.equal([]);
    expect(commonNames([{ oid: '2.5.4.3.1', value: NAME }])).to.deep.equal([]);
  });

  it('never makes a damaged value equal to a sound one', () => {
    expect(readString(readDer(Buffer.from('0c0261ff', 'hex')))).to.equal('#0c0261ff');
    expect(readString(readDer(Buffer.from('1e0461626364', 'hex')))).to.equal('\u6162\u6364');
    expect(readString(readDer(Buffer.from('1e03616263', 'hex')))).to.equal('#1e03616263');
    expect(readString(readDer(Buffer.from('1c0400110000', 'hex')))).to.equal('#1c0400110000');
    expect(readString(readDer(Buffer.from('0403616263', 'hex')))).to.equal('#0403616263');
  });
});

describe('printable', () => {
  it('shows what would mislead a reader', () => {
    expect(printable('a\nb\0\u202ec\u200bd')).to.equal('a\\u{a}b\\u{0}\\u{202e}c\\u{200b}d');
    expect(printable('a, CN=b')).to.equal('a\\, CN\\=b');
  });

  it('shows what shows nothing', () => {
    for (const blank of [
      '\u00ad',
      '\u034f',
      '\u115f',
      '\u2063',
      '\u2800',
      '\u3164',
      '\ufe0f',
      '\uffa0',
      '\u{e0041}',
    ]) {
      expect(printable(`a${blank}b`)).to.equal(`a\\u{${blank.codePointAt(0)?.toString(16)}}b`);
    }
    expect(printable('Zoë 日本 Ж')).to.equal('Zoë 日本 Ж');
  });

  it('bounds what it shows', () => {
    expect(printable('x'.repeat(1000))).to.have.length(129);
  });
});

describe('printableAscii', () => {
  it('tells letters apart that look alike', () => {
    expect(printableAscii('\u0441oupa\u{1d5a2}')).to.equal('\\u{441}oupa\\u{1d5a2}');
    expect(printableAscii('cxml-supplier.coupahost.com')).to.equal('cxml-supplier.coupahost.com');
    expect(printableAscii('x'.repeat(200))).to.equal(`${'x'.repeat(128)}…`);
  });
});

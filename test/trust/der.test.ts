import { expect } from 'chai';
import fc from 'fast-check';
import {
  readBitString,
  readBoolean,
  readChildren,
  readDer,
  readOid,
  readSmallInteger,
  readTime,
  readUnsigned,
  UnreadableDer,
} from '../../src/trust/der.ts';

const der = (hex: string) => readDer(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const time = (tag: string, text: string) =>
  der(`${tag} ${text.length.toString(16).padStart(2, '0')} ${Buffer.from(text, 'latin1').toString('hex')}`);

describe('readDer', () => {
  it('reads a value and what stands inside it', () => {
    const value = der('30 06 02 01 05 01 01 ff');
    const [number, truth] = readChildren(value);
    expect(readSmallInteger(number)).to.equal(5);
    expect(readBoolean(truth)).to.equal(true);
  });

  it('reads a length of more than 127 bytes', () => {
    expect(der(`04 81 80 ${'00'.repeat(128)}`).content).to.have.length(128);
    expect(der(`04 82 01 00 ${'00'.repeat(256)}`).content).to.have.length(256);
  });

  for (const [what, hex] of [
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a value shorter than its length', '04 05 01 02'],
    ['bytes after the value', '04 01 00 00'],
    ['an indefinite length', '30 80 00 00'],
    ['a long length that fits the short form', '04 81 01 00'],
    ['a length with a leading zero byte', `04 82 00 80 ${'00'.repeat(128)}`],
    ['a length of four bytes', '04 84 00 00 00 01 00'],
    ['a length that says more than any memory', '04 84 ff ff ff ff'],
    ['a tag of more than one byte', '1f 81 01 00'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => der(hex)).to.throw(UnreadableDer);
    });
  }

  it('answers any bytes with a value or with UnreadableDer, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          readChildren(readDer(bytes));
        } catch (error) {
          expect(error).to.be.instanceOf(UnreadableDer);
        }
      }),
    );
  });
});

describe('readUnsigned', () => {
  it('drops the zero byte that only keeps a number positive', () => {
    expect(Buffer.from(readUnsigned(der('02 02 00 80'))).toString('hex')).to.equal('80');
    expect(Buffer.from(readUnsigned(der('02 01 00'))).toString('hex')).to.equal('00');
  });

  for (const [what, hex] of [
    ['an empty number', '02 00'],
    ['a negative number', '02 01 80'],
    ['a zero byte too many', '02 02 00 7f'],
    ['another type', '04 01 00'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => readUnsigned(der(hex))).to.throw(UnreadableDer);
    });
  }
});

describe('readBoolean and readBitString', () => {
  it('refuse what has two spellings', () => {
    expect(() => readBoolean(der('01 01 01'))).to.throw(UnreadableDer);
    expect(() => readBoolean(der('01 02 00 ff'))).to.throw(UnreadableDer);
    expect(() => readBitString(der('03 00'))).to.throw(UnreadableDer);
    expect(() => readBitString(der('03 01 03'))).to.throw(UnreadableDer);
    expect(() => readBitString(der('03 02 08 00'))).to.throw(UnreadableDer);
  });
});

describe('readOid', () => {
  it('reads dotted form', () => {
    expect(readOid(der('06 08 2b 06 01 05 05 07 03 02'))).to.equal('1.3.6.1.5.5.7.3.2');
    expect(readOid(der('06 03 55 04 03'))).to.equal('2.5.4.3');
    expect(readOid(der('06 03 88 37 03'))).to.equal('2.999.3');
  });

  it('refuses a second spelling of the same identifier', () => {
    expect(() => readOid(der('06 04 55 04 80 03'))).to.throw(UnreadableDer);
  });

  it('refuses an identifier that is empty, cut off or endless', () => {
    expect(() => readOid(der('06 00'))).to.throw(UnreadableDer);
    expect(() => readOid(der('06 02 55 84'))).to.throw(UnreadableDer);
    expect(() => readOid(der(`06 41 ${'01'.repeat(65)}`))).to.throw(UnreadableDer);
  });
});

describe('readTime', () => {
  it('reads both forms', () => {
    expect(readTime(time('17', '491231235959Z')).toISOString()).to.equal('2049-12-31T23:59:59.000Z');
    expect(readTime(time('17', '500101000000Z')).toISOString()).to.equal('1950-01-01T00:00:00.000Z');
    expect(readTime(time('18', '99991231235959Z')).toISOString()).to.equal('9999-12-31T23:59:59.000Z');
  });

  for (const [what, tag, text] of [
    ['a time without seconds', '17', '2611210000Z'],
    ['a time with an offset', '17', '261121000000+0100'],
    ['a fraction of a second', '18', '20261121000000.5Z'],
    ['30 February', '18', '20260230000000Z'],
    ['month 13', '18', '20261301000000Z'],
    ['hour 24', '18', '20261121240000Z'],
    ['words', '17', 'tomorrow!!!!Z'],
    ['a time in the wrong type', '0c', '261121000000Z'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => readTime(time(tag, text))).to.throw(UnreadableDer);
    });
  }
});

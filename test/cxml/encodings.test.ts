/** One order in every encoding that is read, and what is refused: always with line, column and byte. */
import { expect } from 'chai';
import type { Message } from '../../src/cxml/message.ts';
import { findings, message, order, orderDocument, refusal } from './reading.ts';

const ENCODERS = {
  'utf-8': (text: string) => new TextEncoder().encode(text),
  'iso-8859-1': (text: string) => oneByte(text, {}),
  'iso-8859-15': (text: string) => oneByte(text, { '€': 0xa4, Œ: 0xbc }),
  'windows-1252': (text: string) => oneByte(text, { '€': 0x80, Œ: 0x8c }),
  'us-ascii': (text: string) => oneByte(text, {}),
  'utf-16le': (text: string) => wide(text, true),
  'utf-16be': (text: string) => wide(text, false),
} as const;

type Name = keyof typeof ENCODERS;

function oneByte(text: string, table: Readonly<Record<string, number>>): Uint8Array {
  return Uint8Array.from(text, (character) => table[character] ?? character.charCodeAt(0));
}

function wide(text: string, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), little);
  return new Uint8Array(view.buffer);
}

const document = (city: string, declared?: string): string =>
  `${declared === undefined ? '' : `<?xml version="1.0" encoding="${declared}"?>\n`}${orderDocument(
    `<ShipTo><Address><PostalAddress><City>${city}</City></PostalAddress></Address></ShipTo>`,
  )}`;

function read(bytes: Uint8Array, charset?: string): { city: string | undefined } & Message['encoding'] {
  return { city: order(bytes).shipTo?.city, ...message(bytes, charset).encoding };
}

describe('an order', () => {
  const cases: [encoding: Name, city: string, declared: string | undefined, mark: boolean, from: string][] = [
    ['utf-8', 'Żółć €', undefined, false, 'default'],
    ['utf-8', 'Żółć €', 'UTF-8', false, 'declaration'],
    ['utf-8', 'Żółć €', 'UTF-8', true, 'bom'],
    ['utf-8', 'Żółć €', undefined, true, 'bom'],
    ['utf-16le', '東京 😀', 'UTF-16', true, 'bom'],
    ['utf-16be', '東京 😀', 'UTF-16', true, 'bom'],
    ['utf-16le', '東京 😀', 'UTF-16', false, 'declaration'],
    ['utf-16be', '東京 😀', 'UTF-16', false, 'declaration'],
    ['utf-16le', '東京 😀', undefined, false, 'default'],
    ['utf-16be', '東京 😀', undefined, false, 'default'],
    ['iso-8859-1', 'Malmö ½', 'ISO-8859-1', false, 'declaration'],
    ['iso-8859-15', 'Œuilly €', 'ISO-8859-15', false, 'declaration'],
    ['windows-1252', 'Œuilly €', 'windows-1252', false, 'declaration'],
    ['us-ascii', 'Boston', 'US-ASCII', false, 'declaration'],
    ['iso-8859-1', 'Malmö ½', 'ISO8859_1', false, 'declaration'],
    ['iso-8859-1', 'Malmö ½', 'latin-1', false, 'declaration'],
    ['iso-8859-15', 'Œuilly €', 'ISO8859_15', false, 'declaration'],
    ['windows-1252', 'Œuilly €', 'Cp1252', false, 'declaration'],
  ];
  for (const [name, city, declared, mark, from] of cases) {
    const how = `${declared === undefined ? 'undeclared' : 'declared'}, ${mark ? 'with' : 'without'} a mark`;
    it(`in ${name}, ${how} (${declared}), is read exactly and without a finding`, () => {
      const bytes = ENCODERS[name](`${mark ? '\uFEFF' : ''}${document(city, declared)}`);
      expect(read(bytes)).to.deep.equal({ city, name, from });
      expect(findings(bytes).filter(({ id }) => id.startsWith('N-ENCODING'))).to.deep.equal([]);
    });
  }

  describe('whose header says something else', () => {
    it('is read by its declaration when that is ISO-8859-15 and the header says UTF-8', () => {
      const bytes = ENCODERS['iso-8859-15'](document('Œuilly €', 'ISO-8859-15'));
      expect(read(bytes, 'utf-8')).to.deep.equal({
        city: 'Œuilly €',
        name: 'iso-8859-15',
        from: 'declaration',
      });
    });

    it('is read by its declaration when that is UTF-8 and the header says ISO-8859-1', () => {
      const bytes = ENCODERS['utf-8'](document('Malmö', 'UTF-8'));
      expect(read(bytes, 'ISO-8859-1')).to.deep.equal({ city: 'Malmö', name: 'utf-8', from: 'declaration' });
    });

    it('is read by the header when it declares nothing', () => {
      const bytes = ENCODERS['windows-1252'](document('Œuilly €'));
      expect(message(bytes, 'windows-1252').encoding).to.deep.equal({ name: 'windows-1252', from: 'header' });
    });

    for (const charset of ['utf-8', 'us-ascii', 'iso-8859-1']) {
      it(`is read by its bytes when they are UTF-16 and the header says ${charset}`, () => {
        const bytes = ENCODERS['utf-16le'](`\uFEFF${document('東京', 'UTF-16')}`);
        expect(message(bytes, charset).encoding).to.deep.equal({ name: 'utf-16le', from: 'bom' });
      });
    }
  });

  describe('whose declaration is wrong', () => {
    const wrong: [what: string, bytes: Uint8Array, declared: string, name: Name][] = [
      ['UTF-16, and it is UTF-8', ENCODERS['utf-8'](document('Malmö', 'UTF-16')), 'UTF-16', 'utf-8'],
      [
        'ISO-8859-1, and a mark shows UTF-8',
        ENCODERS['utf-8'](`\uFEFF${document('Malmö', 'ISO-8859-1')}`),
        'ISO-8859-1',
        'utf-8',
      ],
      ['UTF-8, and it is UTF-16', ENCODERS['utf-16le'](document('Malmö', 'UTF-8')), 'UTF-8', 'utf-16le'],
      [
        'UTF-8, and a mark shows UTF-16',
        ENCODERS['utf-16be'](`\uFEFF${document('Malmö', 'UTF-8')}`),
        'UTF-8',
        'utf-16be',
      ],
      [
        'an encoding nobody knows, and a mark shows UTF-8',
        ENCODERS['utf-8'](`\uFEFF${document('Malmö', 'x-unknown')}`),
        'x-unknown',
        'utf-8',
      ],
    ];
    for (const [what, bytes, declared, name] of wrong) {
      it(`is read by its bytes, with a finding: ${what}`, () => {
        expect(order(bytes).shipTo?.city).to.equal('Malmö');
        expect(message(bytes).encoding).to.include({ declared, name });
        const found = findings(bytes).find(({ id }) => id === 'N-ENCODING-001');
        expect(found).to.deep.include({ value: declared });
        expect(found?.message).to.contain(`"${declared}"`).and.to.contain(name);
      });
    }

    it('is refused when it says UTF-8 and the bytes are Latin-1, with the place and what to do', () => {
      const text = document('\nMalmö', 'UTF-8');
      const { code, place, message: said } = refusal(() => message(ENCODERS['iso-8859-1'](text)));
      expect(code).to.equal('xml-undecodable');
      expect(place).to.deep.equal({ line: 3, column: 5, offset: text.indexOf('ö') });
      expect(said).to.contain(`0xF6 at byte offset ${text.indexOf('ö')} (line 3, column 5)`);
      expect(said).to.match(/looks like ISO-8859-1 or windows-1252: declare that encoding, or send/);
    });

    it('is read wrongly by nobody else when it says Latin-1 and the bytes are UTF-8: every byte is a character', () => {
      const bytes = ENCODERS['utf-8'](document('Malmö', 'ISO-8859-1'));
      expect(order(bytes).shipTo?.city).to.equal('MalmÃ¶');
    });
  });

  describe('with bytes that are no character is refused at the byte', () => {
    const bad: [what: string, sequence: readonly number[], encoding: string][] = [
      ['an overlong slash', [0xc0, 0xaf], 'UTF-8'],
      ['an overlong NUL', [0xc0, 0x80], 'UTF-8'],
      ['an overlong form of three bytes', [0xe0, 0x80, 0xaf], 'UTF-8'],
      ['an overlong form of four bytes', [0xf0, 0x80, 0x80, 0xaf], 'UTF-8'],
      ['a surrogate in three bytes', [0xed, 0xa0, 0x80], 'UTF-8'],
      ['a pair of surrogates in six bytes', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], 'UTF-8'],
      ['a code point past the last', [0xf4, 0x90, 0x80, 0x80], 'UTF-8'],
      ['a byte that UTF-8 never has', [0xfe], 'UTF-8'],
      ['a byte that windows-1252 has not', [0x9d], 'windows-1252'],
      ['a byte above 127 in US-ASCII', [0xe9], 'US-ASCII'],
    ];
    for (const [what, sequence, encoding] of bad) {
      it(what, () => {
        const [before = '', after = ''] = document('\nab|', encoding).split('|');
        const bytes = Uint8Array.of(
          ...ENCODERS['us-ascii'](before),
          ...sequence,
          ...ENCODERS['us-ascii'](after),
        );
        const { code, place } = refusal(() => message(bytes));
        expect(code).to.equal('xml-undecodable');
        expect(place).to.deep.equal({ line: 3, column: 3, offset: before.length });
      });
    }

    it('half a surrogate pair in UTF-16', () => {
      const text = `\uFEFF${document('\n😀\ud83dx', 'UTF-16')}`;
      const { code, place } = refusal(() => message(ENCODERS['utf-16be'](text)));
      expect(code).to.equal('xml-undecodable');
      expect(place).to.deep.equal({ line: 3, column: 2, offset: text.indexOf('\ud83dx') * 2 });
    });
  });

  it('with a NUL is refused at its place, in any encoding', () => {
    for (const name of ['utf-8', 'utf-16le', 'iso-8859-15'] as const) {
      const declared = name === 'utf-16le' ? 'UTF-16' : name;
      const { code, place } = refusal(() => message(ENCODERS[name](document('\nab\0', declared))));
      expect([code, place?.line, place?.column], name).to.deep.equal(['xml-malformed', 3, 3]);
    }
  });
});

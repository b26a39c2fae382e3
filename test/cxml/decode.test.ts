import { expect } from 'chai';
import { decode } from '../../src/cxml/decode.ts';
import { refusal } from './reading.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function utf16(text: string, endian: 'le' | 'be'): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), endian === 'le');
  return new Uint8Array(view.buffer);
}

describe('decode', () => {
  describe('decides the encoding', () => {
    const cases: [
      what: string,
      bytes: Uint8Array,
      charset: string | undefined,
      name: string,
      from: string,
    ][] = [
      ['UTF-8 when nothing is said', utf8('<a>é</a>'), undefined, 'utf-8', 'default'],
      ['a UTF-8 mark', utf8('\uFEFF<a>é</a>'), undefined, 'utf-8', 'bom'],
      [
        'a mark over the header',
        utf8('\uFEFF<?xml version="1.0" encoding="utf-8"?><a>é</a>'),
        'us-ascii',
        'utf-8',
        'bom',
      ],
      ['a UTF-16 mark, little end first', utf16('\uFEFF<a>é</a>', 'le'), undefined, 'utf-16le', 'bom'],
      ['a UTF-16 mark, big end first', utf16('\uFEFF<a>é</a>', 'be'), undefined, 'utf-16be', 'bom'],
      [
        'UTF-16 by its first bytes',
        utf16('<?xml version="1.0" encoding="utf-16"?><a>é</a>', 'le'),
        undefined,
        'utf-16le',
        'declaration',
      ],
      [
        'UTF-16 by its first bytes, other end',
        utf16('<?xml version="1.0"?><a>é</a>', 'be'),
        undefined,
        'utf-16be',
        'declaration',
      ],
      ['UTF-16 without mark or declaration', utf16('<a>é</a>', 'le'), 'utf-16', 'utf-16le', 'default'],
      [
        'the declaration over the header',
        latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'),
        'utf-8',
        'iso-8859-1',
        'declaration',
      ],
      [
        'a declaration in single quotes, with blanks',
        latin1("<?xml version = '1.0'\n encoding\t=\r\n 'Latin1' standalone = 'no'?><a>é</a>"),
        undefined,
        'iso-8859-1',
        'declaration',
      ],
      [
        'the header when the declaration names none',
        latin1('<?xml version="1.0"?><a>é</a>'),
        '"ISO-8859-1"',
        'iso-8859-1',
        'header',
      ],
      [
        'the header when an instruction only looks like a declaration',
        latin1('<?xml-x encoding="utf-8"?><a>é</a>'),
        'cp1252',
        'windows-1252',
        'header',
      ],
      ['UTF-8 for an empty charset', utf8('<a>é</a>'), '', 'utf-8', 'default'],
      [
        'UTF-8 when an empty encoding is declared',
        utf8('<?xml version="1.0" encoding=""?><a>é</a>'),
        undefined,
        'utf-8',
        'default',
      ],
    ];
    for (const [what, bytes, charset, name, from] of cases) {
      it(`by ${what}`, () => {
        const { text, encoding } = decode(bytes, charset);
        expect(encoding).to.deep.equal({ name, from });
        expect(text).to.match(/<a>é<\/a>$/);
        expect(text.startsWith('<')).to.equal(true);
      });
    }

    it('by the bytes when the declaration claims UTF-16 in single bytes, and remembers the claim', () => {
      const { text, encoding } = decode(utf8('<?xml version="1.0" encoding="utf-16"?><a>é</a>'));
      expect(encoding).to.deep.equal({ name: 'utf-8', from: 'default', declared: 'utf-16' });
      expect(text).to.contain('<a>é</a>');
    });
  });

  describe('suspects UTF-8 under another name', () => {
    const declared = (name: string) => `<?xml version="1.0" encoding="${name}"?><a>Hôpital €5</a>`;

    it('and reads it by its name all the same', () => {
      for (const name of ['iso-8859-1', 'iso-8859-15', 'windows-1252']) {
        const { text, encoding } = decode(utf8(declared(name)));
        expect(encoding, name).to.deep.equal({ name, from: 'declaration', likely: 'utf-8' });
        expect(text).not.to.contain('ô');
      }
      const { encoding } = decode(utf8('<a>ô</a>'), 'ISO-8859-1');
      expect(encoding).to.deep.equal({ name: 'iso-8859-1', from: 'header', likely: 'utf-8' });
    });

    it('of letters only that are UTF-8 all together', () => {
      const both = Buffer.concat([utf8(declared('iso-8859-1')), latin1('é')]);
      for (const bytes of [latin1('<a>Ho\xf4 \xc3</a>'), latin1('<a>plain</a>'), both]) {
        expect(decode(bytes, 'iso-8859-1').encoding).not.to.have.property('likely');
      }
      expect(decode(utf8('<a>ô</a>')).encoding).not.to.have.property('likely');
    });
  });

  describe('reads every byte', () => {
    const bytes = latin1(`<?xml version="1.0"?><a>\x80\x85\x93\xa4\xe9\xff</a>`);
    const expected: Record<string, string> = {
      'iso-8859-1': '\x80\x85\x93¤éÿ',
      'iso-8859-15': '\x80\x85\x93€éÿ',
      'windows-1252': '€…“¤éÿ',
    };
    for (const [charset, inside] of Object.entries(expected)) {
      it(`of ${charset}`, () => {
        expect(decode(bytes, charset).text).to.equal(`<?xml version="1.0"?><a>${inside}</a>`);
      });
    }

    it('of ISO-8859-15 where it differs from ISO-8859-1', () => {
      expect(decode(latin1('\xa4\xa6\xa8\xb4\xb8\xbc\xbd\xbe'), 'iso-8859-15').text).to.equal('€ŠšŽžŒœŸ');
    });

    it('of a long one-byte document', () => {
      const long = latin1('\xe9'.repeat(100_001));
      expect(decode(long, 'iso-8859-1').text).to.equal('é'.repeat(100_001));
    });

    it('of windows-1252 as the platform does, where it has a character', () => {
      const assigned = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter(
        (byte) => ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte),
      );
      const platform = [...assigned].map(
        (byte) => new TextDecoder('windows-1252').decode(Uint8Array.of(byte, 0x20))[0],
      );
      expect([...decode(assigned, 'windows-1252').text]).to.deep.equal(platform);
    });
  });

  describe('refuses at the exact byte', () => {
    const cases: [
      what: string,
      bytes: Uint8Array,
      charset: string | undefined,
      offset: number,
      byte: string,
    ][] = [
      ['Latin-1 in a UTF-8 document', latin1('<a>caf\xe9</a>'), undefined, 6, '0xE9'],
      ['a continuation without a start', latin1('<a>\x80</a>'), undefined, 3, '0x80'],
      ['an overlong form', latin1('<a>\xc0\xaf</a>'), undefined, 3, '0xC0'],
      ['an overlong form of three bytes', latin1('<a>\xe0\x80\xaf</a>'), undefined, 3, '0xE0'],
      ['a surrogate in UTF-8', latin1('<a>\xed\xa0\x80</a>'), undefined, 3, '0xED'],
      ['a code point past the last', latin1('<a>\xf4\x90\x80\x80</a>'), undefined, 3, '0xF4'],
      ['a byte that UTF-8 never has', latin1('<a>\xff</a>'), undefined, 3, '0xFF'],
      ['a character cut off at the end', latin1('<a>\xc3\xa9</a>\xe2\x82'), 'utf-8', 9, '0xE2'],
      ['a third byte that does not continue', latin1('<a>\xc3\xa9\xe2\x82x</a>'), undefined, 5, '0xE2'],
      ['a byte behind a mark', latin1('\xef\xbb\xbf<a>\xe9'), undefined, 6, '0xE9'],
      ['US-ASCII with more', latin1('<a>\x80</a>'), 'us-ascii', 3, '0x80'],
      ['windows-1252 where it has nothing', latin1('<a>\x81</a>'), 'windows-1252', 3, '0x81'],
      ['half a surrogate pair in UTF-16', utf16('\uFEFF<a>\ud800x</a>', 'le'), undefined, 8, '0x00'],
      ['the other half alone', utf16('\uFEFF<a>\udc00</a>', 'be'), undefined, 8, '0xDC'],
      [
        'half a character at the end',
        new Uint8Array([...utf16('\uFEFF<a/>', 'le'), 0x3c]),
        undefined,
        10,
        '0x3C',
      ],
    ];
    for (const [what, bytes, charset, offset, byte] of cases) {
      it(what, () => {
        const refused = refusal(() => decode(bytes, charset));
        expect(refused.code).to.equal('xml-undecodable');
        expect(refused.place).to.include({ offset, line: 1 });
        expect(refused.message).to.contain(`${byte} at byte offset ${offset}`);
      });
    }
  });

  describe('refuses by name', () => {
    const cases: [what: string, bytes: Uint8Array, charset: string | undefined, name: string][] = [
      ['UTF-32', Uint8Array.of(0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0), undefined, 'UTF-32'],
      ['UTF-32 without a mark', Uint8Array.of(0, 0, 0, 0x3c, 0, 0, 0, 0x61), undefined, 'UTF-32'],
      ['EBCDIC', Uint8Array.of(0x4c, 0x6f, 0xa7, 0x94, 0x93), undefined, 'EBCDIC'],
      [
        'an encoding nobody supports',
        utf8('<?xml version="1.0" encoding="Shift_JIS"?><a/>'),
        undefined,
        '"Shift_JIS"',
      ],
      ['a charset nobody supports', utf8('<a/>'), 'koi8-r', '"koi8-r"'],
      ['a charset that would draw on a terminal', utf8('<a/>'), '\x1b[31m', '"?[31m"'],
    ];
    for (const [what, bytes, charset, name] of cases) {
      it(what, () => {
        const refused = refusal(() => decode(bytes, charset));
        expect(refused.code).to.equal('xml-undecodable');
        expect(refused.message).to.contain(name);
      });
    }

    it('never minds the charset of the header when the document declares its encoding', () => {
      expect(decode(utf8('<?xml version="1.0" encoding="utf-8"?><a/>'), 'koi8-r').encoding.from).to.equal(
        'declaration',
      );
    });
  });

  it('refuses an empty body', () => {
    expect(refusal(() => decode(new Uint8Array())).code).to.equal('xml-malformed');
  });
});

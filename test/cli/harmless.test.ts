import { expect } from 'chai';
import fc from 'fast-check';
import { harmless, harmlessJson, shorten } from '../../src/cli/harmless.ts';

describe('harmless', () => {
  const cases = {
    'colours and cursor movements': ['\u001b[31mred\u001b[0m\u001b[2J\u001b[1;1H', 'red'],
    'a link or a title of the terminal': ['\u001b]0;owned\u0007name', 'name'],
    'bell, backspace, carriage return': ['a\u0007b\u0008c\rd', 'a b c d'],
    'C1 controls': ['a\u009b31mb', 'ab'],
    'line ends': ['two\r\nlines\u2028more', 'two lines more'],
    'overrides of direction': ['PO\u202e4321\u202c \u2066x\u2069\u200f', 'PO4321 x'],
    'letters of no width': ['a\u200bb\ufeffc\u00add\u{e0041}', 'abcd'],
    'lone surrogates': ['a\ud800b', 'ab'],
    'what is only text': ['Müller & Söhne 株式会社 🧾 👩‍🔧 ❤️', 'Müller & Söhne 株式会社 🧾 👩‍🔧 ❤️'],
  } as const;
  for (const [name, [given, expected]] of Object.entries(cases)) {
    it(`leaves of ${name} only what is text`, () => {
      expect(harmless(given)).to.equal(expected);
    });
  }

  it('never lets a control character or an override of direction through', () => {
    const anything = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(anything, (text) => {
        expect(harmless(text)).not.to.match(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('shorten', () => {
  it('ends a long text with an ellipsis and never cuts a letter in two', () => {
    expect(shorten('🧾🧾🧾🧾', 3)).to.equal('🧾🧾…');
    expect(shorten('abc', 3)).to.equal('abc');
  });
});

describe('harmlessJson', () => {
  it('is JSON of the same values, with nothing raw in it that a terminal acts on', () => {
    const anything = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.dictionary(anything, anything), (value) => {
        const text = harmlessJson(value);
        expect(text.replaceAll('\n', '')).not.to.match(
          /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u,
        );
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('spells what lies beyond the first plane by its units', () => {
    expect(harmlessJson('\u{e0041}🧾')).to.equal('"\\udb40\\udc41🧾"');
  });
});

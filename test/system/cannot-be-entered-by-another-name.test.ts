/**
 * The pinned CA was cheated into signing every one of these names. None of them is Coupa's, however much it looks like
 * it.
 */
import { expect } from 'chai';
import { expectUnharmed, THIEF, tryToEnter } from '../support/intruder.ts';
import type { MintOrder } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const [host = '', ...domain] = COUPA_NAME.split('.');
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').swap16().toString('latin1');
const utf32 = (text: string): string => text.replaceAll(/./gs, (each) => `\0\0\0${each}`);
const organisation = (value: string) => ({ oid: '2.5.4.10', value });
const TAG = { printable: 0x13, t61: 0x14, ia5: 0x16, universal: 0x1c, bmp: 0x1e };

const NAMES: Readonly<Record<string, MintOrder['subject']>> = {
  'with a dot behind it': `${COUPA_NAME}.`,
  'with a dot before it': `.${COUPA_NAME}`,
  'with a space before it': ` ${COUPA_NAME}`,
  'with a tab behind it': `${COUPA_NAME}\t`,
  'with a line feed behind it': `${COUPA_NAME}\n`,
  'with a NUL before it': `\0${COUPA_NAME}`,
  'with a NUL in UTF-16 behind it': [{ value: utf16(`${COUPA_NAME}\0`), tag: TAG.bmp }],
  'with a NUL in UTF-32 behind it': [{ value: utf32(`${COUPA_NAME}\0`), tag: TAG.universal }],
  'with a NUL in Teletex behind it': [{ value: `${COUPA_NAME}\0`, tag: TAG.t61 }],
  'with a byte order mark before it': `\ufeff${COUPA_NAME}`,
  'with a byte order mark in UTF-16 before it': [{ value: `\xfe\xff${utf16(COUPA_NAME)}`, tag: TAG.bmp }],
  'in UTF-16 the other way round': [
    { value: Buffer.from(COUPA_NAME, 'utf16le').toString('latin1'), tag: TAG.bmp },
  ],
  'with a letter from Cyrillic': COUPA_NAME.replace('c', '\u0441'),
  'with a letter of full width': COUPA_NAME.replace('c', '\uff43'),
  'with a soft hyphen in it': COUPA_NAME.replace('-', '-\u00ad'),
  'with a joiner of no width in it': COUPA_NAME.replace('x', 'x\u200d'),
  'with a filler that shows nothing behind it': `${COUPA_NAME}\u3164`,
  'turned around': `\u202e${[...COUPA_NAME].reverse().join('')}`,
  'as a wildcard': `*.${domain.join('.')}`,
  'as a wildcard for everything': '*',
  'as an empty text': '',
  'of its domain alone': domain.join('.'),
  'of a host below it': `a.${COUPA_NAME}`,
  'and a port': `${COUPA_NAME}:443`,
  'as an address of the web': `https://${COUPA_NAME}`,
  'in quotes': `"${COUPA_NAME}"`,
  'as a name of its own kind': `CN=${COUPA_NAME}`,
  'and another behind a comma': `${COUPA_NAME},CN=${COUPA_NAME}`,
  'with one letter in capitals': COUPA_NAME.replace('c', 'C'),
  'twice, in two spellings': [
    { value: COUPA_NAME, tag: TAG.printable },
    { value: COUPA_NAME, tag: TAG.ia5 },
  ],
  'twice, in one part': [[{ value: COUPA_NAME }, { value: COUPA_NAME, tag: TAG.ia5 }]],
  'before another': [{ value: COUPA_NAME }, { value: 'z.example' }],
  'behind another': [{ value: 'a.example' }, { value: COUPA_NAME }],
  'beside an empty one': [{ value: '' }, { value: COUPA_NAME }],
  'before another with an organisation between them': [
    { value: COUPA_NAME },
    organisation('Coupa'),
    { value: 'z.example' },
  ],
  'in every other attribute': ['4', '5', '7', '10', '11', '12', '41', '42', '45', '65'].map((arc) => ({
    oid: `2.5.4.${arc}`,
    value: COUPA_NAME,
  })),
  'as an e-mail address': [{ oid: '1.2.840.113549.1.9.1', value: COUPA_NAME }],
  'under an identifier below that of a common name': [{ oid: '2.5.4.3.1', value: COUPA_NAME }],
  'in a subject of nothing': [],
  'of 60,000 letters': `${COUPA_NAME}${'a'.repeat(60_000)}`,
  'among 2,000 parts': [
    ...Array.from({ length: 2_000 }, (_, index) => organisation(`o${index}`)),
    { value: `${host}.example` },
  ],
};

describe('a receiver that somebody tries to enter by a name', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
  });
  after(() => receiver[Symbol.asyncDispose]());

  for (const [what, subject] of Object.entries(NAMES)) {
    it(`refuses the name ${what}`, async () => {
      const leaf = receiver.pki.leaf(subject, { key: THIEF, dns: [COUPA_NAME] });
      expect(await tryToEnter(receiver, leaf)).to.equal('refused');
    });
  }

  it('takes no name from anywhere but the subject', async () => {
    const other = receiver.pki.leaf('somebody.example', {
      key: THIEF,
      dns: [COUPA_NAME, `*.${domain.join('.')}`],
      extensions: [{ oid: '2.5.29.18', critical: false, hex: altName(COUPA_NAME) }],
    });
    expect(await tryToEnter(receiver, other)).to.equal('refused');
  });

  it('was not harmed by any of it', () => expectUnharmed(receiver));
});

/** GeneralNames with one dNSName: as issuerAltName. */
function altName(name: string): string {
  const text = Buffer.from(name);
  return Buffer.concat([Buffer.of(0x30, text.length + 2, 0x82, text.length), text]).toString('hex');
}

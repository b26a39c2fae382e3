/**
 * Bytes become characters, or are refused at the exact byte. What says the encoding, strongest first: byte-order
 * mark, XML declaration, `charset` of the Content-Type, UTF-8. RFC 7303 ranks the header second; real senders put
 * a false charset there more often than a false declaration.
 */
import { Refusal } from '../errors.ts';
import { type Codec, codecFor, describeByte } from './encodings.ts';
import type { Message } from './message.ts';
import { describePlace, placeAt } from './text-place.ts';

type Encoding = Message['encoding'];

/** Far more than any declaration has; a scan that finds no end by then leaves the fault to the XML reader. */
const DECLARATION_LIMIT = 1024;

/**
 * @param charset of the Content-Type, as sent
 * @returns the text without its byte-order mark
 * @throws {Refusal} `xml-undecodable` with the offset of the first byte that is none; `xml-malformed` for no bytes at all
 */
export function decode(bytes: Uint8Array, charset?: string): { text: string; encoding: Encoding } {
  if (bytes.length === 0) {
    throw new Refusal('xml-malformed', 'The body is empty: there is no document to read.', {
      place: { line: 1, column: 1, offset: 0 },
    });
  }
  const { codec, skip, ...encoding } = choose(bytes, charset);
  const text = codec.decode(skip === 0 ? bytes : bytes.subarray(skip));
  if (text === undefined) throw undecodable(bytes, codec, skip);
  if (isUtf8Misnamed(bytes, codec)) return { text, encoding: { ...encoding, likely: UTF_8 } };
  const contradicted = codec.wide || encoding.from === 'bom' ? contradiction(text, codec) : undefined;
  return { text, encoding: contradicted === undefined ? encoding : { ...encoding, declared: contradicted } };
}

const UTF_8 = 'utf-8';

/**
 * Any bytes are text in a one-byte encoding, so a false name never shows as a fault. But letters of such an encoding
 * hardly ever make UTF-8 by chance. Observed: an Oracle order says ISO-8859-15 and has "Hôpital" in UTF-8.
 */
function isUtf8Misnamed(bytes: Uint8Array, { name, wide }: Codec): boolean {
  if (wide || name === UTF_8 || !bytes.some((byte) => byte > 0x7f)) return false;
  return codecFor(UTF_8)?.decode(bytes) !== undefined;
}

/** What the XML declaration says where the bytes showed something else before it could be asked. */
function contradiction(text: string, codec: Codec): string | undefined {
  const declared = declaredEncoding(Uint8Array.from(text.slice(0, DECLARATION_LIMIT), asciiByte));
  if (declared === undefined) return undefined;
  const named = codecFor(declared);
  return named?.title === codec.title ? undefined : declared;
}

interface Choice extends Encoding {
  readonly codec: Codec;
  /** Length of the byte-order mark. */
  readonly skip: number;
}

function choose(bytes: Uint8Array, charset: string | undefined): Choice {
  const [a, b, c, d] = bytes;
  refuseForeign(bytes);
  if (a === 0xef && b === 0xbb && c === 0xbf) return chosen('utf-8', 'bom', 3);
  if (a === 0xff && b === 0xfe) return chosen('utf-16le', 'bom', 2);
  if (a === 0xfe && b === 0xff) return chosen('utf-16be', 'bom', 2);
  // Two bytes a character show in the first `<`, and nothing that is said elsewhere can change it.
  if (a === 0x3c && b === 0) return chosen('utf-16le', c === 0x3f && d === 0 ? 'declaration' : 'default', 0);
  if (a === 0 && b === 0x3c) return chosen('utf-16be', c === 0 && d === 0x3f ? 'declaration' : 'default', 0);

  const declared = declaredEncoding(bytes);
  const byDeclaration = declared === undefined ? undefined : known(declared, 'The XML declaration');
  if (byDeclaration !== undefined && !byDeclaration.wide) {
    return { name: byDeclaration.name, from: 'declaration', codec: byDeclaration, skip: 0 };
  }
  // A declaration that could be read byte by byte and says UTF-16 is false: .NET's StringWriter writes it always.
  const note = declared === undefined ? {} : { declared };
  const label = charset?.replaceAll('"', '').trim();
  const byHeader =
    label === undefined || label === '' ? undefined : known(label, 'The charset of the Content-Type');
  if (byHeader !== undefined && !byHeader.wide) {
    return { name: byHeader.name, from: 'header', codec: byHeader, skip: 0, ...note };
  }
  return { ...chosen('utf-8', 'default', 0), ...note };
}

function chosen(name: string, from: Encoding['from'], skip: number): Choice {
  return { name, from, codec: known(name, 'The document'), skip };
}

function known(label: string, source: string): Codec {
  const codec = codecFor(label);
  if (codec !== undefined) return codec;
  const shown = label.slice(0, 40).replace(/[^\x21-\x7e]/g, '?');
  throw new Refusal(
    'xml-undecodable',
    `${source} names the encoding "${shown}", which is not supported. Send the document as UTF-8.`,
    { place: { line: 1, column: 1, offset: 0 } },
  );
}

/** Encodings that show in the first four bytes and are not read: UTF-32 and EBCDIC. */
function refuseForeign(bytes: Uint8Array): void {
  const four = ((bytes[0] ?? 1) << 24) | ((bytes[1] ?? 1) << 16) | ((bytes[2] ?? 1) << 8) | (bytes[3] ?? 1);
  const name = FOREIGN.get(four >>> 0);
  if (name === undefined) return;
  throw new Refusal(
    'xml-undecodable',
    `The document is encoded in ${name}, which is not supported. Send it as UTF-8.`,
    { place: { line: 1, column: 1, offset: 0 } },
  );
}

const FOREIGN: ReadonlyMap<number, string> = new Map([
  [0x0000feff, 'UTF-32'],
  [0xfffe0000, 'UTF-32'],
  [0x0000003c, 'UTF-32'],
  [0x3c000000, 'UTF-32'],
  [0x4c6fa794, 'EBCDIC'],
]);

/**
 * The `encoding` of an XML declaration written in bytes that agree with ASCII. Not a regular expression, and it
 * judges nothing: a declaration that reads oddly gives undefined, and the XML reader then says what is wrong with it.
 */
function declaredEncoding(bytes: Uint8Array): string | undefined {
  const limit = Math.min(bytes.length, DECLARATION_LIMIT);
  if (ascii(bytes, 0, 5) !== '<?xml' || !isBlank(bytes[5])) return undefined;
  let at = 5;
  while (at < limit) {
    at = afterBlanks(bytes, at);
    const nameFrom = at;
    while (isLetter(bytes[at])) at++;
    const name = ascii(bytes, nameFrom, at);
    at = afterBlanks(bytes, at);
    if (name === '' || bytes[at] !== EQUALS) return undefined;
    at = afterBlanks(bytes, at + 1);
    const quote = bytes[at];
    if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) return undefined;
    const end = bytes.indexOf(quote, at + 1);
    if (end === -1 || end > limit) return undefined;
    if (name === 'encoding') return end === at + 1 ? undefined : ascii(bytes, at + 1, end);
    at = end + 1;
  }
  return undefined;
}

const EQUALS = 0x3d;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

function asciiByte(character: string): number {
  const code = character.charCodeAt(0);
  return code < 0x80 ? code : 0;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x61 && byte <= 0x7a;
}

function afterBlanks(bytes: Uint8Array, at: number): number {
  let next = at;
  while (isBlank(bytes[next])) next++;
  return next;
}

function undecodable(bytes: Uint8Array, codec: Codec, skip: number): Refusal {
  const good = codec.firstFault(bytes.subarray(skip));
  const offset = skip + good;
  const before = codec.decode(bytes.subarray(skip, offset)) ?? '';
  const place = placeAt(before, before.length);
  return new Refusal(
    'xml-undecodable',
    `The document is not valid ${codec.title}: ${describeByte(bytes, offset)} at byte offset ${offset} ` +
      `(${describePlace(place)}) does not belong there. ${advice(bytes, offset, codec)}`,
    { place: { ...place, offset } },
  );
}

/** Next to a letter, one byte above 127 is what Latin-1 and its kin write for an accented one. */
function advice(bytes: Uint8Array, offset: number, { name }: Codec): string {
  const byte = bytes[offset] ?? 0;
  const next = bytes[offset + 1] ?? 0x20;
  if (name !== 'utf-8' || byte < 0x80 || next >= 0x80) {
    return 'Send the document in the encoding it declares.';
  }
  return 'It looks like ISO-8859-1 or windows-1252: declare that encoding, or send the document as UTF-8.';
}

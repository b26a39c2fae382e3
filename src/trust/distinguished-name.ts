/** Distinguished names: every common name as its exact text, and a printable form of the whole. */
import type { Der } from './der.ts';
import { expectTag, readChildren, readOid, TAG, UnreadableDer } from './der.ts';

export interface DistinguishedName {
  /** DER. Issuers are matched by these bytes, as RFC 5280 4.1.2.6 has them written. */
  readonly raw: Uint8Array;
  /** For people: most general part first, control and invisible characters escaped, bounded in length. */
  readonly text: string;
  /** Every common name in order, of every RDN, as exact text. */
  readonly commonNames: readonly string[];
}

const COMMON_NAME = '2.5.4.3';
const SHORT_NAMES: Readonly<Record<string, string>> = {
  [COMMON_NAME]: 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};
const TEXT_LIMIT = 512;

export function readDistinguishedName(name: Der): DistinguishedName {
  const commonNames: string[] = [];
  const parts: string[] = [];
  for (const rdn of readChildren(expectTag(name, TAG.sequence))) {
    const attributes = readChildren(expectTag(rdn, TAG.set));
    if (attributes.length === 0) throw new UnreadableDer('a name part without an attribute');
    const texts: string[] = [];
    for (const attribute of attributes) {
      const [type, value, ...rest] = readChildren(expectTag(attribute, TAG.sequence));
      if (value === undefined || rest.length > 0)
        throw new UnreadableDer('a name attribute without one value');
      const oid = readOid(type);
      const exact = readString(value);
      if (oid === COMMON_NAME) commonNames.push(exact);
      texts.push(`${SHORT_NAMES[oid] ?? oid}=${printable(exact)}`);
    }
    parts.push(texts.join('+'));
  }
  const text = parts.join(', ');
  return {
    raw: name.raw,
    text: text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text,
    commonNames,
  };
}

/**
 * The exact text of a directory string. What is not the text its type promises, or no string at all, becomes
 * `#` and its DER in hex (RFC 4514 2.4), so that no damaged value can equal a sound one.
 */
export function readString({ tag, content, raw }: Der): string {
  switch (tag) {
    case 0x0c: // UTF8String
      return readUtf8(content) ?? hexForm(raw);
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x14: // T61String; in certificates always Latin-1 in practice
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return latin1(content);
    case 0x1e: // BMPString
      return readUtf16(content) ?? hexForm(raw);
    case 0x1c: // UniversalString
      return readUniversal(content) ?? hexForm(raw);
    default:
      return hexForm(raw);
  }
}

function readUtf8(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

function readUtf16(content: Uint8Array): string | undefined {
  return content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : undefined;
}

function readUniversal(content: Uint8Array): string | undefined {
  if (content.length % 4 !== 0) return undefined;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  let text = '';
  for (let offset = 0; offset < content.length; offset += 4) {
    const point = view.getUint32(offset);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}

function hexForm(raw: Uint8Array): string {
  return `#${Buffer.from(raw).toString('hex')}`;
}

function latin1(content: Uint8Array): string {
  return Buffer.from(content).toString('latin1');
}

/** What shows nothing, or moves what is around it: controls, blanks, fillers, marks of direction, the blank of Braille. */
const MISLEADING = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Control, invisible and direction-changing characters as `\u{…}`; what separates parts of a name with a
 * backslash.
 */
export function printable(text: string, limit = 128): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return shown
    .replace(/[\\,+="]/g, (mark) => `\\${mark}`)
    .replace(MISLEADING, (mark) => (mark === ' ' ? mark : escaped(mark)));
}

/** Likewise, and whatever is not ASCII: a letter of another alphabet would look like the one that is compared. */
export function printableAscii(text: string, limit?: number): string {
  return printable(text, limit).replace(/(?!…$)[^\x20-\x7e]/gu, escaped);
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

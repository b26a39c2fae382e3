/**
 * The ASN.1 of containers, by node-forge: Windows and Java write PKCS #7 and PKCS #12 in BER, with lengths left open
 * and strings in pieces, which our strict DER reader refuses. A certificate taken out of one goes to that reader.
 */
import forge from 'node-forge';
import { readOid, readSmallInteger, UnreadableDer } from '../trust/der.ts';

export type Asn1 = forge.asn1.Asn1;

/** A certificate in a signed message lies 16 deep at most. */
const MOST_LEVELS = 32;
const CONSTRUCTED = 0x20;
const OCTET_STRING = 0x04;

/**
 * Without a guess at what a BIT STRING may hold, which would cost a second parse. The types know only the old form
 * of the second argument. Bounded: a hostile MiB takes 150 ms.
 */
const parse = forge.asn1.fromDer as unknown as (bytes: string, options: object) => Asn1;

/** @throws {UnreadableDer} when the bytes are not exactly one value */
export function parseAsn1(bytes: Uint8Array): Asn1 {
  try {
    return parse(Buffer.from(bytes).toString('latin1'), {
      strict: true,
      parseAllBytes: true,
      decodeBitStrings: false,
      maxDepth: MOST_LEVELS,
    });
  } catch (cause) {
    throw new UnreadableDer('not one whole ASN.1 value', { cause });
  }
}

/** Class, form and number in one byte, as it is written. */
export function tagOf({ tagClass, type, constructed }: Asn1): number {
  return tagClass | (constructed ? CONSTRUCTED : 0) | type;
}

/** The values inside a constructed one of this tag. */
export function childrenOf(value: Asn1 | undefined, tag: number): readonly Asn1[] {
  if (value === undefined || tagOf(value) !== tag || typeof value.value === 'string') {
    throw new UnreadableDer(`no value with tag 0x${tag.toString(16)} where one should be`);
  }
  return value.value;
}

/** An OCTET STRING, or what is tagged as one, whole or in pieces. */
export function octetsOf(value: Asn1 | undefined, tag = OCTET_STRING): Buffer {
  if (value === undefined || (tagOf(value) | CONSTRUCTED) !== (tag | CONSTRUCTED)) {
    throw new UnreadableDer('no octet string where one should be');
  }
  if (typeof value.value === 'string') return Buffer.from(value.value, 'latin1');
  return Buffer.concat(value.value.map((piece) => octetsOf(piece)));
}

export function oidOf(value: Asn1 | undefined): string {
  return readOid(primitive(value));
}

export function integerOf(value: Asn1 | undefined): number {
  return readSmallInteger(primitive(value));
}

/** The value in DER: as it was, if it was DER. */
export function encodeAsn1(value: Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1');
}

function primitive(value: Asn1 | undefined): { tag: number; content: Buffer; raw: Buffer } {
  if (value === undefined || typeof value.value !== 'string') {
    throw new UnreadableDer('no simple value where one should be');
  }
  const content = Buffer.from(value.value, 'latin1');
  return { tag: tagOf(value), content, raw: content };
}

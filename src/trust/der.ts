/**
 * A small strict DER reader. It reads one level at a time and never recurses, so hostile nesting costs
 * nothing: whoever reads a certificate descends only where its grammar says so.
 */

/**
 * One DER value. `raw` is the whole value with its header, `content` what is inside. Both are views, not
 * copies.
 */
export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly raw: Uint8Array;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * The bytes are not the DER they should be. Not for people as it stands: callers turn it into a finding or a
 * `StartupError`.
 */
export class UnreadableDer extends Error {
  override readonly name = 'UnreadableDer';
}

/** Reads exactly one value; anything after it is an error. */
export function readDer(bytes: Uint8Array, tag?: number): Der {
  const der = readDerAt(bytes, 0);
  if (der.raw.length !== bytes.length) throw new UnreadableDer('bytes follow the value');
  return tag === undefined ? der : expectTag(der, tag);
}

/** The values directly inside a constructed value, in order. */
export function readChildren(parent: Der): Der[] {
  return readSequenceOf(parent.content);
}

/** The values that stand one after the other in `bytes`. */
function readSequenceOf(bytes: Uint8Array): Der[] {
  const children: Der[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const child = readDerAt(bytes, offset);
    children.push(child);
    offset += child.raw.length;
  }
  return children;
}

export function expectTag(der: Der | undefined, tag: number): Der {
  if (der === undefined) throw new UnreadableDer(`a value with tag 0x${hexByte(tag)} is missing`);
  if (der.tag !== tag) throw new UnreadableDer(`tag 0x${hexByte(der.tag)} where 0x${hexByte(tag)} should be`);
  return der;
}

/**
 * The value that begins at `offset`. Lengths must be definite and as short as can be (X.690 10.1); tags above
 * 30 occur nowhere in a certificate.
 */
export function readDerAt(bytes: Uint8Array, offset: number): Der {
  const tag = byteAt(bytes, offset);
  if ((tag & 0x1f) === 0x1f) throw new UnreadableDer('a tag number above 30');
  let length = byteAt(bytes, offset + 1);
  let start = offset + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0) throw new UnreadableDer('an indefinite length');
    if (count > 3) throw new UnreadableDer('a length above 16 MiB');
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + byteAt(bytes, start + index);
    start += count;
    if (length < 0x80 || length < 256 ** (count - 1))
      throw new UnreadableDer('a length not in its shortest form');
  }
  const end = start + length;
  if (end > bytes.length) throw new UnreadableDer('a value longer than what holds it');
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) };
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new UnreadableDer('the bytes end inside a value');
  return byte;
}

export function readBoolean(der: Der | undefined): boolean {
  const { content } = expectTag(der, TAG.boolean);
  if (content.length !== 1 || (content[0] !== 0x00 && content[0] !== 0xff)) {
    throw new UnreadableDer('a boolean that is neither 00 nor FF');
  }
  return content[0] === 0xff;
}

/** The magnitude of a non-negative INTEGER, without a leading zero octet; zero is one zero octet. */
export function readUnsigned(der: Der | undefined): Uint8Array {
  const { content } = expectTag(der, TAG.integer);
  const [first, second] = content;
  if (first === undefined) throw new UnreadableDer('an empty integer');
  if (first >= 0x80) throw new UnreadableDer('a negative integer');
  if (first !== 0x00 || second === undefined) return content;
  if (second < 0x80) throw new UnreadableDer('an integer not in its shortest form');
  return content.subarray(1);
}

/** A non-negative INTEGER that must be small. */
export function readSmallInteger(der: Der | undefined): number {
  const magnitude = readUnsigned(der);
  if (magnitude.length > 4) throw new UnreadableDer('an integer too large to be meant');
  return magnitude.reduce((value, byte) => value * 256 + byte, 0);
}

export function readBitString(der: Der | undefined): {
  readonly bytes: Uint8Array;
  readonly unusedBits: number;
} {
  const { content } = expectTag(der, TAG.bitString);
  const unusedBits = content[0];
  if (unusedBits === undefined || unusedBits > 7)
    throw new UnreadableDer('a bit string without a sound count');
  if (content.length === 1 && unusedBits !== 0)
    throw new UnreadableDer('an empty bit string with unused bits');
  return { bytes: content.subarray(1), unusedBits };
}

/**
 * An OBJECT IDENTIFIER in dotted form. Arcs must be in their shortest form, else two spellings name one
 * thing.
 */
export function readOid(der: Der | undefined): string {
  const { content } = expectTag(der, TAG.oid);
  if (content.length === 0 || content.length > 64)
    throw new UnreadableDer('an object identifier of no sound length');
  const arcs: bigint[] = [];
  let arc = 0n;
  let within = false;
  for (const byte of content) {
    if (!within && byte === 0x80) throw new UnreadableDer('an object identifier not in its shortest form');
    arc = arc * 128n + BigInt(byte & 0x7f);
    within = byte >= 0x80;
    if (within) continue;
    arcs.push(arc);
    arc = 0n;
  }
  if (within) throw new UnreadableDer('an object identifier that ends inside an arc');
  const [first = 0n, ...rest] = arcs;
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...rest].join('.');
}

/** UTCTime or GeneralizedTime in the one form RFC 5280 4.1.2.5 allows: to the second, in UTC. */
export function readTime(der: Der | undefined): Date {
  const text = Buffer.from(der?.content ?? []).toString('latin1');
  const digits = der?.tag === TAG.utcTime ? withCentury(text) : expectTag(der, TAG.generalizedTime) && text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (parts === null) throw new UnreadableDer('a time that is not to the second in UTC');
  const iso = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}.000Z`;
  const time = new Date(iso);
  // `Date` rolls 30 February over to March: what it prints must be what was written.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso)
    throw new UnreadableDer('a time that does not exist');
  return time;
}

function withCentury(text: string): string {
  return /^\d\d/.test(text) ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}` : text;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

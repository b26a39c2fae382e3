/** The encodings that are read. Fatal without exception: a replacement character in an order is a misread order. */

export interface Codec {
  /** Canonical label: `iso-8859-1`. */
  readonly name: string;
  /** For people: `ISO-8859-1`. */
  readonly title: string;
  /** More than one byte for `<`: no declaration could have been read byte by byte. */
  readonly wide: boolean;
  /** Undefined when a byte does not belong; `firstFault` then says which. */
  decode(bytes: Uint8Array): string | undefined;
  /** Offset of the first byte that cannot be decoded. */
  firstFault(bytes: Uint8Array): number;
}

/** 0x80–0x9F as windows-1252 has them; 0 where it has none. */
const WINDOWS_1252_C1 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
  0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
  0x0153, 0, 0x017e, 0x0178,
];

/** Where ISO-8859-15 differs from ISO-8859-1. */
const LATIN_9 = new Map([
  [0xa4, 0x20ac],
  [0xa6, 0x0160],
  [0xa8, 0x0161],
  [0xb4, 0x017d],
  [0xb8, 0x017e],
  [0xbc, 0x0152],
  [0xbd, 0x0153],
  [0xbe, 0x0178],
]);

// TextDecoder's "iso-8859-1" and "us-ascii" are windows-1252 (WHATWG Encoding, "names and labels"): 0x80 would
// become a euro sign. So every one-byte encoding has its own table here, with -1 where a byte means nothing.
const CODECS: readonly Codec[] = [
  unicode('utf-8', 'UTF-8', false, firstFaultUtf8),
  unicode('utf-16le', 'UTF-16', true, (bytes) => firstFaultUtf16(bytes, 1)),
  unicode('utf-16be', 'UTF-16', true, (bytes) => firstFaultUtf16(bytes, 0)),
  oneByte('us-ascii', 'US-ASCII', (byte) => (byte < 0x80 ? byte : -1)),
  oneByte('iso-8859-1', 'ISO-8859-1', (byte) => byte),
  oneByte('iso-8859-15', 'ISO-8859-15', (byte) => LATIN_9.get(byte) ?? byte),
  oneByte('windows-1252', 'windows-1252', (byte) =>
    byte < 0x80 || byte > 0x9f ? byte : WINDOWS_1252_C1[byte - 0x80] || -1,
  ),
];

/** Other spellings that senders and IANA use. A bare `utf-16` is big-endian without a mark (RFC 2781, 4.3). */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['utf8', 'utf-8'],
  ['utf-16', 'utf-16be'],
  ['utf16', 'utf-16be'],
  ['ucs-2', 'utf-16be'],
  ['iso-10646-ucs-2', 'utf-16be'],
  ['ascii', 'us-ascii'],
  ['ansi_x3.4-1968', 'us-ascii'],
  ['iso8859-1', 'iso-8859-1'],
  ['iso_8859-1', 'iso-8859-1'],
  ['iso8859_1', 'iso-8859-1'], // and with _15: Java's own names, which its older writers put into a declaration
  ['latin-1', 'iso-8859-1'],
  ['latin1', 'iso-8859-1'],
  ['l1', 'iso-8859-1'],
  ['iso8859-15', 'iso-8859-15'],
  ['iso_8859-15', 'iso-8859-15'],
  ['iso8859_15', 'iso-8859-15'],
  ['latin-9', 'iso-8859-15'],
  ['latin9', 'iso-8859-15'],
  ['cp1252', 'windows-1252'],
  ['x-cp1252', 'windows-1252'],
]);

export function codecFor(label: string): Codec | undefined {
  const lower = label.toLowerCase();
  const name = ALIASES.get(lower) ?? lower;
  return CODECS.find((codec) => codec.name === name);
}

/** `the byte 0xE9`, or that the bytes end too early. */
export function describeByte(bytes: Uint8Array, offset: number): string {
  const byte = bytes[offset];
  if (byte === undefined) return 'the end of the body';
  return `the byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function unicode(name: string, title: string, wide: boolean, firstFault: Codec['firstFault']): Codec {
  return {
    name,
    title,
    wide,
    firstFault,
    decode(bytes) {
      try {
        return new TextDecoder(name, { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return undefined; // it throws for undecodable bytes only, and does not say where
      }
    },
  };
}

function oneByte(name: string, title: string, codePoint: (byte: number) => number): Codec {
  const table = Int32Array.from({ length: 256 }, (_, byte) => codePoint(byte));
  const firstFault = (bytes: Uint8Array) => {
    const at = bytes.findIndex((byte) => (table[byte] ?? -1) < 0);
    return at === -1 ? bytes.length : at;
  };
  return {
    name,
    title,
    wide: false,
    firstFault,
    decode(bytes) {
      const pieces: string[] = [];
      const units = new Uint16Array(8192); // arguments of one call; more would overflow the stack
      for (let from = 0; from < bytes.length; from += units.length) {
        const count = Math.min(units.length, bytes.length - from);
        for (let index = 0; index < count; index++) {
          const unit = table[bytes[from + index] as number] as number;
          if (unit < 0) return undefined;
          units[index] = unit;
        }
        pieces.push(String.fromCharCode(...units.subarray(0, count)));
      }
      return pieces.join('');
    },
  };
}

/** The first byte of the first sequence that is not UTF-8 (RFC 3629, section 4: no overlong forms, no surrogates). */
function firstFaultUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] as number;
    const length =
      lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0) return at;
    if (length > 1) {
      const second = bytes[at + 1] ?? 0;
      const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
      const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
      if (second < low || second > high) return at;
      for (let index = 2; index < length; index++) {
        if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return at;
      }
    }
    at += length;
  }
  return bytes.length;
}

/** The first byte of the first surrogate that stands alone, or of half a unit at the end. */
function firstFaultUtf16(bytes: Uint8Array, highByte: 0 | 1): number {
  const whole = bytes.length - (bytes.length % 2);
  for (let at = 0; at < whole; at += 2) {
    const high = bytes[at + highByte] as number;
    if (high < 0xd8 || high > 0xdf) continue;
    const next = bytes[at + 2 + highByte] ?? 0;
    const paired = high < 0xdc && at + 4 <= whole && next >= 0xdc && next <= 0xdf;
    if (!paired) return at;
    at += 2;
  }
  return whole;
}

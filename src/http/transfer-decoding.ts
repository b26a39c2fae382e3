/** Undoes the Content-Transfer-Encoding of a part, piece by piece; how the bytes are cut changes nothing. */
import type { Refusal } from '../errors.ts';
import { malformed, type TransferEncoding } from './part-headers.ts';

export interface TransferDecoder {
  /** @throws {Refusal} `multipart-malformed` */
  write(bytes: Uint8Array): Uint8Array;
  /** What was still waiting for more. @throws {Refusal} likewise */
  end(): Uint8Array;
}

const NOTHING = new Uint8Array(0);

export function createTransferDecoder(encoding: TransferEncoding): TransferDecoder {
  if (encoding === 'base64') return createBase64Decoder();
  if (encoding === 'quoted-printable') return createQuotedDecoder();
  return { write: (bytes) => bytes, end: () => NOTHING };
}

/** RFC 2045, section 6.8: blanks and line breaks say nothing; whatever else is not of the alphabet is a fault. */
function createBase64Decoder(): TransferDecoder {
  let waiting = '';
  let padding = 0;
  return {
    write(bytes) {
      const text = Buffer.from(bytes)
        .toString('latin1')
        .replaceAll(/[\t-\r ]+/g, '');
      const [, letters = '', marks = ''] = /^([A-Za-z0-9+/]*)(=*)$/.exec(text) ?? [undefined, '', '==='];
      if (padding > 0 && letters !== '') throw otherThanSaid('base64');
      padding += marks.length; // it may be cut in two: "=" and then "="
      if (padding > 2) throw otherThanSaid('base64');
      waiting += letters;
      const whole = padding > 0 ? waiting.length : waiting.length - (waiting.length % 4);
      const ready = waiting.slice(0, whole);
      waiting = waiting.slice(whole);
      return decode(ready);
    },
    end: () => decode(waiting),
  };

  function decode(text: string): Uint8Array {
    if (text.length % 4 === 1) throw otherThanSaid('base64');
    return text === '' ? NOTHING : Buffer.from(text, 'base64');
  }
}

/**
 * RFC 2045 allows 76 characters. A line that never ends must not be kept; and as it comes, byte by byte, it is put
 * together anew each time.
 */
const LONGEST_LINE = 65_536;
const [TAB, LF, CR, SPACE, EQUALS] = [0x09, 0x0a, 0x0d, 0x20, 0x3d];

/** RFC 2045, section 6.7. A "=" that begins no code is left as it is, as every mail reader does. */
function createQuotedDecoder(): TransferDecoder {
  let waiting: Buffer = Buffer.alloc(0);
  return {
    write(bytes) {
      const all = Buffer.concat([waiting, bytes]);
      // Whole lines only: blanks at the end of a line go, and a code may be cut in two.
      const end = all.lastIndexOf(LF) + 1;
      waiting = all.subarray(end);
      if (waiting.length > LONGEST_LINE) throw otherThanSaid('quoted-printable');
      return decodeQuoted(all.subarray(0, end));
    },
    end: () => decodeQuoted(waiting),
  };
}

/** Byte by byte: a pattern that looks for blanks before a line break took 7 s for 40,000 blanks. */
function decodeQuoted(bytes: Buffer): Uint8Array {
  const decoded = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let from = 0, next = 0; from < bytes.length; from = next) {
    const lineFeed = bytes.indexOf(LF, from);
    next = lineFeed === -1 ? bytes.length : lineFeed + 1;
    const lineEnd =
      lineFeed === -1 ? next : bytes[lineFeed - 1] === CR && lineFeed > from ? lineFeed - 1 : lineFeed;
    let end = lineEnd;
    while (end > from && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end -= 1;
    const isSoft = end > from && bytes[end - 1] === EQUALS;
    if (isSoft) end -= 1;
    for (let at = from; at < end; at += 1, length += 1) {
      const byte = bytes[at] ?? 0;
      const code = byte === EQUALS && at + 2 < end ? hexAt(bytes, at + 1) : undefined;
      decoded[length] = code ?? byte;
      if (code !== undefined) at += 2;
    }
    if (!isSoft) length += bytes.copy(decoded, length, lineEnd, next);
  }
  return decoded.subarray(0, length);
}

function hexAt(bytes: Buffer, at: number): number | undefined {
  const digits = bytes.toString('latin1', at, at + 2);
  return /^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

function otherThanSaid(encoding: string): Refusal {
  return malformed(`a part is not the ${encoding} it says`);
}

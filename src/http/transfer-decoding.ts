/** Undoes the Content-Transfer-Encoding of a part, piece by piece; how the bytes are cut changes nothing. */
import { Refusal } from '../errors.ts';
import type { TransferEncoding } from './part-headers.ts';

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
  let ended = false;
  return {
    write(bytes) {
      const text = Buffer.from(bytes).toString('latin1').replaceAll(/[\s]+/g, '');
      if (text === '') return NOTHING;
      if (ended || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
        // Padding may be cut in two: "=" and then "=".
        if (!(ended && /^=$/.test(text))) throw malformed('base64');
        return NOTHING;
      }
      const padded = text.endsWith('=');
      waiting += text.replace(/=+$/, '');
      ended = padded;
      const whole = padded ? waiting.length : waiting.length - (waiting.length % 4);
      const ready = waiting.slice(0, whole);
      waiting = waiting.slice(whole);
      return decode(ready);
    },
    end: () => decode(waiting),
  };

  function decode(text: string): Uint8Array {
    if (text.length % 4 === 1) throw malformed('base64');
    return Buffer.from(text, 'base64');
  }
}

/** RFC 2045, section 6.7. A "=" that begins no code is left as it is, as every mail reader does. */
function createQuotedDecoder(): TransferDecoder {
  let waiting = '';
  const decode = (text: string): Uint8Array =>
    Buffer.from(
      text
        .replaceAll(/[ \t]+(?=\r?\n)/g, '')
        .replaceAll(/=\r?\n/g, '')
        .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    );
  return {
    write(bytes) {
      const text = waiting + Buffer.from(bytes).toString('latin1');
      // Whole lines only: blanks at the end of a line go, and a code may be cut in two.
      const end = text.lastIndexOf('\n') + 1;
      waiting = text.slice(end);
      if (waiting.length > LONGEST_LINE) throw malformed('quoted-printable');
      return decode(text.slice(0, end));
    },
    end: () => decode(waiting.replace(/[ \t]+$/, '').replace(/=$/, '')),
  };
}

/** RFC 2045 allows 76 characters; a line that never ends must not be kept. */
const LONGEST_LINE = 1_048_576;

function malformed(encoding: string): Refusal {
  return new Refusal(
    'multipart-malformed',
    `The multipart message cannot be read: a part is not the ${encoding} it says.`,
  );
}

/** A document that was sent as a field of a form (cXML guide, "cXML-urlencoded"): old senders and PunchOut sites do. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Refusal } from '../errors.ts';

/** Real forms have one to five. */
const MOST_FIELDS = 100;
const LONGEST_NAME = 100;
/** 10 MB of codes take 0.1 s; an order beside them does not wait for so long. */
const TURN_BYTES = 1_048_576;
const [PLUS, SPACE, PERCENT, AND, EQUALS] = [0x2b, 0x20, 0x25, 0x26, 0x3d];

/**
 * @returns the bytes of the document, as the sender wrote them before they were encoded
 * @throws {Refusal} `media-type-unsupported` when there is no such field; `body-undecodable` when it cannot be told
 *   which document is meant, or what it says
 */
export async function readForm(body: Uint8Array): Promise<Uint8Array> {
  const fields = fieldsOf(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  const [field, another] = fields.filter(({ name }) => name === 'cxml-urlencoded' || name === 'cxml-base64');
  if (field === undefined) {
    throw new Refusal(
      'media-type-unsupported',
      'This form has neither a field cXML-urlencoded nor cXML-base64. Send the cXML document itself as text/xml.',
    );
  }
  if (another !== undefined) {
    throw undecodable('it has more than one document, and nothing tells which of them is the order');
  }
  const value = await decode(field.value);
  return field.name === 'cxml-base64' ? fromBase64(value) : value;
}

interface Field {
  /** In lower case. */
  readonly name: string;
  /** As sent. */
  readonly value: Buffer;
}

function fieldsOf(body: Buffer): Field[] {
  const fields: Field[] = [];
  for (let from = 0; from < body.length; ) {
    if (fields.length === MOST_FIELDS) throw undecodable(`it has more than ${MOST_FIELDS} fields`);
    const end = body.indexOf(AND, from);
    const field = body.subarray(from, end === -1 ? body.length : end);
    const at = field.indexOf(EQUALS);
    const name = field.subarray(0, Math.min(Math.max(at, 0), LONGEST_NAME));
    fields.push({ name: decodeTurn(name).toString('latin1').toLowerCase(), value: field.subarray(at + 1) });
    from += field.length + 1;
  }
  return fields;
}

async function decode(encoded: Buffer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let from = 0, end = 0; from < encoded.length; from = end) {
    end = Math.min(from + TURN_BYTES, encoded.length);
    // A code is not cut in two.
    while (end < encoded.length && (encoded[end - 1] === PERCENT || encoded[end - 2] === PERCENT)) end += 1;
    if (from > 0) await nextTurn();
    pieces.push(decodeTurn(encoded.subarray(from, end)));
  }
  return Buffer.concat(pieces);
}

/** A "%" that begins no code is left as it is. */
function decodeTurn(encoded: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; at += 1, length += 1) {
    const byte = encoded[at] ?? 0;
    const code = byte === PERCENT ? digitOf(encoded[at + 1]) * 16 + digitOf(encoded[at + 2]) : Number.NaN;
    decoded[length] = Number.isNaN(code) ? (byte === PLUS ? SPACE : byte) : code;
    if (!Number.isNaN(code)) at += 2;
  }
  return decoded.subarray(0, length);
}

/** Of one hex digit; NaN of anything else. */
function digitOf(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}

/** Node passes over what is no base64, and so over part of an order: a "+" that was not encoded came as a blank. */
function fromBase64(value: Buffer): Buffer {
  const text = value.toString('latin1').replaceAll(/[\t\r\n]+/g, '');
  const letters = text.replace(/={1,2}$/, '');
  if (/^[A-Za-z0-9+/]*$/.test(letters) && letters.length % 4 !== 1) return Buffer.from(letters, 'base64');
  throw undecodable('its field cXML-base64 is not base64; each "+" of it must be sent as %2B');
}

function undecodable(why: string): Refusal {
  return new Refusal('body-undecodable', `This form cannot be read: ${why}.`);
}

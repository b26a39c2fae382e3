/** A document that was sent as a field of a form (cXML guide, "cXML-urlencoded"): old senders and PunchOut sites do. */
import { Refusal } from '../errors.ts';

/**
 * @returns the bytes of the document, as the sender wrote them before they were encoded
 * @throws {Refusal} `media-type-unsupported` when there is no such field
 */
export function readForm(body: Uint8Array): Uint8Array {
  for (const field of Buffer.from(body).toString('latin1').split('&')) {
    const at = field.indexOf('=');
    const name = decode(field.slice(0, Math.max(at, 0))).toLowerCase();
    const value = decode(field.slice(at + 1));
    if (name === 'cxml-urlencoded') return Buffer.from(value, 'latin1');
    if (name === 'cxml-base64') return Buffer.from(value, 'base64');
  }
  throw new Refusal(
    'media-type-unsupported',
    'This form has neither a field cXML-urlencoded nor cXML-base64. Send the cXML document itself as text/xml.',
  );
}

/** Bytes, one a character. A "%" that begins no code is left as it is. */
function decode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

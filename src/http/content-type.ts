/** What a Content-Type says, and whether such a body can be an order. */
import { Refusal } from '../errors.ts';

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const MEDIA_TYPE = new RegExp(`^[ \\t]*(${TOKEN}/${TOKEN})[ \\t]*(?=;|$)`);
/** An empty parameter, `; charset=` or a stray `;` is passed over; senders write both. */
const PARAMETER = `;[ \\t]*(?:(${TOKEN})=(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")?)?[ \\t]*`;
const XML = /^(?:text\/xml|application\/xml|application\/[^/]+\+xml)$/;

/**
 * @param value the header as sent; undefined or empty is taken as XML, for some senders leave it out
 * @returns the charset parameter, unquoted, in lower case
 * @throws {Refusal} `media-type-unsupported`
 */
export function readContentType(value: string | undefined): { readonly charset?: string } {
  if (value === undefined || value.trim() === '') return {};
  const type = MEDIA_TYPE.exec(value);
  if (type?.[1] === undefined) throw unreadable();
  checkMediaType(type[1].toLowerCase());
  return readCharset(value, type[0].length);
}

function checkMediaType(mediaType: string): void {
  if (XML.test(mediaType)) return;
  if (mediaType.startsWith('multipart/')) {
    throw refuse(
      'Orders inside a multipart message are not taken. Send the cXML document alone, as text/xml.',
    );
  }
  if (mediaType === 'application/x-www-form-urlencoded') {
    throw refuse(
      'Orders inside a form are not taken. Send the cXML document itself as the body, as text/xml.',
    );
  }
  throw refuse(`The media type is ${mediaType.slice(0, 100)}. Send the cXML document as text/xml.`);
}

function readCharset(value: string, from: number): { readonly charset?: string } {
  const next = new RegExp(PARAMETER, 'y');
  next.lastIndex = from;
  let charset: string | undefined;
  while (next.lastIndex < value.length) {
    const parameter = next.exec(value);
    if (parameter === null) throw unreadable();
    if (parameter[1]?.toLowerCase() !== 'charset' || parameter[2] === undefined) continue;
    charset ??= unquote(parameter[2]).trim().toLowerCase();
  }
  return charset === undefined || charset === '' ? {} : { charset };
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
}

function unreadable(): Refusal {
  return refuse('The Content-Type header cannot be read. Send the cXML document as text/xml.');
}

function refuse(message: string): Refusal {
  return new Refusal('media-type-unsupported', message);
}

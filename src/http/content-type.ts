/** What a Content-Type says, and whether such a body can be an order. */
import { Refusal } from '../errors.ts';
import { readParameters, unquote } from './header-parameters.ts';

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const MEDIA_TYPE = new RegExp(`^[ \\t]*(${TOKEN}/${TOKEN})[ \\t]*(?=;|$)`);
/** An empty parameter, `; charset=` or a stray `;` is passed over; senders write both. */
const PARAMETER = `;[ \\t]*(?:(${TOKEN})=(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")?)?[ \\t]*`;
const XML = /^(?:text\/xml|application\/xml|application\/[^/]+\+xml)$/;

/** Several parts, one of which is the order. */
export interface Multipart {
  readonly boundary: string;
  /** Content-ID of the part that is the order, without brackets; undefined: the first. */
  readonly start?: string;
}

export interface ContentType {
  readonly charset?: string;
  readonly multipart?: Multipart;
  /** The document is the value of a form field. */
  readonly form?: true;
}

/**
 * @param value the header as sent; undefined or empty is taken as XML, for some senders leave it out
 * @returns the charset parameter, unquoted, in lower case; or how the order is wrapped
 * @throws {Refusal} `media-type-unsupported`
 */
export function readContentType(value: string | undefined): ContentType {
  if (value === undefined || value.trim() === '') return {};
  const type = MEDIA_TYPE.exec(value);
  if (type?.[1] === undefined) throw unreadable();
  const mediaType = type[1].toLowerCase();
  // Both mean the same here (cXML guide, "Attachments"): related is what Coupa documents, mixed the least one must read.
  if (/^multipart\/(?:related|mixed)$/.test(mediaType)) return { multipart: readMultipart(value) };
  if (mediaType === 'application/x-www-form-urlencoded') return { form: true };
  if (XML.test(mediaType)) return readCharset(value, type[0].length);
  throw refuse(`The media type is ${mediaType.slice(0, 100)}. Send the cXML document as text/xml.`);
}

function readMultipart(value: string): Multipart {
  const parameters = readParameters(value);
  const boundary = parameters.get('boundary');
  if (boundary === undefined || boundary === '') {
    throw refuse(
      'The Content-Type of this multipart message names no boundary, so its parts cannot be told apart.',
    );
  }
  const start = parameters.get('start')?.replace(/^<(.*)>$/s, '$1');
  return { boundary, ...(start === undefined || start === '' ? {} : { start }) };
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

function unreadable(): Refusal {
  return refuse('The Content-Type header cannot be read. Send the cXML document as text/xml.');
}

function refuse(message: string): Refusal {
  return new Refusal('media-type-unsupported', message);
}

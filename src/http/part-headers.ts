/** The headers of one part of a multipart body. What they say is a claim: no name in here ever becomes a path. */
import { Refusal } from '../errors.ts';
import { readParameters } from './header-parameters.ts';

export type TransferEncoding = 'identity' | 'base64' | 'quoted-printable';

export interface PartHeaders {
  /** Without its angle brackets. */
  readonly contentId?: string;
  /** As sent; `text/plain` where there is none (RFC 2046, section 5.1). */
  readonly contentType: string;
  readonly encoding: TransferEncoding;
  /** What the sender calls the file. For people alone. */
  readonly fileName?: string;
  readonly description?: string;
}

const MOST_HEADERS = 50;
const LONGEST_NAME = 255;
/** A line of a message has no more (RFC 5322, section 2.1.1), and a row of the store should not. */
const LONGEST_ID = 998;

/**
 * @param text lines as sent, one byte a character
 * @throws {Refusal} `multipart-malformed` for what would make the part something else than its sender meant
 */
export function readPartHeaders(text: string): PartHeaders {
  const fields = readFields(text);
  const contentType = fields.get('content-type') ?? 'text/plain';
  const contentId = stripBrackets(fields.get('content-id'));
  const fileName =
    readParameters(fields.get('content-disposition') ?? '').get('filename') ??
    readParameters(contentType).get('name');
  const description = fields.get('content-description');
  return {
    contentType,
    encoding: encodingOf(fields.get('content-transfer-encoding')),
    ...(contentId === undefined ? {} : { contentId: contentId.slice(0, LONGEST_ID) }),
    ...(fileName === undefined ? {} : { fileName: decodeUtf8(fileName).slice(0, LONGEST_NAME) }),
    ...(description === undefined ? {} : { description: decodeUtf8(description).slice(0, LONGEST_NAME) }),
  };
}

/** The first of each name counts. A line without a colon says nothing; senders leave such behind. */
function readFields(text: string): ReadonlyMap<string, string> {
  const unfolded = text.replaceAll(/\r?\n[ \t]+/g, ' ');
  const lines = unfolded.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length > MOST_HEADERS) throw malformed(`a part has more than ${MOST_HEADERS} headers`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name === '' || fields.has(name)) continue;
    fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

function stripBrackets(value: string | undefined): string | undefined {
  const bare = value?.replace(/^<(.*)>$/s, '$1').trim();
  return bare === '' ? undefined : bare;
}

function encodingOf(value: string | undefined): TransferEncoding {
  const name = value?.toLowerCase() ?? 'binary';
  if (name === 'base64' || name === 'quoted-printable') return name;
  if (name === '7bit' || name === '8bit' || name === 'binary' || name === '') return 'identity';
  throw malformed(`a part is in the transfer encoding ${name.slice(0, 40)}, which nobody here can undo`);
}

/** Headers are read one byte a character; senders put UTF-8 there all the same. */
function decodeUtf8(bytes: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return bytes;
  }
}

/** The refusal of a multipart message, whichever step of reading it finds the fault. */
export function malformed(what: string): Refusal {
  return new Refusal('multipart-malformed', `The multipart message cannot be read: ${what}.`);
}

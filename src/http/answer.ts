/**
 * What a peer is told. Every answer of the receiving port is a complete cXML document with one Status: a reply
 * without one is a failed order at Coupa, whatever its HTTP code. Never: decides about a message, or about a peer.
 */
import { writeResponse } from '../cxml/write-response.ts';
import type { Refusal, RefusalCode } from '../errors.ts';
import type { Receipt } from '../intake/intake.ts';

/** `envelope`: decisions about a message travel in the Status, with HTTP 200. `mirror`: with a matching HTTP code. */
export type AnswerStyle = 'envelope' | 'mirror';

/** Codes and their own names, from the cXML guide. 200 is not among them: only a Receipt carries that. */
const STATUS = {
  badRequest: { code: 400, text: 'Bad Request' },
  unauthorized: { code: 401, text: 'Unauthorized' },
  forbidden: { code: 403, text: 'Forbidden' },
  notAcceptable: { code: 406, text: 'Not Acceptable' },
  conflict: { code: 409, text: 'Conflict' },
  notImplemented: { code: 450, text: 'Not Implemented' },
  internal: { code: 500, text: 'Internal Server Error' },
  temporary: { code: 560, text: 'Temporary server error' },
} as const;

interface Answer {
  readonly status: (typeof STATUS)[keyof typeof STATUS];
  readonly http: Readonly<Record<AnswerStyle, number>>;
  /** What the reader of the answer should do next. */
  readonly next?: string;
  readonly allow?: string;
  readonly retryAfterSeconds?: number;
  /** The connection is not to be used any more. */
  readonly ends?: boolean;
}

const MEND = 'Mend the document and send it again.';
const ASK = 'The buyer and the supplier should compare what is configured on both sides.';
const CLIENT = 'This is for whoever maintains the sending system.';
const REPEAT = 'Nothing was lost: send the same document again later.';

/**
 * The one table from refusal to wire. A code without a row does not compile. Coupa repeats a 5xx five times, an hour
 * apart, and never a 4xx: 5xx is for what time can heal.
 */
export const ANSWERS = {
  'xml-undecodable': { status: STATUS.notAcceptable, http: message(406), next: MEND },
  'xml-malformed': { status: STATUS.notAcceptable, http: message(406), next: MEND },
  'xml-forbidden': { status: STATUS.notAcceptable, http: message(406), next: MEND },
  'xml-too-complex': { status: STATUS.notAcceptable, http: message(406), next: MEND },
  'not-cxml': { status: STATUS.notAcceptable, http: message(406), next: MEND },
  'order-invalid': { status: STATUS.badRequest, http: message(400), next: MEND },
  'multipart-malformed': { status: STATUS.notAcceptable, http: message(406), next: MEND },
  'request-unsupported': { status: STATUS.notImplemented, http: message(400) },
  'sender-unknown': { status: STATUS.unauthorized, http: message(401), next: ASK },
  'sender-forbidden': { status: STATUS.forbidden, http: message(403), next: ASK },
  'payload-conflict': { status: STATUS.conflict, http: message(409) },

  'path-unknown': {
    status: STATUS.badRequest,
    http: always(404),
    next: 'Check the address of this supplier.',
  },
  'method-unsupported': { status: STATUS.badRequest, http: always(405), next: CLIENT, allow: 'POST' },
  'media-type-unsupported': { status: STATUS.notAcceptable, http: always(415) },
  'encoding-unsupported': { status: STATUS.notAcceptable, http: always(415), next: CLIENT },
  'body-too-large': { status: STATUS.badRequest, http: always(413), next: 'Send attachments another way.' },
  'body-undecodable': { status: STATUS.badRequest, http: always(400), next: CLIENT },
  'headers-too-large': { status: STATUS.badRequest, http: always(431), next: CLIENT, ends: true },
  'request-malformed': { status: STATUS.badRequest, http: always(400), next: CLIENT, ends: true },
  'expectation-unsupported': { status: STATUS.badRequest, http: always(417), next: CLIENT },

  'peer-refused': { status: STATUS.forbidden, http: always(403), ends: true },
  // What a rotation on Coupa's side looks like: it repeats for five hours while a person stages the new bundle.
  'peer-near-miss': {
    status: STATUS.temporary,
    http: always(503),
    next: REPEAT,
    retryAfterSeconds: 3600,
    ends: true,
  },

  'request-timeout': { status: STATUS.temporary, http: always(503), next: REPEAT, retryAfterSeconds: 60 },
  'store-unavailable': { status: STATUS.temporary, http: always(503), next: REPEAT, retryAfterSeconds: 300 },
  overloaded: { status: STATUS.temporary, http: always(503), next: REPEAT, retryAfterSeconds: 60 },
  'shutting-down': {
    status: STATUS.temporary,
    http: always(503),
    next: REPEAT,
    retryAfterSeconds: 60,
    ends: true,
  },
  internal: { status: STATUS.internal, http: always(500), next: REPEAT },
} as const satisfies Record<RefusalCode, Answer>;

/** One answer, ready for a response object or for a bare socket. */
export interface WireAnswer {
  readonly httpStatus: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array;
  /** Class of the cXML Status: `2xx`, `4xx`, `5xx`. */
  readonly statusClass: string;
  /** The connection closes after it. */
  readonly ends: boolean;
}

/** The only answer with cXML Status 200: the receipt's own bytes, as they were kept. */
export function answerReceipt({ reply }: Receipt): WireAnswer {
  return { httpStatus: 200, headers: headersFor(reply), body: reply, statusClass: '2xx', ends: false };
}

/** @param identity payloadID and timestamp of the answer, fresh */
export function answerRefusal(
  refusal: Refusal,
  style: AnswerStyle,
  identity: { readonly payloadId: string; readonly timestamp: string },
): WireAnswer {
  const answer: Answer = ANSWERS[refusal.code];
  const document = writeResponse({
    ...identity,
    status: { ...answer.status, detail: explain(refusal) },
  });
  const body = Buffer.from(document, 'utf8');
  return {
    httpStatus: answer.http[style],
    headers: {
      ...headersFor(body),
      ...(answer.allow === undefined ? {} : { Allow: answer.allow }),
      ...(answer.retryAfterSeconds === undefined ? {} : { 'Retry-After': answer.retryAfterSeconds }),
    },
    body,
    statusClass: `${String(answer.status.code)[0]}xx`,
    ends: answer.ends ?? false,
  };
}

/** What was wrong, where, and what to do next: Coupa shows this text to the buyer's administrators. */
export function explain({ code, message, place }: Pick<Refusal, 'code' | 'message' | 'place'>): string {
  const { next }: Answer = ANSWERS[code];
  const where = [
    place?.path === undefined ? [] : [place.path],
    place?.line === undefined ? [] : [`line ${place.line}`],
    place?.column === undefined ? [] : [`column ${place.column}`],
    place?.offset === undefined ? [] : [`byte ${place.offset}`],
  ].flat();
  return [message, where.length === 0 ? [] : `Where: ${where.join(', ')}.`, next ?? []].flat().join(' ');
}

function headersFor(body: Uint8Array): Record<string, string | number> {
  return {
    'Content-Type': 'text/xml; charset=UTF-8',
    'Content-Length': body.byteLength,
    'Cache-Control': 'no-store',
  };
}

/** A decision about the message. */
function message(mirror: number) {
  return { envelope: 200, mirror };
}

/** A fault of the exchange itself, or ours: the HTTP code says so in both styles. */
function always(code: number) {
  return { envelope: code, mirror: code };
}

/**
 * What Coupa would do with an answer, and what its administrators would read, on which page. Facts: Coupa's public pages
 * for suppliers. What these do not say and only follows from them is marked as probable.
 */
import { STATUS_CODES } from 'node:http';
import { ATTEMPTS, STEP_MS } from '../intake/retry-clock.ts';
import type { Exchange } from './buyer-client.ts';
import { shorten } from './harmless.ts';

export interface CoupaView {
  /** `delivered`: done. `final`: failed, never repeated. `repeated`: Coupa tries again by itself. */
  readonly verdict: 'delivered' | 'final' | 'repeated';
  readonly does: string;
  /** `does` is inferred, not written anywhere. */
  readonly probably: boolean;
  /** Of `repeated`. */
  readonly rhythm?: Rhythm;
  /** What a buyer's administrator reads once no repeat is left; undefined when there is nothing to read. */
  readonly sees?: Sight;
}

export type Rhythm = keyof typeof RHYTHMS;

/** How often it is sent again, and how far apart: one clock for a 5xx, another for no answer at all. */
export const RHYTHMS = {
  hourly: { repeats: ATTEMPTS - 1, minutes: STEP_MS / 60_000, words: 'repeats it 5 times, an hour apart' },
  soon: { repeats: 4, minutes: 5, words: 'repeats it 4 times, 5 minutes apart' },
} as const;

export interface Sight {
  /** The mail's wording is documented for a Status; for other failures it is inferred. */
  readonly probably: boolean;
  readonly mail: { readonly subject: string; readonly body: readonly string[] };
  /** A row of the page of cXML errors in the buyer's instance. */
  readonly monitor: { readonly page: string; readonly category?: string; readonly error: string };
  /** What they are told to do. */
  readonly next: string;
}

/** Where a supplier reads the same, if the buyer allows that: off at first, and not told at once. */
export const SUPPLIER_PAGE = 'Coupa Supplier Portal, Admin > cXML Errors';

const MONITOR_PAGE = 'https://<instance>/cxml_request_monitors/cxml_request_po';
const MEND = 'correct the order and send it again by hand, perhaps as an update';
const RESEND = 'send one order again by hand, then the rest';
const NO_CONNECTION = 'Connection to supplier failed';

export function seeAsCoupa(exchange: Exchange, orderId: string): CoupaView {
  return exchange.failure === undefined
    ? seeAnswer(exchange, orderId)
    : seeFailure(exchange.failure, orderId);
}

/** An answer that arrived whole. */
export function seeAnswer(
  { http, status }: { readonly http: number; readonly status?: AnsweredStatus | undefined },
  orderId: string,
): CoupaView {
  const httpWords = `${NO_CONNECTION}: ${http} ${STATUS_CODES[http] ?? ''}`.trimEnd();
  if (http >= 300 && http < 400) {
    const does = 'takes the redirect for a failure';
    return { verdict: 'final', does, probably: true, sees: seeNoStatus(orderId, httpWords, true) };
  }
  if (http >= 400 && http < 500) {
    const does = 'reports the HTTP code without our text, and never repeats a 4xx';
    const sees = { ...seeNoStatus(orderId, httpWords, true), next: MEND };
    return { verdict: 'final', does, probably: true, sees };
  }
  if (status === undefined) return seeMissing(http, orderId);
  const sees = seeStatus(orderId, status);
  if (http >= 500 || status.code >= 500) {
    // That a Status of 5xx is repeated is documented; whether Coupa reads the body of an HTTP 5xx is not.
    const agree = status.code >= 500;
    return {
      verdict: 'repeated',
      rhythm: 'hourly',
      does: RHYTHMS.hourly.words,
      probably: !agree,
      sees: http >= 500 ? { ...sees, probably: true } : sees,
    };
  }
  if (status.code >= 200 && status.code < 300) {
    return { verdict: 'delivered', does: 'marks the order as sent by cXML', probably: false };
  }
  const known = status.code >= 400;
  const does = known ? 'never repeats a 4xx' : 'takes a Status that is no 2xx for a failure';
  return { verdict: 'final', does, probably: !known, sees: known ? sees : { ...sees, probably: true } };
}

/** An empty answer, a bare `ok`, a page: failed whatever the HTTP code says. */
function seeMissing(http: number, orderId: string): CoupaView {
  const sees = seeNoStatus(orderId, 'No status element in setup response');
  if (http >= 500) {
    const { words } = RHYTHMS.hourly;
    return { verdict: 'repeated', rhythm: 'hourly', does: words, probably: true, sees };
  }
  const does =
    'takes an answer without a Status for a failure, whatever its HTTP code (perhaps for a timeout)';
  return { verdict: 'final', does, probably: false, sees };
}

function seeFailure({ stage, message }: NonNullable<Exchange['failure']>, orderId: string): CoupaView {
  const { words } = RHYTHMS.soon;
  const timedOut = seeNoStatus(orderId, 'Connection to supplier timed out');
  switch (stage) {
    case 'timeout':
      return { verdict: 'repeated', rhythm: 'soon', does: words, probably: false, sees: timedOut };
    case 'reply':
    case 'cut':
      return {
        verdict: 'repeated',
        rhythm: 'soon',
        does: `takes it for no answer and ${words}`,
        probably: true,
        sees: timedOut,
      };
    case 'tls':
    case 'connect': {
      // A refused connection and a failed handshake are on no list of what is repeated, so nobody should count on it.
      const does = 'reports a failed connection and does not repeat it';
      const error = `${NO_CONNECTION}: ${shorten(message, 200)}`;
      return { verdict: 'final', does, probably: true, sees: seeNoStatus(orderId, error, true) };
    }
  }
}

type AnsweredStatus = Pick<NonNullable<Exchange['status']>, 'code' | 'text' | 'detail'>;

function seeStatus(orderId: string, { code, text, detail }: AnsweredStatus): Sight {
  const told = `${code} ${shorten(text, 200)}`;
  const element = `<Status code="${code}" text="${shorten(text, 200)}">${shorten(detail, 400)}</Status>`;
  return {
    probably: false,
    mail: { subject: mailSubject(orderId), body: [`PO failed: ${told}`, element] },
    monitor: { page: MONITOR_PAGE, error: `setup request failed: ${told}` },
    next: code < 500 ? MEND : RESEND,
  };
}

function seeNoStatus(orderId: string, error: string, unconnected = false): Sight {
  return {
    probably: true,
    mail: { subject: mailSubject(orderId), body: [`PO failed: ${error}`] },
    monitor: { page: MONITOR_PAGE, ...(unconnected && { category: NO_CONNECTION }), error },
    next: RESEND,
  };
}

function mailSubject(orderId: string): string {
  return `cXML Failure (Failed to send PO #${shorten(orderId, 40)})`;
}

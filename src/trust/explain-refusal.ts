/**
 * A refusal in words a person can act on: what it means, what Coupa's administrators see of it, and one next
 * step. The words are for someone who sees them for the first time, perhaps at night.
 */
import type { RefusedHandshakeRecord } from './evidence.ts';
import type { PeerReason } from './peer.ts';
import { type ExplainedRefusal, REASON_WORDS, type ReasonWords } from './reason-words.ts';

export interface Explanation {
  readonly headline: string;
  /** Of each finding, the most telling first; likewise `meaning`. */
  readonly reasons: readonly PeerReason[];
  readonly meaning: readonly string[];
  readonly seenByBuyer: string;
  readonly next: string;
}

/** The most telling first. */
const TELLING = Object.keys(REASON_WORDS) as readonly PeerReason[];

export function explainRefusal(refusal: ExplainedRefusal): Explanation {
  const findings = refusal.findings.toSorted(
    (one, other) => TELLING.indexOf(one.reason) - TELLING.indexOf(other.reason),
  );
  const row: ReasonWords | undefined = findings[0] && REASON_WORDS[findings[0].reason];
  return {
    headline: `${describeWho(refusal)}: ${row?.because ?? 'no reason was recorded'}`,
    reasons: findings.map(({ reason }) => reason),
    meaning: findings.map(({ reason, detail }) => `${REASON_WORDS[reason].meaning} Here: ${detail}.`),
    seenByBuyer: describeAnswer(refusal),
    next: row?.next(refusal) ?? 'Nothing.',
  };
}

/** @param record whole, with its chain; those in lists come without */
export function explainRecord(record: RefusedHandshakeRecord): Explanation {
  const certificates = record.chainPem.split('-----BEGIN CERTIFICATE-----').length - 1;
  return explainRefusal({ ...record, handle: String(record.id), showedIssuer: certificates > 1 });
}

function describeWho({ enforced, nearMiss }: ExplainedRefusal): string {
  if (!enforced) return 'A client was let in, and will be refused once the check on trial counts';
  return nearMiss
    ? "A client with Coupa's name was refused, and told to come again"
    : 'A stranger was refused';
}

/**
 * Coupa documents that it repeats a 5xx five times, an hour apart, and not a 4xx, and it publishes the error
 * texts. Not documented: whether it reads the Status of a reply whose HTTP code is an error.
 */
function describeAnswer({ enforced, nearMiss, reference }: ExplainedRefusal): string {
  if (!enforced) return 'Nothing: its orders are taken and answered as always.';
  const told = `the reference ${reference}`;
  return nearMiss
    ? [
        `HTTP 503 with cXML Status 560 “Temporary server error” and ${told}, shown as “PO failed: 560`,
        'Temporary server error” or as “connection to supplier failed: 503 Service Unavailable”.',
        'Coupa repeats the order 5 times, an hour apart: if this is mended within that time, nothing is lost.',
        'After that the order shows Transmission Failure until an administrator sends it again.',
      ].join(' ')
    : [
        `If it was Coupa: HTTP 403 with cXML Status 403 “Forbidden” and ${told}, shown as`,
        '“connection to supplier failed: 403 Forbidden”. Coupa never repeats that:',
        'the order shows Transmission Failure until an administrator sends it again.',
      ].join(' ');
}

/** What is written down of a message's outcome: one log line, the counters, and the copy of what was refused. */
import type { Message } from '../cxml/message.ts';
import { Refusal } from '../errors.ts';
import type { Delivered, Kept } from '../store/store.ts';
import type { IntakeParts, ReadMessage } from './intake.ts';
import { type Attempted, REPEATED } from './retry-clock.ts';

/** What is known of a message so far; a refusal is recorded with it. */
export interface Trail {
  message?: Message;
  buyer?: string;
  orderId?: string;
}

export function reportKept(
  parts: IntakeParts,
  { message, order, findings, buyer, delivered }: ReadMessage,
  kept: Kept,
): void {
  const { metrics, log } = parts;
  const isReleased = delivered.release !== undefined;
  if (isReleased && kept.outcome === 'conflict') return; // it has not come again, and is held as it was
  if (kept.outcome === 'kept') {
    const { environment, operation } = order;
    // What was held is no sign that the buyer still sends.
    const at = isReleased ? undefined : delivered.receivedAt;
    metrics.order({ buyer, environment, operation, at });
    for (const finding of findings) metrics.finding({ buyer, rule: finding.id, severity: finding.severity });
  } else {
    metrics.duplicate({ buyer, kind: DUPLICATES[kept.outcome] });
  }
  const fields = {
    buyer,
    orderId: short(order.purchaseOrderNumber),
    payloadId: brief(message.payloadId),
    outcome: kept.outcome,
    revision: kept.revision,
    current: kept.current,
    notes: kept.notes,
    lines: order.lines.length,
    findings: findings.length,
    size: delivered.bytes.length,
    sha256: delivered.sha256,
  };
  if (kept.outcome !== 'conflict')
    parts.retries.settled(attemptOf(delivered, { message, buyer, orderId: order.purchaseOrderNumber }));
  if (kept.outcome === 'conflict' || kept.notes.includes('resent-superseded'))
    log.warn(fields, 'order needs a person');
  else log.info(fields, 'order kept');
}

const DUPLICATES = {
  replayed: 'payload_identical',
  resent: 'order_resent',
  conflict: 'payload_conflict',
} as const;

/**
 * Keeps what was not taken where a person finds it. A conflict is already held, in the transaction that found it.
 *
 * @returns what to answer by: the refusal itself, or `store-unavailable` when the message could not even be kept
 */
export async function setAside(
  parts: IntakeParts,
  delivered: Delivered,
  trail: Trail,
  error: unknown,
): Promise<unknown> {
  const outcome = await keepAside(parts, delivered, trail, error).then(
    () => error,
    (failure: unknown) => failure,
  );
  keepClock(parts, delivered, trail, outcome);
  if (!(outcome instanceof Refusal)) return outcome;
  if (outcome.code === 'store-unavailable') {
    parts.metrics.archiveWriteFailed();
    parts.log.error(
      { cause: outcome.cause, sha256: delivered.sha256 },
      'message not kept, sender told to repeat',
    );
  }
  return outcome.of({ buyer: trail.buyer, requestType: trail.message?.request?.kind });
}

async function keepAside(
  parts: IntakeParts,
  delivered: Delivered,
  trail: Trail,
  error: unknown,
): Promise<void> {
  const { message, buyer, orderId } = trail;
  const refusal = error instanceof Refusal ? error : undefined;
  const code = refusal?.code ?? 'internal';
  if (code === 'payload-conflict' || code === 'store-unavailable') return;
  const { sha256, remoteAddress } = delivered;
  const named = { payloadId: brief(message?.payloadId), orderId: brief(orderId) };
  parts.log.warn(
    { code, place: refusal?.place, buyer, ...named, size: delivered.bytes.length, sha256, remoteAddress },
    'message refused',
  );
  await parts.store.keepRefused({
    ...delivered,
    code,
    text: refusal?.message ?? 'The receiver failed on this message.',
    place: refusal?.place,
    buyer: buyer ?? null,
    payloadId: message?.payloadId ?? null,
    orderId: orderId ?? null,
  });
}

/** Tells the clock whether the sender comes again. */
function keepClock(
  { retries, log }: IntakeParts,
  delivered: Delivered,
  trail: Trail,
  outcome: unknown,
): void {
  const code = outcome instanceof Refusal ? outcome.code : 'internal';
  const attempted = attemptOf(delivered, trail);
  if (!REPEATED.has(code)) {
    // This message, not the order: another message about it may still be on its way. And who did not prove who they
    // are cannot end the wait for another's.
    const { sha256, buyer, payloadId } = attempted;
    retries.settled(buyer === undefined ? { sha256 } : { sha256, buyer, payloadId });
    return;
  }
  const { number, of, nextAt, finalAt } = retries.failed(attempted, delivered.receivedAt);
  log.warn(
    { ...attempted, code, attempt: number, of, nextAt, finalAt },
    nextAt === undefined ? 'last attempt of sender failed' : 'sender will repeat',
  );
}

/** Cut short, because so many are remembered: identifiers of that length that differ at their end only are unheard of. */
function attemptOf({ sha256 }: Delivered, { message, buyer, orderId }: Trail): Attempted {
  return { sha256, payloadId: brief(message?.payloadId), buyer, orderId: brief(orderId) };
}

/** What the sender is told; the store's own record says beside what it was compared with. */
export function payloadConflict(payloadId: string | null): Refusal {
  return new Refusal(
    'payload-conflict',
    `payloadID "${quotable(payloadId ?? '')}" was sent before with other content. Both are kept, and a person will look. ` +
      'To send a changed order, give it a payloadID of its own.',
    { place: { path: 'cXML/@payloadID' } },
  );
}

/** Identifiers are the sender's text: as long as they like. A log line is not. */
export function short(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

/** An identifier as an answer may repeat it: no longer than needed, on one line, and nothing that a terminal obeys. */
export function quotable(text: string): string {
  return short(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{FFFD}');
}

function brief(text: string | undefined): string | undefined {
  return text === undefined ? undefined : short(text);
}

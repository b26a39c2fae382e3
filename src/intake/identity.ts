/**
 * What makes two messages the same message, and two messages speak of the same order. Keys are SHA-256 hex over a
 * JSON array, so no separator inside a sender's text can make two different things equal, and an index entry has
 * the same short length whatever was sent (PostgreSQL refuses b-tree keys over 2.7 KB).
 */
import { createHash, type Hash, hash } from 'node:crypto';
import type { Environment } from '../cxml/order.ts';

export interface Identity {
  readonly messageKey: string;
  readonly orderKey: string;
  readonly contentDigest: string;
}

export interface Named {
  readonly buyer: string;
  readonly environment: Environment;
  readonly payloadId: string | null;
  readonly orderId: string;
  /** Of `digestContent`. */
  readonly contentDigest: string;
}

/**
 * A message is (buyer, payloadID); without a payloadID it is (buyer, content), and the content holds orderID and
 * orderVersion. An order is (buyer, environment, orderID): were a test order and a production order one, the
 * production order would be taken for a resend of the test and never handed on.
 */
export function identify({ buyer, environment, payloadId, orderId, contentDigest }: Named): Identity {
  return {
    contentDigest,
    messageKey: keyOf(payloadId === null ? ['content', buyer, contentDigest] : ['payload', buyer, payloadId]),
    orderKey: keyOf(['order', buyer, environment, orderId]),
  };
}

function keyOf(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts));
}

const TURN_LENGTH = 65_536;

/**
 * SHA-256, hex, of an order's content without its envelope. Yields on the way through a long one.
 *
 * @param pieces `canonicalOrder` of the message; hashed many at a time, because each call costs more than a line does
 */
export function* digestContent(pieces: Iterable<string>): Generator<undefined, string, void> {
  let waiting = '';
  let digest: Hash | undefined;
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < TURN_LENGTH) continue;
    digest ??= createHash('sha256');
    digest.update(waiting, 'utf8');
    waiting = '';
    yield;
  }
  return digest === undefined ? hash('sha256', waiting) : digest.update(waiting, 'utf8').digest('hex');
}

/**
 * The files that came along are part of what was ordered: the same order with another drawing is another content. Their
 * names are not, and neither is their order: senders make those up anew each time.
 */
export function withAttachments(
  contentDigest: string,
  attachments: readonly { readonly sha256: string }[] = [],
): string {
  if (attachments.length === 0) return contentDigest;
  return keyOf(['content and files', contentDigest, ...attachments.map(({ sha256 }) => sha256).sort()]);
}

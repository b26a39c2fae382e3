/**
 * What makes two messages the same message, and two messages speak of the same order. Keys are SHA-256 hex over a
 * JSON array, so no separator inside a sender's text can make two different things equal, and an index entry has
 * the same short length whatever was sent (PostgreSQL refuses b-tree keys over 2.7 KB).
 */
import { createHash, hash } from 'node:crypto';
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
 * @param pieces `canonicalOrder` of the message
 */
export function* digestContent(pieces: Iterable<string>): Generator<undefined, string, void> {
  const digest = createHash('sha256');
  let length = 0;
  for (const piece of pieces) {
    digest.update(piece, 'utf8');
    length += piece.length;
    if (length < TURN_LENGTH) continue;
    length = 0;
    yield;
  }
  return digest.digest('hex');
}

/** What is handed to the store: the message as it came, and the facts of the order it holds. */
import { hash } from 'node:crypto';
import type { Finding, Order } from '../cxml/order.ts';
import { orderVersionNumber, readInstant } from '../cxml/when.ts';
import type { Arrival, Delivered, PeerRecord } from '../store/store.ts';
import type { Peer } from '../trust/peer.ts';
import type { Identity } from './identity.ts';
import type { ArrivedMessage } from './intake.ts';

export function deliveredAs(arrived: ArrivedMessage): Delivered {
  return {
    bytes: arrived.bytes,
    attachments: arrived.attachments ?? [],
    sha256: hash('sha256', arrived.bytes),
    contentType: arrived.contentType,
    headers: JSON.stringify(arrived.headers),
    peer: recordOf(arrived.peer),
    protocol: arrived.peer.protocol,
    remoteAddress: arrived.remoteAddress,
    receivedAt: arrived.receivedAt,
  };
}

function recordOf({ fingerprint, name, spki, issuer, serial, notAfter, chainPem }: Peer): PeerRecord {
  return { fingerprint, name, spki, issuer, serial, notAfter, chainPem };
}

export interface ReadOrder {
  readonly delivered: Delivered;
  readonly buyer: string;
  readonly identity: Identity;
  readonly payloadId: string | null;
  readonly sentAt: string | undefined;
  readonly order: Order;
  readonly findings: readonly Finding[];
  readonly reply: Uint8Array;
}

export function arrivalOf({
  delivered,
  buyer,
  identity,
  payloadId,
  sentAt,
  order,
  findings,
  reply,
}: ReadOrder): Arrival {
  return {
    ...delivered,
    ...identity,
    buyer,
    environment: order.environment,
    payloadId,
    orderId: order.purchaseOrderNumber,
    operation: order.operation,
    orderVersion: order.orderVersion === undefined ? null : orderVersionNumber(order.orderVersion),
    orderedAt: order.orderDate === undefined ? null : readInstant(order.orderDate),
    sentAt: sentAt === undefined ? null : readInstant(sentAt),
    orderDate: order.orderDate ?? null,
    totalAmount: order.total?.amount ?? null,
    currency: order.currency ?? null,
    lineCount: order.lines.length,
    findings: JSON.stringify(findings),
    reply,
  };
}

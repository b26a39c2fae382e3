/** How orders are found again, once for every database. Never touches the bytes of a message. */
import type { Environment, Operation } from '../cxml/order.ts';
import { attachmentsByMessage } from './find-attachments.ts';
import { listLimit } from './list-limit.ts';
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { KeptNote, MessageSummary, OrderDetail, OrderSummary, Release } from './store.ts';

interface OrderRow {
  readonly id: number;
  readonly buyer: string;
  readonly environment: Environment;
  readonly order_id: string;
  readonly state: 'open' | 'cancelled';
  readonly current_revision: number;
  readonly revisions: number;
  readonly first_received_at: number;
  readonly last_received_at: number;
  readonly operation: Operation;
  readonly order_date: string | null;
  readonly total_amount: string | null;
  readonly currency: string | null;
  readonly line_count: number;
}

interface MessageRow {
  readonly id: number;
  readonly payload_id: string | null;
  readonly outcome: 'kept' | 'resent';
  readonly revision: number;
  readonly operation: Operation;
  readonly order_version: number | null;
  readonly received_at: number;
  readonly sha256: string;
  readonly size: number;
  readonly content_type: string;
  readonly protocol: string;
  readonly remote_address: string;
  readonly replays: number;
  readonly last_replayed_at: number | null;
  readonly notes: string;
  readonly findings: string;
  readonly peer_name: string;
  readonly peer_fingerprint: string;
  readonly peer_spki: string;
  /** Null, like the four below, of a message that was taken when it came. */
  readonly refused_id: number | null;
  readonly refused_code: string;
  readonly released_at: number;
  readonly released_by: string;
  readonly release_reason: string;
}

export function* listOrders({
  limit,
  buyer,
}: {
  readonly limit?: number;
  readonly buyer?: string;
}): Script<readonly OrderSummary[]> {
  const rows =
    buyer === undefined
      ? yield* query<OrderRow>(SQL.listOrders, [listLimit(limit)])
      : yield* query<OrderRow>(SQL.listOrdersOfBuyer, [listLimit(limit), buyer]);
  return rows.map(summaryOf);
}

export function* findOrders({
  orderId,
  buyer,
}: {
  readonly orderId: string;
  readonly buyer?: string;
}): Script<readonly OrderDetail[]> {
  const orders =
    buyer === undefined
      ? yield* query<OrderRow>(SQL.findOrders, [orderId])
      : yield* query<OrderRow>(SQL.findOrdersOfBuyer, [orderId, buyer]);
  const details: OrderDetail[] = [];
  for (const order of orders) {
    const messages = yield* query<MessageRow>(SQL.listMessages, [order.id]);
    const attachments = yield* attachmentsByMessage(order.id);
    details.push({
      ...summaryOf(order),
      messages: messages.map((message) => ({
        ...messageOf(message, order.current_revision),
        attachments: attachments.get(message.id) ?? [],
      })),
    });
  }
  return details;
}

function summaryOf(row: OrderRow): OrderSummary {
  return {
    id: row.id,
    buyer: row.buyer,
    environment: row.environment,
    orderId: row.order_id,
    state: row.state,
    revision: row.current_revision,
    revisions: row.revisions,
    operation: row.operation,
    orderDate: row.order_date,
    totalAmount: row.total_amount,
    currency: row.currency,
    lineCount: row.line_count,
    firstReceivedAt: new Date(row.first_received_at),
    lastReceivedAt: new Date(row.last_received_at),
  };
}

function messageOf(row: MessageRow, currentRevision: number): Omit<MessageSummary, 'attachments'> {
  return {
    id: row.id,
    payloadId: row.payload_id,
    outcome: row.outcome,
    revision: row.revision,
    operation: row.operation,
    orderVersion: row.order_version,
    current: row.revision === currentRevision,
    receivedAt: new Date(row.received_at),
    sha256: row.sha256,
    size: row.size,
    contentType: row.content_type,
    peerName: row.peer_name,
    peerFingerprint: row.peer_fingerprint,
    peerSpki: row.peer_spki,
    protocol: row.protocol,
    remoteAddress: row.remote_address,
    replays: row.replays,
    lastReplayedAt: row.last_replayed_at === null ? null : new Date(row.last_replayed_at),
    notes: JSON.parse(row.notes) as KeptNote[],
    released: releaseOf(row),
    findings: row.findings,
  };
}

function releaseOf(row: MessageRow): Release | null {
  if (row.refused_id === null) return null;
  const { refused_id, refused_code, released_at, released_by, release_reason } = row;
  const at = new Date(released_at);
  return { refused: refused_id, code: refused_code, at, by: released_by, reason: release_reason };
}

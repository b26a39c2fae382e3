/**
 * How an order is kept, once for every database: one message is taken once, one content of an order is one revision,
 * and an older revision never becomes the current one. The caller runs it inside one transaction, after `keepPeer`, in
 * which nobody else works on the same message or order: SQLite has one writer, PostgreSQL takes advisory locks on both
 * keys first.
 */
import { keepAttachments } from './keep-attachments.ts';
import { dropReleased, keepConflict } from './keep-refused.ts';
import { insert, query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { Arrival, Kept, KeptNote, Release } from './store.ts';

interface KnownMessage {
  readonly id: number;
  readonly revision: number;
  readonly reply: Uint8Array;
  readonly content_digest: string;
  readonly order_id: string;
  readonly current_revision: number;
}

interface KnownOrder {
  readonly id: number;
  readonly state: 'open' | 'cancelled';
  readonly current_revision: number;
  readonly revisions: number;
  readonly last_received_at: number;
  readonly order_version: number | null;
  readonly ordered_at: number | null;
  readonly sent_at: number | null;
  readonly known_revision: number | null;
}

const NO_REPLY = new Uint8Array(0);

/** The order's own transaction script; the rules are DESIGN section 5, "Identity". */
export function* keepOrder(arrival: Arrival): Script<Kept> {
  const [known] = yield* query<KnownMessage>(SQL.findMessage, [arrival.messageKey]);
  if (known !== undefined) {
    if (known.content_digest === arrival.contentDigest) return yield* replay(known, arrival);
    // What is to be released is held already.
    if (arrival.release === undefined) {
      yield* keepConflict(arrival, { orderId: known.order_id, revision: known.revision });
    }
    return { outcome: 'conflict', reply: NO_REPLY, revision: 0, current: false, notes: [] };
  }
  const [order] = yield* query<KnownOrder>(SQL.findOrder, [arrival.orderKey, arrival.contentDigest]);
  if (order === undefined) return yield* keepFirst(arrival);
  if (order.known_revision === null) return yield* keepRevision(arrival, order);
  return yield* resend(arrival, order, order.known_revision);
}

function* replay(known: KnownMessage, arrival: Arrival): Script<Kept> {
  if (arrival.release === undefined) yield* query(SQL.countReplay, [known.id, arrival.receivedAt.getTime()]);
  else yield* dropReleased(arrival.release.refused); // it came again by itself meanwhile, and was taken then
  return {
    outcome: 'replayed',
    reply: known.reply,
    revision: known.revision,
    current: known.revision === known.current_revision,
    notes: [],
  };
}

function* keepFirst(arrival: Arrival): Script<Kept> {
  const notes: KeptNote[] = arrival.operation === 'new' ? [] : ['change-for-unknown-order'];
  const { orderKey, buyer, environment, orderId } = arrival;
  const at = arrival.receivedAt.getTime();
  const order = yield* insert(SQL.addOrder, [orderKey, buyer, environment, orderId, stateAfter(arrival), at]);
  yield* addRevision(arrival, order, 1);
  return yield* addMessage(arrival, order, { outcome: 'kept', revision: 1, current: true, notes });
}

function* keepRevision(arrival: Arrival, order: KnownOrder): Script<Kept> {
  const revision = order.revisions + 1;
  const current = !isOlder(arrival, order);
  const notes: KeptNote[] = [];
  if (arrival.operation === 'new') notes.push('new-for-known-order');
  if (!current) notes.push('older-than-current');
  yield* addRevision(arrival, order.id, revision);
  yield* query(SQL.changeOrder, [
    order.id,
    current ? stateAfter(arrival) : order.state,
    current ? revision : order.current_revision,
    revision,
    Math.max(order.last_received_at, arrival.receivedAt.getTime()),
  ]);
  return yield* addMessage(arrival, order.id, { outcome: 'kept', revision, current, notes });
}

function* resend(arrival: Arrival, order: KnownOrder, revision: number): Script<Kept> {
  const current = revision === order.current_revision;
  const notes: KeptNote[] = current ? [] : ['resent-superseded'];
  const { state, current_revision, revisions } = order;
  const lastAt = Math.max(order.last_received_at, arrival.receivedAt.getTime());
  yield* query(SQL.changeOrder, [order.id, state, current_revision, revisions, lastAt]);
  // The buyer has just said again that this is the order: what was sent before that moment and arrives later is older.
  const { sent_at } = rankOf(arrival);
  if (current && sent_at !== null && (order.sent_at ?? Number.NEGATIVE_INFINITY) < sent_at) {
    yield* query(SQL.raiseSentAt, [order.id, revision, sent_at]);
  }
  return yield* addMessage(arrival, order.id, { outcome: 'resent', revision, current, notes });
}

function* addRevision(arrival: Arrival, order: number, revision: number): Script<void> {
  const { contentDigest, operation, orderDate, totalAmount, currency, lineCount } = arrival;
  const { order_version, ordered_at, sent_at } = rankOf(arrival);
  yield* query(SQL.addRevision, [
    order,
    revision,
    contentDigest,
    operation,
    order_version,
    ordered_at,
    sent_at,
    orderDate,
    totalAmount,
    currency,
    lineCount,
  ]);
}

type Placed = Omit<Kept, 'reply'> & { readonly outcome: 'kept' | 'resent' };

function* addMessage(arrival: Arrival, order: number, placed: Placed): Script<Kept> {
  const { messageKey, payloadId, sha256, contentType, peer, protocol, remoteAddress, reply, headers } =
    arrival;
  const message = yield* insert(SQL.addMessage, [
    messageKey,
    order,
    placed.revision,
    placed.outcome,
    payloadId,
    arrival.receivedAt.getTime(),
    sha256,
    arrival.bytes.byteLength,
    contentType,
    peer.fingerprint,
    protocol,
    remoteAddress,
    JSON.stringify(placed.notes),
    reply,
    headers,
    arrival.findings,
  ]);
  yield* query(SQL.addMessageBody, [message, arrival.bytes]);
  yield* keepAttachments({ message }, arrival.attachments);
  if (arrival.release !== undefined) yield* keepRelease(message, arrival.release);
  return { ...placed, reply };
}

function* keepRelease(message: number, { refused, code, at, by, reason }: Release): Script<void> {
  yield* query(SQL.addReleased, [message, refused, code, at.getTime(), by, reason]);
  yield* dropReleased(refused);
}

function stateAfter({ operation }: Arrival): 'open' | 'cancelled' {
  return operation === 'cancel' ? 'cancelled' : 'open';
}

interface Rank {
  readonly order_version: number | null;
  readonly ordered_at: number | null;
  readonly sent_at: number | null;
}

function rankOf({ orderVersion, orderedAt, sentAt }: Arrival): Rank {
  return { order_version: orderVersion, ordered_at: millis(orderedAt), sent_at: millis(sentAt) };
}

/** A date that could not be understood says nothing about what is older. */
function millis(date: Date | null): number | null {
  const time = date?.getTime() ?? Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/**
 * By version, else by order date, else by the time of sending, each only where both say it; else what came later. One
 * that was held came when it was refused, and not when a person has it taken.
 */
function isOlder(arrival: Arrival, current: KnownOrder): boolean {
  const arriving = rankOf(arrival);
  for (const fact of ['order_version', 'ordered_at', 'sent_at'] as const) {
    const [mine, theirs] = [arriving[fact], current[fact]];
    if (mine !== null && theirs !== null && mine !== theirs) return mine < theirs;
  }
  return arrival.release !== undefined && arrival.receivedAt.getTime() < current.last_received_at;
}

/**
 * What was not taken is held for a person, within a bound. The bound is over ordinary refused messages and conflicts
 * together, in number and in bytes; when it is passed the oldest ordinary ones go, and only when none is left the
 * oldest conflicts. So an ordinary message never drives out a conflict: if conflicts alone fill the bound, it goes at
 * once. A bound is kept in the transaction that would pass it.
 */
import { keepAttachments, weightOf, withoutOwner } from './keep-attachments.ts';
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { Arrival, Refused } from './store.ts';

export interface RefusedBound {
  readonly maxCount: number;
  readonly maxBytes: number;
}

interface Total {
  readonly ordinary: number;
  readonly conflicts: number;
  readonly bytes: number;
}

/**
 * Keeps a refused message, or counts it when the same bytes were refused for the same reason before; after `keepPeer`.
 * Files that did not come with it before are put beside those that did.
 */
export function* keepRefused(refused: Refused, conflict: 0 | 1 = 0): Script<void> {
  const { sha256, code, place, buyer, payloadId, orderId, contentType, peer, protocol, remoteAddress } =
    refused;
  const size = refused.bytes.byteLength;
  const [held] = yield* query<{ id: number; times: number }>(SQL.addRefused, [
    sha256,
    code,
    conflict,
    refused.text,
    buyer,
    payloadId,
    orderId,
    refused.receivedAt.getTime(),
    size,
    contentType,
    peer.fingerprint,
    protocol,
    remoteAddress,
    refused.headers,
    place === undefined ? null : JSON.stringify(place),
  ]);
  if (held === undefined) throw new Error('the refused message got no number');
  if (held.times > 1) return yield* keepNewFiles(held.id, refused);
  yield* query(SQL.addRefusedBody, [held.id, refused.bytes]);
  yield* keepAttachments({ refused: held.id }, refused.attachments);
  yield* query(SQL.changeRefusedTotal, [1 - conflict, conflict, size + weightOf(refused.attachments)]);
}

function* keepNewFiles(id: number, { attachments = [] }: Refused): Script<void> {
  if (attachments.length === 0) return;
  const known = yield* query<{ sha256: string }>(SQL.attachmentsOfRefused, [id]);
  const digests = new Set(known.map(({ sha256 }) => sha256));
  const others = attachments.filter(({ sha256 }) => !digests.has(sha256));
  const came = new Set(attachments.map(({ sha256 }) => sha256));
  const isMixed = others.length > 0 && known.some(({ sha256 }) => !came.has(sha256));
  if (isMixed) yield* query(SQL.mixRefused, [id]);
  yield* keepAttachments({ refused: id }, others, known.length);
  yield* query(SQL.changeRefusedTotal, [0, 0, weightOf(others)]);
}

/** An arrival whose payloadID is taken by other content. Nothing else changes. */
export function* keepConflict(
  arrival: Arrival,
  taken: { readonly orderId: string; readonly revision: number },
): Script<void> {
  const text = `The payloadID was received before with other content: order ${taken.orderId}, revision ${taken.revision}.`;
  const place = { path: 'cXML/@payloadID' };
  yield* keepRefused({ ...arrival, code: 'payload-conflict', text, place }, 1);
}

export interface Dropped {
  readonly messages: number;
  /** Digests of attachments that nobody names any more. */
  readonly files: readonly string[];
}

/** Drops the oldest refused messages until the bound holds. */
export function* keepWithin({ maxCount, maxBytes }: RefusedBound): Script<Dropped> {
  // An update that changes nothing: in PostgreSQL it takes the lock under which the bound is judged.
  let [total] = yield* query<Total>(SQL.changeRefusedTotal, [0, 0, 0]);
  const digests: string[] = [];
  let messages = 0;
  while (total !== undefined && (total.ordinary + total.conflicts > maxCount || total.bytes > maxBytes)) {
    const [oldest] = yield* query<Held>(SQL.oldestRefused, []);
    if (oldest === undefined) throw new Error('the refused messages and their total disagree');
    const dropped = yield* drop(oldest);
    total = dropped.total;
    digests.push(...dropped.digests);
    messages += 1;
  }
  return { messages, files: yield* withoutOwner(digests) };
}

interface Held {
  readonly id: number;
  readonly conflict: number;
  readonly size: number;
}

function* drop({ id, conflict, size }: Held): Script<{ total: Total | undefined; digests: string[] }> {
  const files = yield* query<{ size: number; sha256: string }>(SQL.attachmentsOfRefused, [id]);
  yield* query(SQL.dropRefused, [id]);
  const [total] = yield* query<Total>(SQL.changeRefusedTotal, [
    conflict - 1,
    -conflict,
    -(size + weightOf(files)),
  ]);
  return { total, digests: files.map(({ sha256 }) => sha256) };
}

/** It was taken after all. Gone already when two people release it at once: then it was taken by the other. */
export function* dropReleased(id: number): Script<void> {
  const [held] = yield* query<Omit<Held, 'id'>>(SQL.heldRefused, [id]);
  if (held !== undefined) yield* drop({ id, ...held });
}

/** What is held for a person, and how much of everything there is. */
import { listLimit } from './list-limit.ts';
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';
import type { RefusedSummary, StoreCounts } from './store.ts';

interface RefusedRow {
  readonly id: number;
  readonly code: string;
  readonly text: string;
  readonly place: string | null;
  readonly buyer: string | null;
  readonly payload_id: string | null;
  readonly order_id: string | null;
  readonly received_at: number;
  readonly last_received_at: number;
  readonly sha256: string;
  readonly size: number;
  readonly times: number;
  readonly remote_address: string;
  readonly peer_name: string;
}

export function* listRefused({ limit }: { readonly limit?: number }): Script<readonly RefusedSummary[]> {
  const rows = yield* query<RefusedRow>(SQL.listRefused, [listLimit(limit)]);
  return rows.map(summaryOf);
}

export function* findRefused(id: number): Script<RefusedSummary | undefined> {
  const [row] = yield* query<RefusedRow>(SQL.findRefused, [id]);
  return row && summaryOf(row);
}

function summaryOf(row: RefusedRow): RefusedSummary {
  return {
    id: row.id,
    code: row.code,
    text: row.text,
    place: row.place === null ? null : JSON.parse(row.place),
    buyer: row.buyer,
    payloadId: row.payload_id,
    orderId: row.order_id,
    receivedAt: new Date(row.received_at),
    lastReceivedAt: new Date(row.last_received_at),
    sha256: row.sha256,
    size: row.size,
    peerName: row.peer_name,
    remoteAddress: row.remote_address,
    times: row.times,
  };
}

export function* counts(): Script<StoreCounts> {
  const [row] = yield* query<{ messages: number; orders: number; ordinary: number; conflicts: number }>(
    SQL.counts,
    [],
  );
  if (row === undefined) throw new Error('the row with the refused total is missing');
  return { messages: row.messages, orders: row.orders, refused: row.ordinary, conflicts: row.conflicts };
}

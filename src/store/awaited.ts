/** What senders were told to send again, so that a restart does not forget whom to wait for. */
import { query, type Script } from './script.ts';
import { SQL } from './sql.ts';

/** A message that was put off: it is not kept, and this is all that is known of it. */
export interface Awaited {
  /** Of its bytes, hex. */
  readonly sha256: string;
  readonly payloadId: string | null;
  readonly buyer: string | null;
  readonly orderId: string | null;
  /** When it came first. */
  readonly firstAt: Date;
}

interface Row {
  readonly sha256: string;
  readonly payload_id: string | null;
  readonly buyer: string | null;
  readonly order_id: string | null;
  readonly first_at: number;
}

/** In place of all that stood there. */
export function* keepAwaited(all: readonly Awaited[]): Script<void> {
  yield* query(SQL.dropAwaited, []);
  for (const { sha256, payloadId, buyer, orderId, firstAt } of all) {
    yield* query(SQL.addAwaited, [sha256, payloadId, buyer, orderId, firstAt.getTime()]);
  }
}

/** Oldest first. */
export function* listAwaited(): Script<readonly Awaited[]> {
  const rows = yield* query<Row>(SQL.listAwaited, []);
  return rows.map(({ sha256, payload_id, buyer, order_id, first_at }) => ({
    sha256,
    payloadId: payload_id,
    buyer,
    orderId: order_id,
    firstAt: new Date(first_at),
  }));
}

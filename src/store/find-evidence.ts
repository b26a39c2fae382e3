/** What the gate saw, found again for `trust show`, `rehearse` and the person who mends a refusal. */
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import type { RefusedCounts } from './evidence-store.ts';
import { listLimit } from './list-limit.ts';
import { query, type Script } from './script.ts';
import { EVIDENCE_SQL as SQL } from './sql-evidence.ts';

interface ChainRow {
  readonly id: number;
  readonly chain_digest: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly spki: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly not_before: number;
  readonly not_after: number;
  readonly chain_pem: string;
  readonly anchor: string;
  readonly protocol: string;
  readonly remote_address: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly handshakes: number;
}

interface RefusedRow {
  readonly id: number;
  readonly reference: string;
  readonly enforced: number;
  readonly near_miss: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly times: number;
  readonly remote_address: string;
  readonly protocol: string;
  readonly findings: string;
  readonly openssl_error: string | null;
  readonly leaf: string | null;
  readonly chain_pem: string;
}

type Day = SeenChain['days'][number];

export function* listSeenChains({ since }: { readonly since?: Date }): Script<readonly SeenChain[]> {
  const from = since?.getTime() ?? 0;
  const rows = yield* query<ChainRow>(SQL.listSeenChains, [from]);
  const days = new Map<number, Day[]>();
  for (const { chain_id, ...day } of yield* query<Day & { readonly chain_id: number }>(SQL.listSeenDays, [
    from,
  ])) {
    const known = days.get(chain_id);
    if (known === undefined) days.set(chain_id, [day]);
    else known.push(day);
  }
  const chains: SeenChain[] = [];
  for (const row of rows) {
    chains.push(chainOf(row, days.get(row.id) ?? [], yield* lastOrderOf(row.fingerprint)));
  }
  return chains;
}

function* lastOrderOf(fingerprint: string): Script<SeenChain['lastOrder']> {
  const [order] = yield* query<{ order_id: string; buyer: string; received_at: number }>(
    SQL.lastOrderOfPeer,
    [fingerprint],
  );
  if (order === undefined) return null;
  return { orderId: order.order_id, buyer: order.buyer, receivedAt: new Date(order.received_at) };
}

export function* listRefusedHandshakes({
  limit,
  since,
  nearMissesOnly = false,
}: {
  readonly limit?: number;
  readonly since?: Date;
  readonly nearMissesOnly?: boolean;
}): Script<readonly RefusedHandshakeRecord[]> {
  const values = [listLimit(limit), since?.getTime() ?? 0, nearMissesOnly ? 1 : 0];
  return (yield* query<RefusedRow>(SQL.listRefusedHandshakes, values)).map(recordOf);
}

export function* countRefusedHandshakes(): Script<RefusedCounts> {
  const counts = { nearMisses: 0, strangers: 0, onTrial: 0 };
  const rows = yield* query<{ enforced: number; near_miss: number; records: number }>(
    SQL.countRefusedHandshakes,
    [],
  );
  for (const { enforced, near_miss, records } of rows) {
    // A database may count in 64 bits, and give text for it.
    counts[enforced === 0 ? 'onTrial' : near_miss === 0 ? 'strangers' : 'nearMisses'] += Number(records);
  }
  return counts;
}

export function* findRefusedHandshake(asked: string): Script<RefusedHandshakeRecord | undefined> {
  // A reference is hex and may consist of digits alone; it is longer than any number will be.
  const number = /^\d{1,9}$/.test(asked) ? Number(asked) : -1;
  const [row] = yield* query<RefusedRow>(SQL.findRefusedHandshake, [number, asked.toLowerCase()]);
  return row === undefined ? undefined : recordOf(row);
}

function chainOf(row: ChainRow, days: readonly Day[], lastOrder: SeenChain['lastOrder']): SeenChain {
  return {
    id: row.id,
    chainDigest: row.chain_digest,
    fingerprint: row.fingerprint,
    name: row.name,
    spki: row.spki,
    subject: row.subject,
    issuer: row.issuer,
    serial: row.serial,
    notBefore: new Date(row.not_before),
    notAfter: new Date(row.not_after),
    chainPem: row.chain_pem,
    anchor: row.anchor,
    protocol: row.protocol,
    remoteAddress: row.remote_address,
    firstSeen: new Date(row.first_seen),
    lastSeen: new Date(row.last_seen),
    handshakes: row.handshakes,
    days,
    lastOrder,
  };
}

function recordOf(row: RefusedRow): RefusedHandshakeRecord {
  return {
    id: row.id,
    reference: row.reference,
    enforced: row.enforced === 1,
    nearMiss: row.near_miss === 1,
    firstAt: new Date(row.first_at),
    lastAt: new Date(row.last_at),
    times: row.times,
    remoteAddress: row.remote_address,
    protocol: row.protocol,
    findings: JSON.parse(row.findings),
    opensslError: row.openssl_error,
    leaf: leafOf(row.leaf),
    chainPem: row.chain_pem,
  };
}

function leafOf(json: string | null): RefusedHandshakeRecord['leaf'] {
  if (json === null) return undefined;
  const leaf = JSON.parse(json);
  return { ...leaf, notAfter: new Date(leaf.notAfter ?? Number.NaN) };
}

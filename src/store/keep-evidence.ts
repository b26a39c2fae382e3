/**
 * What the gate saw, written down within bounds: a flood of strangers drives out strangers, then near misses, and never
 * grows the store.
 */
import type { ChainUse, EvidenceBatch, RefusedHandshake } from '../trust/evidence.ts';
import { insert, query, type Script } from './script.ts';
import { EVIDENCE_SQL as SQL } from './sql-evidence.ts';

const MOST_CHAINS = 1_000;
const MOST_DAYS = 400;
const MOST_REFUSED = 1_000;
const MOST_REFUSED_SIZE = 16 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** One transaction, with whatever else the writer has. */
export function* keepEvidence({ uses, refused }: EvidenceBatch): Script<void> {
  for (const use of uses) yield* keepUse(use);
  if (uses.length > 0) yield* dropOldUses(Math.max(...uses.map(({ lastAt }) => lastAt.getTime())));
  for (const each of refused) yield* keepRefused(each);
}

function* keepUse(use: ChainUse): Script<void> {
  const [chain] = yield* query<{ id: number }>(SQL.keepChain, [
    use.chainDigest,
    use.fingerprint,
    use.name,
    use.spki,
    use.subject,
    use.issuer,
    use.serial,
    use.notBefore.getTime(),
    use.notAfter.getTime(),
    use.chainPem,
    use.anchor,
    use.protocol,
    use.remoteAddress,
    use.firstAt.getTime(),
    use.lastAt.getTime(),
    use.handshakes,
  ]);
  if (chain === undefined) throw new Error('the chain got no number');
  yield* query(SQL.keepDay, [chain.id, dayOf(use.lastAt.getTime()), use.anchor, use.handshakes]);
}

function* dropOldUses(now: number): Script<void> {
  yield* query(SQL.dropOldDays, [dayOf(now - MOST_DAYS * DAY_MS)]);
  yield* query(SQL.dropOldChains, [MOST_CHAINS]);
}

interface Total {
  readonly records: number;
  readonly size: number;
}

function* keepRefused(refused: RefusedHandshake): Script<void> {
  const { reference, at, times, chainPem } = refused;
  const known = yield* query(SQL.countAgain, [reference, times, at.getTime()]);
  if (known.length > 0) return;
  const findings = JSON.stringify(refused.findings);
  const leaf = refused.leaf === undefined ? null : JSON.stringify(refused.leaf);
  const size = chainPem.length + findings.length + (leaf?.length ?? 0);
  const id = yield* insert(SQL.addRefusedHandshake, [
    reference,
    refused.enforced ? 1 : 0,
    refused.nearMiss ? 1 : 0,
    at.getTime(),
    times,
    refused.remoteAddress,
    refused.protocol,
    findings,
    refused.opensslError,
    leaf,
    size,
  ]);
  yield* query(SQL.addRefusedChain, [id, chainPem]);
  yield* dropBeyondBound(yield* query<Total>(SQL.changeRefusedHandshakeTotal, [1, size]));
}

interface Sized {
  readonly id: number;
  readonly size: number;
}

/** After each one, so that the next finds the place free: the file never grows by what would go again at once. */
function* dropBeyondBound([total]: readonly Total[]): Script<void> {
  while (total !== undefined && (total.records > MOST_REFUSED || total.size > MOST_REFUSED_SIZE)) {
    const [stranger] = yield* query<Sized>(SQL.oldestStranger, []);
    const [oldest] = stranger === undefined ? yield* query<Sized>(SQL.oldestNearMiss, []) : [stranger];
    if (oldest === undefined) throw new Error('the refused handshakes and their total disagree');
    yield* query(SQL.dropRefusedHandshake, [oldest.id]);
    [total] = yield* query<Total>(SQL.changeRefusedHandshakeTotal, [-1, -oldest.size]);
  }
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

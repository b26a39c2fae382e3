/**
 * What the gate saw is judged once more: by the trust in force and by what it could become, today and in 30 and in 90
 * days. By `judgePeer`, so that a rehearsal and the gate cannot disagree. Pure: no I/O, no clock.
 *
 * Not replayed is OpenSSL's own verdict, which needs the client's key: it is taken to accept what it accepted before,
 * unless names and key identifiers show that it would not. Where it alone refused, that stands.
 */
import type { Anchor } from '../trust/bundle.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import type { Verdict } from '../trust/peer.ts';
import type { Trust } from '../trust/trust.ts';
import {
  asRequired,
  judgeReplayed,
  type Replayed,
  replayRefused,
  replaySeen,
  withAnchors,
  without,
} from './candidate.ts';
import { conclude } from './conclude-rehearsal.ts';
import type { RehearsedClient, RehearseReport, Scenario } from './rotation.ts';
import { DAY_MS, dayOf, pinOf } from './words.ts';

export interface Rehearsal {
  readonly trust: Trust;
  readonly staged: readonly Anchor[];
  /** What a candidate of its own leaves out; none: no such candidate. */
  readonly leftOut: readonly Anchor[];
  readonly seen: readonly SeenChain[];
  /** Whole: with their chains. */
  readonly refused: readonly RefusedHandshakeRecord[];
  readonly lastDays: number;
  readonly now: Date;
}

/** A chain of the evidence, as it was presented. */
interface Witness {
  readonly replayed: Replayed;
  readonly client: Omit<RehearsedClient, 'findings'>;
}

interface Candidate {
  readonly set: Scenario['set'];
  readonly trust: Trust;
}

const TIMES = [0, 30, 90] as const;

/** In turns: one judgement checks signatures, and there may be many thousands. */
export function* rehearse(rehearsal: Rehearsal): Generator<undefined, RehearseReport, void> {
  const { trust, leftOut, seen, refused, lastDays, now } = rehearsal;
  const since = new Date(now.getTime() - lastDays * DAY_MS);
  const letIn = yield* mapInTurns(seen, (chain) => witnessOf(chain, since));
  const keptOut = yield* mapInTurns(refused, refusedWitness);
  const scenarios: Scenario[] = [];
  for (const candidate of candidatesOf(rehearsal)) {
    for (const inDays of TIMES) {
      const at = new Date(now.getTime() + inDays * DAY_MS);
      scenarios.push(yield* judgeAll({ candidate, before: trust.anchors, letIn, keptOut, inDays, at }));
    }
  }
  const figures = {
    lastDays,
    clients: countClients(letIn),
    handshakes: countHandshakes(letIn),
    refusedReplayed: refused.length,
    scenarios,
  };
  return {
    ...figures,
    ...conclude({ ...figures, refused, mode: trust.mode, inForce: trust.anchors, leftOut }),
  };
}

function* mapInTurns<T, U>(items: readonly T[], map: (item: T) => U): Generator<undefined, U[], void> {
  const mapped: U[] = [];
  for (const item of items) {
    mapped.push(map(item));
    yield;
  }
  return mapped;
}

/** Handshakes of one chain from that day on. */
export function handshakesSince({ days }: Pick<SeenChain, 'days'>, since: Date): number {
  const first = dayOf(since);
  return days.filter(({ day }) => day >= first).reduce((sum, { handshakes }) => sum + handshakes, 0);
}

/** @throws {StartupError} when a candidate would hold nothing at all */
function candidatesOf({ trust: inForce, staged, leftOut }: Rehearsal): Candidate[] {
  const trust = asRequired(inForce);
  const candidates: Candidate[] = [{ set: 'in force', trust }];
  const both = [...trust.anchors, ...staged];
  if (staged.length > 0) {
    candidates.push({ set: 'with staged', trust: withAnchors(trust, both) });
    candidates.push({ set: 'staged alone', trust: withAnchors(trust, staged) });
  }
  if (leftOut.length > 0)
    candidates.push({ set: 'without', trust: withAnchors(trust, without(both, leftOut)) });
  return candidates;
}

function* judgeAll({
  candidate: { set, trust },
  before,
  letIn,
  keptOut,
  inDays,
  at,
}: {
  readonly candidate: Candidate;
  /** In force. */
  readonly before: readonly Anchor[];
  readonly letIn: readonly Witness[];
  readonly keptOut: readonly Witness[];
  readonly inDays: Scenario['inDays'];
  readonly at: Date;
}): Generator<undefined, Scenario, void> {
  const accepted: Witness[] = [];
  const refused: RehearsedClient[] = [];
  const newlyAccepted: RehearsedClient[] = [];
  for (const witness of letIn) {
    const verdict = judgeReplayed(witness.replayed, trust, { before, at });
    if (verdict.trusted) accepted.push(witness);
    else refused.push(explained(witness, verdict));
    yield;
  }
  for (const witness of keptOut) {
    const verdict = judgeReplayed(witness.replayed, trust, { before, at });
    if (verdict.trusted) newlyAccepted.push(explained(witness, verdict));
    yield;
  }
  return {
    set,
    pins: trust.anchors.map(({ certificate }) => pinOf(certificate)),
    at: at.toISOString(),
    inDays,
    accepted: { clients: countClients(accepted), handshakes: countHandshakes(accepted) },
    refused: mergeClients(refused),
    newlyAccepted: mergeClients(newlyAccepted),
  };
}

function witnessOf(chain: SeenChain, since: Date): Witness {
  const { fingerprint, name, issuer, lastSeen } = chain;
  const handshakes = handshakesSince(chain, since);
  return {
    replayed: replaySeen(chain),
    client: { fingerprint, name, issuer, lastSeen: lastSeen.toISOString(), handshakes },
  };
}

/** Without a certificate that could be read it is told apart by its reference. */
function refusedWitness(record: RefusedHandshakeRecord): Witness {
  const { leaf, reference, lastAt, times } = record;
  return {
    replayed: replayRefused(record),
    client: {
      fingerprint: leaf?.fingerprint ?? reference,
      name: leaf?.names.join(', ') ?? '',
      issuer: leaf?.issuer ?? '',
      lastSeen: lastAt.toISOString(),
      handshakes: times,
    },
  };
}

function explained({ client }: Witness, verdict: Verdict): RehearsedClient {
  return { ...client, findings: verdict.trusted ? [] : verdict.refusal.findings };
}

/** One client may have come with several chains; told are the reasons against the one used last. */
function mergeClients(found: readonly RehearsedClient[]): RehearsedClient[] {
  const clients = new Map<string, RehearsedClient>();
  for (const each of found) {
    const other = clients.get(each.fingerprint);
    if (other === undefined) clients.set(each.fingerprint, each);
    else {
      const later = other.lastSeen >= each.lastSeen ? other : each;
      clients.set(each.fingerprint, { ...later, handshakes: other.handshakes + each.handshakes });
    }
  }
  return [...clients.values()].sort((one, other) => (one.lastSeen < other.lastSeen ? 1 : -1));
}

function countClients(witnesses: readonly Witness[]): number {
  return new Set(witnesses.map(({ client }) => client.fingerprint)).size;
}

function countHandshakes(witnesses: readonly Witness[]): number {
  return witnesses.reduce((sum, { client }) => sum + client.handshakes, 0);
}

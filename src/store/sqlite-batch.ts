/** What the writer does with a batch: everything that waited goes into one commit, and each item gets its own outcome. */
import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../errors.ts';
import type { EvidenceBatch } from '../trust/evidence.ts';
import { type Awaited, keepAwaited } from './awaited.ts';
import { keepEvidence } from './keep-evidence.ts';
import { keepOrder } from './keep-order.ts';
import { keepPeer } from './keep-peer.ts';
import { keepRefused, keepWithin, type RefusedBound } from './keep-refused.ts';
import { query } from './script.ts';
import { SQL } from './sql.ts';
import { createRunner } from './sqlite-database.ts';
import { isOfTheItem, resultCodeOf } from './sqlite-errors.ts';
import type { Arrival, Kept, PeerRecord, Refused } from './store.ts';

export type Job =
  | { readonly kind: 'order'; readonly arrival: Arrival }
  | { readonly kind: 'refused'; readonly refused: Refused }
  | { readonly kind: 'evidence'; readonly evidence: EvidenceBatch }
  | { readonly kind: 'awaited'; readonly awaited: readonly Awaited[] }
  | { readonly kind: 'probe' };

export interface Failure {
  readonly failed: true;
  /** Is it this item that cannot be kept, or the store that cannot keep anything? */
  readonly alone: boolean;
  readonly reason: string;
  readonly code?: number;
}

/** Of an order, how it was kept; its reply only when that is the stored one, which the sender does not have. */
export type Outcome = Failure | { readonly failed: false; readonly kept?: Kept };

export interface BatchResult {
  /** One for each job, in order. */
  readonly outcomes: readonly Outcome[];
  /** Refused messages that went because newer ones needed their place. */
  readonly dropped: number;
  /** Digests of attachments that went with them. */
  readonly files: readonly string[];
}

interface Parts {
  readonly database: DatabaseSync;
  readonly bound: RefusedBound;
  /** Says why nothing may be written now, if so. */
  readonly objection: () => string | undefined;
}

const NO_REPLY = new Uint8Array(0);
const NOTHING_DROPPED = { messages: 0, files: [] };

/** Never throws: a batch that could not be committed comes back as so many failures. */
export function createBatchRunner({
  database,
  bound,
  objection,
}: Parts): (jobs: readonly Job[]) => BatchResult {
  const run = createRunner(database);
  /** Peers that the present transaction has seen to: nearly all messages of a batch come from the same one. */
  const seenPeers = new Set<string>();

  const runJob = (job: Job): Outcome => {
    if (job.kind === 'probe') {
      run(query(SQL.probe, []));
      return { failed: false };
    }
    if (job.kind === 'evidence') {
      run(keepEvidence(job.evidence));
      return { failed: false };
    }
    if (job.kind === 'awaited') {
      run(keepAwaited(job.awaited));
      return { failed: false };
    }
    if (job.kind === 'refused') {
      keepPeerOnce(job.refused.peer);
      run(keepRefused(job.refused));
      return { failed: false };
    }
    keepPeerOnce(job.arrival.peer);
    const kept = run(keepOrder(job.arrival));
    return { failed: false, kept: kept.outcome === 'replayed' ? kept : { ...kept, reply: NO_REPLY } };
  };

  const keepPeerOnce = (peer: PeerRecord): void => {
    if (seenPeers.has(peer.fingerprint)) return;
    run(keepPeer(peer));
    seenPeers.add(peer.fingerprint);
  };

  /** A savepoint costs, so this is only for a batch in which something is known to fail. */
  const runAlone = (job: Job): Outcome => {
    database.exec('SAVEPOINT alone');
    try {
      const outcome = runJob(job);
      database.exec('RELEASE alone');
      return outcome;
    } catch (error) {
      if (!database.isTransaction) throw error; // SQLite gave up the whole transaction
      database.exec('ROLLBACK TO alone; RELEASE alone');
      seenPeers.clear();
      return failure(error, isAside(job) || isOfTheItem(error));
    }
  };

  const commit = (jobs: readonly Job[], runOne: (job: Job) => Outcome): BatchResult => {
    seenPeers.clear();
    database.exec('BEGIN IMMEDIATE');
    try {
      const outcomes = jobs.map(runOne);
      const held = jobs.some(({ kind }, index) => kind === 'refused' || isConflict(outcomes[index]));
      const { messages: dropped, files } = held ? run(keepWithin(bound)) : NOTHING_DROPPED;
      database.exec('COMMIT');
      return { outcomes, dropped, files };
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  /** When one job throws, all are done again, each within its own savepoint: what fails then fails by itself. */
  const commitAll = (jobs: readonly Job[]): BatchResult => {
    let oneThrew = false;
    const noticing = (job: Job): Outcome => {
      try {
        return runJob(job);
      } catch (error) {
        oneThrew = true;
        throw error;
      }
    };
    try {
      return commit(jobs, noticing);
    } catch (error) {
      if (!oneThrew) throw error;
      return commit(jobs, runAlone);
    }
  };

  /** @param why of the others nothing is tried */
  const commitOnly = (isWanted: (job: Job) => boolean, jobs: readonly Job[], why: Failure): BatchResult => {
    const wanted = jobs.filter(isWanted);
    if (wanted.length === 0) return failAll(jobs, why);
    const result = commitAll(wanted);
    const outcomes = result.outcomes.values();
    return { ...result, outcomes: jobs.map((job) => (isWanted(job) ? (outcomes.next().value ?? why) : why)) };
  };

  /** Observations are never worth an order: when both do not fit, the orders are tried again by themselves. */
  const commitOrdersAtLeast = (jobs: readonly Job[]): BatchResult => {
    try {
      return commitAll(jobs);
    } catch (error) {
      const asides = jobs.filter(isAside).length;
      if (asides === 0 || asides === jobs.length) throw error;
      return commitOnly((job) => !isAside(job), jobs, failure(error, true));
    }
  };

  return (jobs) => {
    try {
      const reason = objection();
      if (reason === undefined) return commitOrdersAtLeast(jobs);
      // A few lines, and they matter most just then: a restart is what many try first.
      return commitOnly(({ kind }) => kind === 'awaited', jobs, { failed: true, alone: false, reason });
    } catch (error) {
      return failAll(jobs, failure(error, false));
    }
  };
}

/** What was observed, and will be offered again: it never costs an order its commit. */
export function isAside({ kind }: Job): boolean {
  return kind === 'evidence' || kind === 'awaited';
}

function isConflict(outcome: Outcome | undefined): boolean {
  return outcome?.failed === false && outcome.kept?.outcome === 'conflict';
}

function failAll(jobs: readonly Job[], why: Failure): BatchResult {
  return { outcomes: jobs.map(() => why), dropped: 0, files: [] };
}

function failure(error: unknown, alone: boolean): Failure {
  const code = resultCodeOf(error);
  return { failed: true, alone, reason: messageOf(error), ...(code === undefined ? {} : { code }) };
}

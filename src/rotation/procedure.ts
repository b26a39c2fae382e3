/** What every step of the rotation works with, and the questions that several of them ask. */
import { messageOf, StartupError } from '../errors.ts';
import type { EvidenceStore } from '../store/evidence-store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Anchor } from '../trust/bundle.ts';
import type { Certificate } from '../trust/certificate.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import type { Trust } from '../trust/trust.ts';
import type { Journal } from './journal.ts';
import { RotationError } from './rotation.ts';
import type { Shelf } from './shelf.ts';
import { NOTHING_CHANGED } from './words.ts';

export interface TrustNow {
  readonly trust: Trust;
  /** Of the running receiver; null offline. */
  readonly generation: number | null;
}

export interface Applied extends TrustNow {
  readonly outcome: 'replaced' | 'unchanged' | 'failed';
  /** Why it failed, for people. */
  readonly problem?: string;
}

export interface RotationParts {
  /** Asked anew for each step: a changed configuration may name another bundle. */
  readonly settings: () => { readonly bundle: string; readonly client_certificate: string };
  /** `trust.state` of the configuration. */
  readonly state: string;
  /** @throws {StartupError} offline, when the files are not sound */
  readonly inForce: () => Promise<TrustNow>;
  /** Reads the files again and puts them in force, once they have proved good. Never throws. */
  readonly apply: () => Promise<Applied>;
  /** Undefined: nobody wrote down what the gate saw. */
  readonly evidence:
    | Pick<EvidenceStore, 'listSeenChains' | 'listRefusedHandshakes' | 'findRefusedHandshake'>
    | undefined;
  /** Resolves once what the gate saw until now can be asked for; with false, when it could not be written. */
  readonly flushEvidence: () => Promise<boolean>;
  readonly journal: Journal;
  readonly shelf: Shelf;
  /** Held for a whole step, against other processes. @throws {RotationError} when another has it */
  readonly lock: () => Disposable | Promise<Disposable>;
  readonly now: () => Date;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Called after each step, also one that was not taken: what is measured may be another. */
  readonly onStep?: (() => void) | undefined;
}

/** The clients that were seen, and why they cannot be told if so. */
export interface SeenEvidence {
  readonly seen: readonly SeenChain[];
  readonly problem: string | null;
}

/** What a file or the store could not give is for the person who asked, like everything else. */
export async function orRefuse<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof StartupError) {
      throw new RotationError(error.message, { meaning: NOTHING_CHANGED, next: error.hint });
    }
    // Somebody else may be at work in the same folder: that a file has just gone is no fault of ours.
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new RotationError(`a file could not be read or written: ${error.message}`, {
      meaning: NOTHING_CHANGED,
      next: 'see what is there (sallyport trust show), then try again',
    });
  }
}

/** What could not be written in the folder of `trust.state`, for want of room or of a right. */
export function unwritable(what: string, error: unknown): RotationError {
  return new RotationError(`${what}: ${messageOf(error)}`, {
    meaning: NOTHING_CHANGED,
    next: 'make room, and let this user write to the folder of trust.state; then try again',
  });
}

const NOT_KEPT = 'what the gate saw lately could not be written to the store';

/** A store that fails is told, and not thrown: an emergency must not wait for it. */
export async function readSeen(
  { evidence, flushEvidence }: Pick<RotationParts, 'evidence' | 'flushEvidence'>,
  query: { readonly since?: Date } = {},
): Promise<SeenEvidence> {
  if (evidence === undefined) return { seen: [], problem: 'there is no store with what the gate saw' };
  try {
    const isKept = await flushEvidence();
    return { seen: await evidence.listSeenChains(query), problem: isKept ? null : NOT_KEPT };
  } catch (error) {
    return { seen: [], problem: `what the gate saw cannot be read: ${messageOf(error)}` };
  }
}

const MOST_REFUSED = 1_000;

/** Whole, with their chains; likewise. */
export async function readRefused(
  { evidence }: Pick<RotationParts, 'evidence'>,
  since: Date,
): Promise<{ readonly refused: readonly RefusedHandshakeRecord[]; readonly problem: string | null }> {
  if (evidence === undefined) return { refused: [], problem: null };
  const refused: RefusedHandshakeRecord[] = [];
  try {
    for (const { id } of await evidence.listRefusedHandshakes({ since, limit: MOST_REFUSED })) {
      const record = await evidence.findRefusedHandshake(String(id));
      if (record !== undefined) refused.push(record); // undefined: gone meanwhile, they are bounded
    }
    return { refused, problem: null };
  } catch (error) {
    return { refused, problem: `refused handshakes cannot be read: ${messageOf(error)}` };
  }
}

export function certificatesOf(anchors: readonly Anchor[]): Certificate[] {
  return anchors.map(({ certificate }) => certificate);
}

export function fingerprintsOf(certificates: readonly Pick<Certificate, 'fingerprint'>[]): string[] {
  return certificates.map(({ fingerprint }) => fingerprint).sort();
}

export function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return [...new Set(one)].sort().join() === [...new Set(other)].sort().join();
}

/** A certificate that is not in a file of the bundle, as one that is. */
export function asAnchor(certificate: Certificate): Anchor {
  return { certificate, file: '', line: 0 };
}

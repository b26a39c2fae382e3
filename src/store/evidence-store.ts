/** The part of the store that keeps what the gate saw. The words are those of `trust/evidence.ts`. */
import type { EvidenceBatch, RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';

export interface RefusedCounts {
  readonly nearMisses: number;
  readonly strangers: number;
  readonly onTrial: number;
}

export interface EvidenceStore {
  /**
   * One transaction. Bounded: at most 1,000 refused handshakes and 16 MiB of their chains, names and reasons, the
   * strangers that were silent for longest first out, then such near misses; at most 1,000 chains, the one not seen for
   * longest first out; days for 400 days.
   *
   * @throws {Refusal} `store-unavailable`
   */
  keepEvidence(batch: EvidenceBatch): Promise<void>;
  /** Chains used at or after `since`, or all; the one seen last first. */
  listSeenChains(query?: { readonly since?: Date }): Promise<readonly SeenChain[]>;
  /** Newest first by `lastAt`; 50 unless told, 1,000 at most. Chains are left out (`chainPem` is empty). */
  listRefusedHandshakes(query?: {
    readonly limit?: number;
    readonly since?: Date;
    readonly nearMissesOnly?: boolean;
  }): Promise<readonly RefusedHandshakeRecord[]>;
  /** How many records there are: of near misses and strangers that were refused, and of who was let in on trial. */
  countRefusedHandshakes(): Promise<RefusedCounts>;
  /** Whole, by number or by reference. */
  findRefusedHandshake(numberOrReference: string): Promise<RefusedHandshakeRecord | undefined>;
}

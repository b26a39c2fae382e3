/**
 * Writes down what the gate saw: counts in memory, and hands batches to the store a little later. A store that fails
 * costs no order and no memory beyond its bounds: what was counted waits, and is tried again.
 */
import type { Log } from '../telemetry/log.ts';
import type { TrustMetrics } from '../telemetry/trust-metrics.ts';
import { createChainUses } from './chain-uses.ts';
import type { Evidence, EvidenceBatch } from './evidence.ts';
import { createRefusedHandshakes } from './refused-handshakes.ts';

export interface EvidenceTiming {
  /** Between two writes, and before a failed one is tried again. */
  readonly everyMs: number;
}

const EVIDENCE_TIMING: EvidenceTiming = { everyMs: 5_000 };

export interface EvidenceParts {
  /** Makes a batch durable, or throws. */
  readonly keep: (batch: EvidenceBatch) => Promise<void>;
  readonly log: Pick<Log, 'warn' | 'info'>;
  readonly metrics?: Pick<TrustMetrics, 'unrecorded' | 'nearMiss'>;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  readonly timing?: EvidenceTiming;
}

/** Disposing writes once more what is counted. */
export interface EvidenceRecorder extends Evidence, AsyncDisposable {
  /**
   * Never rejects.
   *
   * @returns whether what was reported before is kept; if not, it waits for the next write
   */
  flush(): Promise<boolean>;
}

export function createEvidence({
  keep,
  log,
  metrics,
  clock,
  timing = EVIDENCE_TIMING,
}: EvidenceParts): EvidenceRecorder {
  const uses = createChainUses();
  const onDropped = (count: number): void => metrics?.unrecorded('refusal', count);
  const refusals = createRefusedHandshakes({ onDropped, clock });
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let urgent = false;
  let failing = false;
  let closed = false;

  const keepOrGiveBack = async (batch: EvidenceBatch): Promise<void> => {
    try {
      await keep(batch);
      if (failing) log.info({}, 'evidence kept again');
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'evidence not kept');
      failing = true;
      const dropped = uses.giveBack(batch.uses);
      if (dropped > 0) metrics?.unrecorded('chain_use', dropped);
      refusals.giveBack(batch.refused);
    }
  };
  /** One at a time. What comes meanwhile goes with the next. */
  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    urgent = false;
    if (uses.size + refusals.size === 0) return Promise.resolve();
    const batch = { uses: uses.take(), refused: refusals.take() };
    writing = keepOrGiveBack(batch).then(() => {
      writing = undefined;
      writeSoon(urgent);
    });
    return writing;
  };
  const writeSoon = (atOnce: boolean): void => {
    if (closed || uses.size + refusals.size === 0) return;
    urgent ||= atOnce;
    if (writing !== undefined) return; // its end comes here again
    if (urgent && !failing) void write();
    else timer ??= setTimeout(() => void write(), timing.everyMs).unref();
  };
  const flush = async (): Promise<boolean> => {
    await writing; // it left without what came since
    await (writing ?? write());
    return !failing;
  };
  const count = (...[peer, seen, handshakes]: Parameters<typeof uses.count>): void => {
    const outcome = uses.count(peer, seen, handshakes);
    if (outcome === 'dropped') metrics?.unrecorded('chain_use', 1);
    writeSoon(outcome === 'new');
  };

  return {
    accepted(peer, seen) {
      if (peer.proven) refusals.know(seen.remoteAddress);
      count(peer, seen, 1);
    },
    used: (peer, seen) => count(peer, seen, 0),

    refused(event) {
      const { nearMiss, findings } = event.refusal;
      if (nearMiss && event.enforced) metrics?.nearMiss(findings[0]?.reason ?? 'openssl');
      const { reference, recorded, isNew } = refusals.note(event);
      writeSoon(isNew && event.refusal.nearMiss);
      return { reference, recorded, isNew };
    },

    flush,

    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(timer);
      await flush();
      const lost = { uses: uses.size, refused: refusals.size };
      if (lost.uses + lost.refused > 0) log.warn(lost, 'evidence lost');
    },
  };
}

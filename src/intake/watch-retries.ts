/**
 * Looks whether a sender has given up on a message, and then tells a person: nothing else will bring it back. What is
 * waited for is kept as soon as the store takes it, so that a restart, the usual remedy, does not end the wait.
 */
import type { Awaited } from '../store/awaited.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { RetryMetrics } from '../telemetry/retry-metrics.ts';
import type { RetryClock, Waiting } from './retry-clock.ts';

const EVERY_MS = 2_000;

export interface RetryWatchParts {
  readonly retries: RetryClock;
  readonly store: Pick<Store, 'keepAwaited' | 'listAwaited'>;
  readonly log: Pick<Log, 'error' | 'info'>;
  readonly metrics: Pick<RetryMetrics, 'senderGaveUp' | 'watchSenders'>;
  readonly now: () => Date;
}

/** Disposing keeps once more what is waited for. */
export interface RetryWatch extends AsyncDisposable {
  /** Tells of each message that was lost since, and keeps what changed. Never throws: what is not kept is offered again. */
  look(): Promise<void>;
}

export async function startRetryWatch({
  retries,
  store,
  log,
  metrics,
  now,
}: RetryWatchParts): Promise<RetryWatch> {
  const { before, keep } = await resumeRetries({ retries, store });
  if (before > 0) log.info({ messages: before }, 'senders waited for since before the start');
  let keeping: Promise<void> | undefined;

  const tell = (): void => {
    for (const { buyer, orderId, payloadId, sha256, firstAt, finalAt } of retries.takeLost(now())) {
      metrics.senderGaveUp(buyer ?? 'unknown');
      log.error({ buyer, orderId, payloadId, sha256, firstAt, finalAt, next: ASK }, 'sender has given up');
    }
  };
  const look = async (): Promise<void> => {
    tell();
    keeping ??= keep().finally(() => {
      keeping = undefined;
    });
    await keeping;
  };
  metrics.watchSenders(() => {
    tell();
    return retries.waiting();
  });
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return {
    look,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await keeping;
      await keep();
    },
  };
}

export interface ResumedRetries {
  /** How many were waited for when the store was last used. */
  readonly before: number;
  /** Keeps what has changed since. Never throws: what is not kept is offered again. */
  keep(): Promise<void>;
}

/** Goes on waiting where the store says that it was left off. */
export async function resumeRetries({
  retries,
  store,
}: Pick<RetryWatchParts, 'retries' | 'store'>): Promise<ResumedRetries> {
  const before = await store.listAwaited();
  retries.resume(before.map(waitingOf));
  let kept = retries.version();
  return {
    before: before.length,
    async keep() {
      const version = retries.version();
      if (version === kept) return;
      try {
        await store.keepAwaited(retries.waiting().map(awaitedOf));
        kept = version;
      } catch {
        // The store tells of its own trouble.
      }
    },
  };
}

const ASK = 'ask the administrator of the buyer to send the order again by hand';

function awaitedOf({ sha256, payloadId, buyer, orderId, firstAt }: Waiting): Awaited {
  return {
    sha256,
    payloadId: payloadId ?? null,
    buyer: buyer ?? null,
    orderId: orderId ?? null,
    firstAt,
  };
}

function waitingOf({ sha256, payloadId, buyer, orderId, firstAt }: Awaited) {
  return {
    sha256,
    payloadId: payloadId ?? undefined,
    buyer: buyer ?? undefined,
    orderId: orderId ?? undefined,
    firstAt,
  };
}

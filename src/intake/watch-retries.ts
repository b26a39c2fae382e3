/** Looks whether a sender has given up on a message, and then tells a person: nothing else will bring it back. */
import type { Log } from '../telemetry/log.ts';
import type { RetryMetrics } from '../telemetry/retry-metrics.ts';
import type { RetryClock } from './retry-clock.ts';

const EVERY_MS = 60_000;

export interface RetryWatchParts {
  readonly retries: RetryClock;
  readonly log: Pick<Log, 'error'>;
  readonly metrics: Pick<RetryMetrics, 'senderGaveUp' | 'watchSenders'>;
  readonly now: () => Date;
}

export interface RetryWatch extends Disposable {
  /** Tells of each message that was lost since. */
  look(): void;
}

export function startRetryWatch({ retries, log, metrics, now }: RetryWatchParts): RetryWatch {
  const look = (): void => {
    for (const { buyer, orderId, payloadId, sha256, firstAt, finalAt } of retries.takeLost(now())) {
      metrics.senderGaveUp(buyer ?? 'unknown');
      log.error({ buyer, orderId, payloadId, sha256, firstAt, finalAt, next: ASK }, 'sender has given up');
    }
  };
  metrics.watchSenders(() => {
    look();
    return retries.waiting();
  });
  const timer = setInterval(look, EVERY_MS).unref();
  return { look, [Symbol.dispose]: () => clearInterval(timer) };
}

const ASK = 'ask the administrator of the buyer to send the order again by hand';

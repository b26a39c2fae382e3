/** Releases while no receiver runs: the store is held alone, and trust is read from its files as at a start. */
import type { Config } from './config.ts';
import type { Releases } from './intake/release.ts';
import { createRetryClock } from './intake/retry-clock.ts';
import { createWayIn } from './receiver-intake.ts';
import { createReceiverMetrics } from './receiver-metrics.ts';
import { openStore } from './store/open-store.ts';
import type { Log } from './telemetry/log.ts';
import { loadTrust } from './trust/load-trust.ts';

/** @throws {StartupError} when trust or the store cannot be opened: a receiver that runs, for one, holds the store */
export async function openOfflineReleases({
  config,
  log,
  now,
}: {
  readonly config: Config;
  readonly log: Log;
  readonly now: () => Date;
}): Promise<Releases & AsyncDisposable> {
  const { trust } = await loadTrust(config.trust, { generation: 0, now: now() });
  const store = await openStore({ ...config.store, log });
  const { releases } = createWayIn({
    config,
    store,
    buyers: () => config.buyers,
    trust: () => trust,
    retries: createRetryClock(),
    log,
    metrics: createReceiverMetrics(config),
    now,
    clock: () => performance.now(),
  });
  return { ...releases, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

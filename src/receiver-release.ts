/** Releases while no receiver runs: the store is held alone, and trust is read from its files as at a start. */
import { stat } from 'node:fs/promises';
import type { Config } from './config.ts';
import { StartupError } from './errors.ts';
import type { Releases } from './intake/release.ts';
import { createRetryClock } from './intake/retry-clock.ts';
import { resumeRetries } from './intake/watch-retries.ts';
import { createWayIn } from './receiver-intake.ts';
import { createReceiverMetrics } from './receiver-metrics.ts';
import { openStore, openStoreReader, storeFile } from './store/open-store.ts';
import type { Log } from './telemetry/log.ts';
import { loadTrust } from './trust/load-trust.ts';

/**
 * A command makes no store where there is none, and changes none that is another version's. And what it writes must
 * still be the receiver's to read: as root it would leave files behind that the service's user cannot open.
 */
async function refuseStrangeStore(url: string): Promise<void> {
  await using _reader = await openStoreReader({ url });
  const { uid } = await stat(storeFile(url));
  if (process.geteuid === undefined || process.geteuid() === uid) return;
  throw new StartupError(`the store belongs to another user (${uid}); nothing was changed`, {
    hint: "run this as the receiver's user",
  });
}

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
  await refuseStrangeStore(config.store.url);
  await using parts = new AsyncDisposableStack();
  const store = parts.use(await openStore({ ...config.store, log }));
  const retries = createRetryClock();
  const { keep } = await resumeRetries({ retries, store });
  parts.defer(keep); // nobody waits for what was taken
  const { releases } = createWayIn({
    config,
    store,
    buyers: () => config.buyers,
    trust: () => trust,
    retries,
    log,
    metrics: createReceiverMetrics(config),
    now,
    clock: () => performance.now(),
  });
  const opened = parts.move();
  return { ...releases, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

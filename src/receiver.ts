/**
 * The composition root: a configuration becomes a running receiver. Parts are built in order, the door last; disposal
 * runs backwards, so the door closes first and then the store, while the admin port tells of it.
 */
import { createControlToken, openControl } from './admin/control-token.ts';
import { createReadiness } from './admin/readiness.ts';
import { startAdmin } from './admin/start-admin.ts';
import type { Config } from './config.ts';
import { startListener } from './http/listener.ts';
import { createRetryClock } from './intake/retry-clock.ts';
import { startRetryWatch } from './intake/watch-retries.ts';
import { createWayIn, freeBytesAt } from './receiver-intake.ts';
import { createReceiverMetrics, VERSION } from './receiver-metrics.ts';
import { openRotation } from './receiver-rotation.ts';
import { openTrust } from './receiver-trust.ts';
import type { Rotation } from './rotation/rotation.ts';
import { openStore } from './store/open-store.ts';
import type { Log } from './telemetry/log.ts';
import type { ReloadCause, ReloadOutcome } from './trust/keeper.ts';
import { createEvidence } from './trust/record-evidence.ts';
import { warnAboutMode } from './trust/unproven.ts';
import { WATCH_TIMING, type WatchTiming } from './trust/watch.ts';

export interface ReceiverParts {
  readonly config: Config;
  /** The file it was read from, to be watched, and how to read it again; of that, `trust` and secrets are taken. */
  readonly configFile?: string;
  readonly reloadConfig?: () => Promise<Config>;
  readonly log: Log;
  readonly now?: () => Date;
  readonly watchTiming?: WatchTiming;
}

export interface Receiver extends AsyncDisposable {
  /** Where orders are posted on this machine: `https://127.0.0.1:8443/cxml`. */
  readonly url: string;
  readonly port: number;
  readonly adminUrl: string;
  readonly adminPort: number;
  /** Reads the files of trust and of our own certificate again; what was in force stays when they are not sound. */
  reload(why: ReloadCause): Promise<ReloadOutcome>;
  /** Changes the pinned set step by step; a step is in force when it returns. */
  readonly rotation: Rotation;
  /** Resolves when what the gate saw before is in the store. */
  flushEvidence(): Promise<void>;
}

/** @throws {StartupError} for whatever the operator must mend first; nothing is left running then */
export async function startReceiver({
  config,
  configFile,
  reloadConfig,
  log,
  now = () => new Date(),
  watchTiming = WATCH_TIMING,
}: ReceiverParts): Promise<Receiver> {
  await using parts = new AsyncDisposableStack();
  const clock = () => performance.now();
  const metrics = createReceiverMetrics(config);
  const inForce = await openTrust({ config, configFile, reloadConfig, log, metrics, now, clock });
  const trust = () => inForce.current().trust;

  const store = parts.use(await openStore({ ...config.store, log }));
  const freeBytes = () => freeBytesAt(config.store.url);
  const evidence = parts.use(
    createEvidence({ keep: (batch) => store.keepEvidence(batch), log, metrics, clock }),
  );

  const rotation = parts.use(
    openRotation({ config, inForce, store, evidence, onStep: metrics.askAnew, log, now }),
  );
  metrics.watch({
    counts: () => store.counts(),
    freeBytes,
    refusedRecords: () => store.countRefusedHandshakes(),
    trust: () => rotation.measure(),
  });

  let phase: 'starting' | 'open' | 'stopping' = 'starting';
  const readiness = createReadiness({
    store,
    freeBytes,
    minFreeBytes: config.store.min_free_bytes,
    trust,
    warning: () => warnAboutMode(trust().mode),
    listening: () => phase === 'open',
    stopping: () => phase === 'stopping',
    clock,
  });
  const retries = createRetryClock();
  const { buyers } = inForce;
  const wayIn = createWayIn({ config, store, buyers, trust, retries, log, metrics, now, clock });
  const token = createControlToken();
  const control = { rotation, releases: wayIn.releases, token };
  const admin = parts.use(
    await startAdmin({ ...config.admin, version: VERSION, metrics, readiness, control, log }),
  );

  parts.use(await startRetryWatch({ retries, store, log, metrics, now }));
  const listener = parts.use(
    await startListener({
      listen: config.listen,
      trust,
      certificate: () => inForce.current().certificate,
      limits: config.limits,
      ...wayIn,
      answers: createAnswerStyles(config),
      evidence,
      log,
      metrics,
      now,
      clock,
    }),
  );
  const onReplaced = (): void => {
    void listener.closeRefused();
    void rotation.noteInForce('files changed');
  };
  parts.use(inForce.watch({ timing: watchTiming, onReplaced }));
  void rotation.noteInForce('receiver started');
  const place = { stateFolder: config.trust.state, adminUrl: admin.url, pid: process.pid };
  parts.use(await openControl({ ...place, token, log }));

  phase = 'open';
  parts.defer(() => {
    phase = 'stopping';
  });
  const { port } = listener;
  const url = `https://${reachable(config.listen.host)}:${port}${config.listen.path}`;
  log.info({ url, adminUrl: admin.url, buyers: config.buyers.map((buyer) => buyer.key) }, 'receiver started');
  const running = parts.move();
  return {
    url,
    port,
    adminUrl: admin.url,
    adminPort: admin.port,
    reload: inForce.reload,
    rotation,
    async flushEvidence() {
      await evidence.flush();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function createAnswerStyles({ buyers, answers }: Config) {
  const styles = new Map(buyers.map((buyer) => [buyer.key, buyer.answers]));
  return (buyer: string | undefined) => (buyer === undefined ? answers : (styles.get(buyer) ?? answers));
}

/** An address to listen on, as one to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

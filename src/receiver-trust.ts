/** What a receiver trusts and shows: read at the start, watched, and read again, each time logged and counted. */
import { type Config, Secret } from './config.ts';
import { differingKeys } from './config-difference.ts';
import { StartupError } from './errors.ts';
import { createLiveConfig } from './receiver-config.ts';
import type { Log } from './telemetry/log.ts';
import type { PrometheusMetrics } from './telemetry/prometheus.ts';
import { createTrustKeeper, type InForce, logWarnings, type TrustKeeper } from './trust/keeper.ts';
import { loadTrust, trustPaths } from './trust/load-trust.ts';
import { proveHandshake } from './trust/prove-handshake.ts';
import { loadServerCertificate, type ServerCertificate } from './trust/server-certificate.ts';
import type { Trust } from './trust/trust.ts';
import { TRUST_MODES } from './trust/unproven.ts';
import { lookAt, readSteadily, startWatch, type WatchTiming } from './trust/watch.ts';

export interface ReceiverTrust extends TrustKeeper {
  /** What the configuration says of trust, as it is in force. */
  settings(): Config['trust'];
  /** As they were at the start, with the secrets that are in force. The same object until one is replaced. */
  buyers(): Config['buyers'];
  /** Looks for changed files from here on, until it is disposed of. */
  watch(parts: { readonly timing: WatchTiming; readonly onReplaced: () => void }): AsyncDisposable;
}

export interface ReceiverTrustParts {
  readonly config: Config;
  /** The file it came from, to be watched; of what is read from it again, `trust` and secrets are taken. */
  readonly configFile?: string | undefined;
  readonly reloadConfig?: (() => Promise<Config>) | undefined;
  readonly log: Log;
  readonly metrics: Pick<PrometheusMetrics, 'trust' | 'serverCertificate' | 'reload'>;
  readonly now: () => Date;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** @throws {StartupError} naming what is wrong */
export async function openTrust({
  config,
  configFile,
  reloadConfig,
  log,
  metrics,
  now,
  clock,
}: ReceiverTrustParts): Promise<ReceiverTrust> {
  const live = createLiveConfig(config, reloadConfig);
  const paths = () => [...(configFile === undefined ? [] : [configFile]), ...pathsOf(live.current())];
  const look = () => lookAt(paths());
  // A configuration that names other files makes the look another one: they are then read once more, steadily.
  let tried = config;
  const load = (generation: number, before?: InForce) =>
    readSteadily(look, async () => {
      tried = await live.readAgain();
      return await loadAll(tried, { generation, now: now(), inForce: before?.trust });
    });
  // A distrust must not wait for somebody's half-edited configuration or list, or for a certificate of ours that is amiss;
  // nor does it put any part of a configuration in force that was not taken as a whole.
  const loadForCommand = (generation: number, { certificate, trust: inForce }: InForce) =>
    readSteadily(look, async () => {
      tried = taken;
      const loaded = await loadTrust(taken.trust, { generation, now: now(), inForce, keepLists: true });
      return Object.freeze({ ...loaded, certificate });
    });
  const tellWaiting = (): void => {
    const keys = live.news();
    if (keys !== undefined) log.warn({ keys }, 'configuration changed, and these keys wait for a restart');
  };
  const show = ({ trust, certificate }: InForce): void => {
    metrics.trust(factsOf(trust));
    metrics.serverCertificate(certificate);
  };

  let taken = config;
  let buyers = config.buyers;
  const take = (): void => {
    taken = tried;
    const keys = differingKeys(buyers, taken.buyers, 'buyers');
    if (keys.length === 0) return;
    buyers = taken.buyers;
    log.info({ keys }, 'secrets replaced');
  };

  const seen = await look();
  const first = await load(1);
  await proveHandshake(first);
  logWarnings(first, log);
  show(first);
  take();
  tellWaiting();
  metrics.reload({ outcome: 'started', at: now() });

  let tellReplaced = (): void => {};
  const keeper: TrustKeeper = createTrustKeeper({
    first,
    load: (generation, why) =>
      (why === 'trust command' ? loadForCommand : load)(generation, keeper.current()),
    prove: proveHandshake,
    log,
    onReload(outcome, inForce) {
      metrics.reload({ outcome, at: now() });
      if (outcome !== 'failed') {
        take();
        tellWaiting();
      }
      if (outcome !== 'replaced') return;
      show(inForce);
      tellReplaced();
    },
  });
  return {
    ...keeper,
    settings: () => taken.trust,
    buyers: () => buyers,
    watch({ timing, onReplaced }) {
      tellReplaced = onReplaced;
      return startWatch({ paths, taken: seen, reload: keeper.reload, timing, clock });
    },
  };
}

async function loadAll(config: Config, around: Parameters<typeof loadTrust>[1]): Promise<InForce> {
  return Object.freeze({
    ...(await loadTrust(config.trust, around)),
    certificate: await loadOwnCertificate(config, around.now),
  });
}

/** @throws {StartupError} naming what is wrong */
export async function loadOwnCertificate({ certificate }: Config, at: Date): Promise<ServerCertificate> {
  return await loadServerCertificate({ chain: certificate.chain, key: readKey(certificate.key), now: at });
}

function readKey(key: Config['certificate']['key']): string {
  try {
    return key.readAgain().reveal();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : 'cannot be read';
    throw new StartupError(`certificate.key: ${what}`, {
      hint: 'put the key of the server certificate there, readable by the user of the receiver alone',
      cause,
    });
  }
}

/** Every file and folder that decides who is let in and what is shown. */
function pathsOf({ trust, certificate, buyers }: Config): string[] {
  const secrets = [
    certificate.key,
    ...buyers.flatMap(({ shared_secret, shared_secret_previous, basic_auth }) => [
      shared_secret,
      shared_secret_previous,
      basic_auth?.password,
      basic_auth?.password_previous,
    ]),
  ];
  const files = secrets.flatMap((each) => (each instanceof Secret ? (each.path ?? []) : []));
  return [...trustPaths(trust), certificate.chain, ...files];
}

function factsOf({ generation, mode, names, anchors, revocation }: Trust) {
  return {
    generation,
    mode: { inForce: mode, all: TRUST_MODES },
    names,
    pins: anchors.map(({ certificate: { spki, notAfter } }) => ({ spki, notAfter })),
    crls: revocation?.lists.map(({ facts: { signer, nextUpdate } }) => ({ signer, nextUpdate })),
  };
}

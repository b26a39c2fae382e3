/** What a receiver trusts and shows: read at the start, watched, and read again, each time logged and counted. */
import type { Config } from './config.ts';
import { StartupError } from './errors.ts';
import type { Log } from './telemetry/log.ts';
import type { PrometheusMetrics } from './telemetry/prometheus.ts';
import { createTrustKeeper, type InForce, logWarnings, type TrustKeeper } from './trust/keeper.ts';
import { loadTrust, trustPaths } from './trust/load-trust.ts';
import { proveHandshake } from './trust/prove-handshake.ts';
import { loadServerCertificate } from './trust/server-certificate.ts';
import type { Trust } from './trust/trust.ts';
import { lookAt, readSteadily, startWatch, type WatchTiming } from './trust/watch.ts';

export interface ReceiverTrust extends TrustKeeper {
  /** Looks for changed files from here on, until it is disposed of. */
  watch(parts: { readonly timing: WatchTiming; readonly onReplaced: () => void }): AsyncDisposable;
}

export interface ReceiverTrustParts {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Pick<PrometheusMetrics, 'trust' | 'serverCertificate' | 'reload'>;
  readonly now: () => Date;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** @throws {StartupError} naming what is wrong */
export async function openTrust({
  config,
  log,
  metrics,
  now,
  clock,
}: ReceiverTrustParts): Promise<ReceiverTrust> {
  const paths = pathsOf(config);
  const look = () => lookAt(paths);
  const load = (generation: number) => readSteadily(look, () => loadAll(config, generation, now()));
  const show = ({ trust, certificate }: InForce): void => {
    metrics.trust(factsOf(trust));
    metrics.serverCertificate(certificate);
  };

  const taken = await look();
  const first = await load(1);
  await proveHandshake(first);
  logWarnings(first, log);
  show(first);
  metrics.reload({ outcome: 'started', at: now() });

  let tellReplaced = (): void => {};
  const keeper = createTrustKeeper({
    first,
    load,
    prove: proveHandshake,
    log,
    onReload(outcome, inForce) {
      metrics.reload({ outcome, at: now() });
      if (outcome !== 'replaced') return;
      show(inForce);
      tellReplaced();
    },
  });
  return {
    ...keeper,
    watch({ timing, onReplaced }) {
      tellReplaced = onReplaced;
      return startWatch({ paths, taken, reload: keeper.reload, timing, clock });
    },
  };
}

async function loadAll({ trust, certificate }: Config, generation: number, at: Date): Promise<InForce> {
  return Object.freeze({
    ...(await loadTrust(trust, { generation, now: at })),
    certificate: await loadServerCertificate({
      chain: certificate.chain,
      key: readKey(certificate.key),
      now: at,
    }),
  });
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
function pathsOf({ trust, certificate }: Config): string[] {
  const { path } = certificate.key;
  return [...trustPaths(trust), certificate.chain, ...(path === undefined ? [] : [path])];
}

function factsOf({ generation, anchors, revocation }: Trust) {
  return {
    generation,
    pins: anchors.map(({ certificate: { spki, notAfter } }) => ({ spki, notAfter })),
    crls: revocation?.lists.map(({ facts: { signer, nextUpdate } }) => ({ signer, nextUpdate })),
  };
}

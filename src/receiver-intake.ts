/** The way of a message into the store, put together from a configuration: for the port, and for what was refused before. */
import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from './config.ts';
import { xmlLimitsOf } from './config-limits.ts';
import { readParameters } from './http/header-parameters.ts';
import { createIntake, type Intake } from './intake/intake.ts';
import { createReleases, type Releases } from './intake/release.ts';
import { createReplyIdentity, type ReplyIdentity } from './intake/reply-identity.ts';
import type { RetryClock } from './intake/retry-clock.ts';
import { followBuyers } from './intake/sender.ts';
import { createSpool, type Spool } from './intake/spool.ts';
import { replaySeen } from './rotation/candidate.ts';
import { storeFile } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import type { Log } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { judgePeer } from './trust/judge-peer.ts';
import type { Trust } from './trust/trust.ts';

export interface WayIn {
  readonly intake: Intake;
  readonly releases: Releases;
  readonly spool: Spool;
  readonly replyIdentity: () => ReplyIdentity;
}

export interface WayInParts {
  readonly config: Config;
  readonly store: Store;
  /** As they are now. */
  readonly buyers: () => Config['buyers'];
  readonly trust: () => Trust;
  readonly retries: RetryClock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: () => Date;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** @throws {StartupError} when two buyers could not be told apart */
export function createWayIn({ config, store, buyers, trust, ...parts }: WayInParts): WayIn {
  const { log, now } = parts;
  const replyIdentity = createReplyIdentity({ host: hostname(), now });
  const spool = createSpool({
    folder: store.incomingFolder,
    hasRoom: async () => (await freeBytesAt(config.store.url)) >= config.store.min_free_bytes,
  });
  const intake = createIntake({
    ...parts,
    store,
    authenticator: followBuyers({ buyers, now, log }),
    replyIdentity,
    xmlLimits: xmlLimitsOf(config.limits),
    profile: {
      url: config.listen.public_url,
      effectiveDate: replyIdentity().timestamp,
      attachments: true,
    },
  });
  const releases = createReleases({
    store,
    intake,
    spool,
    judge: ({ peer: { chainPem }, protocol, remoteAddress, receivedAt }) =>
      judgePeer(replaySeen({ chainPem, protocol, remoteAddress }).presented, trust(), receivedAt),
    charsetOf: (contentType) => readParameters(contentType).get('charset')?.toLowerCase(),
    now,
    log,
  });
  return { intake, releases, spool, replyIdentity };
}

/** On the disk of the store. */
export async function freeBytesAt(storeUrl: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(storeFile(storeUrl)));
  return bavail * bsize;
}

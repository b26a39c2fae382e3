/**
 * Holds what is in force: whom we trust, and what we show. A reload reads, checks and proves first and swaps last;
 * whatever is wrong with it changes nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import { messageOf, StartupError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import type { Anchor } from './bundle.ts';
import type { ServerCertificate } from './server-certificate.ts';
import type { Trust } from './trust.ts';

/** Immutable, and replaced whole. `trust` stays the same object while only our own certificate changes. */
export interface InForce {
  readonly trust: Trust;
  /** What an operator should know about files that are sound. */
  readonly warnings: readonly string[];
  readonly certificate: ServerCertificate;
}

export type ReloadCause = 'SIGHUP' | 'files changed' | 'another try' | 'trust command';
export type ReloadOutcome = 'replaced' | 'unchanged' | 'failed';

export interface TrustKeeper {
  current(): InForce;
  /** Never throws: what went wrong is logged, and what was in force stays. */
  reload(why: ReloadCause): Promise<ReloadOutcome>;
  /** Of the last reload, for people; undefined when it did not fail. */
  problem(): string | undefined;
}

export interface KeeperParts {
  readonly first: InForce;
  /** Reads everything anew. @throws {StartupError} naming what is wrong */
  readonly load: (generation: number, why: ReloadCause) => Promise<InForce>;
  /** Tries what was read before it counts. @throws {StartupError} when it would not work */
  readonly prove: (next: InForce) => Promise<void>;
  readonly log: Log;
  /** Told after every reload, with what is in force then. */
  readonly onReload: (outcome: ReloadOutcome, inForce: InForce) => void;
}

export function createTrustKeeper({ first, load, prove, log, onReload }: KeeperParts): TrustKeeper {
  let inForce = first;
  let lastProblem: string | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<ReloadOutcome> | undefined;

  const tryToReplace = async (why: ReloadCause): Promise<ReloadOutcome> => {
    const before = inForce;
    try {
      const next = keepWhatIsSame(before, await load(before.trust.generation + 1, why));
      if (next !== before) await prove(next);
      inForce = next;
    } catch (error) {
      const problem = messageOf(error);
      // The same again, only because time went by, is no news.
      const tell = why === 'another try' && problem === lastProblem ? 'debug' : 'error';
      lastProblem = problem;
      log[tell](
        { why, generation: before.trust.generation, ...explain(error) },
        'trust not replaced, the one in force stays',
      );
      return 'failed';
    }
    lastProblem = undefined;
    tellReplaced({ why, before, after: inForce, log });
    return inForce === before ? 'unchanged' : 'replaced';
  };

  const runNext = async (why: ReloadCause): Promise<ReloadOutcome> => {
    if (why !== 'trust command') waiting = undefined; // whoever asks from here on needs a read that begins later
    const outcome = await tryToReplace(why);
    onReload(outcome, inForce);
    return outcome;
  };

  const begin = (why: ReloadCause): Promise<ReloadOutcome> => {
    const next = (): Promise<ReloadOutcome> => runNext(why);
    const mine = running.then(next, next); // one at a time: an older read never overwrites a newer
    running = mine;
    return mine;
  };

  return {
    current: () => inForce,
    problem: () => lastProblem,
    reload(why) {
      // A command reads less than the others do: it is not served by one of theirs, and none of them by it.
      if (why === 'trust command') return begin(why);
      waiting ??= begin(why);
      return waiting;
    },
  };
}

/** Logs what an operator should know about what is in force; about both parts unless told otherwise. */
export function logWarnings(
  { warnings, certificate }: InForce,
  log: Log,
  about: { readonly trust: boolean; readonly certificate: boolean } = { trust: true, certificate: true },
): void {
  if (about.trust) {
    for (const warning of warnings) log.warn({ warning }, 'trust needs attention');
  }
  if (about.certificate) {
    for (const warning of certificate.warnings) log.warn({ warning }, 'own certificate needs attention');
  }
}

function keepWhatIsSame(before: InForce, read: InForce): InForce {
  const sameTrust = isSameTrust(before.trust, read.trust);
  const sameCertificate =
    before.certificate.certPem === read.certificate.certPem &&
    before.certificate.keyPem.equals(read.certificate.keyPem);
  if (sameTrust && sameCertificate) return before;
  return Object.freeze({
    trust: sameTrust ? before.trust : read.trust,
    warnings: sameTrust ? before.warnings : read.warnings,
    certificate: sameCertificate ? before.certificate : read.certificate,
  });
}

/** Compares everything but what is only counted or derived: a part that is added to `Trust` counts by itself. */
function isSameTrust(one: Trust, other: Trust): boolean {
  const { generation: _g1, anchors: _a1, caPem: _c1, ...mine } = one; // `fingerprint` stands for the anchors
  const { generation: _g2, anchors: _a2, caPem: _c2, ...theirs } = other;
  return isDeepStrictEqual(mine, theirs);
}

function tellReplaced({
  why,
  before,
  after,
  log,
}: {
  readonly why: ReloadCause;
  readonly before: InForce;
  readonly after: InForce;
  readonly log: Log;
}): void {
  const { trust, certificate } = after;
  const changed = { trust: trust !== before.trust, certificate: certificate !== before.certificate };
  const { generation } = trust;
  if (changed.trust) {
    const added = missingFrom(before.trust, trust);
    const removed = missingFrom(trust, before.trust);
    log.info({ why, generation, added, removed, anchors: trust.anchors.length }, 'trust replaced');
  }
  if (changed.certificate) {
    const { names, notAfter } = certificate;
    log.info({ why, names, notAfter: notAfter.toISOString() }, 'server certificate replaced');
  }
  if (after === before) log.info({ why, generation }, 'trust unchanged');
  logWarnings(after, log, changed);
}

function missingFrom(less: Trust, more: Trust): object[] {
  const there = new Set(less.anchors.map(({ certificate }) => certificate.fingerprint));
  return more.anchors.filter(({ certificate }) => !there.has(certificate.fingerprint)).map(describeAnchor);
}

/** `spki` as the metrics have it. */
function describeAnchor({ certificate: { spki, subject, notAfter } }: Anchor): object {
  return { spki: spki.slice(0, 12), subject: subject.text, notAfter: notAfter.toISOString() };
}

function explain(error: unknown): object {
  if (error instanceof StartupError) return { problems: error.message.split('\n'), remedy: error.hint };
  return { err: error, remedy: 'this is a fault in Sallyport: please report it with this line' };
}

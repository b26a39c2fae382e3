/**
 * One step at a time, in this process and beside others, and each from solid ground: what somebody else did to the
 * files is put in force and on record before a step of ours begins, so that it is never taken for part of it.
 */
import { codeOf, StartupError } from '../errors.ts';
import { readBundleFiles } from '../trust/bundle.ts';
import type { Trust } from '../trust/trust.ts';
import { parseAnchors } from './plan-bundle.ts';
import {
  certificatesOf,
  fingerprintsOf,
  isSameSet,
  orRefuse,
  type RotationParts,
  type TrustNow,
} from './procedure.ts';
import { RotationError } from './rotation.ts';
import { NOTHING_CHANGED } from './words.ts';
import { writeFound } from './write-found.ts';

export interface Steps {
  /** Runs it once every step before is done. */
  take<T>(step: (now: TrustNow) => Promise<T>): Promise<T>;
  /** Looks only: no lock, and nothing is put in force. */
  look<T>(read: (now: TrustNow) => Promise<T>): Promise<T>;
  /** Writes down what was changed by somebody else, if anything was. Never throws. */
  note(why: string): Promise<void>;
  /** Whether the journal is, as it stands now, what was written; false when it cannot be read. Never throws. */
  proveJournal(): Promise<boolean>;
  /** Resolves once whatever was asked for is done. */
  settled(): Promise<void>;
}

export function createSteps(parts: RotationParts): Steps {
  let running: Promise<unknown> = Promise.resolve();
  const next = <T>(act: () => Promise<T>): Promise<T> => {
    const mine = running.then(act, act);
    running = mine;
    return mine;
  };
  return {
    take: (step) =>
      next(async () => {
        using _held = await parts.lock();
        await refreshJournal(parts);
        const now = await settle(parts);
        await writeFound(parts, now, 'files changed');
        return await step(now);
      }).finally(() => parts.onStep?.()),
    // Only the journal takes its turn: an emergency does not wait for a rehearsal.
    async look(read) {
      await next(() => refreshJournal(parts));
      return await read(await orRefuse(parts.inForce));
    },
    proveJournal: () =>
      next(async () => {
        await parts.journal.refresh();
        return parts.journal.verify().intact;
      }).catch(() => false),
    settled: () => next(async () => {}),
    note: (why) =>
      next(async () => {
        using _held = await parts.lock();
        await parts.journal.refresh();
        await writeFound(parts, await orRefuse(parts.inForce), why);
      }).catch((error: unknown) => {
        parts.log.warn({ err: error, why }, 'trust journal not written');
      }),
  };
}

async function refreshJournal({ journal }: RotationParts): Promise<void> {
  try {
    await journal.refresh();
  } catch (error) {
    throw new RotationError(`the journal cannot be read (${codeOf(error) ?? String(error)})`, {
      meaning: NOTHING_CHANGED,
      next: 'let this user read and write the folder of trust.state',
    });
  }
}

/** Files that wait to be taken are taken first. */
async function settle(parts: RotationParts): Promise<TrustNow> {
  const now = await orRefuse(parts.inForce);
  if (await isInForce(parts, now.trust)) return now;
  const applied = await parts.apply();
  if (applied.outcome !== 'failed' && (await isInForce(parts, applied.trust))) return applied;
  throw new RotationError(
    `the files of the bundle are not those in force: ${applied.problem ?? 'they are being changed'}`,
    {
      meaning: NOTHING_CHANGED,
      next: 'mend the files, see them taken (sallyport trust show), then try again',
    },
  );
}

async function isInForce({ settings }: RotationParts, { anchors }: Trust): Promise<boolean> {
  try {
    const { files } = await readBundleFiles(settings().bundle);
    return isSameSet(
      fingerprintsOf(certificatesOf(parseAnchors(files))),
      fingerprintsOf(certificatesOf(anchors)),
    );
  } catch (error) {
    if (error instanceof StartupError) return false;
    throw error;
  }
}

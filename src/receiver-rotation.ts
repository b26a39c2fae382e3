/** The rotation of a running receiver, and the same on its files while none runs. */
import { chown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { codeOf, StartupError } from './errors.ts';
import { loadOwnCertificate, type ReceiverTrust } from './receiver-trust.ts';
import { type Journal, journalPath, openJournal } from './rotation/journal.ts';
import { createRotation, type NotedRotation } from './rotation/open-rotation.ts';
import type { Applied, RotationParts, TrustNow } from './rotation/procedure.ts';
import { RotationError } from './rotation/rotation.ts';
import { openShelf } from './rotation/shelf.ts';
import { makePrivateFolder } from './rotation/whole-files.ts';
import { NOTHING_CHANGED } from './rotation/words.ts';
import type { EvidenceStore } from './store/evidence-store.ts';
import { openStoreReader } from './store/open-store.ts';
import { lockFile } from './store/sqlite-file.ts';
import type { Log } from './telemetry/log.ts';
import { loadTrust } from './trust/load-trust.ts';
import { proveHandshake } from './trust/prove-handshake.ts';
import type { EvidenceRecorder } from './trust/record-evidence.ts';

interface Around {
  readonly config: Config;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly now: () => Date;
}

/** Of a running receiver: a step is in force when it returns. */
export function openRotation({
  config,
  inForce,
  store,
  evidence,
  onStep,
  log,
  now,
}: Around & {
  readonly inForce: ReceiverTrust;
  readonly store: EvidenceStore;
  readonly evidence: Pick<EvidenceRecorder, 'flush'>;
  readonly onStep: () => void;
}): NotedRotation {
  const current = (): TrustNow => {
    const { trust } = inForce.current();
    return { trust, generation: trust.generation };
  };
  return createRotation({
    ...partsOf({ config, log, now }),
    settings: inForce.settings,
    inForce: async () => current(),
    async apply() {
      const outcome = await inForce.reload('trust command');
      const problem = inForce.problem();
      return { outcome, ...current(), ...(problem === undefined ? {} : { problem }) };
    },
    evidence: store,
    flushEvidence: evidence.flush,
    onStep,
  });
}

/**
 * For commands while no receiver runs: the next one starts with what a step left. Steps of several processes keep out of
 * each other's way, but a receiver that runs would take the files by itself, and know nothing of the step.
 */
export async function openOfflineRotation({ config, log, now }: Around): Promise<NotedRotation> {
  await using opened = new AsyncDisposableStack();
  const store = await openStoreReader(config.store).catch((error: unknown) => {
    if (error instanceof StartupError) return undefined; // told as what is not known
    throw error;
  });
  if (store !== undefined) opened.use(store);
  let last: TrustNow | undefined;
  const load = async (): Promise<TrustNow> => {
    const { trust } = await loadTrust(config.trust, { generation: 0, now: now() });
    last = { trust, generation: null };
    return last;
  };
  const rotation = createRotation({
    ...partsOf({ config, log, now }),
    settings: () => config.trust,
    inForce: load,
    apply: () => applyOffline({ config, log, now }, load, () => last),
    evidence: store,
    flushEvidence: async () => true,
  });
  const parts = opened.move();
  return {
    ...rotation,
    async [Symbol.asyncDispose]() {
      await rotation[Symbol.asyncDispose]();
      await parts.disposeAsync();
    },
  };
}

/** As the next receiver will do it at its start. */
async function applyOffline(
  { config, log, now }: Around,
  load: () => Promise<TrustNow>,
  last: () => TrustNow | undefined,
): Promise<Applied> {
  const before = last();
  try {
    const loaded = await load();
    const certificate = await loadOwnCertificate(config, now()).catch((error: unknown) => {
      if (!(error instanceof StartupError)) throw error;
      log.warn({ problem: error.message }, 'no handshake tried: our own certificate cannot be read');
    });
    if (certificate !== undefined) await proveHandshake({ trust: loaded.trust, certificate });
    return { outcome: 'replaced', ...loaded };
  } catch (error) {
    if (!(error instanceof StartupError) || before === undefined) throw error;
    return { outcome: 'failed', problem: error.message, ...before };
  }
}

type Common = Pick<RotationParts, 'state' | 'journal' | 'shelf' | 'lock' | 'now' | 'log'>;

function partsOf({ config, log, now }: Around): Common {
  const { state } = config.trust;
  const journal = createLateJournal(() =>
    // Whoever appends holds the lock of the whole step.
    openJournal({ path: journalPath(state), now, lock: () => ({ [Symbol.dispose]() {} }) }),
  );
  return { state, journal, shelf: openShelf(state), lock: () => lockSteps(state), now, log };
}

/** A receiver takes orders also while its journal cannot be read; its steps wait for that, and nothing else. */
function createLateJournal(open: () => Promise<Journal>): Journal {
  let opened: Journal | undefined;
  const reading = async (): Promise<Journal> => {
    opened ??= await open();
    return opened;
  };
  return {
    entries: () => opened?.entries() ?? [],
    last: () => opened?.last(),
    verify: () => opened?.verify() ?? { intact: true, entries: 0, problems: [], head: null },
    refresh: async () => (await reading()).refresh(),
    append: async (facts) => (await reading()).append(facts),
  };
}

/** The operating system frees it however the process ends. */
async function lockSteps(state: string): Promise<Disposable> {
  const file = join(state, 'steps');
  try {
    await makePrivateFolder(state);
    const held = lockFile(file);
    // What root began must still be the receiver's to take.
    if (process.geteuid?.() === 0) {
      const { uid, gid } = await stat(state);
      await chown(`${file}.lock`, uid, gid).catch(() => {});
    }
    return held;
  } catch (error) {
    if (error instanceof StartupError) {
      throw new RotationError('another command is changing trust at this moment', {
        meaning: 'nothing was changed by this one',
        next: 'see what it did (sallyport trust show), then try again',
      });
    }
    throw new RotationError(
      `the folder of trust.state cannot be written (${codeOf(error) ?? String(error)}): ${state}`,
      {
        meaning: NOTHING_CHANGED,
        next: "run this as the receiver's user, and let that user write there",
      },
    );
  }
}

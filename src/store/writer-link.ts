/**
 * The main thread's end of the writer: whatever arrives while a batch is being committed waits and goes as the next
 * one. A promise resolves only after the commit that holds its order.
 */
import type { Worker } from 'node:worker_threads';
import { messageOf, Refusal } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import type { EvidenceBatch } from '../trust/evidence.ts';
import { packBatch } from './pack-batch.ts';
import { type BatchResult, type Failure, isAside, type Job, type Outcome } from './sqlite-batch.ts';

export interface WriterLink extends AsyncDisposable {
  /** @throws {Refusal} `store-unavailable` when it could not be committed */
  submit(job: Job): Promise<Extract<Outcome, { failed: false }>>;
}

interface Parts {
  /** Starts a writer that is ready for its first batch. */
  readonly start: () => Promise<Worker>;
  readonly log: Pick<Log, 'error' | 'warn' | 'info'> | undefined;
  /** Told of the attachments that no message names any more. */
  readonly forget?: (digests: readonly string[]) => void;
}

interface Waiting {
  readonly job: Job;
  readonly resolve: (outcome: Extract<Outcome, { failed: false }>) => void;
  readonly reject: (refusal: Refusal) => void;
}

/** Larger batches win nothing, the cost of the sync is long shared by then, and would hold the first ones up. */
const BATCH_COUNT = 256;
const BATCH_BYTES = 32 * 1024 * 1024;
/** A writer that cannot start is not tried again for every order that comes meanwhile. */
const START_AGAIN_MS = 1_000;

/** @throws what `start` throws, the first time */
export async function openWriterLink({ start, log, forget = () => {} }: Parts): Promise<WriterLink> {
  const queue: Waiting[] = [];
  let inFlight: readonly Waiting[] = [];
  let worker: Worker | undefined;
  let starting = false;
  let startAfter = 0;
  let awake = false;
  let closing = false;
  let trouble: string | undefined;
  const drained = Promise.withResolvers<void>();

  const attach = (started: Worker): void => {
    worker = started;
    started.on('message', settle);
    started.once('error', (error) => lose(started, messageOf(error)));
    started.once('exit', (code) => lose(started, `the writer ended with code ${code}`));
  };

  /** Orders that arrive in the same turn of the event loop go together. */
  const wake = (): void => {
    if (awake) return;
    awake = true;
    setImmediate(() => {
      awake = false;
      sendNext();
    });
  };

  const sendNext = (): void => {
    if (inFlight.length > 0 || starting) return;
    if (queue.length === 0) {
      if (closing) drained.resolve();
      return;
    }
    if (worker === undefined) return void startAgain();
    inFlight = queue.splice(0, nextBatchLength(queue));
    try {
      const { jobs, transfer } = packBatch(inFlight.map(({ job }) => job));
      worker.postMessage(jobs, transfer);
    } catch (error) {
      // What cannot cross to a thread is a bug of the caller; it must not end the process.
      log?.error({ reason: messageOf(error) }, 'message could not be handed to the writer');
      rejectInFlight(messageOf(error));
      sendNext();
    }
  };

  const settle = ({ outcomes, dropped, files }: BatchResult): void => {
    const settled = inFlight;
    inFlight = [];
    // Before the next batch is sent: it may hold one of these files again.
    if (files.length > 0) forget(files);
    report(settled, outcomes);
    if (dropped > 0) log?.warn({ dropped }, 'oldest refused messages dropped to keep within their bound');
    settled.forEach(({ job, resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome?.failed === false) resolve(outcome);
      else reject(refusalFor(job, outcome?.reason ?? 'the writer gave no outcome'));
    });
    sendNext();
  };

  /**
   * One line when trouble begins and one when it is over, not one for every order in between. Of what was observed
   * whoever counts it tells, once: it is offered again every few seconds.
   */
  const report = (settled: readonly Waiting[], outcomes: readonly Outcome[]): void => {
    const failures = outcomes.filter((outcome): outcome is Failure => outcome.failed);
    settled.forEach(({ job }, index) => {
      const outcome = outcomes[index];
      if (outcome?.failed !== true || !outcome.alone || isAside(job)) return;
      log?.error({ reason: outcome.reason, code: outcome.code }, 'message could not be kept');
    });
    const shared = failures.find(({ alone }) => !alone);
    if (shared !== undefined) noteTrouble(shared.reason, shared.code);
    // Whom to wait for is written down even while the disk is short of room for orders.
    else if (
      trouble !== undefined &&
      settled.some(({ job }, at) => job.kind !== 'awaited' && !outcomes[at]?.failed)
    ) {
      trouble = undefined;
      log?.info({}, 'store recovered');
    }
  };

  const noteTrouble = (reason: string, code?: number): void => {
    if (trouble === undefined) log?.error({ reason, code }, 'store became unavailable');
    trouble = reason;
  };

  const lose = (lost: Worker, reason: string): void => {
    if (worker !== lost) return;
    worker = undefined;
    noteTrouble(reason);
    rejectInFlight(reason);
    sendNext();
  };

  const rejectInFlight = (reason: string): void => {
    const settled = inFlight;
    inFlight = [];
    for (const { job, reject } of settled) reject(refusalFor(job, reason));
  };

  const startAgain = async (): Promise<void> => {
    if (performance.now() < startAfter) return refuseQueue('the writer could not be started');
    starting = true;
    try {
      attach(await start());
    } catch (error) {
      startAfter = performance.now() + START_AGAIN_MS;
      noteTrouble(messageOf(error));
      refuseQueue(messageOf(error));
    }
    starting = false;
    sendNext();
  };

  const refuseQueue = (reason: string): void => {
    for (const { job, reject } of queue.splice(0)) reject(refusalFor(job, reason));
    if (closing) drained.resolve();
  };

  attach(await start());
  return {
    submit(job) {
      if (closing) return Promise.reject(refusalFor(job, 'the store is closed'));
      return new Promise((resolve, reject) => {
        queue.push({ job, resolve, reject });
        if (inFlight.length === 0) wake();
      });
    },
    async [Symbol.asyncDispose]() {
      if (closing) return;
      closing = true;
      wake();
      await drained.promise;
      const last = worker;
      worker = undefined; // its end is expected from here on
      if (last === undefined) return;
      const ended = new Promise((resolve) => last.once('exit', resolve));
      last.postMessage('close');
      await ended;
    },
  };
}

/** Identifiers, cut short. */
const AWAITED_BYTES = 700;

function nextBatchLength(queue: readonly Waiting[]): number {
  let bytes = 0;
  let length = 0;
  while (length < queue.length && length < BATCH_COUNT) {
    bytes += bytesOf(queue[length]?.job);
    if (length > 0 && bytes > BATCH_BYTES) break;
    length += 1;
  }
  return length;
}

function bytesOf(job: Job | undefined): number {
  if (job === undefined || job.kind === 'probe') return 0;
  if (job.kind === 'evidence') return evidenceBytes(job.evidence);
  if (job.kind === 'awaited') return job.awaited.length * AWAITED_BYTES;
  return job.kind === 'order' ? job.arrival.bytes.byteLength : job.refused.bytes.byteLength;
}

function evidenceBytes({ uses, refused }: EvidenceBatch): number {
  return [...uses, ...refused].reduce((sum, { chainPem }) => sum + chainPem.length, 0);
}

/** The buyer is told that nothing is lost; the reason is for the log, and for whoever is not a buyer. */
function refusalFor(job: Job, reason: string): Refusal {
  const texts = {
    probe: `A commit failed: ${reason}`,
    evidence: `What the gate saw could not be kept: ${reason}`,
    awaited: `Whom to wait for could not be kept: ${reason}`,
    order: 'This message could not be stored safely just now. Please send the same message again later.',
  };
  const text = texts[job.kind === 'refused' ? 'order' : job.kind];
  return new Refusal('store-unavailable', text, { cause: new Error(reason) });
}

/**
 * A file that somebody was sent, opened while orders go on. One made to hurt, or a `.p12` guarded by as many rounds as some
 * programs want, takes 1 to 2 s at a stretch, half of it in libraries that do not stop in between: so not in the thread
 * that serves orders.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Certificate, readCertificate } from '../trust/certificate.ts';
import { inTurns } from '../turns.ts';
import type { CandidateAnswer, CandidateSource } from './candidate-thread.ts';
import { openCandidate } from './open-candidate.ts';
import { RotationError } from './rotation.ts';
import { ASK_FOR_PEM, UnfitFile } from './unfit-file.ts';

export interface OpenedAside {
  readonly certificates: readonly Certificate[];
  readonly warnings: readonly string[];
}

/** Text of this length is read in a few milliseconds, and a thread takes longer to begin. */
const QUICK_BYTES = 65_536;
const DER_BEGINS = 0x30;
/** A hostile MiB takes a fifth of it. */
const MEMORY_LIMIT_MB = 512;

/** @throws {RotationError} as `openCandidate` */
export async function openAside(source: CandidateSource): Promise<OpenedAside> {
  const { bytes, file } = source;
  if (bytes.length <= QUICK_BYTES && bytes[0] !== DER_BEGINS) {
    const { certificates, warnings } = openCandidate(source);
    return { certificates: certificates.map(({ certificate }) => certificate), warnings };
  }
  const answer = await askThread(source).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    throw new UnfitFile('it takes too much memory to be read', ASK_FOR_PEM).of(file);
  });
  if ('refusal' in answer) throw new RotationError(answer.refusal.message, answer.refusal);
  const { ders, warnings } = answer;
  return { certificates: await inTurns(readAll(ders)), warnings };
}

async function askThread(source: CandidateSource): Promise<CandidateAnswer> {
  const thread = new Worker(new URL('./candidate-thread.ts', import.meta.url), {
    workerData: source,
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB },
  });
  const answered = once(thread, 'message').then(([answer]) => answer as CandidateAnswer);
  const ended = once(thread, 'exit').then(([code]) => {
    throw new Error(`the thread that opens a file ended with code ${code}`);
  });
  try {
    return await Promise.race([answered, ended]);
  } finally {
    ended.catch(() => {}); // it ends in any case
    await thread.terminate();
  }
}

function* readAll(ders: readonly Uint8Array[]): Generator<undefined, Certificate[], void> {
  const certificates: Certificate[] = [];
  for (const der of ders) {
    certificates.push(readCertificate(der));
    yield;
  }
  return certificates;
}

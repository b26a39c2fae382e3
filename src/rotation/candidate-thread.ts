/** Opens one file that somebody was sent, in a thread of its own: see `open-aside.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { openCandidate } from './open-candidate.ts';
import { RotationError } from './rotation.ts';

export type CandidateSource = Parameters<typeof openCandidate>[0];

export type CandidateAnswer =
  | { readonly ders: readonly Uint8Array[]; readonly warnings: readonly string[] }
  | { readonly refusal: { readonly message: string; readonly meaning: string; readonly next: string } };

if (parentPort !== null) parentPort.postMessage(answer(workerData as CandidateSource));

/** Whatever else is thrown ends the thread, and reaches whoever asked. */
function answer(source: CandidateSource): CandidateAnswer {
  try {
    const { certificates, warnings } = openCandidate(source);
    return { ders: certificates.map(({ certificate }) => certificate.der), warnings };
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    const { message, meaning, next } = error;
    return { refusal: { message, meaning, next } };
  }
}

/** What tests of candidate files share: a file opened, and why it is refused. */
import { expect } from 'chai';
import { type CandidateFile, openCandidate } from '../../src/rotation/open-candidate.ts';
import { RotationError } from '../../src/rotation/rotation.ts';

export const FILE = 'new.bin';

export function open(bytes: Uint8Array | string, passphrase?: string): CandidateFile {
  return openCandidate({ file: FILE, bytes: Buffer.from(bytes), passphrase });
}

export function dersOf({ certificates }: CandidateFile): Buffer[] {
  return certificates.map(({ certificate }) => Buffer.from(certificate.der));
}

export function refusal(bytes: Uint8Array | string, passphrase?: string): RotationError {
  return refusalOf(() => open(bytes, passphrase));
}

export function refusalOf(act: () => unknown): RotationError {
  try {
    act();
  } catch (error) {
    if (error instanceof RotationError) return error;
    throw error;
  }
  return expect.fail('it was taken');
}

/** A file that nothing can be staged from. */
import { MOST_CERTIFICATES } from '../trust/bundle.ts';
import { RotationError } from './rotation.ts';

/** `message` says what it is, without the file's name; never quotes what it holds. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';
  /** The one next step. */
  readonly next: string;
  readonly line: number | undefined;

  constructor(message: string, next: string, line?: number) {
    super(message);
    this.next = next;
    this.line = line;
  }

  /** For the person who gave the file. */
  of(file: string): RotationError {
    const place = this.line === undefined ? file : `${file}:${this.line}`;
    return new RotationError(`${place}: ${this.message}`, { meaning: NOTHING_STAGED, next: this.next });
  }
}

export const NOTHING_STAGED = 'nothing was staged, and nothing that is trusted has changed';
export const ASK_FOR_PEM = "ask for Coupa's intermediate certificate as a .pem or .cer file";
export const FETCH_AGAIN = 'fetch the file again from where it is published, without editing it';

export function refuseTooMany(count: number): void {
  if (count <= MOST_CERTIFICATES) return;
  throw new UnfitFile(
    `it holds ${count} certificates; at most ${MOST_CERTIFICATES} are read`,
    "stage Coupa's intermediate alone, not a list of public roots",
  );
}

/** A key that came by mail or chat is known to others, whoever it belongs to. */
export function privateKeyFound(line?: number): UnfitFile {
  return new UnfitFile(
    'this file holds a private key; whoever sent it should not have',
    'treat that key as disclosed, tell its owner, delete the file, and ask for the public chain alone',
    line,
  );
}

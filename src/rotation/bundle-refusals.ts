/** Why the files of the bundle were not changed, and what a person can do instead. */
import { codeOf } from '../errors.ts';
import { type Written, writeCertificate } from './bundle-text.ts';
import { RotationError } from './rotation.ts';
import { NOTHING_CHANGED } from './words.ts';

/** What was asked for, and where it would have been done. */
export interface Asked {
  readonly path: string;
  readonly add: readonly Written[];
  readonly remove: readonly { readonly certificate: Written; readonly file: string; readonly line: number }[];
}

/** @param why Example: `certs/coupa is a symbolic link` */
export function explainByHand(why: string, asked: Asked): RotationError {
  return new RotationError(`${why}: what stands there is put there by something else`, {
    meaning: NOTHING_CHANGED,
    next: byHand(asked),
  });
}

/** A file that the system would not let us write. */
export function explainFailure(error: unknown, path: string, asked: Asked): RotationError {
  const code = codeOf(error) ?? String(error);
  switch (code) {
    case 'EROFS':
      return explainByHand(`${path} is on a read-only file system`, asked);
    case 'EBUSY':
    case 'EXDEV':
      return explainByHand(`${path} is mounted by itself (${code})`, asked);
    case 'EACCES':
    case 'EPERM':
      return new RotationError(`this user may not change ${path} (${code})`, {
        meaning: NOTHING_CHANGED,
        next: `try again as the user who owns it. Or by hand: ${byHand(asked)}`,
      });
    default:
      return new RotationError(`${path} cannot be written (${code})`, {
        meaning: NOTHING_CHANGED,
        next: `make room or mend the disk, then try again. Or by hand: ${byHand(asked)}`,
      });
  }
}

/** A failure after the first file. */
export function explainHalf(
  error: unknown,
  path: string,
  { done, all }: { readonly done: number; readonly all: number },
): RotationError {
  return new RotationError(
    `${path} cannot be changed (${codeOf(error) ?? String(error)}); ${done} of ${all} files were`,
    {
      meaning: 'every client is let in as before; what was to be taken out may still be trusted',
      next: 'mend what the system complains of, then try again: what is done already is passed over',
    },
  );
}

function byHand({ path, add, remove }: Asked): string {
  const steps = [
    ...add.map((each) => `add this to what makes up ${path}:\n${writeCertificate(each)}`),
    ...remove.map(({ certificate: { subject, fingerprint }, file, line }) => {
      const where = `${file}:${line}, where that is made`;
      return `take ${subject.text} (SHA-256 ${fingerprint}) out of ${where}`;
    }),
  ];
  return `${steps.join('\n')}\nThe receiver takes the change as soon as it is there.`;
}

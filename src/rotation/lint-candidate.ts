/** What `trust stage` says of a file: what is staged from it, what is not, and why. Nothing is trusted by it. */
import { MOST_CERTIFICATES } from '../trust/bundle.ts';
import type { Certificate } from '../trust/certificate.ts';
import { checkCandidate } from './check-candidate.ts';
import { nameChange } from './check-change.ts';
import { proveIssuers } from './issued-by.ts';
import { RotationError, type StagedPin } from './rotation.ts';
import { type LeftOut, sortCandidates } from './sort-candidates.ts';
import { NOTHING_STAGED } from './unfit-file.ts';

export interface LintedPin {
  readonly certificate: Certificate;
  /** With `no` among them the bundle would refuse it; without, it takes it. */
  readonly checks: StagedPin['checks'];
  readonly change: StagedPin['change'];
}

export interface Lint {
  /** Empty when all there is in the file is active already. */
  readonly staged: readonly LintedPin[];
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly string[];
}

/** Coupa has published one or two at a time. */
const MANY = 4;

/**
 * In turns: it proves signatures, and the file may come from anybody.
 *
 * @param certificates of the file
 * @param active the anchors in force
 * @param staged what is staged already
 * @param names of the clients that are let in
 * @param seen certificates of the clients that were let in lately
 * @throws {RotationError} when there is nothing in the file to stage
 */
export function* lintCandidate({
  certificates,
  active,
  staged,
  names,
  seen = [],
  now,
}: {
  readonly certificates: readonly Certificate[];
  readonly active: readonly Certificate[];
  readonly staged: readonly Certificate[];
  readonly names: readonly string[];
  readonly seen?: readonly Certificate[];
  readonly now: Date;
}): Generator<undefined, Lint, void> {
  const isIssuedBy = yield* proveIssuers(certificates, [...active, ...staged]);
  const { candidates, leftOut } = yield* sortCandidates(certificates, { active, names, now, isIssuedBy });
  if (candidates.length === 0 && !certificates.some((each) => isAmong(each, active))) {
    throw explainNothing(leftOut);
  }
  refuseTooManyPins([...active, ...staged, ...candidates]);
  const linted: LintedPin[] = [];
  for (const certificate of candidates) {
    linted.push({
      certificate,
      checks: checkCandidate(certificate, {
        active,
        staged: [...staged, ...candidates].filter((each) => each !== certificate),
        seen,
        now,
        isIssuedBy,
      }),
      change: nameChange(certificate, { active, staged }),
    });
    yield;
  }
  return {
    staged: linted,
    leftOut,
    warnings:
      linted.length > MANY
        ? [`${linted.length} CAs at once: each of them would be trusted to vouch for clients`]
        : [],
  };
}

function explainNothing(leftOut: readonly LeftOut[]): RotationError {
  const [first] = leftOut;
  const more = leftOut.length > 1 ? `, and ${leftOut.length - 1} more` : '';
  const what = first === undefined ? 'no certificate' : `${first.subject}: ${first.why}${more}`;
  return new RotationError(`nothing in the file can be staged: ${what}`, {
    meaning: NOTHING_STAGED,
    next: "stage Coupa's current intermediate certificate, the CA that issues its client certificates",
  });
}

/** As many as the bundle can hold, so that what is staged can be promoted. */
function refuseTooManyPins(pins: readonly Certificate[]): void {
  const count = new Set(pins.map(({ fingerprint }) => fingerprint)).size;
  if (count <= MOST_CERTIFICATES) return;
  throw new RotationError(
    `with these there would be ${count} pinned certificates; at most ${MOST_CERTIFICATES} can be`,
    { meaning: NOTHING_STAGED, next: 'retire or unstage what is not used, or stage a smaller file' },
  );
}

function isAmong({ fingerprint }: Certificate, list: readonly Certificate[]): boolean {
  return list.some((each) => each.fingerprint === fingerprint);
}

/** Who signed whom, each pair proven once. */
import { type Certificate, isIssuedBy, isNamedBy } from '../trust/certificate.ts';
import { RotationError } from './rotation.ts';
import { NOTHING_STAGED } from './unfit-file.ts';

export type IsIssuedBy = (subject: Certificate, issuer: Certificate) => boolean;

/** A proof takes up to 3 ms (P-521, on a slow machine), and orders wait meanwhile. An honest file needs a handful. */
const MOST_PROOFS = 300;

/**
 * Proves every pair of which one is of the file, in turns, so that whoever asks afterwards waits for no proof.
 *
 * @param others that are pinned or staged already
 * @returns a function for certificates of both lists
 * @throws {RotationError} when a hundred certificates of one name ask for too many proofs
 */
export function* proveIssuers(
  file: readonly Certificate[],
  others: readonly Certificate[],
): Generator<undefined, IsIssuedBy, void> {
  const proven = new Map<string, boolean>();
  for (const [subject, issuer] of pairs(file, others)) {
    const pair = nameOf(subject, issuer);
    if (proven.has(pair) || !isNamedBy(subject, issuer)) continue;
    if (proven.size === MOST_PROOFS) {
      throw new RotationError('too many certificates in the file have the same name', {
        meaning: NOTHING_STAGED,
        next: "stage Coupa's intermediate alone",
      });
    }
    proven.set(pair, isIssuedBy(subject, issuer));
    yield;
  }
  return (subject, issuer) => proven.get(nameOf(subject, issuer)) ?? false;
}

function* pairs(
  file: readonly Certificate[],
  others: readonly Certificate[],
): Generator<readonly [subject: Certificate, issuer: Certificate]> {
  for (const each of file) {
    for (const issuer of [...file, ...others]) yield [each, issuer];
    for (const subject of others) yield [subject, each];
  }
}

function nameOf(subject: Certificate, issuer: Certificate): string {
  return `${subject.fingerprint} ${issuer.fingerprint}`;
}

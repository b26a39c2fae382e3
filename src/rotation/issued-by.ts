/** Who signed whom, each pair proven once. */
import { type Certificate, isIssuedBy, isNamedBy } from '../trust/certificate.ts';
import { RotationError } from './rotation.ts';
import { NOTHING_STAGED } from './unfit-file.ts';

export type IsIssuedBy = (subject: Certificate, issuer: Certificate) => boolean;

/** A proof takes up to 3 ms (P-521, on a slow machine), and orders wait meanwhile. An honest file needs a handful. */
const MOST_PROOFS = 300;

/** @returns a function that throws a `RotationError` when a hundred certificates of one name ask for too many proofs */
export function rememberIssuers(): IsIssuedBy {
  const known = new Map<string, boolean>();
  return (subject, issuer) => {
    if (!isNamedBy(subject, issuer)) return false;
    const pair = `${subject.fingerprint} ${issuer.fingerprint}`;
    const before = known.get(pair);
    if (before !== undefined) return before;
    if (known.size === MOST_PROOFS) {
      throw new RotationError('too many certificates in the file have the same name', {
        meaning: NOTHING_STAGED,
        next: "stage Coupa's intermediate alone",
      });
    }
    const issued = isIssuedBy(subject, issuer);
    known.set(pair, issued);
    return issued;
  };
}

/**
 * What OpenSSL would make of a chain under other anchors. It finds an issuer by name and key identifier before it checks
 * any signature, and never tries a second one; our own judgement tries them all. Where the two differ a step would lock
 * out a client that a rehearsal lets in. (Seen on Node 24.21; X509_check_issued, and the order of the pinned ones.)
 */
import { type Certificate, isNamedBy } from '../trust/certificate.ts';

/**
 * @param chain of a client, its own certificate first
 * @param before the anchors under which it was let in, if it was
 * @returns why it would be refused; undefined when nothing shows that it would
 */
export function foreseeOpenssl(
  chain: readonly Certificate[],
  {
    anchors,
    before,
    at,
  }: { readonly anchors: readonly Certificate[]; readonly before: readonly Certificate[]; readonly at: Date },
): string | undefined {
  const [leaf, ...sent] = chain;
  let contradicted = false;
  const passed = new Set<Certificate>();
  for (let top = leaf; top !== undefined && !passed.has(top); ) {
    passed.add(top);
    const subject = top;
    const pinned = findPinned(subject, anchors, at);
    if (pinned.length > 0) {
      const isOneKey = pinned.every(({ spki }) => spki === pinned[0]?.spki);
      return isOneKey || isSame(pinned, findPinned(subject, before, at)) ? undefined : AMBIGUOUS;
    }
    contradicted ||= anchors.some((anchor) => isNamedBy(subject, anchor));
    top = sent.find((issuer) => isNamedBy(subject, issuer) && !contradicts(subject, issuer));
  }
  return contradicted ? CONTRADICTED : undefined;
}

const AMBIGUOUS = 'several pinned keys have the name of its issuer, and it does not say which one signed it';
const CONTRADICTED = 'it names the certificate of its issuer, and another one of that name is pinned';

/** Whether what one says of its issuer's key identifier or serial number is not so of this issuer. */
export function contradicts(subject: Certificate, issuer: Certificate): boolean {
  const { authorityKeyId: keyId, authoritySerial: serial } = subject;
  const isOtherKey =
    keyId !== undefined && issuer.subjectKeyId !== undefined && keyId !== issuer.subjectKeyId;
  return isOtherKey || (serial !== undefined && serial !== issuer.serial);
}

/** One that has ended, or is yet to begin, is tried when there is no other. */
function findPinned(subject: Certificate, anchors: readonly Certificate[], at: Date): readonly Certificate[] {
  const found = anchors.filter(
    (anchor) => isNamedBy(subject, anchor) && !contradicts(subject, anchor) && isOfKind(subject, anchor),
  );
  const valid = found.filter(({ notBefore, notAfter }) => notBefore <= at && at <= notAfter);
  return valid.length > 0 ? valid : found;
}

const SIGNERS = [
  ['RSA', 'rsa'],
  ['ECDSA', 'ec'],
  ['Ed25519', 'ed25519'],
] as const;

/** Whether a key of this kind can have made such a signature. */
function isOfKind({ signatureAlgorithm: { allowed } }: Certificate, { key }: Certificate): boolean {
  const [, type] = SIGNERS.find(([algorithm]) => allowed?.startsWith(algorithm)) ?? [];
  return type === undefined || type === key.type;
}

function isSame(one: readonly Certificate[], other: readonly Certificate[]): boolean {
  const prints = new Set(one.map(({ fingerprint }) => fingerprint));
  return one.length === other.length && other.every(({ fingerprint }) => prints.has(fingerprint));
}

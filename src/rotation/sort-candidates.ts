/** Which certificates of a file are to be staged: its lowest CAs. Not the leafs below, nor the roots above them. */
import type { Certificate } from '../trust/certificate.ts';
import { checkPin } from '../trust/check-pin.ts';
import type { IsIssuedBy } from './issued-by.ts';
import { readIssuerUrls } from './issuer-urls.ts';
import { dayOf } from './words.ts';

export interface LeftOut {
  readonly subject: string;
  readonly why: string;
}

export interface SortedCandidates {
  readonly candidates: readonly Certificate[];
  readonly leftOut: readonly LeftOut[];
}

interface Surroundings {
  readonly active: readonly Certificate[];
  readonly names: readonly string[];
  readonly now: Date;
  readonly isIssuedBy: IsIssuedBy;
}

/** In turns, as `lintCandidate`. */
export function* sortCandidates(
  certificates: readonly Certificate[],
  surroundings: Surroundings,
): Generator<undefined, SortedCandidates, void> {
  const { active, now, isIssuedBy } = surroundings;
  const why = new Map<Certificate, string>();
  const isLeft = (each: Certificate): boolean => !why.has(each);
  const unique = [...new Map(certificates.map((each) => [each.fingerprint, each])).values()];
  const activePrints = new Set(active.map(({ fingerprint }) => fingerprint));
  const isActive = ({ fingerprint }: Certificate): boolean => activePrints.has(fingerprint);
  const authorities = unique.filter(isAuthority);

  for (const [each, below] of yield* findAbove(authorities, now, isIssuedBy)) {
    const state = isActive(below) ? 'active already' : 'staged from the same file';
    why.set(
      each,
      `it stands above ${below.subject.text}, which is ${state}: pinned, it would let in the clients of every other ` +
        'CA below it too',
    );
  }
  for (const each of authorities) {
    if (isActive(each)) why.set(each, 'it is active already: nothing to do');
    else if (now > each.notAfter) {
      why.set(each, `it expired on ${dayOf(each.notAfter)}: it could vouch for nobody`);
    }
  }
  const candidates = authorities.filter(isLeft);
  for (const leaf of unique.filter((each) => !isAuthority(each))) {
    why.set(leaf, explainLeaf(leaf, candidates, surroundings));
  }
  return {
    candidates,
    leftOut: [
      ...unique.flatMap((each) => {
        const reason = why.get(each);
        return reason === undefined ? [] : [{ subject: each.subject.text, why: reason }];
      }),
      ...unique
        .filter(
          ({ fingerprint }) => certificates.filter((each) => each.fingerprint === fingerprint).length > 1,
        )
        .map(({ subject }) => ({ subject: subject.text, why: 'it stands in the file more than once' })),
    ],
  };
}

/**
 * Each CA that has a sound one below it in the file, with one of those. Cross-signed CAs of one key do not count, nor
 * do CAs that signed each other: leaving out both would leave nothing.
 */
function* findAbove(
  authorities: readonly Certificate[],
  now: Date,
  isIssuedBy: IsIssuedBy,
): Generator<undefined, Map<Certificate, Certificate>, void> {
  const sound = new Set<Certificate>();
  for (const each of authorities) {
    if (checkPin(each, '', now).length === 0) sound.add(each);
    yield;
  }
  const childrenOf = (issuer: Certificate): Certificate[] =>
    authorities.filter((each) => each.spki !== issuer.spki && sound.has(each) && isIssuedBy(each, issuer));
  const children = new Map(authorities.map((each) => [each, childrenOf(each)]));
  const lowest = new Set(authorities.filter((each) => sound.has(each) && children.get(each)?.length === 0));
  const above = new Map<Certificate, Certificate>();
  for (const authority of authorities) {
    const reached = new Set([authority]);
    for (const each of reached) for (const below of children.get(each) ?? []) reached.add(below);
    const found = [...reached].find((each) => each !== authority && lowest.has(each));
    if (found !== undefined) above.set(authority, found);
  }
  return above;
}

/** Whether it is meant to issue certificates. */
function isAuthority({ basicConstraints, keyUsage }: Certificate): boolean {
  return basicConstraints?.ca === true && (keyUsage === undefined || keyUsage.has('keyCertSign'));
}

function explainLeaf(
  leaf: Certificate,
  candidates: readonly Certificate[],
  { active, names, isIssuedBy }: Surroundings,
): string {
  if (leaf.basicConstraints?.ca === true) {
    return 'it may not sign certificates (its key usage lacks keyCertSign), so it vouches for nobody';
  }
  const [name = ''] = leaf.subject.commonNames;
  const what = names.includes(name)
    ? `this is a leaf, not a CA: the certificate of the client ${name} itself`
    : 'this is a leaf, not a CA';
  if (candidates.some((each) => isIssuedBy(leaf, each))) {
    return `${what}; its issuer is staged from the same file`;
  }
  if (active.some((each) => isIssuedBy(leaf, each))) return `${what}; its issuer is active already`;
  if (isIssuedBy(leaf, leaf)) return `${what}; it is self-signed, so there is no issuer to pin`;
  const urls = readIssuerUrls(leaf);
  const where = urls.length === 0 ? '' : ` (it says: ${urls.join(', ')}; that is not fetched here)`;
  return `${what}; its issuer is what to stage: ${leaf.issuer.text}${where}`;
}

/**
 * The way from a client's certificate up to a pinned anchor. A link is a proven signature, never a name
 * alone.
 */
import type { Anchor } from './bundle.ts';
import type { Certificate } from './certificate.ts';
import { isIssuedBy, isNamedBy, isSelfIssued } from './certificate.ts';
import { checkAnchor, checkIssuer, finding } from './check-certificate.ts';
import { checkDenied } from './deny.ts';
import type { PeerFinding } from './peer.ts';
import { checkRevocation } from './revocation.ts';
import { isOnTrial } from './trial.ts';
import type { Trust } from './trust.ts';

/**
 * The anchor stands at depth 3 at most, as `SSLVerifyDepth 3` in Coupa's own example has it: the client's
 * certificate is depth 0, so at most two issuers sent by the client stand between it and the anchor.
 */
const MOST_ISSUERS = 2;
/**
 * Signatures checked for one client. Coupa's chain takes two or three; eight certificates that all bear one name and one
 * key of whoever made them would take 49, on the thread that serves orders.
 */
const MOST_SIGNATURES = 24;

export interface Chain {
  readonly anchor: Anchor | undefined;
  readonly findings: readonly PeerFinding[];
}

interface Path {
  /** Between the leaf and the anchor, lowest first. */
  readonly issuers: readonly Certificate[];
  readonly anchor: Anchor;
}

/**
 * Tries every anchor and every issuer sent, because two may share a name (a rollover), and takes the path
 * with the least against it. Bounded: with 7 issuers sent there are 50 paths below the anchors, and each
 * signature is checked once, `MOST_SIGNATURES` of them.
 */
export function findChain({
  leaf,
  sent,
  trust,
  now,
}: {
  readonly leaf: Certificate;
  /** What the client sent above its own certificate. Material, never trusted by itself. */
  readonly sent: readonly Certificate[];
  readonly trust: Trust;
  readonly now: Date;
}): Chain {
  const { anchors } = trust;
  const isLink = rememberLinks();
  const paths: Path[] = [];
  const climb = (top: Certificate, issuers: readonly Certificate[]): void => {
    for (const anchor of anchors) {
      if (isLink(top, anchor.certificate)) paths.push({ issuers, anchor });
    }
    if (issuers.length === MOST_ISSUERS) return;
    for (const issuer of sent) {
      if (!issuers.includes(issuer) && isLink(top, issuer)) climb(issuer, [...issuers, issuer]);
    }
  };
  climb(leaf, []);
  const judged = paths.map((path) => ({ anchor: path.anchor, findings: checkPath(leaf, path, trust, now) }));
  // What is on trial must not turn the choice to a path that is refused.
  const enforced = ({ findings }: Chain): number => findings.filter((each) => !isOnTrial(each, trust)).length;
  const [best] = judged.sort(
    (one, other) => enforced(one) - enforced(other) || one.findings.length - other.findings.length,
  );
  return best ?? { anchor: undefined, findings: [explainNoPath(leaf, sent, anchors, isLink)] };
}

function checkPath(
  leaf: Certificate,
  { issuers, anchor }: Path,
  { deny, revocation }: Trust,
  now: Date,
): PeerFinding[] {
  return [
    ...issuers.flatMap((issuer, below) => checkIssuer(issuer, below, now)),
    ...checkAnchor(anchor.certificate, issuers.length, now),
    ...[...issuers, anchor.certificate].flatMap((issuer) =>
      checkDenied(issuer, `the issuer ${issuer.subject.text}`, deny),
    ),
    ...checkRevocation([leaf, ...issuers, anchor.certificate], revocation, now),
  ];
}

type IsLink = (subject: Certificate, issuer: Certificate) => boolean;

function rememberLinks(): IsLink {
  const known = new Map<string, boolean>();
  return (subject, issuer) => {
    if (!isNamedBy(subject, issuer)) return false;
    const pair = `${subject.fingerprint} ${issuer.fingerprint}`;
    const before = known.get(pair);
    if (before !== undefined) return before;
    const linked = known.size < MOST_SIGNATURES && isIssuedBy(subject, issuer);
    known.set(pair, linked);
    return linked;
  };
}

/**
 * One reason, the most telling: too deep, then not signed by the pinned key it names, then simply not ours.
 */
function explainNoPath(
  leaf: Certificate,
  sent: readonly Certificate[],
  anchors: readonly Anchor[],
  isLink: IsLink,
): PeerFinding {
  const reached = [leaf];
  for (const top of reached) {
    reached.push(...sent.filter((issuer) => !reached.includes(issuer) && isLink(top, issuer)));
  }
  if (reached.some((top) => anchors.some(({ certificate }) => isLink(top, certificate)))) {
    return finding(
      'depth',
      `the pinned issuer is reached only through more than ${MOST_ISSUERS} other issuers`,
    );
  }
  const forged = reached.find((top) => anchors.some(({ certificate }) => isNamedBy(top, certificate)));
  if (forged !== undefined) {
    return finding(
      'bad_signature',
      `${forged.issuer.text} is pinned, but no pinned key of that name has signed ${forged.subject.text}`,
    );
  }
  const highest = reached.at(-1) ?? leaf;
  return finding(
    'untrusted_issuer',
    isSelfIssued(highest)
      ? `${highest.subject.text} is self-signed and not pinned`
      : `the issuer ${highest.issuer.text} is not pinned`,
  );
}

/**
 * The checks a certificate must pass for the place it takes in a chain: the client's own, an issuer, the
 * pinned anchor.
 */
import type { Certificate } from './certificate.ts';
import { EXTENDED_KEY_USAGE, EXTENSION } from './extensions.ts';
import type { PeerFinding, PeerReason } from './peer.ts';
import { checkKey } from './public-key.ts';

/**
 * What these checks evaluate. Policies count because any policy is acceptable; name constraints are refused
 * by their own name.
 */
const EVALUATED: ReadonlySet<string> = new Set([
  EXTENSION.basicConstraints,
  EXTENSION.keyUsage,
  EXTENSION.extendedKeyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.nameConstraints,
  EXTENSION.certificatePolicies,
]);

/** The client's own certificate, apart from its name and its issuer. */
export function checkLeaf(leaf: Certificate, now: Date): PeerFinding[] {
  const who = 'the client certificate';
  const findings = [...checkValidity(leaf, who, now), ...checkStrength(leaf, who)];
  const { keyUsage, extendedKeyUsage } = leaf;
  if (leaf.basicConstraints?.ca === true || keyUsage?.has('keyCertSign')) {
    findings.push(finding('is_ca', `${who} is a CA certificate`));
  }
  if (keyUsage !== undefined && !keyUsage.has('digitalSignature')) {
    findings.push(finding('key_usage', `${who} may not sign: its key usage is ${listed([...keyUsage])}`));
  }
  // "Any" alone is not enough: OpenSSL refuses it too, and no CA gives it to a client meant for mutual TLS.
  if (extendedKeyUsage !== undefined && !extendedKeyUsage.includes(EXTENDED_KEY_USAGE.clientAuth)) {
    const serverOnly = extendedKeyUsage.every((usage) => usage === EXTENDED_KEY_USAGE.serverAuth);
    findings.push(
      serverOnly
        ? finding(
            'server_auth_only',
            `${who} is for servers only: its extended key usage lacks clientAuth; its public key is ${leaf.spki}`,
          )
        : finding('extended_key_usage', `${who} is for ${listed(extendedKeyUsage)}, not for clientAuth`),
    );
  }
  return [...findings, ...checkLimits(leaf, who)];
}

/**
 * A certificate the client sent, used as an issuer.
 *
 * @param issuersBelow how many issuers stand between it and the client's own certificate
 */
export function checkIssuer(issuer: Certificate, issuersBelow: number, now: Date): PeerFinding[] {
  const who = `the issuer ${issuer.subject.text}`;
  const findings = [...checkValidity(issuer, who, now), ...checkStrength(issuer, who)];
  if (issuer.basicConstraints?.ca !== true) {
    findings.push(finding('untrusted_issuer', `${who} is no CA and may not issue certificates`));
  }
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('keyCertSign')) {
    findings.push(finding('key_usage', `${who} may not issue certificates: its key usage lacks keyCertSign`));
  }
  if (!mayIssueForClients(issuer)) {
    findings.push(
      finding('extended_key_usage', `${who} may not issue client certificates: it lacks clientAuth`),
    );
  }
  return [...findings, ...checkPathLength(issuer, who, issuersBelow), ...checkLimits(issuer, who)];
}

/** The pinned certificate at the end. What cannot change with time was checked when the bundle was loaded. */
export function checkAnchor(anchor: Certificate, issuersBelow: number, now: Date): PeerFinding[] {
  const who = `the pinned ${anchor.subject.text}`;
  const validity = checkValidity(anchor, who, now).map(({ reason, detail }) =>
    finding(reason === 'expired' ? 'anchor_expired' : reason, detail),
  );
  return [...validity, ...checkPathLength(anchor, who, issuersBelow)];
}

/** No extended key usage in a CA means no limit. */
export function mayIssueForClients({ extendedKeyUsage }: Certificate): boolean {
  const { any, clientAuth } = EXTENDED_KEY_USAGE;
  return extendedKeyUsage?.some((usage) => usage === clientAuth || usage === any) ?? true;
}

/** OIDs of the critical extensions nobody here evaluates. */
export function unknownCritical({ critical }: Certificate): string[] {
  return critical.filter((oid) => !EVALUATED.has(oid));
}

function checkValidity({ notBefore, notAfter }: Certificate, who: string, now: Date): PeerFinding[] {
  if (now > notAfter) return [finding('expired', `${who} expired on ${minuteOf(notAfter)}`)];
  if (now < notBefore) return [finding('not_yet_valid', `${who} is valid from ${minuteOf(notBefore)}`)];
  return [];
}

function checkStrength({ key, signatureAlgorithm }: Certificate, who: string): PeerFinding[] {
  const findings: PeerFinding[] = [];
  const badKey = checkKey(key);
  if (badKey !== undefined) findings.push(finding(badKey.reason, `${who} has ${badKey.detail}`));
  if (signatureAlgorithm.allowed === undefined) {
    findings.push(
      finding('weak_signature', `${who} is signed with ${signatureAlgorithm.oid}, which is not taken`),
    );
  }
  return findings;
}

/** Every issuer counts, a self-issued one too: stricter than RFC 5280 6.1.4 where the two differ. */
function checkPathLength(
  { basicConstraints }: Certificate,
  who: string,
  issuersBelow: number,
): PeerFinding[] {
  const limit = basicConstraints?.pathLength;
  if (limit === undefined || issuersBelow <= limit) return [];
  return [finding('path_length', `${who} allows ${limit} issuers below it, here are ${issuersBelow}`)];
}

function checkLimits(certificate: Certificate, who: string): PeerFinding[] {
  const findings: PeerFinding[] = [];
  if (certificate.hasNameConstraints) {
    findings.push(finding('name_constraint', `${who} carries name constraints, which are not evaluated`));
  }
  const unknown = unknownCritical(certificate);
  if (unknown.length > 0) {
    findings.push(
      finding('unknown_critical_extension', `${who} has the critical extension ${listed(unknown)}`),
    );
  }
  return findings;
}

export function finding(reason: PeerReason, detail: string): PeerFinding {
  return { reason, detail };
}

/** UTC, as a person reads it. Example: `2026-11-21 08:00Z`. */
export function minuteOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? 'empty' : words.slice(0, 8).join(', ');
}

/**
 * What stands against pinning a certificate. Asked by the bundle when it is loaded and by `trust stage`, so that what
 * is staged as sound is never refused later.
 */
import type { Certificate } from './certificate.ts';
import { isIssuedBy } from './certificate.ts';
import { mayIssueForClients, unknownCritical } from './check-certificate.ts';
import { checkKey } from './public-key.ts';

export interface PinFault {
  readonly fault: 'not_ca' | 'expired' | 'key' | 'signature' | 'critical_extension' | 'usage';
  readonly what: string;
  readonly hint: string;
}

/**
 * Critical ones of an anchor that lock nobody out: OpenSSL knows them (seen on Node 24.21), and what an anchor says
 * of policies is no part of a path's validation (RFC 5280 6.1.1 d).
 */
const HARMLESS_IN_ANCHOR: ReadonlySet<string> = new Set([
  '2.5.29.31', // cRLDistributionPoints
  '2.5.29.33', // policyMappings
  '2.5.29.36', // policyConstraints
  '2.5.29.54', // inhibitAnyPolicy
]);

/** @param file its name, for the remedy */
export function checkPin(certificate: Certificate, file: string, now: Date): PinFault[] {
  const { basicConstraints, keyUsage, key, notAfter, signatureAlgorithm, subject } = certificate;
  const name = subject.text;
  const faults: PinFault[] = [];
  if (basicConstraints?.ca !== true || (keyUsage !== undefined && !keyUsage.has('keyCertSign'))) {
    faults.push({
      fault: 'not_ca',
      what: `this is a leaf, not a CA: ${name} cannot vouch for clients`,
      hint: `keep only Coupa's intermediate.pem in the bundle, and move ${file} elsewhere`,
    });
  }
  if (now > notAfter) {
    faults.push({
      fault: 'expired',
      what: `${name} expired on ${notAfter.toISOString().slice(0, 10)}`,
      hint: 'take it out, and fetch the current intermediate.pem from the page where Coupa publishes it',
    });
  }
  const badKey = checkKey(key);
  if (badKey !== undefined) {
    faults.push({
      fault: 'key',
      what: `${name} has ${badKey.detail}`,
      hint: 'ask the publisher for a CA with a stronger key',
    });
  }
  // Nobody relies on a root's signature over itself, and well-known roots are still signed with SHA-1.
  if (signatureAlgorithm.allowed === undefined && !isIssuedBy(certificate, certificate)) {
    faults.push({
      fault: 'signature',
      what: `${name} is signed with ${signatureAlgorithm.oid}, which is not taken`,
      hint: 'ask the publisher for a CA certificate signed with SHA-256 or better',
    });
  }
  // OpenSSL would refuse every client of it, with no more than "unspecified".
  const unknown = unknownCritical(certificate).filter((oid) => !HARMLESS_IN_ANCHOR.has(oid));
  if (unknown.length > 0) {
    faults.push({
      fault: 'critical_extension',
      what: `${name} has the critical extension ${unknown.join(', ')}, which nobody here can honour`,
      hint: 'ask the publisher for a CA certificate without it; no client of this one could be let in',
    });
  }
  // OpenSSL does not look at an anchor's own usages once it is pinned, so this is the only place that does.
  if (!mayIssueForClients(certificate)) {
    faults.push({
      fault: 'usage',
      what: `${name} may not issue client certificates: its extended key usage lacks clientAuth`,
      hint: 'ask Coupa for the issuer of its client certificates; this one serves web servers only',
    });
  }
  return faults;
}

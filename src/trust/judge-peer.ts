/**
 * The gate's verdict: a client's chain against the trust in force, every reason at once. Pure: no I/O, no
 * clock, and work bounded whatever the client sends. Never: HTTP, cXML, the socket.
 */
import { checkAddress } from './addresses.ts';
import type { Certificate } from './certificate.ts';
import { readCertificate } from './certificate.ts';
import { findChain } from './chain.ts';
import { checkLeaf, finding } from './check-certificate.ts';
import { checkDenied } from './deny.ts';
import { UnreadableDer } from './der.ts';
import { printable } from './distinguished-name.ts';
import type { PeerFinding, PeerReason, PeerRefusal, Presented, Verdict } from './peer.ts';
import { writePem } from './pem.ts';
import { isOnTrial } from './trial.ts';
import type { Trust } from './trust.ts';

/** Leaf included. A good chain has two to four; more is either a mistake or work for its own sake. */
const MOST_SENT = 8;

/** Accepts only when nothing at all speaks against the chain, neither here nor in OpenSSL's own verdict. */
export function judgePeer(presented: Presented, trust: Trust, now: Date): Verdict {
  const { chain } = presented;
  const [first] = chain;
  const findings = checkConnection(presented, trust);
  if (first === undefined) {
    return refuse(
      [finding('no_certificate', 'the client sent no certificate'), ...findings],
      undefined,
      trust,
    );
  }
  const leaf = readOrExplain(first);
  if (!('der' in leaf)) {
    return refuse(
      [
        finding('unreadable_certificate', `the client certificate cannot be read: ${leaf.problem}`),
        ...findings,
      ],
      undefined,
      trust,
    );
  }
  if (chain.length > MOST_SENT) {
    findings.push(finding('depth', `the client sent more than ${MOST_SENT} certificates`));
  }
  findings.push(
    ...checkName(leaf, trust.names),
    ...checkLeaf(leaf, now),
    ...checkDenied(leaf, 'the client certificate', trust.deny),
    ...checkPin(leaf, trust.pins),
  );
  const above = chain.slice(1, MOST_SENT).map(readOrExplain);
  const sent = above.filter((each): each is Certificate => 'der' in each);
  const { anchor, findings: against } = findChain({ leaf, sent, trust, now });
  findings.push(...against);
  if (anchor === undefined) findings.push(...explainUnreadable(above));
  const wouldRefuse = findings.filter((each) => isOnTrial(each, trust));
  const enforced = findings.filter((each) => !isOnTrial(each, trust));
  enforced.push(...checkOpenssl(presented, enforced));
  if (enforced.length > 0 || anchor === undefined) return refuse(enforced, leaf, trust);
  return {
    trusted: true,
    wouldRefuse,
    peer: {
      name: leaf.subject.commonNames[0] ?? '',
      fingerprint: leaf.fingerprint,
      spki: leaf.spki,
      subject: leaf.subject.text,
      issuer: leaf.issuer.text,
      serial: leaf.serial,
      notBefore: leaf.notBefore,
      notAfter: leaf.notAfter,
      anchor: anchor.certificate.spki,
      chainPem: chain.map((der) => writePem('CERTIFICATE', der)).join(''),
      protocol: presented.protocol,
    },
  };
}

function refuse(findings: readonly PeerFinding[], leaf: Certificate | undefined, trust: Trust): Verdict {
  const enforced = findings.filter((each) => !isOnTrial(each, trust));
  return { trusted: false, refusal: describeRefusal(enforced, leaf, trust.names) };
}

function describeRefusal(
  findings: readonly PeerFinding[],
  leaf: Certificate | undefined,
  allowed: readonly string[],
): PeerRefusal {
  if (leaf === undefined) return { findings, nearMiss: false };
  const { commonNames } = leaf.subject;
  return {
    findings,
    nearMiss: checkName(leaf, allowed).length === 0,
    leaf: {
      names: commonNames.slice(0, 8).map((name) => printable(name)),
      fingerprint: leaf.fingerprint,
      issuer: leaf.issuer.text,
      serial: leaf.serial,
      notAfter: leaf.notAfter,
    },
  };
}

function checkConnection(
  { protocol, resumed, remoteAddress }: Presented,
  { addresses }: Trust,
): PeerFinding[] {
  const findings = checkAddress(remoteAddress, addresses);
  if (protocol !== 'TLSv1.2' && protocol !== 'TLSv1.3') {
    findings.push(
      finding('protocol', `the connection speaks ${printable(protocol)}; TLS 1.2 and 1.3 are taken`),
    );
  }
  if (resumed) findings.push(finding('resumed', 'the session was resumed, so the client showed no key'));
  return findings;
}

/**
 * Exactly one common name, equal to an allowed one. No case folding, no trimming, no wildcard, and no other
 * field in its place: two names would be two claims, and a name in OU or SAN is not what the CA was asked to
 * vouch for.
 */
function checkName({ subject }: Certificate, allowed: readonly string[]): PeerFinding[] {
  const { commonNames } = subject;
  const [name] = commonNames;
  if (name === undefined) return [finding('name_not_allowed', 'the client certificate has no common name')];
  if (commonNames.length > 1) {
    const shown = commonNames.slice(0, 4).map((each) => `"${printable(each)}"`);
    return [
      finding(
        'ambiguous_name',
        `the client certificate has ${commonNames.length} common names: ${shown.join(', ')}`,
      ),
    ];
  }
  if (allowed.includes(name)) return [];
  return [
    finding('name_not_allowed', `the common name "${printable(name)}" is not one of the allowed names`),
  ];
}

/** Beside the chain, never in its place. */
function checkPin({ spki }: Certificate, pins: ReadonlySet<string>): PeerFinding[] {
  if (pins.size === 0 || pins.has(spki)) return [];
  return [finding('pin_mismatch', `the client's public key ${spki} is not one of trust.pins`)];
}

/**
 * The reasons of ours that say what an OpenSSL code says, only better. A code without a row is explained by
 * any certificate fault.
 */
const EXPLAINED_BY: Readonly<Record<string, readonly PeerReason[]>> = {
  CERT_HAS_EXPIRED: ['expired', 'anchor_expired'],
  CERT_NOT_YET_VALID: ['not_yet_valid'],
  INVALID_PURPOSE: ['key_usage', 'extended_key_usage', 'server_auth_only'],
  PATH_LENGTH_EXCEEDED: ['path_length'],
};
const NOT_ABOUT_THE_CHAIN: ReadonlySet<PeerReason> = new Set([
  'name_not_allowed',
  'ambiguous_name',
  'pin_mismatch',
  'deny_listed',
  'address_not_allowed',
  'revoked',
  'revocation_unknown',
  'resumed',
  'protocol',
]);

/**
 * OpenSSL reports one code, its last. It is a finding of its own only where nothing found here accounts for
 * it.
 */
function checkOpenssl({ openssl }: Presented, findings: readonly PeerFinding[]): PeerFinding[] {
  if (openssl.authorized) return [];
  const code = openssl.error ?? 'no code';
  const better = EXPLAINED_BY[code];
  const isExplained = findings.some(({ reason }) =>
    better === undefined ? !NOT_ABOUT_THE_CHAIN.has(reason) : better.includes(reason),
  );
  return isExplained ? [] : [finding('openssl', `OpenSSL refuses the chain: ${printable(code)}`)];
}

function readOrExplain(der: Uint8Array): Certificate | { readonly problem: string } {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof UnreadableDer) return { problem: error.message };
    throw error;
  }
}

/** An unreadable extra does no harm beside a good path, so it counts only when there is none. */
function explainUnreadable(above: readonly (Certificate | { readonly problem: string })[]): PeerFinding[] {
  return above.flatMap((each, index) =>
    'problem' in each
      ? [
          finding(
            'unreadable_certificate',
            `certificate ${index + 2} of those sent cannot be read: ${each.problem}`,
          ),
        ]
      : [],
  );
}

/** OpenSSL's own verdict about the same chain, beside ours: both must accept. */
import { type Certificate, isIssuedBy, isNamedBy } from './certificate.ts';
import { finding } from './check-certificate.ts';
import { printable } from './distinguished-name.ts';
import type { PeerFinding, PeerReason, Presented } from './peer.ts';
import type { Trust } from './trust.ts';

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
 *
 * @param excepted accounts for the one code that says the same, and for no other
 */
export function checkOpenssl(
  { openssl }: Presented,
  findings: readonly PeerFinding[],
  excepted: PeerFinding | undefined,
): PeerFinding[] {
  if (openssl.authorized) return [];
  const code = openssl.error ?? 'no code';
  if (excepted !== undefined && code === 'INVALID_PURPOSE') return [];
  const better = EXPLAINED_BY[code];
  const isExplained = findings.some(({ reason }) =>
    better === undefined ? !NOT_ABOUT_THE_CHAIN.has(reason) : better.includes(reason),
  );
  return isExplained ? [] : [finding('openssl', `OpenSSL refuses the chain: ${printable(code)}`)];
}

/**
 * OpenSSL judges once, in the handshake, and a connection may outlive the anchors of then; a handshake may begin under
 * anchors that are gone when it ends. That verdict still speaks for those in force while no anchor has left that could have
 * vouched: with more of them OpenSSL would find the same way. If one has left, it may have been the one, and our own verdict
 * would stand alone, so the client has to connect again. (The two differ, for example, where an anchor is replaced by
 * another certificate of the same key: OpenSSL also compares key identifiers.)
 */
export function checkStillMeant(
  { judgedUnder }: Presented,
  chain: readonly Certificate[],
  { anchors }: Trust,
): PeerFinding[] {
  if (judgedUnder === undefined || judgedUnder === anchors) return [];
  const inForce = new Set(anchors.map(({ certificate }) => certificate.fingerprint));
  const hasLeft = judgedUnder.some(
    ({ certificate: anchor }) =>
      !inForce.has(anchor.fingerprint) &&
      chain.some((each) => isNamedBy(each, anchor) && isIssuedBy(each, anchor)),
  );
  if (!hasLeft) return [];
  return [
    finding('openssl', 'OpenSSL judged the chain by an anchor that has left since: a new connection decides'),
  ];
}

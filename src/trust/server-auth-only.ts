/**
 * The dated exception for certificates that are for servers only. Public CAs end `clientAuth` (Chrome Root Program policy
 * 1.8: leaves from 15 March 2027), so such a certificate may come from Coupa one April. It is taken only by the key it
 * carries, only for a time, and everything else about it is judged as ever.
 */
import type { Certificate } from './certificate.ts';
import { finding } from './check-certificate.ts';
import type { PeerFinding } from './peer.ts';

export interface ServerAuthOnly {
  /** The last day, UTC: `2027-03-15`. */
  readonly until: string;
  /** SHA-256 of the public keys it is for, lower-case hex. */
  readonly spki: ReadonlySet<string>;
}

const DAY_MS = 86_400_000;

/** Full days that are left, the last one included; 0 or less when it has ended. */
export function daysLeftOf({ until }: Pick<ServerAuthOnly, 'until'>, now: Date): number {
  return Math.ceil((Date.parse(`${until}T00:00:00Z`) + DAY_MS - now.getTime()) / DAY_MS);
}

/** @returns what to report in place of the finding that would refuse this certificate; undefined: it is refused */
export function findException(
  findings: readonly PeerFinding[],
  { spki }: Pick<Certificate, 'spki'>,
  exception: ServerAuthOnly | undefined,
  now: Date,
): PeerFinding | undefined {
  const against = findings.find(({ reason }) => reason === 'server_auth_only');
  if (against === undefined || exception === undefined) return undefined;
  if (!exception.spki.has(spki) || daysLeftOf(exception, now) <= 0) return undefined;
  return finding(
    'server_auth_only',
    `${against.detail}; trust.server_auth_only lets this key in until ${exception.until}`,
  );
}

export function warnAboutException(exception: ServerAuthOnly | undefined, now: Date): string | undefined {
  if (exception === undefined || daysLeftOf(exception, now) > 0) return undefined;
  return `trust.server_auth_only ended on ${exception.until}: certificates for servers only are refused again`;
}

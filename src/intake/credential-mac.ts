/**
 * CredentialMac: instead of the secret itself the sender shows an HMAC over who speaks for whom, and for how long. It
 * covers nothing of the document: until it expires it is as good as the secret for that one pair of parties.
 */
import { createHmac } from 'node:crypto';
import type { Credential, CredentialMac } from '../cxml/message.ts';
import { readInstant, zoneForm } from '../cxml/when.ts';

/** What is signed, as bytes, and how. */
export interface MacInput {
  readonly hash: string;
  readonly bytes: Buffer;
  readonly length: number;
}

const TYPE = 'FromSenderCredentials';
/** The one that is specified. Weaker ones of the same form must not be let in by their name. */
const ALGORITHMS = new Map([['HMAC-SHA1-96', { hash: 'sha1', length: 12 }]]);

/** E-mail addresses there, and the cXML guide names it as one whose identities keep their case. */
const KEEPS_CASE = new Set(['aribanetworkuserid']);

/** How far the clocks of buyer and supplier may be apart. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Real ones have some 120; each is signed with every secret, and an identity may be a megabyte long. */
const MOST_BYTES = 4_096;

/**
 * @returns undefined for a type or an algorithm that is not known, and for what is too long to be one
 * @see cXML 1.2 Reference Guide, "CredentialMac"
 */
export function readMacInput(mac: CredentialMac, from: Credential, sender: Credential): MacInput | undefined {
  const algorithm = ALGORITHMS.get(mac.algorithm);
  if (mac.type !== TYPE || algorithm === undefined) return undefined;
  const parts = [...normalise(from), ...normalise(sender), mac.creationDate, mac.expirationDate];
  const bytes = Buffer.from(parts.map((part) => `${part}\0`).join(''), 'utf8');
  return bytes.length > MOST_BYTES ? undefined : { ...algorithm, bytes };
}

function normalise({ domain, identity = '' }: Credential): [domain: string, identity: string] {
  const name = domain.trim().toLowerCase();
  const bare = identity.trim();
  return [name, KEEPS_CASE.has(name) ? bare : bare.toLowerCase()];
}

/** @returns base64, as it stands in the document */
export function signMac({ hash, bytes, length }: MacInput, secret: string): string {
  return createHmac(hash, secret).update(bytes).digest().subarray(0, length).toString('base64');
}

/** Judged by our clock, give or take a few minutes. A date without a zone could mean any day's half: it never counts. */
export function isInForce({ creationDate, expirationDate }: CredentialMac, now: Date): boolean {
  const created = readZoned(creationDate);
  const expires = readZoned(expirationDate);
  if (created === undefined || expires === undefined || created > expires) return false;
  const at = now.getTime();
  return created <= at + CLOCK_SKEW_MS && at < expires + CLOCK_SKEW_MS;
}

function readZoned(text: string): number | undefined {
  const form = zoneForm(text);
  return form === 'offset' || form === 'zulu' ? readInstant(text)?.getTime() : undefined;
}

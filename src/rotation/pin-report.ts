/** A pinned certificate as it is shown, and as it is asked for. */
import type { Certificate } from '../trust/certificate.ts';
import { isIssuedBy } from '../trust/certificate.ts';
import type { DistinguishedName } from '../trust/distinguished-name.ts';
import type { PublicKeyFacts } from '../trust/public-key.ts';
import { type PinReport, type PinState, RotationError } from './rotation.ts';
import { DAY_MS, dayOf, pinOf } from './words.ts';

/** When a pin vouched for clients. */
export interface PinUse {
  readonly firstSeen: Date | null;
  readonly lastSeen: Date | null;
  readonly handshakes24h: number;
  readonly handshakes30d: number;
}

/** @param use left out: never seen */
export function describePin(
  certificate: Certificate,
  {
    state,
    file,
    now,
    use,
  }: {
    readonly state: PinState;
    readonly file: string | null;
    readonly now: Date;
    readonly use?: PinUse;
  },
): PinReport {
  return {
    pin: pinOf(certificate),
    spki: certificate.spki,
    fingerprint: certificate.fingerprint,
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    key: describeKey(certificate.key),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    daysLeft: daysUntil(certificate.notAfter, now),
    state,
    file,
    isRoot: isIssuedBy(certificate, certificate),
    firstSeen: use?.firstSeen?.toISOString() ?? null,
    lastSeen: use?.lastSeen?.toISOString() ?? null,
    handshakes24h: use?.handshakes24h ?? 0,
    handshakes30d: use?.handshakes30d ?? 0,
  };
}

/** Whole days; negative once it is over. */
export function daysUntil(date: Date, now: Date): number {
  return Math.floor((date.getTime() - now.getTime()) / DAY_MS);
}

export function describeKey(key: PublicKeyFacts): string {
  switch (key.type) {
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'ec':
      return `EC ${key.curve}`;
    case 'ed25519':
      return 'Ed25519';
    case 'other':
      return `key of type ${key.oid}`;
  }
}

interface Named {
  readonly spki: string;
  readonly fingerprint: string;
  readonly subject: string | DistinguishedName;
  readonly notAfter?: Date;
}

const LEAST_DIGITS = 6;
const MOST_DIGITS = 64;
const MOST_NAMED = 10;

/**
 * The one candidate whose key or certificate has a fingerprint that begins like this.
 *
 * @param query 6 hex digits or more, in either case, with or without colons
 * @throws {RotationError} when none does, or several do
 */
export function matchPin<T extends Named>(query: string, candidates: readonly T[]): T {
  const digits = query.trim().replaceAll(/[:\s]/g, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS) {
    throw new RotationError('a pin is named by 6 to 64 hex digits, as sallyport trust show names it', {
      meaning: NOTHING_DONE,
      next: choose(candidates),
    });
  }
  const found = distinct(candidates).filter(
    ({ spki, fingerprint }) => spki.startsWith(digits) || fingerprint.startsWith(digits),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined) {
    throw new RotationError(`no certificate here is named ${digits}`, {
      meaning: NOTHING_DONE,
      next: choose(candidates),
    });
  }
  const sameKey = found.every(({ spki }) => spki === only.spki);
  throw new RotationError(
    sameKey
      ? `${digits} names one key in ${found.length} certificates`
      : `${digits} names ${found.length} certificates`,
    { meaning: NOTHING_DONE, next: choose(found) },
  );
}

const NOTHING_DONE = 'nothing was done, and nothing that is trusted has changed';

/** As lists name a pin; where several certificates have that key, by the fingerprint that only one of them has, and its end. */
function choose(candidates: readonly Named[]): string {
  if (candidates.length === 0) return 'there is none to choose from: sallyport trust show';
  const all = distinct(candidates);
  const lines = all.slice(0, MOST_NAMED).map((each) => {
    const isOnly = all.every((other) => other === each || pinOf(other) !== pinOf(each));
    if (isOnly) return `${pinOf(each)} (${textOf(each.subject)})`;
    const end = each.notAfter === undefined ? '' : `, until ${dayOf(each.notAfter)}`;
    return `${each.fingerprint.slice(0, 16)} (${textOf(each.subject)}${end})`;
  });
  return `name one of: ${lines.join(', ')}${all.length > MOST_NAMED ? ', …' : ''}`;
}

function distinct<T extends Named>(candidates: readonly T[]): T[] {
  return [...new Map(candidates.toReversed().map((each) => [each.fingerprint, each])).values()].reverse();
}

function textOf(subject: string | DistinguishedName): string {
  return typeof subject === 'string' ? subject : subject.text;
}

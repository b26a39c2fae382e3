/** Whether a certificate was revoked, as far as the lists in force tell. Never: asks anybody over the network. */
import type { Certificate } from './certificate.ts';
import { finding, minuteOf } from './check-certificate.ts';
import type { PeerFinding } from './peer.ts';

/** `soft`: whoever cannot be judged for want of a current list is let in, and reported. */
export type CrlPolicy = 'hard' | 'soft';

export interface Revocation {
  readonly policy: CrlPolicy;
  readonly lists: readonly RevocationList[];
}

interface Facts {
  /** For people; likewise `file`. */
  readonly issuer: string;
  readonly file: string;
  /** The issuer's name in DER, hex. */
  readonly issuerName: string;
  /** SPKI of the pinned key that signed it, SHA-256, lower-case hex. */
  readonly signer: string;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** SHA-256 of the list; what two lists are told apart by. */
  readonly fingerprint: string;
}

/** One list whose signature was proven. A class, so that comparing two does not compare every serial number. */
export class RevocationList {
  readonly facts: Facts;
  readonly size: number;
  readonly #serials: ReadonlySet<string>;

  constructor(facts: Facts, serials: ReadonlySet<string>) {
    this.facts = Object.freeze(facts);
    this.size = serials.size;
    this.#serials = serials;
    Object.freeze(this);
  }

  has(serial: string): boolean {
    return this.#serials.has(serial);
  }

  isStale(now: Date): boolean {
    return now > this.facts.nextUpdate;
  }
}

/**
 * Every certificate below the anchor is looked for. A list speaks for the name of its issuer, whichever of its
 * keys signed it, and what it revoked stays revoked when it is stale. That a client's certificate is *not*
 * revoked is known only from a current list under the very key that issued it.
 *
 * @param line the client's certificate first, the anchor last
 */
export function checkRevocation(
  line: readonly Certificate[],
  revocation: Revocation | undefined,
  now: Date,
): PeerFinding[] {
  if (revocation === undefined) return [];
  const { lists } = revocation;
  const findings = line.slice(0, -1).flatMap((certificate, index) => {
    const list = listsOf(certificate, lists).find((each) => each.has(certificate.serial));
    if (list === undefined) return [];
    const who = index === 0 ? 'the client certificate' : `the issuer ${certificate.subject.text}`;
    const { issuer, thisUpdate } = list.facts;
    return [finding('revoked', `${who} was revoked by ${issuer}, as of ${minuteOf(thisUpdate)}`)];
  });
  const [leaf, issuer] = line;
  if (findings.length > 0 || leaf === undefined || issuer === undefined) return findings;
  const own = listsOf(leaf, lists).filter(({ facts }) => facts.signer === issuer.spki);
  if (own.some((list) => !list.isStale(now))) return [];
  const [stale] = own;
  const why =
    stale === undefined
      ? `there is no revocation list of ${leaf.issuer.text}`
      : `the revocation list of ${leaf.issuer.text} was good until ${minuteOf(stale.facts.nextUpdate)}`;
  return [finding('revocation_unknown', `${why}, so nobody knows whether the client certificate is revoked`)];
}

function listsOf({ issuer }: Certificate, lists: readonly RevocationList[]): RevocationList[] {
  const name = Buffer.from(issuer.raw).toString('hex');
  return lists.filter(({ facts }) => facts.issuerName === name);
}

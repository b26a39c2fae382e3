/** The deny-list: certificates and keys that are refused, whoever vouches for them. */
import type { Certificate } from './certificate.ts';
import { finding } from './check-certificate.ts';
import { printable } from './distinguished-name.ts';
import type { PeerFinding } from './peer.ts';

/** One of `spki` and `serial` is there; both in the form `Certificate` has them. */
export interface Denied {
  readonly spki?: string | undefined;
  readonly serial?: string | undefined;
  /** The issuer's name as text, exactly. Left out: the serial of whatever issuer. */
  readonly issuer?: string | undefined;
  /** Why, for whoever finds the refusal in the log. */
  readonly comment?: string | undefined;
}

export function checkDenied(certificate: Certificate, who: string, list: readonly Denied[]): PeerFinding[] {
  const entry = list.find((each) => means(each, certificate));
  if (entry === undefined) return [];
  const by = entry.spki === undefined ? 'serial' : 'key';
  const why = entry.comment === undefined ? '' : `: ${printable(entry.comment, 200)}`;
  return [finding('deny_listed', `${who} is on the deny-list by its ${by}${why}`)];
}

function means({ spki, serial, issuer }: Denied, certificate: Certificate): boolean {
  if (spki !== undefined) return spki === certificate.spki;
  return serial === certificate.serial && (issuer === undefined || issuer === certificate.issuer.text);
}

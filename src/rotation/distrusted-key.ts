/** Which key or serial number a person means by what they typed. */
import { type Certificate, readOrSkip } from '../trust/certificate.ts';
import { type DistinguishedName, printable } from '../trust/distinguished-name.ts';
import type { Distrusted } from '../trust/distrusted.ts';
import type { SeenChain } from '../trust/evidence.ts';
import { readChain } from '../trust/sent-chain.ts';
import { matchPin } from './pin-report.ts';
import { certificatesOf, type RotationParts, type TrustNow } from './procedure.ts';
import { type DistrustQuery, RotationError, type SerialQuery } from './rotation.ts';
import { listed, NOTHING_CHANGED } from './words.ts';

export type Meant = Pick<Distrusted, 'spki' | 'serial' | 'issuer'>;

type Named = { readonly [K in keyof Meant]: Meant[K] | undefined };

/** As the journal has it. Example: `spki:9f86…`, `serial:0a1b of CN=Coupa CA`. */
export function nameMeant({ spki, serial, issuer }: Named): string {
  if (spki !== undefined) return `spki:${spki}`;
  return `serial:${serial}${issuer === undefined ? '' : ` of ${issuer}`}`;
}

export function isMeant(
  certificate: Pick<Certificate, 'spki' | 'serial'> & { readonly issuer: string | DistinguishedName },
  { spki, serial, issuer }: Meant,
): boolean {
  if (spki !== undefined) return certificate.spki === spki;
  const { issuer: name } = certificate;
  const text = typeof name === 'string' ? name : name.text;
  return certificate.serial === serial && (issuer === undefined || text === issuer);
}

/** Every certificate that was seen or pinned here. */
export async function listMet(
  { shelf }: Pick<RotationParts, 'shelf'>,
  { trust }: TrustNow,
  seen: readonly SeenChain[],
): Promise<readonly (Certificate | SeenChain)[]> {
  const kept = await Promise.all([shelf.listStaged(), shelf.listKnown()]);
  return [
    ...certificatesOf(trust.anchors),
    ...kept.flatMap(({ certificates }) => certificates),
    ...seen,
    ...seen.flatMap(readIssuers),
  ];
}

/** A whole SPKI may be of a key that was never seen here; a beginning of one must name exactly one that was. */
export function findKey(candidates: readonly (Certificate | SeenChain)[], key: string): string {
  const digits = readDigits(key);
  const found = candidates.filter(
    ({ spki, fingerprint }) => spki.startsWith(digits) || fingerprint.startsWith(digits),
  );
  const [spki, ...others] = new Set(found.map((each) => each.spki));
  // A renewed certificate has the key of the one before it: it is the key that is distrusted.
  if (spki !== undefined && others.length === 0 && digits.length >= LEAST_DIGITS) return spki;
  if (found.length === 0 && /^[0-9a-f]{64}$/.test(digits)) return digits;
  return matchPin(key, candidates).spki;
}

const LEAST_DIGITS = 6;

/**
 * The one row of the list that is meant: by a beginning of its key, or of a certificate with that key, or by its serial
 * number, with the issuer where several rows have that number.
 *
 * @throws {RotationError} when there is no such row, or more than one
 */
export function findListed(
  list: readonly Distrusted[],
  certificates: readonly Pick<Certificate, 'spki' | 'fingerprint'>[],
  query: DistrustQuery,
): Meant {
  const found = 'key' in query ? findByKey(list, certificates, query.key) : findBySerial(list, query);
  const rows = new Map(found.map((each) => [nameMeant(each), each]));
  const [only, ...others] = rows.values();
  if (only !== undefined && others.length === 0) return only;
  const typed = 'key' in query ? `key ${printable(query.key, 100)}` : nameMeant(readSerial(query));
  throw new RotationError(
    only === undefined ? `${typed} is not distrusted here` : `${typed} names ${rows.size} rows of the list`,
    {
      meaning: NOTHING_CHANGED,
      next:
        only === undefined
          ? 'see what is, in the list: sallyport trust show; rows of trust.deny are taken out in the configuration'
          : `name one of: ${listed([...rows.keys()])}`,
    },
  );
}

function findByKey(
  list: readonly Distrusted[],
  certificates: readonly Pick<Certificate, 'spki' | 'fingerprint'>[],
  key: string,
): Distrusted[] {
  const digits = readDigits(key);
  if (digits.length < LEAST_DIGITS) return [];
  const shown = certificates.filter(({ fingerprint }) => fingerprint.startsWith(digits));
  return list.filter(
    ({ spki }) => spki !== undefined && (spki.startsWith(digits) || shown.some((each) => each.spki === spki)),
  );
}

/** What is typed without an issuer names the row without one first. */
function findBySerial(list: readonly Distrusted[], query: SerialQuery): Distrusted[] {
  const meant = readSerial(query);
  const exact = list.filter((each) => nameMeant(each) === nameMeant(meant));
  if (exact.length > 0 || meant.issuer !== undefined) return exact;
  return list.filter(({ serial }) => serial === meant.serial);
}

function readDigits(key: string): string {
  return key
    .trim()
    .replace(/^(sha256:|spki:)/i, '')
    .replaceAll(/[:\s]/g, '')
    .toLowerCase();
}

function readIssuers({ chainPem }: SeenChain): Certificate[] {
  return readChain(chainPem)
    .slice(1)
    .map(readOrSkip)
    .filter((each) => each !== undefined);
}

/** As certificates have it: whole bytes, no leading zero byte, lower case. */
export function readSerial({ serial: typed, issuer }: SerialQuery): Meant {
  const digits = typed.trim().replace(/^0x/i, '').replaceAll(/[:\s]/g, '').toLowerCase();
  if (!/^[0-9a-f]{1,42}$/.test(digits)) {
    throw new RotationError('a serial number is hex, as `openssl x509 -serial` prints it', {
      meaning: NOTHING_CHANGED,
      next: 'correct it, then try again',
    });
  }
  const least = digits.replace(/^0+(?=.)/, '');
  const serial = least.length % 2 === 0 ? least : `0${least}`;
  return { serial, ...(issuer === undefined ? {} : { issuer: issuer.trim() }) };
}

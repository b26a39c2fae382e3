/** Which key or serial number a person means by what they typed. */
import type { Certificate } from '../trust/certificate.ts';
import { readCertificate } from '../trust/certificate.ts';
import { UnreadableDer } from '../trust/der.ts';
import type { Distrusted } from '../trust/distrusted.ts';
import type { SeenChain } from '../trust/evidence.ts';
import { parsePemCertificates } from '../trust/pem.ts';
import { matchPin } from './pin-report.ts';
import { certificatesOf, NOTHING_CHANGED, type RotationParts, type TrustNow } from './procedure.ts';
import { RotationError } from './rotation.ts';

export type DistrustQuery = { readonly key: string } | { readonly serial: string; readonly issuer?: string };

export type Meant = Pick<Distrusted, 'spki' | 'serial' | 'issuer'>;

/** As the journal has it. Example: `spki:9f86…`, `serial:0a1b of CN=Coupa CA`. */
export function nameMeant({ spki, serial, issuer }: Meant): string {
  if (spki !== undefined) return `spki:${spki}`;
  return `serial:${serial}${issuer === undefined ? '' : ` of ${issuer}`}`;
}

export function isMeant(certificate: Certificate, { spki, serial, issuer }: Meant): boolean {
  if (spki !== undefined) return certificate.spki === spki;
  return certificate.serial === serial && (issuer === undefined || certificate.issuer.text === issuer);
}

/** A whole SPKI may be of a key that was never seen here; a beginning of one must name exactly one that was. */
export async function findKey(
  { shelf }: RotationParts,
  { trust }: TrustNow,
  seen: readonly SeenChain[],
  key: string,
): Promise<string> {
  const digits = key
    .trim()
    .replace(/^(sha256:|spki:)/i, '')
    .replaceAll(/[:\s]/g, '')
    .toLowerCase();
  const kept = await Promise.all([shelf.listStaged(), shelf.listKnown()]);
  const candidates = [
    ...certificatesOf(trust.anchors),
    ...kept.flatMap(({ certificates }) => certificates),
    ...seen,
    ...seen.flatMap(readIssuers),
  ];
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

function readIssuers({ chainPem }: SeenChain): Certificate[] {
  return parsePemCertificates(Buffer.from(chainPem))
    .blocks.slice(1)
    .flatMap(({ der }) => {
      try {
        return [readCertificate(der)];
      } catch (error) {
        if (error instanceof UnreadableDer) return [];
        throw error;
      }
    });
}

/** As certificates have it: whole bytes, no leading zero byte, lower case. */
export function readSerial({
  serial: typed,
  issuer,
}: {
  readonly serial: string;
  readonly issuer?: string;
}): Meant {
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

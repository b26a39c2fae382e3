/**
 * One certificate as facts, read from its DER by our own strict reader. Whatever cannot be read is an
 * `UnreadableDer`.
 */
import { createHash, X509Certificate } from 'node:crypto';
import {
  expectTag,
  readBitString,
  readChildren,
  readDer,
  readSmallInteger,
  readTime,
  readUnsigned,
  TAG,
  UnreadableDer,
} from './der.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { readDistinguishedName } from './distinguished-name.ts';
import type { Extensions } from './extensions.ts';
import { readExtensions } from './extensions.ts';
import type { PublicKeyFacts } from './public-key.ts';
import { isUsableKey, readPublicKey } from './public-key.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';
import { readSignatureAlgorithm } from './signature-algorithm.ts';

export interface Certificate extends Extensions {
  readonly der: Uint8Array;
  /** SHA-256 of the DER, lower-case hex; likewise `spki` of the SubjectPublicKeyInfo. */
  readonly fingerprint: string;
  readonly spki: string;
  /** Lower-case hex, no leading zeros beyond whole bytes. */
  readonly serial: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: PublicKeyFacts;
  /**
   * For checking signatures only. Its text accessors and `toLegacyObject` are not for us: they lose or hide
   * facts.
   */
  readonly x509: X509Certificate;
}

/** A TLS certificate message is at most 100 KB in OpenSSL; a real certificate is 1 to 4 KB. */
const DER_LIMIT_BYTES = 65_536;

/**
 * @throws {UnreadableDer} when the bytes are not one X.509 version 3 certificate in DER, with nothing after
 * it
 * @see RFC 5280 4.1
 */
export function readCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > DER_LIMIT_BYTES)
    throw new UnreadableDer(`a certificate of ${bytes.length} bytes; 65,536 are read`);
  const der = Uint8Array.from(bytes); // ours: a caller's buffer may be reused
  const [tbs, outerAlgorithm, signature, ...rest] = readChildren(readDer(der, TAG.sequence));
  if (rest.length > 0) throw new UnreadableDer('a certificate with more than three parts');
  const fields = readChildren(expectTag(tbs, TAG.sequence));
  readVersion(fields);
  const serial = readUnsigned(fields.shift());
  if (serial.length > 20) throw new UnreadableDer('a serial number of more than 20 bytes');
  const algorithm = expectTag(fields.shift(), TAG.sequence);
  if (!Buffer.from(algorithm.raw).equals(expectTag(outerAlgorithm, TAG.sequence).raw)) {
    throw new UnreadableDer('the signature algorithm inside differs from the one outside');
  }
  readBitString(signature);
  const issuer = readDistinguishedName(expectTag(fields.shift(), TAG.sequence));
  const [notBefore, notAfter, ...times] = readChildren(expectTag(fields.shift(), TAG.sequence));
  if (times.length > 0) throw new UnreadableDer('a validity with more than two times');
  const subject = readDistinguishedName(expectTag(fields.shift(), TAG.sequence));
  const spki = expectTag(fields.shift(), TAG.sequence);
  return {
    der,
    fingerprint: sha256(der),
    spki: sha256(spki.raw),
    serial: Buffer.from(serial).toString('hex'),
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
    issuer,
    subject,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    key: readPublicKey(spki),
    ...readExtensions(takeExtensions(fields)),
    x509: openX509(der),
  };
}

/** Undefined when it cannot be read: what a client sent along need not be a certificate at all. */
export function readOrSkip(bytes: Uint8Array): Certificate | undefined {
  try {
    return readCertificate(bytes);
  } catch (error) {
    if (error instanceof UnreadableDer) return undefined;
    throw error;
  }
}

/**
 * Whether `subject` names `issuer` as its issuer and its signature proves it. Never by name or key identifier
 * alone.
 */
export function isIssuedBy(subject: Certificate, issuer: Certificate): boolean {
  if (!isNamedBy(subject, issuer) || !isUsableKey(issuer.key)) return false;
  try {
    return subject.x509.verify(issuer.x509.publicKey);
  } catch {
    return false; // a key that does not fit the algorithm, or that the library will not load
  }
}

export function isNamedBy(subject: Certificate, issuer: Certificate): boolean {
  return Buffer.from(subject.issuer.raw).equals(issuer.subject.raw);
}

export function isSelfIssued(certificate: Certificate): boolean {
  return isNamedBy(certificate, certificate);
}

/** Only version 3 has extensions, and without them a certificate cannot say what it is for. */
function readVersion(fields: ReturnType<typeof readChildren>): void {
  const version =
    fields[0]?.tag === 0xa0 ? readSmallInteger(readDer(fields.shift()?.content ?? new Uint8Array())) : 0;
  if (version !== 2)
    throw new UnreadableDer(`an X.509 certificate of version ${version + 1}; version 3 is read`);
}

/**
 * After the key: two unique identifiers of long ago, each at most once, then the extensions, then nothing.
 */
function takeExtensions(fields: ReturnType<typeof readChildren>): ReturnType<typeof readDer> | undefined {
  for (const tag of [0x81, 0x82]) {
    if (fields[0]?.tag === tag) fields.shift();
  }
  const extensions = fields[0]?.tag === 0xa3 ? fields.shift() : undefined;
  if (fields.length > 0) throw new UnreadableDer('a certificate with an unknown part');
  return extensions;
}

/**
 * The second reader must have read the same bytes: the facts and the signature have to speak of one
 * certificate.
 */
function openX509(der: Uint8Array): X509Certificate {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(der);
  } catch (cause) {
    throw new UnreadableDer('OpenSSL cannot read the certificate', { cause });
  }
  if (!x509.raw.equals(der)) throw new UnreadableDer('OpenSSL reads another certificate from the same bytes');
  return x509;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Our own certificate: what we show to every client. A mistake in it is found before the port opens. */
import type { KeyObject } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { codeOf, StartupError } from '../errors.ts';
import type { Certificate } from './certificate.ts';
import { isIssuedBy, readCertificate } from './certificate.ts';
import { UnreadableDer } from './der.ts';
import { EXTENDED_KEY_USAGE } from './extensions.ts';
import { parsePemCertificates, writePem } from './pem.ts';
import { readUpTo } from './read-bounded.ts';

export interface ServerCertificate {
  /** Leaf first. */
  readonly certPem: string;
  readonly keyPem: Buffer;
  /** The earliest end of any certificate in the chain. */
  readonly notAfter: Date;
  /** Host names and addresses of the leaf. */
  readonly names: readonly string[];
  readonly warnings: readonly string[];
}

const FILE_LIMIT_BYTES = 1_048_576;
const ORDER_HINT = 'write the server certificate first, then each issuer after what it issued, and no root';

/**
 * @param chain path of the PEM file
 * @param key the private key itself, PEM; it appears in no error
 * @throws {StartupError} naming file, mistake and remedy
 */
export async function loadServerCertificate({
  chain: path,
  key,
  now,
}: {
  readonly chain: string;
  readonly key: string;
  readonly now: Date;
}): Promise<ServerCertificate> {
  const chain = parseChain(path, await readChain(path));
  const [leaf, ...issuers] = chain;
  if (leaf === undefined) throw refuse(`${path}: no certificate in this file`, ORDER_HINT);
  checkOrder(path, chain);
  checkDates(path, chain, now);
  checkUse(path, leaf);
  const privateKey = openKey(key);
  if (!leaf.x509.checkPrivateKey(privateKey)) {
    throw refuse(
      `${path}: certificate.key is not the key of the first certificate, ${leaf.subject.text}`,
      issuers.some(({ x509 }) => x509.checkPrivateKey(privateKey))
        ? ORDER_HINT
        : 'use the key it was issued for',
    );
  }
  const certPem = chain.map(({ der }) => writePem('CERTIFICATE', der)).join('');
  const keyPem = Buffer.from(key);
  proveUsable(path, certPem, keyPem);
  return {
    certPem,
    keyPem,
    notAfter: new Date(Math.min(...chain.map(({ notAfter }) => notAfter.getTime()))),
    names: [...leaf.subjectAltNames.dns, ...leaf.subjectAltNames.ips],
    warnings: warnAbout(path, leaf, issuers),
  };
}

async function readChain(path: string): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readUpTo(path, FILE_LIMIT_BYTES);
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    throw refuse(
      `${path}: the server certificate cannot be read (${code})`,
      'check certificate.chain',
      cause,
    );
  }
  if (bytes !== undefined) return bytes;
  throw refuse(`${path}: larger than 1 MiB, so it is no server certificate`, 'check certificate.chain');
}

function parseChain(path: string, text: Buffer): Certificate[] {
  const { blocks, problems } = parsePemCertificates(text);
  const [problem] = problems;
  if (problem !== undefined) {
    const isKey = problem.what.includes('PRIVATE KEY');
    throw refuse(
      `${path}:${problem.line}: ${isKey ? 'a private key stands among the certificates' : problem.what}`,
      isKey ? 'keep the key in its own file and name it under certificate.key' : problem.hint,
    );
  }
  return blocks.map(({ der, line }) => {
    try {
      return readCertificate(der);
    } catch (cause) {
      if (!(cause instanceof UnreadableDer)) throw cause;
      throw refuse(
        `${path}:${line}: not a readable certificate: ${cause.message}`,
        'copy the file again',
        cause,
      );
    }
  });
}

function checkOrder(path: string, chain: readonly Certificate[]): void {
  for (const [index, issuer] of chain.slice(1).entries()) {
    const subject = chain[index];
    if (subject !== undefined && !isIssuedBy(subject, issuer)) {
      throw refuse(
        `${path}: certificate ${index + 2}, ${issuer.subject.text}, did not issue the one before it`,
        ORDER_HINT,
      );
    }
  }
}

function checkDates(path: string, chain: readonly Certificate[], now: Date): void {
  for (const { subject, notBefore, notAfter } of chain) {
    if (now > notAfter) {
      throw refuse(
        `${path}: ${subject.text} expired on ${notAfter.toISOString()}`,
        'renew the server certificate',
      );
    }
    if (now < notBefore) {
      throw refuse(
        `${path}: ${subject.text} is valid only from ${notBefore.toISOString()}`,
        "check this machine's clock, or wait until then",
      );
    }
  }
}

/** Coupa checks the host name against the alternative names; no client of today looks at the common name. */
function checkUse(path: string, { subject, subjectAltNames, extendedKeyUsage }: Certificate): void {
  if (subjectAltNames.dns.length + subjectAltNames.ips.length === 0) {
    throw refuse(
      `${path}: ${subject.text} has no subjectAltName, so clients cannot match it to a host name`,
      'have it issued with the host name Coupa is to call as a DNS subjectAltName',
    );
  }
  const { serverAuth, any } = EXTENDED_KEY_USAGE;
  if (extendedKeyUsage?.some((usage) => usage === serverAuth || usage === any) === false) {
    throw refuse(
      `${path}: ${subject.text} is not for servers: it lacks serverAuth`,
      'have a server certificate issued',
    );
  }
}

function openKey(key: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch {
    // Without its cause: what the library says could quote the key.
    const isLocked = key.includes('ENCRYPTED');
    throw refuse(
      isLocked
        ? 'certificate.key is locked with a passphrase'
        : 'certificate.key is not a readable private key in PEM',
      isLocked
        ? 'unlock it: openssl pkey -in KEY -out OPEN-KEY, and keep that file 0600'
        : 'check what it refers to',
    );
  }
}

function proveUsable(path: string, cert: string, key: Buffer): void {
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw refuse(
      `${path}: OpenSSL does not take this certificate with its key`,
      'use an RSA key of 2048 bits or more, or an EC key on P-256',
      cause,
    );
  }
}

function warnAbout(path: string, leaf: Certificate, issuers: readonly Certificate[]): string[] {
  if (issuers.length > 0 || isIssuedBy(leaf, leaf)) return [];
  return [`${path}: no issuer follows the server certificate; Coupa may not be able to verify it`];
}

function refuse(message: string, hint: string, cause?: unknown): StartupError {
  return new StartupError(message, { hint, ...(cause === undefined ? {} : { cause }) });
}

/** A chain as it was presented, for the record: its digest, and its text within bounds. */
import { createHash } from 'node:crypto';
import { type Certificate, readOrSkip } from './certificate.ts';
import { parsePemCertificates, writePem } from './pem.ts';

/** Enough for every chain that could be let in. OpenSSL takes 100 KB of certificates from a client. */
export const CHAIN_TEXT_LIMIT = { certificates: 8, chars: 65_536 };

/** SHA-256 over the certificates, DER after DER, hex. */
export function digestOf(chain: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const der of chain) hash.update(der);
  return hash.digest('hex');
}

/** As PEM, leaf first. What is over the limit is left out, and a line behind the blocks says so: PEM allows text there. */
export function writeChain(chain: readonly Uint8Array[]): string {
  const { certificates, chars } = CHAIN_TEXT_LIMIT;
  let text = '';
  let written = 0;
  for (const der of chain.slice(0, certificates)) {
    if (der.length > chars) break;
    const block = writePem('CERTIFICATE', der);
    if (text.length + block.length > chars) break;
    text += block;
    written += 1;
  }
  const left = chain.length - written;
  return left === 0
    ? text
    : `${text}Left out: the last ${left} of ${chain.length} certificates presented; ${certificates} are kept, ${chars} characters at most.\n`;
}

/** The certificates of a text that we wrote, the client's own first. */
export function readChain(pem: string): Uint8Array[] {
  return parsePemCertificates(Buffer.from(pem)).blocks.map(({ der }) => der);
}

/** The client's own; undefined when there is none, or it cannot be read. */
export function readLeaf(pem: string): Certificate | undefined {
  const [leaf] = readChain(pem);
  return leaf && readOrSkip(leaf);
}

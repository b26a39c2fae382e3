/** A file of the bundle as bytes: one certificate put in or taken out, and every other byte as it was. */
import { createHash } from 'node:crypto';
import type { Certificate } from '../trust/certificate.ts';
import { parsePemCertificates, writePem } from '../trust/pem.ts';
import { dayOf } from './words.ts';

/** What of a certificate is written into a file. */
export type Written = Pick<
  Certificate,
  'der' | 'fingerprint' | 'spki' | 'subject' | 'notBefore' | 'notAfter'
>;

const END = '-----END CERTIFICATE-----';
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** Its PEM below a line for whoever opens the file. */
export function writeCertificate(certificate: Written): string {
  return `${commentOn(certificate)}\n${writePem('CERTIFICATE', certificate.der)}`;
}

/** At the end, with the line ends of the rest. */
export function appendCertificates(text: Buffer, certificates: readonly Written[]): Buffer {
  if (certificates.length === 0) return text;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const isOpen = text.length > 0 && !text.subarray(-1).equals(Buffer.from('\n'));
  const added = `${isOpen ? '\n' : ''}${certificates.map(writeCertificate).join('')}`;
  return Buffer.concat([text, Buffer.from(added.replaceAll('\n', lineEnd))]);
}

/**
 * Without the certificates of these fingerprints, and without the line above one if we wrote it. The text must be
 * sound, as `parsePemCertificates` has it.
 */
export function cutCertificates(
  text: Buffer,
  certificates: readonly Written[],
): { readonly text: Buffer; readonly left: number } {
  const unwanted = new Map(certificates.map((each) => [each.fingerprint, each]));
  const mark = text.subarray(0, text.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? 3 : 0);
  const lines = splitLines(text.subarray(mark.length));
  const { blocks } = parsePemCertificates(text);
  const kept = new Set(lines.keys());
  let left = blocks.length;
  for (const { der, line } of blocks) {
    const certificate = unwanted.get(createHash('sha256').update(der).digest('hex'));
    if (certificate === undefined) continue;
    left -= 1;
    const begin = line - 1;
    for (let at = begin; ; at += 1) {
      kept.delete(at);
      // The parser read this block whole, so its END line is there.
      if (at >= lines.length || contentOf(lines[at]) === END) break;
    }
    if (contentOf(lines[begin - 1]) === commentOn(certificate)) kept.delete(begin - 1);
  }
  return { text: Buffer.concat([mark, ...lines.filter((_, at) => kept.has(at))]), left };
}

/** A name may hold what would break the file it stands in: five dashes are half a BEGIN line. */
function commentOn({ subject, notBefore, notAfter, fingerprint }: Written): string {
  const [from, to] = [notBefore, notAfter].map(dayOf);
  return `# ${subject.text.replaceAll(/-{2,}/g, '-')}, valid ${from} to ${to}, SHA-256 ${fingerprint}`;
}

/** Each with its line end, as the parser counts them: CR, LF or both. */
function splitLines(text: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== 0x0a && (text[at] !== 0x0d || text[at + 1] === 0x0a)) continue;
    lines.push(text.subarray(start, at + 1));
    start = at + 1;
  }
  if (start < text.length) lines.push(text.subarray(start));
  return lines;
}

function contentOf(line: Buffer | undefined): string | undefined {
  return line?.toString('utf8').trimEnd();
}

/**
 * A file that somebody was sent, as certificates. What it is, is told by its content and never by its name. It may
 * come from anybody, and a receiver may wait for it: whatever is in it costs bounded time.
 */
import { type Certificate, readCertificate } from '../trust/certificate.ts';
import { UnreadableDer } from '../trust/der.ts';
import { parsePemCertificates } from '../trust/pem.ts';
import { type Asn1, parseAsn1, tagOf } from './container-asn1.ts';
import { explainBinary, explainDer, explainLabel, explainText } from './foreign-file.ts';
import { readPkcs7 } from './read-pkcs7.ts';
import { readPkcs12 } from './read-pkcs12.ts';
import type { RotationError } from './rotation.ts';
import { ASK_FOR_PEM, FETCH_AGAIN, refuseTooMany, UnfitFile } from './unfit-file.ts';

export type CandidateFormat = 'PEM' | 'DER' | 'PKCS #7' | 'PKCS #12';

export interface CandidateFile {
  /** Never empty. `line` is where it begins in a PEM file. */
  readonly certificates: readonly { readonly certificate: Certificate; readonly line?: number }[];
  readonly format: CandidateFormat;
  /** What was passed over, and what speaks against the file. */
  readonly warnings: readonly string[];
}

/** As taken out of the file, before each is read. */
interface Found {
  readonly format: CandidateFormat;
  readonly certificates: readonly { readonly der: Uint8Array; readonly line?: number }[];
  readonly warnings: readonly string[];
}

const FILE_LIMIT_BYTES = 1_048_576;

/**
 * @param file its name, for the messages
 * @param passphrase of a PKCS #12 file
 * @throws {RotationError} when it holds no certificate that can be read, or a private key
 */
export function openCandidate({
  file,
  bytes,
  passphrase,
}: {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly passphrase?: string;
}): CandidateFile {
  try {
    const found = findCertificates(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), passphrase);
    refuseTooMany(found.certificates.length);
    return readAll(found);
  } catch (error) {
    throw explain(error, file);
  }
}

function findCertificates(bytes: Buffer, passphrase: string | undefined): Found {
  if (bytes.length === 0) throw new UnfitFile('the file is empty', FETCH_AGAIN);
  if (bytes.length > FILE_LIMIT_BYTES) {
    throw new UnfitFile('larger than 1 MiB, so it is no file of certificates', ASK_FOR_PEM);
  }
  // Text can begin with a zero, but not with the length of a SEQUENCE that is the whole file.
  const [first, second = 0] = bytes;
  if (first === 0x30 && (second >= 0x80 || second + 2 === bytes.length)) return readBinary(bytes, passphrase);
  const foreign = explainBinary(bytes);
  if (foreign !== undefined) throw foreign;
  return readText(decodeText(bytes));
}

/** As Windows saves it: UTF-16 of either order, with its mark or without, or UTF-8 with one. */
function decodeText(bytes: Buffer): string {
  const [first, second] = bytes;
  const even = bytes.subarray(0, bytes.length & ~1);
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return even.toString('utf16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) {
    return Buffer.from(even).swap16().toString('utf16le');
  }
  return bytes.toString('utf8');
}

const BEGIN = /-----BEGIN ([A-Z0-9 #]{1,40})-----/g;
/** Blocks that hold certificates by another label. Some portals label a PKCS #7 file as a certificate, too. */
const OTHER_LABELS = /-----(BEGIN|END) (?:PKCS7|PKCS #7 SIGNED DATA|CMS|X509 CERTIFICATE)-----/g;

function readText(text: string): Found {
  const labels = [...text.matchAll(BEGIN)].map(({ 1: label = '', index }) => ({ label, index }));
  const refuse = (one: { readonly label: string; readonly index: number } | undefined): void => {
    if (one !== undefined) throw explainLabel(one.label, lineAt(text, one.index));
  };
  // A private key outweighs whatever else is wrong.
  refuse(labels.find(({ label }) => label.includes('PRIVATE KEY')));
  const foreign = explainText(text);
  if (foreign !== undefined) throw foreign;
  refuse(labels.find(({ label }) => explainLabel(label, 0) !== undefined));
  const { blocks, problems } = parsePemCertificates(
    Buffer.from(text.replaceAll(OTHER_LABELS, '-----$1 CERTIFICATE-----')),
  );
  const [problem] = problems;
  if (problem !== undefined) throw new UnfitFile(problem.what, problem.hint, problem.line);
  if (blocks.length === 0) throw new UnfitFile('no certificate in this file', FETCH_AGAIN);
  refuseTooMany(blocks.length);
  const parts = blocks.map(({ der, line }) => {
    const { format, certificates, warnings } = readBlock(der, line);
    return { format, warnings, certificates: certificates.map((each) => ({ ...each, line })) };
  });
  return {
    format: parts.find(({ format }) => format !== 'DER')?.format ?? 'PEM',
    certificates: parts.flatMap(({ certificates }) => certificates),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

function readBinary(bytes: Uint8Array, passphrase: string | undefined): Found {
  const value = parseAsn1(bytes);
  if (recognise(value) !== 'PKCS #12') return readDerOrPkcs7(value, bytes);
  return { format: 'PKCS #12', ...withoutLines(readPkcs12(value, passphrase)) };
}

/** PKCS #12 is never PEM; and a hundred of them in one file would cost a hundred times its second. */
function readBlock(der: Uint8Array, line: number): Found {
  let value: Asn1;
  try {
    value = parseAsn1(der);
  } catch {
    return { format: 'DER', certificates: [{ der }], warnings: [] }; // our own reader says what is wrong with it
  }
  return readDerOrPkcs7(value, der, line);
}

function readDerOrPkcs7(value: Asn1, bytes: Uint8Array, line?: number): Found {
  const format = recognise(value);
  if (format === 'PKCS #7') return { format, ...withoutLines(readPkcs7(value, bytes)) };
  if (format === 'DER') return { format, certificates: [{ der: bytes }], warnings: [] };
  const { message, next } = explainDer(value);
  throw new UnfitFile(message, next, line);
}

/** By the outermost parts alone: which grammar to read it by. */
function recognise(value: Asn1): Exclude<CandidateFormat, 'PEM'> | undefined {
  const parts = partsOf(value).map(tagOf).join();
  if (parts === '6,160') return 'PKCS #7';
  // A certificate, a request and a revocation list look the same from outside: an encoded part, algorithm, signature.
  if (parts === '48,48,3') return isCertificate(partsOf(value)[0]) ? 'DER' : undefined;
  return /^2,48(,48)?$/.test(parts) ? 'PKCS #12' : undefined;
}

/** What is signed holds a period of two times as its fourth part, or its fifth after a version. */
function isCertificate(signed: Asn1 | undefined): boolean {
  const parts = partsOf(signed);
  const validity = partsOf(parts[parts[0] !== undefined && tagOf(parts[0]) === 0xa0 ? 4 : 3]).map(tagOf);
  return validity.length === 2 && validity.every((tag) => tag === 0x17 || tag === 0x18);
}

function readAll({ format, certificates, warnings }: Found): CandidateFile {
  const unreadable: UnfitFile[] = [];
  const read = certificates.flatMap(({ der, line }, index) => {
    try {
      const certificate = readCertificate(der);
      return [line === undefined ? { certificate } : { certificate, line }];
    } catch (error) {
      if (!(error instanceof UnreadableDer)) throw error;
      const which = certificates.length === 1 ? 'the certificate' : `certificate ${index + 1}`;
      unreadable.push(new UnfitFile(`${which} cannot be read: ${error.message}`, FETCH_AGAIN, line));
      return [];
    }
  });
  if (read.length === 0) throw unreadable[0] ?? new UnfitFile('no certificate in this file', ASK_FOR_PEM);
  return { format, certificates: read, warnings: [...warnings, ...unreadable.map(({ message }) => message)] };
}

function explain(error: unknown, file: string): unknown {
  if (error instanceof UnfitFile) return error.of(file);
  if (!(error instanceof UnreadableDer)) return error;
  return new UnfitFile(`damaged or cut off: ${error.message}`, FETCH_AGAIN).of(file) satisfies RotationError;
}

function withoutLines({
  certificates,
  warnings,
}: ReturnType<typeof readPkcs7>): Pick<Found, 'certificates' | 'warnings'> {
  return { certificates: certificates.map((der) => ({ der })), warnings };
}

function partsOf(value: Asn1 | undefined): readonly Asn1[] {
  return value === undefined || typeof value.value === 'string' ? [] : value.value;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split(/\r\n|\r|\n/).length;
}

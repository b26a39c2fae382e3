/**
 * The pinned bundle: which certificates may vouch for a client. Read strictly and all or nothing, because
 * OpenSSL takes a broken bundle without a word and then refuses everybody, or trusts the half it could read.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf, StartupError } from '../errors.ts';
import type { Certificate } from './certificate.ts';
import { isIssuedBy, readCertificate } from './certificate.ts';
import { minuteOf, unknownCritical } from './check-certificate.ts';
import { checkPin } from './check-pin.ts';
import { UnreadableDer } from './der.ts';
import type { FileProblem } from './pem.ts';
import { parsePemCertificates } from './pem.ts';
import { readUpTo } from './read-bounded.ts';

/** A certificate that is trusted because it is pinned, and where it was read. */
export interface Anchor {
  readonly certificate: Certificate;
  readonly file: string;
  readonly line: number;
}

export interface Bundle {
  readonly anchors: readonly Anchor[];
  /** What an operator should know about a bundle that is sound. */
  readonly warnings: readonly string[];
  /** SHA-256 over the set of anchors, whatever their order; lower-case hex. */
  readonly fingerprint: string;
}

export interface BundleFile {
  readonly name: string;
  readonly text: Buffer;
}

type FoundProblem = FileProblem & { readonly file: string };

export const MOST_CERTIFICATES = 100;
const FILE_LIMIT_BYTES = 1_048_576;
const NOT_READ = /\.(cer|der|p7b|p7c|p12|pfx|key)$/i;

/**
 * Reads a file, or every `*.pem` and `*.crt` of a folder in order of name. Sub-folders and hidden files are
 * passed over.
 *
 * @throws {StartupError} naming every mistake as `file:line`
 */
export async function loadBundle(path: string, now: Date, inForce?: readonly Anchor[]): Promise<Bundle> {
  const { files, warnings } = await readBundleFiles(path);
  if (files.length === 0) throw emptyBundle(path);
  const bundle = parseBundle(files, now, inForce);
  return { ...bundle, warnings: [...bundle.warnings, ...warnings] };
}

/**
 * The files that make up a bundle, as they are now.
 *
 * @throws {StartupError} when one cannot be read, or is too large
 */
export async function readBundleFiles(path: string): Promise<BundleFiles> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await readListed(path);
    } catch (error) {
      // Somebody took a file away between the list and the look: what is there is listed anew.
      if (turn === MOST_LISTINGS || !isGone(error)) throw error;
    }
  }
}

export interface BundleFiles {
  readonly files: readonly BundleFile[];
  readonly warnings: readonly string[];
}

const MOST_LISTINGS = 5;

async function readListed(path: string): Promise<BundleFiles> {
  const { names, warnings } = await listFiles(path);
  const files: BundleFile[] = [];
  for (const name of names) files.push({ name, text: await readBounded(name) });
  return { files, warnings };
}

function isGone(error: unknown): boolean {
  return error instanceof StartupError && codeOf(error.cause) === 'ENOENT';
}

/**
 * A pin that has expired vouches for nobody, so that beside another it harms nobody. To refuse the whole for it would keep
 * out its own successor, a distrust, and our own next certificate, on the day it ends and without a change to any file.
 *
 * @param now the time by which certificates have expired; a set of which all have is refused, unless it was so before
 * @param inForce what may stay although it has expired, for anything else is a mistake that somebody makes just now. Left
 *   out at a start, when nothing is in force that could go on: then any may
 * @throws {StartupError} naming every mistake as `file:line`
 */
export function parseBundle(files: readonly BundleFile[], now: Date, inForce?: readonly Anchor[]): Bundle {
  const anchors = new Map<string, Anchor>();
  const warnings: string[] = [];
  const problems: FoundProblem[] = [];
  const ended: FoundProblem[] = [];
  let count = 0;
  for (const { name: file, text } of files) {
    const pem = parsePemCertificates(text);
    const found = [...pem.problems];
    count += pem.blocks.length;
    if (pem.blocks.length === 0 && found.length === 0) {
      found.push({
        line: 1,
        what: 'no certificate in this file',
        hint: 'take the file out, or fetch it again',
      });
    }
    for (const { der, line } of count > MOST_CERTIFICATES ? [] : pem.blocks) {
      const certificate = readOrReport(der, line, found);
      if (certificate === undefined) continue;
      const mayEnd =
        inForce?.some((each) => each.certificate.fingerprint === certificate.fingerprint) ?? true;
      const faults = checkPin(certificate, basename(file), now);
      const unfit = faults.find(({ fault }) => fault !== 'expired' || !mayEnd);
      if (unfit !== undefined) {
        found.push({ line, what: unfit.what, hint: unfit.hint });
        continue;
      }
      for (const { what, hint } of faults) ended.push({ file, line, what, hint });
      const first = anchors.get(certificate.fingerprint);
      if (first !== undefined)
        warnings.push(`${file}:${line}: the same certificate as ${first.file}:${first.line}`);
      else anchors.set(certificate.fingerprint, { certificate, file, line });
    }
    problems.push(
      ...found.sort((one, other) => one.line - other.line).map((problem) => ({ file, ...problem })),
    );
  }
  if (count > MOST_CERTIFICATES) {
    throw new StartupError(
      `the trust bundle holds ${count} certificates; at most ${MOST_CERTIFICATES} can be pinned`,
      {
        hint: "pin Coupa's intermediate.pem, not a list of public roots",
      },
    );
  }
  const haveEnded = (set: readonly Anchor[]): boolean =>
    set.length > 0 && set.every(({ certificate }) => now > certificate.notAfter);
  // Where it is so already, what else is asked for must not wait for it.
  if (haveEnded([...anchors.values()]) && !haveEnded(inForce ?? [])) problems.push(...ended);
  const [first] = problems;
  if (first !== undefined) {
    const lines = problems.map(({ file, line, what }) => `${file}:${line}: ${what}`);
    throw new StartupError(lines.join('\n'), { hint: first.hint });
  }
  if (anchors.size === 0) throw emptyBundle(files.map(({ name }) => name).join(', ') || 'the trust bundle');
  const pinned = [...anchors.values()];
  return {
    anchors: pinned,
    warnings: [...warnings, ...ended.map(warnOfEnd), ...pinned.flatMap((anchor) => warnAbout(anchor, now))],
    fingerprint: fingerprintOf(pinned),
  };
}

/** SHA-256 over the fingerprints, whatever order they stand in. */
export function fingerprintOf(anchors: readonly Anchor[]): string {
  const prints = anchors.map(({ certificate }) => certificate.fingerprint).sort();
  return createHash('sha256').update(prints.join('\n')).digest('hex');
}

function readOrReport(der: Uint8Array, line: number, found: FileProblem[]): Certificate | undefined {
  try {
    return readCertificate(der);
  } catch (error) {
    if (!(error instanceof UnreadableDer)) throw error;
    found.push({
      line,
      what: `not a readable certificate: ${error.message}`,
      hint: 'copy the whole file again from where it was published, without editing it',
    });
    return undefined;
  }
}

function warnOfEnd({ file, line, what }: FoundProblem): string {
  return `${file}:${line}: ${what}: it lets nobody in any more and can be taken out`;
}

function warnAbout({ certificate, file, line }: Anchor, now: Date): string[] {
  const at = `${file}:${line}: ${certificate.subject.text}`;
  const warnings: string[] = [];
  if (isIssuedBy(certificate, certificate)) {
    warnings.push(`${at} is a self-signed root: it trusts every intermediate below it, not Coupa's alone`);
  }
  if (now < certificate.notBefore)
    warnings.push(`${at} is valid only from ${minuteOf(certificate.notBefore)}`);
  if (certificate.hasNameConstraints)
    warnings.push(`${at} carries name constraints; OpenSSL alone evaluates them`);
  const unknown = unknownCritical(certificate);
  if (unknown.length > 0)
    warnings.push(`${at} has critical extensions nobody evaluates: ${unknown.join(', ')}`);
  return warnings;
}

async function listFiles(path: string): Promise<{ names: string[]; warnings: string[] }> {
  try {
    if (!(await stat(path)).isDirectory()) return { names: [path], warnings: [] };
    const entries = (await readdir(path)).filter((entry) => !entry.startsWith('.')).sort();
    const names: string[] = [];
    for (const entry of entries) {
      const full = join(path, entry);
      // Not the entry's own type: a mounted secret is a folder of symbolic links.
      if (/\.(pem|crt)$/i.test(entry) && !(await stat(full)).isDirectory()) names.push(full);
    }
    const warnings = entries
      .filter((entry) => NOT_READ.test(entry))
      .map((entry) => `${join(path, entry)}: not read; only *.pem and *.crt are`);
    return { names, warnings };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readBounded(path: string): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readUpTo(path, FILE_LIMIT_BYTES);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (bytes !== undefined) return bytes;
  throw new StartupError(`${path}: larger than 1 MiB, so it is no bundle of certificates`, {
    hint: "point trust.bundle at the folder or file with Coupa's intermediate.pem",
  });
}

function unreadable(path: string, cause: unknown): StartupError {
  const code = codeOf(cause) ?? 'unknown error';
  return new StartupError(`${path}: the trust bundle cannot be read (${code})`, {
    hint: 'check the path under trust.bundle and that this user may read it',
    cause,
  });
}

function emptyBundle(where: string): StartupError {
  return new StartupError(`${where}: no certificate to pin, so no client could be let in`, {
    hint: "put Coupa's intermediate.pem into the bundle folder",
  });
}

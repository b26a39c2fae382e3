/** What an edit of the bundle does to each file, worked out and read back before anything is written. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { type Anchor, type BundleFile, parseBundle } from '../trust/bundle.ts';
import type { Asked } from './bundle-refusals.ts';
import { appendCertificates, cutCertificates, writeCertificate } from './bundle-text.ts';
import { pinOf } from './words.ts';

export interface Change {
  readonly path: string;
  /** Undefined when there is no such file yet. */
  readonly before: Buffer | undefined;
  /** Undefined when it goes. */
  readonly after: Buffer | undefined;
}

/** No certificate has expired by then: a date is no reason to leave a removal undone, and a reload judges it anyway. */
const WHENEVER = new Date(0);

/** @throws {StartupError} as `parseBundle`; a folder without a file holds no anchors yet */
export function parseAnchors(files: readonly BundleFile[]): readonly Anchor[] {
  return files.length === 0 ? [] : parseBundle(files, WHENEVER).anchors;
}

/** In the order in which they have to happen: what is added first, what is taken out last. */
export async function planChanges(
  files: readonly BundleFile[],
  asked: Asked,
  { isFolder }: { readonly isFolder: boolean },
): Promise<readonly Change[]> {
  const unwanted = asked.remove.map(({ certificate }) => certificate);
  const cut = files.map(({ name, text }) => ({
    path: name,
    before: text,
    ...cutCertificates(text, unwanted),
  }));
  if (!isFolder) {
    return cut.map(({ path, before, text }) => ({
      path,
      before,
      after: appendCertificates(text, asked.add),
    }));
  }
  const changed = cut.filter(({ before, text }) => !text.equals(before));
  return [
    ...(await newFiles(asked)),
    // A file without a certificate would make the whole bundle unreadable.
    ...changed.map(({ path, before, text, left }) => ({
      path,
      before,
      after: left === 0 ? undefined : text,
    })),
  ];
}

async function newFiles({ path, add }: Asked): Promise<Change[]> {
  const changes: Change[] = [];
  for (const certificate of add) {
    const { fingerprint } = certificate;
    const pin = pinOf(certificate);
    // A renewed certificate has the key, and so the pin, of the one before it.
    for (const name of [pin, `${pin}-${fingerprint.slice(0, 12)}`, fingerprint]) {
      const file = join(path, `sallyport-${name}.pem`);
      if (changes.some((each) => each.path === file) || (await lookAt(file)) !== undefined) continue;
      changes.push({ path: file, before: undefined, after: Buffer.from(writeCertificate(certificate)) });
      break;
    }
  }
  return changes;
}

/**
 * Reads what will stand in the files as a reload will read it.
 *
 * @param expected fingerprints of all anchors
 * @throws {StartupError} when a reload would not take it
 */
export function proveResult(
  files: readonly BundleFile[],
  changes: readonly Change[],
  expected: readonly string[],
): void {
  const untouched = files.filter(({ name }) => changes.every(({ path }) => path !== name));
  const written = changes.flatMap(({ path, after }) =>
    after === undefined ? [] : [{ name: path, text: after }],
  );
  const found = parseAnchors([...untouched, ...written]).map(({ certificate }) => certificate.fingerprint);
  if (found.sort().join() !== [...expected].sort().join()) {
    throw new Error('the files of the bundle would not hold what they should');
  }
}

/** The entry itself, not what a link leads to; undefined when there is none. */
export async function lookAt(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The state folder: certificates that are staged, every certificate that ever was (what a rollback needs), and who is
 * distrusted. Never: the journal, the operator's bundle.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, StartupError } from '../errors.ts';
import { type Certificate, readCertificate } from '../trust/certificate.ts';
import { UnreadableDer } from '../trust/der.ts';
import { type Distrusted, distrustedPath, loadDistrusted } from '../trust/distrusted.ts';
import { parsePemCertificates } from '../trust/pem.ts';
import { readUpTo } from '../trust/read-bounded.ts';
import { type Written, writeCertificate } from './bundle-text.ts';
import { RotationError } from './rotation.ts';
import { makePrivateFolder, prepareFile, removeFile, replaceFile, warnOfWritable } from './whole-files.ts';

export interface ShelfListing {
  /** In order of fingerprint. */
  readonly certificates: readonly Certificate[];
  /** Files that do not hold what their name says: left out, and told by name, so that one never hides the others. */
  readonly problems: readonly string[];
}

export interface Shelf {
  listStaged(): Promise<ShelfListing>;
  /** Durable when it resolves, and known from then on. */
  stage(certificate: Written): Promise<void>;
  unstage(fingerprint: string): Promise<void>;
  /** Everything that was ever staged or in force. */
  listKnown(): Promise<ShelfListing>;
  /** Makes certificates known. What is already is left alone. */
  keep(certificates: readonly Written[]): Promise<void>;
  /** @throws {RotationError} when the file of that name holds something else */
  findKnown(fingerprint: string): Promise<Certificate | undefined>;
  /**
   * Replaces the list, once it was read back as the gate will read it.
   *
   * @throws {RotationError} when the gate would not take it
   */
  writeDistrusted(entries: readonly Distrusted[]): Promise<void>;
  /** What everybody on the machine may change. */
  warnings(): Promise<string[]>;
}

const PRIVATE = { mode: 0o600 };
const FILE_LIMIT_BYTES = 1_048_576;
const FINGERPRINT = /^[0-9a-f]{64}$/;
/** The gate takes texts up to 1,000 characters; an emergency must not fail because a reason is long. */
const LONGEST_TEXT = 500;

/** Makes nothing: folders come into being with their first file. */
export function openShelf(state: string): Shelf {
  const staged = join(state, 'staged');
  const known = join(state, 'certificates');
  const keep = async (certificates: readonly Written[]): Promise<void> => {
    const there = new Set((await list(known)).certificates.map(({ fingerprint }) => fingerprint));
    for (const each of certificates) {
      if (!there.has(each.fingerprint)) await write(known, each);
    }
  };
  return {
    keep,
    listStaged: () => list(staged),
    listKnown: () => list(known),
    async stage(certificate) {
      await keep([certificate]);
      await write(staged, certificate);
    },
    async unstage(fingerprint) {
      if ((await namesIn(staged)).includes(nameOf(fingerprint))) {
        await removeFile(join(staged, nameOf(fingerprint)));
      }
    },
    async findKnown(fingerprint) {
      const name = nameOf(fingerprint);
      if (!(await namesIn(known)).includes(name)) return undefined;
      const found = await load(join(known, name), fingerprint);
      if (typeof found !== 'string') return found;
      throw new RotationError(found, {
        meaning: 'nothing was changed; what cannot be vouched for is not brought back',
        next: `put the certificate back from a backup, or stage it again: sallyport trust stage FILE`,
      });
    },
    async writeDistrusted(entries) {
      await makePrivateFolder(state);
      const file = await prepareFile(distrustedPath(state), listText(entries), PRIVATE);
      try {
        await loadDistrusted(file.temporary);
        await file.commit();
      } catch (error) {
        if (!(error instanceof StartupError)) throw error;
        throw new RotationError(
          `the list of distrusted keys would not be read: ${error.message.replaceAll(`${file.temporary}: `, '')}`,
          {
            meaning: 'nothing was changed; the same clients are refused as before',
            next: 'correct what was asked for, then try again',
          },
        );
      } finally {
        await file.discard();
      }
    },
    warnings: () => warnOfWritable([state, staged, known, distrustedPath(state)]),
  };
}

async function list(folder: string): Promise<ShelfListing> {
  const certificates: Certificate[] = [];
  const problems: string[] = [];
  for (const name of await namesIn(folder)) {
    const found = await load(join(folder, name), name.slice(0, -'.pem'.length));
    if (typeof found === 'string') problems.push(found);
    else certificates.push(found);
  }
  return { certificates, problems };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^[^.].*\.pem$/.test(name)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** @returns the certificate, or why the file is refused */
async function load(file: string, fingerprint: string): Promise<Certificate | string> {
  if (!FINGERPRINT.test(fingerprint)) {
    return `${file}: refused: files here are named by the fingerprint of their certificate`;
  }
  let text: Buffer | undefined;
  try {
    text = await readUpTo(file, FILE_LIMIT_BYTES);
  } catch (error) {
    return `${file}: refused: it cannot be read (${codeOf(error)})`;
  }
  if (text === undefined) return `${file}: refused: it is larger than any certificate`;
  const { blocks, problems } = parsePemCertificates(text);
  const [block, ...others] = blocks;
  if (block === undefined || others.length > 0 || problems.length > 0) {
    return `${file}: refused: it must hold one certificate and nothing broken`;
  }
  try {
    const certificate = readCertificate(block.der);
    if (certificate.fingerprint === fingerprint) return certificate;
    return `${file}: refused: the certificate in it is another one, ${certificate.fingerprint}`;
  } catch (error) {
    if (!(error instanceof UnreadableDer)) throw error;
    return `${file}: refused: ${error.message}`;
  }
}

async function write(folder: string, certificate: Written): Promise<void> {
  await makePrivateFolder(folder);
  await replaceFile(join(folder, nameOf(certificate.fingerprint)), writeCertificate(certificate), PRIVATE);
}

/** Never a path of somebody else's making. */
function nameOf(fingerprint: string): string {
  if (!FINGERPRINT.test(fingerprint)) throw new Error('not the fingerprint of a certificate');
  return `${fingerprint}.pem`;
}

function listText(entries: readonly Distrusted[]): string {
  const cut = (text: string): string => text.trim().slice(0, LONGEST_TEXT).toWellFormed();
  const texts = entries.map(({ spki, serial, issuer, since, by, reason }) => ({
    ...(spki === undefined ? {} : { spki }),
    ...(serial === undefined ? {} : { serial }),
    ...(issuer === undefined ? {} : { issuer }),
    since,
    by: cut(by) || 'unknown',
    reason: reason === null ? null : cut(reason) || null,
  }));
  return `${JSON.stringify({ version: 1, entries: texts }, undefined, 2)}\n`;
}

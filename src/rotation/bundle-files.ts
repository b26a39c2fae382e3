/**
 * Changes the operator's own files of the bundle. Everything is prepared and read back before the first name changes;
 * what is added appears before anything goes, so that a crash between two files leaves too many anchors, never none.
 * What something else puts in place (a mounted secret, a link, a read-only disk) is not touched: the error says what
 * to do by hand.
 */
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readBundleFiles } from '../trust/bundle.ts';
import { type Asked, explainByHand, explainFailure, explainHalf } from './bundle-refusals.ts';
import type { Written } from './bundle-text.ts';
import { type Change, lookAt, parseAnchors, planChanges, proveResult } from './plan-bundle.ts';
import { orRefuse } from './procedure.ts';
import { RotationError } from './rotation.ts';
import { type PreparedFile, prepareFile, removeFile } from './whole-files.ts';
import { NOTHING_CHANGED } from './words.ts';

export interface BundleEdited {
  /** Fingerprints that were not there before, and those that were. What was as asked already is left out. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Written, made or removed. */
  readonly files: readonly string[];
}

/** Others read it, among them whoever checks what is trusted; certificates are no secret. */
const MODE = 0o644;

/**
 * Puts in and takes out, for a rollback both at once.
 *
 * @param path of the bundle, a folder or a file
 * @param edit certificates, and fingerprints of those that go; the last anchor never does
 * @throws {RotationError} when nothing was changed, or when the system failed between two files: then it says so, and
 * all that is to be trusted is
 */
export async function editBundle(
  path: string,
  edit: { readonly add: readonly Written[]; readonly remove: readonly string[] },
): Promise<BundleEdited> {
  // A bundle that a reload would not take is not made, and one that is broken is not changed.
  const { files } = await orRefuse(() => readBundleFiles(path));
  const anchors = await orRefuse(() => parseAnchors(files));
  const there = new Set(anchors.map(({ certificate }) => certificate.fingerprint));
  const gone = new Set(edit.remove);
  const add = edit.add.filter(({ fingerprint }) => !there.has(fingerprint) && !gone.has(fingerprint));
  const remove = anchors.filter(({ certificate }) => gone.has(certificate.fingerprint));
  const added = add.map(({ fingerprint }) => fingerprint);
  const removed = remove.map(({ certificate }) => certificate.fingerprint);
  if (add.length === 0 && remove.length === 0) return { added, removed, files: [] };
  const expected = [...there, ...added].filter((each) => !gone.has(each));
  if (expected.length === 0) throw lastAnchor(path);

  const asked: Asked = { path, add, remove };
  const isFolder = await proveOurs(asked);
  const changes = await planChanges(files, asked, { isFolder });
  await orRefuse(() => proveResult(files, changes, expected));
  await apply(changes, asked);
  return { added, removed, files: changes.map(({ path: file }) => file) };
}

/** @returns whether it is a folder */
async function proveOurs(asked: Asked): Promise<boolean> {
  const { path } = asked;
  const found = await lookAt(path);
  if (found?.isSymbolicLink() === true) throw explainByHand(`${path} is a symbolic link`, asked);
  const isFolder = found?.isDirectory() === true;
  // How Kubernetes mounts secrets and config maps: it replaces what is behind that link, and all files with it.
  if (isFolder && (await lookAt(join(path, '..data'))) !== undefined) {
    throw explainByHand(`${path} is a mounted secret or config map`, asked);
  }
  const folder = isFolder ? path : dirname(path);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explainFailure(error, folder, asked);
  }
  return isFolder;
}

async function apply(changes: readonly Change[], asked: Asked): Promise<void> {
  const prepared = new Map<Change, PreparedFile>();
  try {
    for (const change of changes) {
      const file = await prepare(change, asked);
      if (file !== undefined) prepared.set(change, file);
    }
    for (const change of changes) await proveUntouched(change);
    for (const [done, change] of changes.entries()) {
      try {
        await (prepared.get(change)?.commit() ?? removeFile(change.path));
      } catch (error) {
        if (done === 0) throw explainFailure(error, change.path, asked);
        throw explainHalf(error, change.path, { done, all: changes.length });
      }
    }
  } finally {
    for (const file of prepared.values()) await file.discard().catch(() => {});
  }
}

/** With the owner and the mode of the file that it replaces. */
async function prepare({ path, after }: Change, asked: Asked): Promise<PreparedFile | undefined> {
  const old = await lookAt(path);
  if (old?.isSymbolicLink() === true) throw explainByHand(`${path} is a symbolic link`, asked);
  if (after === undefined) return undefined;
  try {
    const { uid, gid } = old ?? (await stat(dirname(path)));
    return await prepareFile(path, after, { uid, gid, mode: old?.mode ?? MODE });
  } catch (error) {
    throw explainFailure(error, path, asked);
  }
}

/** Somebody else may be at work in the same folder. */
async function proveUntouched({ path, before }: Change): Promise<void> {
  const now = (await lookAt(path)) === undefined ? undefined : await readFile(path);
  if (now === undefined ? before === undefined : before?.equals(now) === true) return;
  throw new RotationError(`${path} was changed by somebody else meanwhile`, {
    meaning: NOTHING_CHANGED,
    next: 'see what it holds now, then try again',
  });
}

function lastAnchor(path: string): RotationError {
  return new RotationError(`this would leave no certificate in ${path}`, {
    meaning: `${NOTHING_CHANGED}; with none, no client could be let in and no order would come`,
    next: 'put its successor in first: sallyport trust stage FILE, then sallyport trust promote',
  });
}

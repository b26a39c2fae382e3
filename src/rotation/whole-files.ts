/**
 * Files that are there whole or not at all, also after a power cut: written beside, synced, renamed, and the folder
 * synced, because a name is durable only once its folder is.
 */
import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lchown, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Owner and mode that a file shall have. */
export type Looks = Pick<Stats, 'mode' | 'uid' | 'gid'>;

export interface PreparedFile {
  /** Where the bytes stand until then: hidden, so that nobody who lists the folder takes them. */
  readonly temporary: string;
  /** Replaces what is at the path, at once. Durable when it returns. */
  commit(): Promise<void>;
  /** Takes the bytes away again; nothing happens after `commit`. */
  discard(): Promise<void>;
}

const PERMISSIONS = 0o777;
const WRITABLE_BY_ALL = 0o002;

/** Also proves that there is room and that the folder may be written to, before anything has changed. */
export async function prepareFile(
  path: string,
  bytes: Uint8Array | string,
  looks: Partial<Looks> & { readonly mode: number },
): Promise<PreparedFile> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path).slice(0, 80)}.${randomUUID()}.tmp`);
  const discard = (): Promise<void> => rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await giveTo(handle, { ...(await stat(folder)), ...looks });
    await handle.chmod(looks.mode & PERMISSIONS); // after the owner: a change of owner may take bits away
    await handle.sync();
  } catch (error) {
    await discard();
    throw error;
  } finally {
    await handle.close();
  }
  return {
    temporary,
    discard,
    async commit() {
      await rename(temporary, path);
      await syncFolder(folder);
    },
  };
}

export async function replaceFile(
  path: string,
  bytes: Uint8Array | string,
  looks: Partial<Looks> & { readonly mode: number },
): Promise<void> {
  const prepared = await prepareFile(path, bytes, looks);
  try {
    await prepared.commit();
  } finally {
    await prepared.discard();
  }
}

/** Durable when it returns; a file that is not there is taken for removed. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** Made with mode 0700 where it is missing; what exists keeps its mode. */
export async function makePrivateFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const { uid, gid } = await stat(dirname(first));
  for (let made = folder; ; made = dirname(made)) {
    // Never through a link: whoever owns the folder above could have put one there meanwhile.
    if (isRoot()) await lchown(made, uid, gid).catch(() => {});
    await syncFolder(dirname(made));
    if (made === first) return;
  }
}

/** Windows has no folders to sync. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What root does for the receiver must still be the receiver's to read and to change. */
export async function giveTo(handle: FileHandle, { uid, gid }: Pick<Looks, 'uid' | 'gid'>): Promise<void> {
  if (isRoot()) await handle.chown(uid, gid).catch(() => {}); // some network drives have no owners
}

/** One warning for each file or folder that every user of the machine may change; what is not there is passed over. */
export async function warnOfWritable(paths: readonly string[]): Promise<string[]> {
  if (process.platform === 'win32') return [];
  const warnings: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && (found.mode & WRITABLE_BY_ALL) !== 0) {
      warnings.push(
        `${path} may be changed by every user of this machine, and so who is let in: chmod o-w ${path}`,
      );
    }
  }
  return warnings;
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

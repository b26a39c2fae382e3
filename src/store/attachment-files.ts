/**
 * The files that came with messages, beside the store: each is written once, under its SHA-256, and durable before the
 * message that names it is committed. A file without a message is left over from a crash and swept away.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DeliveredAttachment } from './store.ts';

export interface AttachmentFiles {
  /** Where a file is written while it arrives; on the same disk, so that it is moved and not copied. */
  readonly incoming: string;
  /**
   * Makes files durable under their digests, and keeps them from being forgotten until disposed.
   *
   * @throws {Error} of the file system
   */
  keep(attachments: readonly DeliveredAttachment[]): Promise<Disposable>;
  /** No message names these any more. At once, so that nothing comes between the question and the deed. */
  forget(digests: readonly string[]): void;
}

/** The folder of a store's attachments. */
export function attachmentFolder(file: string): string {
  return `${file}.attachments`;
}

export function attachmentPath(folder: string, sha256: string): string {
  return join(folder, 'kept', sha256.slice(0, 2), sha256);
}

/** @param isKnown is there a message with a file of this digest? */
export function openAttachmentFiles(folder: string, isKnown: (sha256: string) => boolean): AttachmentFiles {
  const incoming = join(folder, 'incoming');
  const kept = join(folder, 'kept');
  /** How many messages are on their way with a file. */
  const busy = new Map<string, number>();
  const pathOf = (sha256: string): string => attachmentPath(folder, sha256);

  const hold = (sha256: string): void => void busy.set(sha256, (busy.get(sha256) ?? 0) + 1);
  const release = (sha256: string): void => {
    const left = (busy.get(sha256) ?? 0) - 1;
    if (left > 0) busy.set(sha256, left);
    else busy.delete(sha256);
  };
  const forget = (digests: readonly string[]): void => {
    for (const sha256 of digests) if (!busy.has(sha256)) rmSync(pathOf(sha256), { force: true });
  };

  sweep({ incoming, kept, isKnown });
  return {
    incoming,
    forget,
    async keep(attachments) {
      const digests = attachments.map(({ sha256 }) => sha256);
      digests.forEach(hold);
      const held = { [Symbol.dispose]: () => digests.forEach(release) };
      try {
        for (const attachment of attachments) await makeDurable(attachment, pathOf(attachment.sha256));
        return held;
      } catch (error) {
        held[Symbol.dispose]();
        throw error;
      }
    },
  };
}

async function makeDurable({ path }: DeliveredAttachment, target: string): Promise<void> {
  const shelf = dirname(target);
  await mkdir(shelf, { recursive: true, mode: 0o700 });
  // Even if it is there already: who put it there may still be on the way to the disk.
  const isThere = existsSync(target);
  await sync(isThere ? target : path);
  if (!isThere) await rename(path, target);
  await syncFolder(shelf);
  await syncFolder(dirname(shelf));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A name is durable once its folder is. Windows has no folders to sync. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function sweep({
  incoming,
  kept,
  isKnown,
}: {
  readonly incoming: string;
  readonly kept: string;
  readonly isKnown: (sha256: string) => boolean;
}): void {
  for (const folder of [incoming, kept]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { force: true, recursive: true });
  for (const shelf of readdirSync(kept)) {
    for (const name of readdirSync(join(kept, shelf))) {
      if (/^[0-9a-f]{64}$/.test(name) && !isKnown(name)) unlinkSync(join(kept, shelf, name));
    }
  }
}

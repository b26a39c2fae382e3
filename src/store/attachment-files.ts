/**
 * The files that came with messages, beside the store: each is there once, under its SHA-256, and durable before the
 * message that names it is committed. A file without a message goes: at once, or after a crash at the next start.
 */
import { mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../telemetry/log.ts';
import { syncFolderAtOnce } from './sqlite-file.ts';
import type { DeliveredAttachment } from './store.ts';

export interface AttachmentFiles {
  /** Where a file is written while it arrives; on the same disk, so that it is moved and not copied. */
  readonly incoming: string;
  /**
   * Makes files durable under their digests, and keeps them from being forgotten until disposed. What no message names
   * by then is forgotten: a replay has no need of it, and what was put off comes again.
   *
   * @throws {Error} of the file system
   */
  keep(attachments: readonly DeliveredAttachment[]): Promise<Disposable>;
  /**
   * Takes away what no message names, or is about to. At once, so that nothing comes between the question and the deed.
   * Never throws: what stays is swept at the next start.
   */
  forget(digests: readonly string[]): void;
}

/** The folder of a store's attachments. */
export function attachmentFolder(file: string): string {
  return `${file}.attachments`;
}

export function attachmentPath(folder: string, sha256: string): string {
  return join(folder, 'kept', sha256.slice(0, 2), sha256);
}

export interface AttachmentParts {
  readonly folder: string;
  /** Is there a message with a file of this digest? Asked of what is committed. */
  readonly isKnown: (sha256: string) => boolean;
  readonly log?: Pick<Log, 'warn'> | undefined;
}

/** @throws {Error} of the file system, when what was left over cannot be swept */
export function openAttachmentFiles({ folder, isKnown, log }: AttachmentParts): AttachmentFiles {
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
    try {
      for (const sha256 of digests) {
        if (!busy.has(sha256) && !isKnown(sha256)) rmSync(pathOf(sha256), { force: true });
      }
    } catch (error) {
      log?.warn({ err: error }, 'file of no message left behind');
    }
  };

  for (const made of [incoming, kept]) mkdirSync(made, { recursive: true, mode: 0o700 });
  for (const named of [kept, folder, dirname(folder)]) syncFolderAtOnce(named);
  sweep({ incoming, kept, isKnown });
  return {
    incoming,
    forget,
    async keep(attachments) {
      const digests = attachments.map(({ sha256 }) => sha256);
      digests.forEach(hold);
      const held = {
        [Symbol.dispose]() {
          digests.forEach(release);
          forget(digests);
        },
      };
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

/**
 * Puts it in the place of one that is there already: who put that there may still be on the way to the disk, or it was
 * damaged since. The folder above is never made here: where it is gone, what was kept is gone with it.
 */
async function makeDurable({ path }: DeliveredAttachment, target: string): Promise<void> {
  const shelf = dirname(target);
  await mkdir(shelf, { mode: 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await sync(path);
  await rename(path, target);
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

/** Only what is ours by its name: a desktop or a backup leaves things in any folder. */
function sweep({
  incoming,
  kept,
  isKnown,
}: {
  readonly incoming: string;
  readonly kept: string;
  readonly isKnown: (sha256: string) => boolean;
}): void {
  for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { force: true, recursive: true });
  for (const shelf of readdirSync(kept, { withFileTypes: true })) {
    if (!shelf.isDirectory() || !/^[0-9a-f]{2}$/.test(shelf.name)) continue;
    for (const entry of readdirSync(join(kept, shelf.name), { withFileTypes: true })) {
      const isOurs = !entry.isDirectory() && /^[0-9a-f]{64}$/.test(entry.name);
      if (isOurs && !isKnown(entry.name)) unlinkSync(join(kept, shelf.name, entry.name));
    }
  }
}

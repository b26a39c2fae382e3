/**
 * Where the files of a message wait until it is kept: on disk, on the store's own, so that none is ever held in memory
 * whole. What is not kept is taken away.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../errors.ts';
import { sniffType } from './sniff-type.ts';

export interface Spool {
  /** @throws {Refusal} `store-unavailable` when the disk does not take it */
  begin(): Promise<SpoolFile>;
}

/** Disposing takes the file away, unless it was kept meanwhile. */
export interface SpoolFile extends AsyncDisposable {
  /** @throws {Refusal} `store-unavailable` */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more comes. */
  finish(): Promise<Spooled>;
  /** All of it. Only for what is small enough to be read. */
  read(): Promise<Uint8Array>;
}

export interface Spooled {
  readonly path: string;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  readonly sniffedType: string | null;
}

/** As many bytes as any signature needs. */
const HEAD_BYTES = 512;
/** How often the free disk is looked at, in bytes written. */
const LOOK_EVERY_BYTES = 4 * 1024 * 1024;

/**
 * @param folder on the disk of the store
 * @param hasRoom is there disk to spare?
 */
export function createSpool({
  folder,
  hasRoom,
}: {
  readonly folder: string;
  readonly hasRoom: () => Promise<boolean>;
}): Spool {
  return {
    async begin() {
      const path = join(folder, randomBytes(12).toString('hex'));
      if (!(await attempt(hasRoom))) throw full();
      const handle = await attempt(() => open(path, 'wx+', 0o600));
      return createSpoolFile({ path, handle, hasRoom });
    },
  };
}

function createSpoolFile({
  path,
  handle,
  hasRoom,
}: {
  readonly path: string;
  readonly handle: FileHandle;
  readonly hasRoom: () => Promise<boolean>;
}): SpoolFile {
  const digest = createHash('sha256');
  let head = Buffer.alloc(0);
  let size = 0;
  let lookAt = LOOK_EVERY_BYTES;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await handle.close();
  };
  return {
    async write(bytes) {
      if (head.length < HEAD_BYTES) {
        head = Buffer.concat([head, bytes.subarray(0, HEAD_BYTES - head.length)]);
      }
      digest.update(bytes);
      await attempt(() => writeAll(handle, bytes));
      size += bytes.length;
      if (size < lookAt) return;
      lookAt = size + LOOK_EVERY_BYTES;
      if (!(await attempt(hasRoom))) throw full();
    },
    async finish() {
      await attempt(close);
      return { path, size, sha256: digest.digest('hex'), sniffedType: sniffType(head) };
    },
    read: () => attempt(() => readFile(path)),
    async [Symbol.asyncDispose]() {
      await close().catch(() => {});
      await rm(path, { force: true }).catch(() => {});
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0; ) {
    const { bytesWritten } = await handle.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

/** Whatever the disk does not do, the sender is told to come again. */
async function attempt<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw full(cause);
  }
}

function full(cause: unknown = new Error('too little disk space is free')): Refusal {
  return new Refusal(
    'store-unavailable',
    'The attachments of this message could not be stored safely just now. Please send the same message again later.',
    { cause },
  );
}

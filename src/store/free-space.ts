import { statfsSync } from 'node:fs';

interface Parts {
  readonly folder: string;
  readonly minFreeBytes: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly freeBytes?: (folder: string) => number;
}

const LOOK_AGAIN_MS = 1_000;

/**
 * A floor under the free disk space, looked at once a second: orders are put off before the disk is full, so that a
 * commit that fails half-way stays the exception.
 *
 * @returns a function that says why nothing may be written now, or undefined
 */
export function createFreeSpaceFloor({
  folder,
  minFreeBytes,
  now = () => performance.now(),
  freeBytes = bytesFor,
}: Parts): () => string | undefined {
  let lookAt = Number.NEGATIVE_INFINITY;
  let objection: string | undefined;
  return () => {
    if (now() >= lookAt) {
      lookAt = now() + LOOK_AGAIN_MS;
      const free = freeBytes(folder);
      objection =
        free < minFreeBytes
          ? `disk almost full: ${free} bytes are free, ${minFreeBytes} are wanted`
          : undefined;
    }
    return objection;
  };
}

/** What an ordinary user may still write: the blocks kept for root do not count. */
function bytesFor(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

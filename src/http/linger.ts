/** A last answer to a client that is still sending. */
import type { Readable } from 'node:stream';

export interface LingerLimits {
  readonly limitBytes: number;
  readonly limitMs: number;
}

/**
 * Reads and throws away what a client still sends, until it stops, `limitBytes` are gone or `limitMs` are over.
 * A connection closed with unread data is reset, and the reset destroys the answer on its way: a client that writes
 * its whole order before it reads, as Ruby's does, would never learn why it was refused.
 */
export function linger(source: Readable, { limitBytes, limitMs }: LingerLimits, done: () => void): void {
  let seenBytes = 0;
  const stop = (): void => {
    clearTimeout(timer);
    source.off('data', count).off('end', stop).off('close', stop);
    done();
  };
  const count = (chunk: Uint8Array): void => {
    seenBytes += chunk.byteLength;
    if (seenBytes > limitBytes) stop();
  };
  const timer = setTimeout(stop, limitMs);
  source.on('data', count).once('end', stop).once('close', stop).resume();
}

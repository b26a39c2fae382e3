/**
 * Where log lines go: a disk that may be full, a pipe that nobody may read. An order is worth more than a line: what
 * cannot be written waits within a bound, and past it is counted. Never: blocks, throws.
 */
import { writeSync } from 'node:fs';

export interface LogOutput {
  write(line: string): void;
}

const WAITING_LIMIT_BYTES = 1024 * 1024;
const RETRY_MS = 100;
const STANDARD_OUTPUT = 1;

export interface LogOutputParts {
  /** Writes some of the bytes and returns how many; throws when it cannot. */
  readonly put?: (bytes: Uint8Array) => number;
  /** Runs something a moment later. */
  readonly later?: (retry: () => void) => void;
}

/**
 * Written at once, so that a crash loses no line. (pino's own output keeps lines back, ends the process on a write that
 * fails, and then tries for ever to write the rest before it lets go: seen with pino 10.4 and a full disk.)
 */
export function createLogOutput({
  put = (bytes) => writeSync(STANDARD_OUTPUT, bytes),
  later = (retry) => void setTimeout(retry, RETRY_MS).unref(),
}: LogOutputParts = {}): LogOutput {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let lost = 0;
  let isStuck = false;

  const drain = (): void => {
    isStuck = false;
    try {
      for (let [first] = waiting; first !== undefined; [first] = waiting) {
        const written = put(first);
        waitingBytes -= written;
        if (written < first.length) waiting[0] = first.subarray(written);
        else waiting.shift();
      }
    } catch {
      isStuck = true;
      later(drain);
    }
  };
  const queue = (line: string): boolean => {
    const bytes = Buffer.from(line);
    if (waitingBytes + bytes.length > WAITING_LIMIT_BYTES) return false;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    return true;
  };

  return {
    write(line) {
      if (lost > 0 && queue(noteOf(lost))) lost = 0;
      if (lost > 0 || !queue(line)) lost += 1;
      // While a retry is due, lines only wait: a write that fails for each of them would cost more than they are worth.
      if (!isStuck) drain();
    },
  };
}

function noteOf(lost: number): string {
  return `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lost, msg: 'log lines lost' })}\n`;
}

/** Asks the person at the terminal whether to go on. */
import { createInterface } from 'node:readline/promises';

interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Anything but a clear yes is a no, the end of input included. */
export type Ask = (question: string) => Promise<boolean>;

/** @returns undefined where nobody could answer. The question goes to standard error, so that output stays clean. */
export function createAsk({ stdin, stderr }: Streams = process): Ask | undefined {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: stdin, output: stderr });
    try {
      const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
      return isYes(await Promise.race([lines.question(question), ended]));
    } finally {
      lines.close();
    }
  };
}

export function isYes(answer: string): boolean {
  return /^\s*y(es)?\s*$/i.test(answer);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The next whole line it prints, or undefined when it has ended. */
  line(): Promise<string | undefined>;
  tell(text: string): void;
  /** Ends it without a chance to tidy up. */
  kill(): Promise<void>;
}

export const programPath = (name: string): string =>
  fileURLToPath(new URL(`./programs/${name}`, import.meta.url));

/** Runs a program of `test/store/programs` with this Node. */
export function startProgram(name: string, ...args: readonly string[]): Child {
  return startChild(process.execPath, [programPath(name), ...args]);
}

export function startChild(command: string, args: readonly string[]): Child {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {}); // it may have ended before it is told anything
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    },
    tell: (text) => void child.stdin.write(text),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

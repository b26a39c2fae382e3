/** The real program as its own process: for what only a process can show. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LogLine, Workplace } from './receiver.ts';

/** However busy the machine is. Without an end, a test that fails would never end either. */
const TOLD_WITHIN_MS = 60_000;
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface SpawnedReceiver extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly storePath: string;
  /** Lines of the log so far, parsed. */
  readonly logged: readonly LogLine[];
  /** Resolves with the lines of this message once there are so many; rejects when that will not be. */
  told(message: string, count?: number): Promise<readonly LogLine[]>;
  /** Lets this process do other things for a moment; throws when the receiver has ended by itself. */
  turn(): Promise<void>;
  kill(signal?: NodeJS.Signals): void;
  /** Asks it to stop. @returns its exit code */
  stop(): Promise<number | null>;
}

/** Starts `sallyport serve` and waits until its log says where it listens. */
export async function spawnReceiver({ configFile, folder }: Workplace): Promise<SpawnedReceiver> {
  const child = spawn(process.execPath, [MAIN, 'serve', '-c', configFile], {
    env: { ...process.env, SALLYPORT_UNSAFE_TESTS: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString('utf8')));
  const logged: LogLine[] = [];
  const waiting = new Set<() => void>();
  const lookAgain = (): void => {
    for (const look of waiting) look();
  };
  child.once('exit', lookAgain);
  const hear = (line: LogLine): void => {
    logged.push(line);
    lookAgain();
  };
  const { url, adminUrl } = await listening(child, errors, hear);
  return {
    url,
    adminUrl,
    pid: child.pid ?? 0,
    storePath: join(folder, 'data', 'sallyport.db'),
    logged,
    told: (message, count = 1) =>
      new Promise((resolve, reject) => {
        const end = (act: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          act();
        };
        const fail = (why: string) => () =>
          reject(new Error(`"${message}" was not told ${count} times: ${why} ${errors.join('')}`));
        const look = (): void => {
          const lines = logged.filter(({ msg }) => msg === message);
          if (lines.length >= count) end(() => resolve(lines));
          else if (child.exitCode !== null || child.signalCode !== null) end(fail('the receiver ended'));
        };
        const timer = setTimeout(() => end(fail('too late')), TOLD_WITHIN_MS);
        waiting.add(look);
        look();
      }),
    turn: async () => {
      if (child.exitCode !== null) throw new Error(`the receiver ended by itself: ${errors.join('')}`);
      await nextTurn();
    },
    kill: (signal = 'SIGKILL') => child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function listening(
  child: ChildProcess,
  errors: readonly string[],
  hear: (line: LogLine) => void,
): Promise<{ url: string; adminUrl: string }> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('the receiver has no output');
    const lines = createInterface({ input: child.stdout });
    child.once('exit', () => reject(new Error(`the receiver did not start: ${errors.join('')}`)));
    lines.on('line', (line) => {
      if (!line.startsWith('{')) return;
      const event: LogLine = JSON.parse(line);
      hear(event);
      if (isListening(event)) resolve(event);
    });
  });
}

function isListening(event: unknown): event is { url: string; adminUrl: string } {
  return typeof event === 'object' && event !== null && 'url' in event && 'adminUrl' in event;
}

/** The real program as its own process: for what only a process can show. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Workplace } from './receiver.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface SpawnedReceiver extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly storePath: string;
  /** Lets this process do other things for a moment; throws when the receiver has ended by itself. */
  turn(): Promise<void>;
  kill(signal?: NodeJS.Signals): void;
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
  const { url, adminUrl } = await listening(child, errors);
  return {
    url,
    adminUrl,
    pid: child.pid ?? 0,
    storePath: join(folder, 'data', 'sallyport.db'),
    turn: async () => {
      if (child.exitCode !== null) throw new Error(`the receiver ended by itself: ${errors.join('')}`);
      await nextTurn();
    },
    kill: (signal = 'SIGKILL') => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function listening(
  child: ChildProcess,
  errors: readonly string[],
): Promise<{ url: string; adminUrl: string }> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('the receiver has no output');
    const lines = createInterface({ input: child.stdout });
    child.once('exit', () => reject(new Error(`the receiver did not start: ${errors.join('')}`)));
    lines.on('line', (line) => {
      if (!line.startsWith('{')) return;
      const event: unknown = JSON.parse(line);
      if (isListening(event)) resolve(event);
    });
  });
}

function isListening(event: unknown): event is { url: string; adminUrl: string } {
  return typeof event === 'object' && event !== null && 'url' in event && 'adminUrl' in event;
}

/** Commands about trust beside a receiver whose rotation is a fake, or beside none. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createControlToken, openControl } from '../../src/admin/control-token.ts';
import { startAdmin } from '../../src/admin/start-admin.ts';
import { displayWidth } from '../../src/cli/table.ts';
import { createTerminal, type ExitCode } from '../../src/cli/terminal.ts';
import type { TrustSurroundings } from '../../src/cli/trust.ts';
import type { Releases } from '../../src/intake/release.ts';
import { type Answers, createFakeRotation, type FakeRotation } from './fake-rotation.ts';
import { prepareWorkplace } from './receiver.ts';

export interface Ran {
  /** Undefined when it threw. */
  readonly code: ExitCode | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** What it threw. */
  readonly error: (Error & { readonly hint?: string }) | undefined;
}

export interface ControlPlace extends AsyncDisposable {
  readonly config: string;
  readonly state: string;
  /** Of the receiver, if one runs. */
  readonly running: FakeRotation;
  readonly offline: FakeRotation;
  /** How often it was opened, and closed again. */
  readonly opened: { times: number; closed: number };
  /** A receiver from here on, until it is stopped. */
  start(): Promise<AsyncDisposable & { readonly url: string }>;
  /** As a receiver that died would leave it. */
  leaveControlFile(url: string, token?: string): Promise<void>;
  run(command: Command, change?: Change): Promise<Ran>;
}

export type Command = (around: TrustSurroundings) => Promise<ExitCode>;

type Change = Partial<Pick<TrustSurroundings, 'ask' | 'env'>>;

export async function createControlPlace(answers: Answers = {}): Promise<ControlPlace> {
  const workplace = await prepareWorkplace();
  const state = join(workplace.folder, 'data', 'trust');
  const running = createFakeRotation(answers);
  const offline = createFakeRotation(answers);
  const opened = { times: 0, closed: 0 };
  const releases: Releases = { release: () => Promise.reject(new Error('nothing is released here')) };
  const ignore = (): void => {};
  const log = { fatal: ignore, error: ignore, warn: ignore, info: ignore, debug: ignore };
  return {
    config: workplace.configFile,
    state,
    running,
    offline,
    opened,
    async start() {
      const token = createControlToken();
      await using parts = new AsyncDisposableStack();
      const { url } = parts.use(
        await startAdmin({
          host: '127.0.0.1',
          port: 0,
          version: '0',
          names: [],
          metrics: { scrape: async () => ({ contentType: 'text/plain', body: '' }) },
          readiness: { report: async () => ({ ready: true, checks: [] }) },
          control: { rotation: running, releases, token, pid: 4711 },
          log,
        }),
      );
      parts.use(await openControl({ stateFolder: state, adminUrl: url, pid: 4711, token, log }));
      const started = parts.move();
      return { url, [Symbol.asyncDispose]: () => started.disposeAsync() };
    },
    async leaveControlFile(url, token = createControlToken()) {
      await mkdir(state, { recursive: true, mode: 0o700 });
      await writeFile(join(state, 'control.json'), JSON.stringify({ url, pid: 1, token }), { mode: 0o600 });
    },
    async run(command, change = {}) {
      const out: string[] = [];
      const err: string[] = [];
      const terminal = createTerminal({
        out: { write: (text) => out.push(String(text)) },
        err: { write: (text) => err.push(String(text)) },
        env: {},
        now: () => 0,
      });
      const openOffline = async () => {
        opened.times += 1;
        const close = async (): Promise<void> => {
          opened.closed += 1;
        };
        return { ...offline, [Symbol.asyncDispose]: close };
      };
      const env = { ...process.env, SALLYPORT_UNSAFE_TESTS: '1', ...change.env };
      let code: ExitCode | undefined;
      let error: Ran['error'];
      try {
        code = await command({ terminal, env, now: () => new Date(), openOffline, ask: change.ask });
      } catch (thrown) {
        error = thrown as Error;
      }
      return { code, error, stdout: out.join(''), stderr: err.join('') };
    },
    [Symbol.asyncDispose]: () => workplace[Symbol.asyncDispose](),
  };
}

/** One command offline, on a place of its own; what was asked of the rotation is told as well. */
export async function runAlone(
  command: (config: string) => Command,
  answers: Answers = {},
  change: Change = {},
): Promise<Ran & { readonly asked: readonly (readonly unknown[])[] }> {
  await using place = await createControlPlace(answers);
  const ran = await place.run(command(place.config), change);
  for (const line of [...ran.stdout.split('\n'), ...ran.stderr.split('\n')]) {
    expect(displayWidth(line), line).to.be.at.most(100);
  }
  return { ...ran, asked: place.offline.asked };
}

/** A whole receiver on loopback, from a real configuration file, with a throw-away PKI and a folder of its own. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config-file.ts';
import { type ReceiverParts, startReceiver } from '../../src/receiver.ts';
import type { Rotation } from '../../src/rotation/rotation.ts';
import { openStoreReader } from '../../src/store/open-store.ts';
import type { StoreReader } from '../../src/store/sqlite-reader.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { WatchTiming } from '../../src/trust/watch.ts';
import { type Buyer, createBuyer } from './buyer.ts';
import { createTestPki, type TestPki } from './pki.ts';

export const COUPA_NAME = 'cxml-supplier.coupahost.com';

/** Matches any sender without a secret; `loadConfig` takes it on loopback only, and only with this variable set. */
const ANY_SENDER = [{ key: 'anybody', unsafe_any_sender: true }];
const UNSAFE_TESTS = { SALLYPORT_UNSAFE_TESTS: '1' };

export interface Workplace extends AsyncDisposable {
  readonly folder: string;
  readonly configFile: string;
  /** Lays `change` over what the configuration file said at first, and saves it as an editor does. */
  configure(change: Readonly<Record<string, unknown>>): Promise<void>;
  readonly pki: TestPki;
}

/** Everything a receiver needs on disk. `change` is laid over the configuration, key by key at the top. */
export async function prepareWorkplace(change: Readonly<Record<string, unknown>> = {}): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-'));
  const pki = createTestPki();
  await Promise.all([
    writeFile(join(folder, 'bundle.pem'), pki.bundlePem),
    writeFile(join(folder, 'root.pem'), pki.root.pem),
    writeFile(join(folder, 'server.pem'), pki.server.cert),
    writeFile(join(folder, 'server.key'), pki.server.key, { mode: 0o600 }),
  ]);
  const configFile = join(folder, 'sallyport.yaml');
  const config: Readonly<Record<string, unknown>> = {
    listen: { host: '127.0.0.1', port: 0 },
    certificate: { chain: 'server.pem', key: 'file:server.key' },
    trust: { bundle: 'bundle.pem' },
    buyers: ANY_SENDER,
    store: { url: 'sqlite:data/sallyport.db' },
    admin: { host: '127.0.0.1', port: 0 },
    ...change,
  };
  const configure = async (more: Readonly<Record<string, unknown>>): Promise<void> => {
    await writeFile(`${configFile}.new`, stringify({ ...config, ...more }));
    await rename(`${configFile}.new`, configFile);
  };
  await configure({});
  return {
    folder,
    configFile,
    configure,
    pki,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** For tests that change files: as quick as a busy machine allows. */
export const QUICK_WATCH: WatchTiming = { pollMs: 100, quietMs: 60, retryMs: 60_000 };

export type LogLine = Readonly<Record<string, unknown>>;

export interface TestReceiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly adminUrl: string;
  readonly rotation: Rotation;
  readonly folder: string;
  /** Lays `change` over what the configuration file said at first, and saves it as an editor does. */
  configure(change: Readonly<Record<string, unknown>>): Promise<void>;
  readonly pki: TestPki;
  /** Lines of the log so far, parsed. */
  readonly logged: readonly LogLine[];
  /** Resolves with the lines of this message once there are so many. */
  told(message: string, count?: number): Promise<readonly LogLine[]>;
  readonly storePath: string;
  /** What is in the store by now, what the gate saw included. */
  lookIntoStore(): Promise<StoreReader>;
  buyer(options?: { readonly name?: string; readonly connections?: number }): Buyer;
  /** The value of the first sample whose text starts with `line`, or matches it. */
  metric(line: string | RegExp): Promise<number | undefined>;
}

export interface TestReceiverOptions extends Pick<ReceiverParts, 'now' | 'watchTiming'> {
  /** Puts further files in place before the receiver starts. */
  readonly prepare?: (workplace: Workplace) => Promise<unknown>;
}

/** One that watches closely, and whose pinned intermediate stands in a folder `coupa`, as in a real installation. */
export function startWatchingReceiver(): Promise<TestReceiver> {
  return startTestReceiver(
    { trust: { bundle: 'coupa' } },
    {
      watchTiming: QUICK_WATCH,
      prepare: async ({ folder, pki }) => {
        await mkdir(join(folder, 'coupa'));
        await writeFile(join(folder, 'coupa', 'intermediate.pem'), pki.bundlePem);
      },
    },
  );
}

export async function startTestReceiver(
  change: Readonly<Record<string, unknown>> = {},
  { prepare, ...options }: TestReceiverOptions = {},
): Promise<TestReceiver> {
  await using parts = new AsyncDisposableStack();
  const workplace = parts.use(await prepareWorkplace(change));
  await prepare?.(workplace);
  const { configFile } = workplace;
  const reloadConfig = () => loadConfig(configFile, { ...process.env, ...UNSAFE_TESTS });
  const config = await reloadConfig();
  const logged: LogLine[] = [];
  const waiting = new Set<() => void>();
  const destination = into(logged, () => {
    for (const look of waiting) look();
  });
  const receiver = parts.use(
    await startReceiver({
      config,
      configFile,
      reloadConfig,
      log: createLog({ level: 'info', destination }),
      ...options,
    }),
  );
  const running = parts.move();
  const { url, port, adminUrl, rotation } = receiver;
  const { folder, configure, pki } = workplace;
  const storePath = join(folder, 'data', 'sallyport.db');
  return {
    url,
    port,
    adminUrl,
    rotation,
    folder,
    configure,
    pki,
    logged,
    told: (message, count = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          const lines = logged.filter(({ msg }) => msg === message);
          if (lines.length < count) return;
          waiting.delete(look);
          resolve(lines);
        };
        waiting.add(look);
        look();
      }),
    storePath,
    async lookIntoStore() {
      await receiver.flushEvidence();
      return await openStoreReader({ url: `sqlite:${storePath}` });
    },
    buyer: ({ name = COUPA_NAME, connections } = {}) =>
      createBuyer({ url, ca: pki.server.cert, ...pki.client(name), connections }),
    metric: (line) => readMetric(adminUrl, line),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function readMetric(adminUrl: string, line: string | RegExp): Promise<number | undefined> {
  const samples = await (await fetch(`${adminUrl}/metrics`)).text();
  const found = samples
    .split('\n')
    .find(
      (each) => (typeof line === 'string' ? each.startsWith(line) : line.test(each)) && !each.startsWith('#'),
    );
  return found === undefined ? undefined : Number(found.slice(found.lastIndexOf(' ') + 1));
}

function into(logged: LogLine[], heard: () => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString('utf8').split('\n')) if (line !== '') logged.push(JSON.parse(line));
      heard();
      done();
    },
  });
}

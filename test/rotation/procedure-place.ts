/** A rotation on real files, with evidence that a test writes down, and faults that a test switches on. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Config } from '../../src/config.ts';
import { type Journal, openJournal } from '../../src/rotation/journal.ts';
import type { JournalEntry } from '../../src/rotation/journal-entry.ts';
import { createRotation, type NotedRotation } from '../../src/rotation/open-rotation.ts';
import type { Applied, RotationParts, TrustNow } from '../../src/rotation/procedure.ts';
import { openShelf, type Shelf } from '../../src/rotation/shelf.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../../src/trust/evidence.ts';
import { loadTrust } from '../../src/trust/load-trust.ts';
import { configured, daysFromNow, NAME, NOW, spkiOf } from '../support/judging.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';
import { createFolder, type Folder } from './place.ts';

export const ANNA = { by: 'anna@host', reason: 'Coupa’s yearly change' };

export interface Place extends AsyncDisposable {
  readonly rotation: NotedRotation;
  readonly folder: Folder;
  readonly bundle: string;
  readonly state: string;
  readonly journal: Journal;
  readonly shelf: Shelf;
  readonly config: Config['trust'];
  readonly seen: SeenChain[];
  readonly refused: RefusedHandshakeRecord[];
  readonly logged: string[];
  /** Set by a test: what goes wrong from then on. */
  readonly faults: {
    apply?: () => Promise<Applied> | undefined;
    append?: (() => void) | undefined;
    evidence?: (() => Promise<void>) | undefined;
    /** Called when a step has come as far as putting files in force. */
    applying?: (() => Promise<void>) | undefined;
    now?: Date | undefined;
    noStore?: boolean;
    /** The store takes nothing. */
    unwritten?: boolean;
    lock?: (() => Disposable) | undefined;
  };
  /** Fingerprints in force; what another process would load now. */
  inForce(): Promise<string[]>;
  onDisk(): Promise<string[]>;
  /** Fingerprints on the shelf. */
  staged(): Promise<string[]>;
  /** Name and content of every file of the bundle. */
  files(): Promise<Record<string, string>>;
  put(name: string, ...minted: readonly Minted[]): Promise<void>;
  stage(...minted: readonly Minted[]): ReturnType<NotedRotation['stage']>;
  actions(): string[];
  last(): JournalEntry | undefined;
}

export async function openPlace(
  pinned: readonly Minted[],
  change: Partial<Config['trust']> = {},
): Promise<Place> {
  const folder = await createFolder();
  const bundle = folder.at('coupa');
  await mkdir(bundle);
  const put = (name: string, ...minted: readonly Minted[]): Promise<void> =>
    writeFile(join(bundle, name), minted.map(({ pem }) => pem).join(''));
  for (const [index, each] of pinned.entries()) await put(`${index}.pem`, each);
  const config = configured(bundle, change);
  const { state } = config;
  const faults: Place['faults'] = {};
  const now = (): Date => faults.now ?? NOW;
  const load = async (generation: number) => (await loadTrust(config, { generation, now: now() })).trust;
  let current: TrustNow = { trust: await load(1), generation: 1 };
  const apply = async (): Promise<Applied> => {
    await faults.applying?.();
    const faulty = faults.apply?.();
    if (faulty !== undefined) return faulty;
    try {
      const generation = current.trust.generation + 1;
      current = { trust: await load(generation), generation };
      return { outcome: 'replaced', ...current };
    } catch (error) {
      return { outcome: 'failed', problem: error instanceof Error ? error.message : '', ...current };
    }
  };
  const real = await openJournal({ path: join(state, 'journal.jsonl'), now, lock: () => FREE });
  const journal: Journal = {
    ...real,
    async append(facts) {
      faults.append?.();
      return await real.append(facts);
    },
  };
  const shelf = openShelf(state);
  const seen: SeenChain[] = [];
  const refused: RefusedHandshakeRecord[] = [];
  const logged: string[] = [];
  const tell = (_fields: unknown, message: string): void => void logged.push(message);
  const rotation = createRotation({
    settings: () => config,
    state,
    inForce: async () => current,
    apply,
    get evidence(): RotationParts['evidence'] {
      if (faults.noStore === true) return undefined;
      return {
        async listSeenChains({ since } = {}) {
          await faults.evidence?.();
          return seen.filter(({ lastSeen }) => since === undefined || lastSeen >= since);
        },
        async listRefusedHandshakes({ since } = {}) {
          await faults.evidence?.();
          const found = refused.filter(({ lastAt }) => since === undefined || lastAt >= since);
          return found.map((record) => ({ ...record, chainPem: '' }));
        },
        findRefusedHandshake: async (which) =>
          refused.find(({ id, reference }) => String(id) === which || reference === which),
      };
    },
    flushEvidence: async () => faults.unwritten !== true,
    journal,
    shelf,
    lock: () => faults.lock?.() ?? FREE,
    now,
    log: { info: tell, warn: tell, error: tell } as never,
  });
  const prints = ({ trust }: TrustNow): string[] =>
    trust.anchors.map(({ certificate }) => certificate.fingerprint).sort();
  return {
    rotation,
    folder,
    bundle,
    state,
    journal,
    shelf,
    config,
    seen,
    refused,
    logged,
    faults,
    put,
    inForce: async () => prints(current),
    onDisk: async () => prints({ trust: await load(99), generation: 99 }),
    staged: async () => (await shelf.listStaged()).certificates.map(({ fingerprint }) => fingerprint).sort(),
    async files() {
      const names = (await readdir(bundle)).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(bundle, name), 'utf8')));
      return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
    },
    stage: (...minted) =>
      rotation.stage({ file: 'new.pem', bytes: Buffer.from(minted.map(({ pem }) => pem).join('')) }, ANNA),
    actions: () => journal.entries().map(({ action }) => action),
    last: () => journal.last(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

export const pki = createTestPki();
const LONG = { notAfter: daysFromNow(900) };
export const old = mintCa('Old', { issuer: pki.root, ...LONG });
export const next = mintCa('New', { issuer: pki.root, ...LONG });
const client = (issuer: Minted): Minted => pki.leaf(NAME, { issuer, notAfter: daysFromNow(400) });
export const ofOld = client(old);
export const ofNext = client(next);
export const ALL = { pins: [], force: false };

export function pinOf(minted: Minted): string {
  return spkiOf(minted).slice(0, 12);
}

export async function expectUnchanged(
  place: Place,
  before: Awaited<ReturnType<Place['files']>>,
  ...pinned: readonly Minted[]
): Promise<void> {
  expect(await place.files()).to.deep.equal(before);
  expect(await place.inForce()).to.deep.equal(printsOf(...pinned));
  expect(await place.onDisk()).to.deep.equal(printsOf(...pinned));
}

const FREE: Disposable = { [Symbol.dispose]() {} };

export function printOf({ der }: Minted): string {
  return readCertificate(der).fingerprint;
}

export function printsOf(...minted: readonly Minted[]): string[] {
  return minted.map(printOf).sort();
}

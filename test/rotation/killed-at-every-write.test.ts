/**
 * A step of a rotation whose process is killed at each of its changes to the files: what is found afterwards is the set
 * from before the step or the one behind it, never less and never broken, and the journal goes on and tells of it.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadConfig } from '../../src/config-file.ts';
import { openOfflineRotation } from '../../src/receiver-rotation.ts';
import { nameMeant } from '../../src/rotation/distrusted-key.ts';
import { journalPath, openJournal } from '../../src/rotation/journal.ts';
import type { NotedRotation } from '../../src/rotation/open-rotation.ts';
import { distrustedBy } from '../../src/rotation/write-found.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { distrustedPath, loadDistrusted } from '../../src/trust/distrusted.ts';
import { loadTrust } from '../../src/trust/load-trust.ts';
import { type Minted, mintCa } from '../support/pki.ts';
import { prepareWorkplace, type Workplace } from '../support/receiver.ts';

const PROGRAM = fileURLToPath(new URL('./programs/die-at-write.ts', import.meta.url));
const UNSAFE = { SALLYPORT_UNSAFE_TESTS: '1' };
const ANNA = { by: 'anna@host', reason: 'a test' };

/** A bundle of a folder with two files; one more certificate is staged, and was in force in the place of one of them. */
async function prepare(): Promise<Workplace> {
  const place = await prepareWorkplace({ trust: { bundle: 'coupa' } });
  const { intermediate, sibling, root } = place.pki;
  await mkdir(join(place.folder, 'coupa'));
  await writeFile(join(place.folder, 'coupa', 'a.pem'), intermediate.pem);
  await writeFile(join(place.folder, 'coupa', 'b.pem'), `# kept by hand\n${sibling.pem}`);
  await using rotation = await open(place);
  const stage = () => rotation.stage({ file: 'root.pem', bytes: Buffer.from(root.pem) }, ANNA);
  await stage();
  await rotation.promote({ pins: [], force: true }, ANNA);
  await rotation.retire({ pin: print(sibling), force: true }, ANNA);
  await rotation.rollback({ toEntry: 1 }, ANNA);
  await stage();
  await rotation.distrust({ serial: '0abc' }, ANNA);
  await rotation.noteInForce('prepared');
  return place;
}

const configOf = ({ configFile }: Workplace) => loadConfig(configFile, UNSAFE);
const print = ({ der }: Minted): string => readCertificate(der).fingerprint;
const printsOf = (...minted: readonly Minted[]): string => minted.map(print).sort().join();

async function open(place: Workplace): Promise<NotedRotation> {
  const log = { info() {}, warn() {}, error() {} };
  return await openOfflineRotation({ config: await configOf(place), log, now: () => new Date() });
}

/** @returns how many changes there were, or undefined when it was killed */
async function run(place: Workplace, asked: object, dieAt: number): Promise<number | undefined> {
  const args = [PROGRAM, place.configFile, JSON.stringify(asked), String(dieAt)];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...UNSAFE }, stdio: 'pipe' });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
  if (signal === 'SIGKILL') return undefined;
  if (!/^\d+\n$/.test(said)) throw new Error(said);
  return Number(said);
}

describe('a step that is killed at every change of a file', function () {
  this.timeout(240_000);
  let place: Workplace;
  let spare: string;

  before(async () => {
    place = await prepare();
    spare = `${place.folder}.spare`;
    await cp(place.folder, spare, { recursive: true });
  });
  after(async () => {
    await place[Symbol.asyncDispose]();
    await rm(spare, { recursive: true, force: true });
  });
  const startAnew = async (): Promise<void> => {
    for (const name of ['coupa', 'data']) {
      await rm(join(place.folder, name), { recursive: true });
      await cp(join(spare, name), join(place.folder, name), { recursive: true });
    }
  };

  const steps = (): Readonly<Record<string, readonly [asked: object, after: readonly Minted[]]>> => {
    const { intermediate, sibling, root } = place.pki;
    const forced = { pins: [], force: true };
    return {
      stage: [
        { step: 'stage', query: { pem: mintCa('New', { issuer: root }).pem } },
        [intermediate, sibling],
      ],
      unstage: [{ step: 'unstage', query: { pins: [] } }, [intermediate, sibling]],
      promote: [{ step: 'promote', query: forced }, [intermediate, sibling, root]],
      retire: [{ step: 'retire', query: { pin: print(sibling), force: true } }, [intermediate]],
      distrust: [{ step: 'distrust', query: { key: print(sibling) } }, [intermediate]],
      rollback: [{ step: 'rollback', query: {} }, [intermediate, root]],
      lift: [{ step: 'lift', query: { serial: '0abc' } }, [intermediate, sibling]],
    };
  };

  for (const name of ['stage', 'unstage', 'promote', 'retire', 'distrust', 'rollback', 'lift']) {
    it(`${name}: the bundle is whole, and the journal tells of it`, async () => {
      const [asked, behind] = steps()[name] ?? [{}, []];
      const before = printsOf(place.pki.intermediate, place.pki.sibling);
      const after = printsOf(...behind);
      const found = new Set<string>();
      let kills = 0;
      for (let dieAt = 1; ; dieAt += 1) {
        await startAnew();
        if ((await run(place, asked, dieAt)) !== undefined) break;
        kills += 1;
        const { trust: settings } = await configOf(place);
        const { trust } = await loadTrust(settings, { generation: 1, now: new Date() });
        const left = trust.anchors.map(({ certificate }) => certificate.fingerprint).sort();
        // What a rollback brings back comes before anything goes: too many, and never too few.
        const both = [...new Set([before, after].flatMap((set) => set.split(',')))].sort().join();
        expect([before, after, both], `killed at ${dieAt}`).to.include(left.join());
        found.add(left.join());
        await using rotation = await open(place);
        await rotation.noteInForce('receiver started');
        const shown = await rotation.show();
        expect(
          shown.pins
            .filter(({ state }) => state === 'active')
            .map(({ fingerprint }) => fingerprint)
            .sort(),
        ).to.deep.equal(left);
        const journal = await openJournal({
          path: journalPath(settings.state),
          now: () => new Date(),
          lock: free,
        });
        // The beginning of an entry stays to be seen until the next one says where it was put.
        expect(journal.verify().problems.filter(({ what }) => !what.startsWith('cut off'))).to.deep.equal([]);
        expect(journal.last()?.anchors).to.deep.equal(left);
        const told = journal.entries().map(({ action }) => action);
        // Whatever changed is told of, by the step itself or as found.
        if (left.join() !== before) expect(told.at(-1), told.join()).to.be.oneOf([name, 'found']);
        const listed = (await loadDistrusted(distrustedPath(settings.state))).map(nameMeant);
        expect([...distrustedBy(journal.entries())], `killed at ${dieAt}`).to.have.members(listed);
        await expectGoesOn(rotation);
        await journal.refresh();
        expect(journal.verify().problems, `killed at ${dieAt}`).to.deep.equal([]);
      }
      expect(kills).to.be.greaterThan(1);
      expect(found.has(before)).to.equal(true);
      expect(found.has(after)).to.equal(true);
    });
  }

  /** The same may be done afterwards, and nothing that a process left behind is in the way. */
  async function expectGoesOn(rotation: NotedRotation): Promise<void> {
    await rotation.distrust({ serial: '0badc0de' }, ANNA);
    const { trust } = await configOf(place);
    const names = await readdir(trust.bundle);
    expect(names.filter((name) => !name.startsWith('.') && !name.endsWith('.pem'))).to.deep.equal([]);
  }
});

function free(): Disposable {
  return { [Symbol.dispose]() {} };
}

/**
 * SIGHUP again and again, files that come and go, and commands of two people, all at the same time. Each replacement is
 * one generation; what is in force at the end is what the files and the journal say; and none of it is felt by a client
 * who was trusted throughout.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { readControlFile } from '../../src/admin/control-token.ts';
import { createControlClient } from '../../src/cli/control-client.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { type Rotation, RotationError } from '../../src/rotation/rotation.ts';
import { readBundleFiles } from '../../src/trust/bundle.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { parsePemCertificates } from '../../src/trust/pem.ts';
import { type LoadClient, startOrderLoad } from '../support/order-load.ts';
import { type Minted, mintCa } from '../support/pki.ts';
import { COUPA_NAME, prepareWorkplace } from '../support/receiver.ts';
import { scrape } from '../support/scrape.ts';
import { type SpawnedReceiver, spawnReceiver } from '../support/spawned.ts';

const ROUNDS = 12;
const HANG_UPS = 150;
const HANG_UP_EVERY_MS = 20;
const ANSWERED_WITHIN_MS = 20_000;

describe('a receiver that is told to reload from every side at once', () => {
  it('takes one change after the other, and ends with what files and journal say', async function () {
    this.timeout(120_000);
    await using workplace = await prepareWorkplace({ trust: { bundle: 'coupa' } });
    const { folder, pki } = workplace;
    const others = ['B', 'C', 'D'].map((each) => mintCa(`Test Intermediate ${each}`, { issuer: pki.root }));
    const [byAnna, byBerta, byFile] = others as [Minted, Minted, Minted];
    const bundle = join(folder, 'coupa');
    await mkdir(bundle);
    await writeFile(join(bundle, 'intermediate.pem'), pki.bundlePem);
    await using receiver = await spawnReceiver(workplace);
    const control = await readControlFile(join(folder, 'data', 'trust'));
    if (control === undefined) throw new Error('the receiver left no control file');
    const { rotation } = createControlClient(control);
    using load = startOrderLoad({
      url: receiver.url,
      ca: pki.server.ca,
      clients: [
        { name: 'always', identity: pki.client(COUPA_NAME), version: 'TLSv1.3', keepsAlive: true, weight: 2 },
        {
          name: 'always anew',
          identity: pki.client(COUPA_NAME),
          version: 'TLSv1.2',
          keepsAlive: false,
          weight: 1,
        },
        {
          name: 'never',
          identity: pki.client('somebody.example'),
          version: 'TLSv1.3',
          keepsAlive: false,
          weight: 1,
        },
      ] satisfies LoadClient[],
      perSecond: 40,
    });

    const [anna, berta] = await Promise.all([
      rotateAgain(rotation, byAnna, 'anna'),
      rotateAgain(rotation, byBerta, 'berta'),
      hangUp(receiver),
      comeAndGo(bundle, folder, byFile),
    ]);
    const taken = [...anna, ...berta];
    await load.through(1);
    const posts = await load.pause();

    // What was written last is taken by now, or by this.
    const shown = await settled(receiver, rotation);
    const inFiles = (await readBundleFiles(bundle)).files.flatMap(({ text }) =>
      parsePemCertificates(text).blocks.map(({ der }) => readCertificate(der).fingerprint),
    );
    const inForce = shown.pins
      .filter(({ state }) => state === 'active')
      .map(({ fingerprint }) => fingerprint);
    expect(inForce.toSorted()).to.deep.equal(inFiles.toSorted());

    const replaced = receiver.logged.filter(({ msg }) => msg === 'trust replaced');
    const generations = replaced.map(({ generation }) => generation);
    expect(generations).to.deep.equal(generations.map((_, index) => index + 2));
    const samples = await scrape(receiver.adminUrl);
    expect(samples.get('sallyport_trust_generation')).to.equal(1 + replaced.length);
    expect(samples.get('sallyport_trust_reloads_total{outcome="replaced"}')).to.equal(replaced.length);

    const journal = await readFile(join(folder, 'data/trust/journal.jsonl'), 'utf8');
    expect(verifyJournal(journal)).to.include({ intact: true });
    const entries = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.at(-1).anchors.toSorted()).to.deep.equal(inForce.toSorted());
    const steps = entries.filter(({ action }) => action === 'promote' || action === 'retire');
    expect(steps.map(({ by, action }) => `${by} ${action}`).toSorted()).to.deep.equal(taken.toSorted());
    expect(taken, 'commands that got through').to.have.length.above(3);

    const wrong = posts.filter(
      ({ client, result }) => result !== (client.name === 'never' ? 'refused' : 'kept'),
    );
    expect(wrong).to.deep.equal([]);
    expect((await fetch(`${receiver.adminUrl}/readyz`)).status).to.equal(200);
    console.log(
      `      ${posts.length} posts; ${replaced.length} replacements, ${taken.length} changes of ` +
        `${2 * ROUNDS * 2} were taken, ${HANG_UPS} SIGHUP`,
    );
  });
});

/**
 * In and out again. Others change the files meanwhile, so a step may be refused; then it changed nothing.
 *
 * @returns the changes that were taken; a pin that is staged already makes no entry
 */
async function rotateAgain(rotation: Rotation, { der, pem }: Minted, by: string): Promise<readonly string[]> {
  const { fingerprint } = readCertificate(der);
  const actor = { by, reason: 'all at once' };
  const taken: string[] = [];
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
    }
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await attempt(() => rotation.stage({ file: `${by}.pem`, bytes: Buffer.from(pem) }, actor));
    for (const change of [
      () => rotation.promote({ pins: [fingerprint], force: false }, actor),
      () => rotation.retire({ pin: fingerprint, force: true }, actor),
    ]) {
      await attempt(async () => {
        const { action } = await change();
        taken.push(`${by} ${action}`);
      });
    }
  }
  return taken;
}

async function hangUp(receiver: SpawnedReceiver): Promise<void> {
  for (let count = 0; count < HANG_UPS; count += 1) {
    receiver.kill('SIGHUP');
    await pause(HANG_UP_EVERY_MS);
  }
}

/** Whole, broken and gone, by renaming and by writing in place, as fast as the disk allows. */
async function comeAndGo(bundle: string, folder: string, { pem }: Minted): Promise<void> {
  const file = join(bundle, 'of-the-operator.pem');
  for (let round = 0; round < ROUNDS; round += 1) {
    await writeFile(join(folder, 'next'), pem);
    await rename(join(folder, 'next'), file);
    await pause(HANG_UP_EVERY_MS * 3);
    await writeFile(file, pem.slice(0, -99));
    await pause(HANG_UP_EVERY_MS);
    await rm(file);
    await pause(HANG_UP_EVERY_MS * 6);
  }
}

/** Two reloads in turn: the first may have begun before the files came to rest. */
async function settled(receiver: SpawnedReceiver, rotation: Rotation): ReturnType<Rotation['show']> {
  for (let turn = 0; turn < 2; turn += 1) {
    const before = receiver.logged.length;
    receiver.kill('SIGHUP');
    const deadline = performance.now() + ANSWERED_WITHIN_MS;
    while (!receiver.logged.slice(before).some(({ why }) => why === 'SIGHUP')) {
      if (performance.now() > deadline) throw new Error('the receiver does not answer SIGHUP any more');
      await pause(HANG_UP_EVERY_MS);
    }
  }
  return await rotation.show();
}

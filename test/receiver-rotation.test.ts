import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfig } from '../src/config-file.ts';
import { openOfflineRotation } from '../src/receiver-rotation.ts';
import { journalPath } from '../src/rotation/journal.ts';
import type { NotedRotation } from '../src/rotation/open-rotation.ts';
import { verifyJournal } from '../src/rotation/read-journal.ts';
import { createLog } from '../src/telemetry/log.ts';
import { asNobody, refusalOf } from './rotation/place.ts';
import { prepareWorkplace, startTestReceiver, type Workplace } from './support/receiver.ts';

const ANNA = { by: 'anna@host', reason: null };
const ALL = { pins: [], force: false };

describe('openOfflineRotation', () => {
  let place: Workplace;
  let rotation: NotedRotation;
  const opened: AsyncDisposable[] = [];

  async function open(): Promise<NotedRotation> {
    const config = await loadConfig(place.configFile, { SALLYPORT_UNSAFE_TESTS: '1' });
    const log = createLog({ level: 'fatal' });
    const found = await openOfflineRotation({ config, log, now: () => new Date() });
    opened.push(found);
    return found;
  }
  const stageSibling = (of: NotedRotation) =>
    of.stage({ file: 'new.pem', bytes: Buffer.from(place.pki.sibling.pem) }, ANNA);

  beforeEach(async () => {
    place = await prepareWorkplace();
    rotation = await open();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  it('works on the files alone, without a store', async () => {
    await stageSibling(rotation);
    const report = await rotation.promote(ALL, ANNA);
    expect(report.generation).to.equal(null);
    const text = await readFile(join(place.folder, 'bundle.pem'), 'utf8');
    expect(text.match(/BEGIN CERTIFICATE/g)).to.have.length(2);
    const shown = await rotation.show();
    expect(shown.pins.map(({ state }) => state)).to.deep.equal(['active', 'active']);
    expect(shown.warnings.join()).to.include('no store');
    const journal = await readFile(journalPath(join(place.folder, 'data', 'trust')));
    expect(verifyJournal(journal)).to.include({ intact: true, entries: 3 });
  });

  it('writes nothing to show and to rehearse', async () => {
    await rotation.show();
    await rotation.rehearse();
    const written = await readFile(journalPath(join(place.folder, 'data', 'trust'))).catch(
      ({ code }) => code,
    );
    expect(written).to.equal('ENOENT');
  });

  it('puts the bundle back when it would not be taken, and says what is wrong with it', async () => {
    await writeFile(join(place.folder, 'bundle.pem'), 'nothing');
    expect((await refusalOf(stageSibling(rotation))).message).to.include('bundle.pem');
  });

  it('lets one command at a time change trust', async () => {
    const other = await open();
    const both = await Promise.allSettled([
      stageSibling(rotation),
      other.distrust({ key: 'ab'.repeat(32) }, ANNA),
    ]);
    const done = both.filter(({ status }) => status === 'fulfilled');
    expect(done.length).to.be.greaterThan(0);
    for (const each of both) {
      if (each.status === 'rejected') expect(each.reason.message).to.include('another command');
    }
    const journal = await readFile(journalPath(join(place.folder, 'data', 'trust')));
    expect(verifyJournal(journal)).to.include({ intact: true, entries: 1 + done.length });
  });

  it('says who may not write, and where', async () => {
    await mkdir(join(place.folder, 'data'), { mode: 0o755 });
    await chmod(place.folder, 0o755);
    const { message, next } = await asNobody(() => refusalOf(stageSibling(rotation)));
    expect(message)
      .to.include(join(place.folder, 'data', 'trust'))
      .and.to.include('EACCES');
    expect(next).to.include('user');
  });
});

describe('the rotation of a running receiver', () => {
  it('begins its journal with what it was started with', async () => {
    await using receiver = await startTestReceiver();
    const [line] = await receiver.told('trust journal written');
    expect(line).to.include({ action: 'opened', why: 'receiver started', entry: 1 });
  });

  it('distrusts at once while the configuration and our own certificate are amiss', async () => {
    await using receiver = await startTestReceiver();
    const { pins } = await receiver.rotation.show();
    await writeFile(join(receiver.folder, 'server.pem'), 'half a file');
    await writeFile(join(receiver.folder, 'sallyport.yaml'), 'listen: [');
    await receiver.told('trust not replaced, the one in force stays');
    await receiver.rotation.distrust({ serial: '0badc0de' }, ANNA);
    expect((await receiver.rotation.show()).distrusted).to.have.length(1);
    expect((await receiver.rotation.show()).generation).to.equal(2);
    expect(pins).to.have.length(1);
  });

  it('takes orders though its journal cannot be read', async () => {
    await using receiver = await startTestReceiver(
      {},
      { prepare: ({ folder }) => mkdir(join(folder, 'data/trust/journal.jsonl'), { recursive: true }) },
    );
    await receiver.told('trust journal not written');
    expect((await fetch(`${receiver.adminUrl}/readyz`)).status).to.equal(200);
  });
});

import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Check } from '../../src/cli/doctor-check.ts';
import { checkState } from '../../src/cli/doctor-machine.ts';
import { checkTrust } from '../../src/cli/doctor-pins.ts';
import { loadConfig } from '../../src/config-file.ts';
import { startReceiver } from '../../src/receiver.ts';
import { openOfflineRotation } from '../../src/receiver-rotation.ts';
import type { NotedRotation } from '../../src/rotation/open-rotation.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createBuyer } from '../support/buyer.ts';
import { mintCrl } from '../support/crl.ts';
import { documentSeries } from '../support/orders.ts';
import type { Identity } from '../support/pki.ts';
import { mintCa } from '../support/pki.ts';
import { COUPA_NAME, prepareWorkplace, type Workplace } from '../support/receiver.ts';

const ANNA = { by: 'anna@host', reason: null };
const log = createLog({ level: 'fatal' });
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const document = documentSeries(1);

describe('what doctor says of trust', () => {
  let place: Workplace;
  beforeEach(async () => {
    place = await prepareWorkplace();
  });
  afterEach(() => place[Symbol.asyncDispose]());

  const load = (today = new Date()) =>
    loadConfig(place.configFile, { SALLYPORT_UNSAFE_TESTS: '1' }, { now: () => today });
  const examine = async (at = new Date()): Promise<Check[]> => checkTrust(await load(at), () => at);
  const find = async (about: string, at?: Date): Promise<Check | undefined> =>
    (await examine(at)).find((each) => each.about === about);

  async function withRotation<T>(act: (rotation: NotedRotation) => Promise<T>): Promise<T> {
    await using rotation = await openOfflineRotation({ config: await load(), log, now: () => new Date() });
    return await act(rotation);
  }
  const stage = (pem: string): Promise<unknown> =>
    withRotation((rotation) => rotation.stage({ file: 'new.pem', bytes: Buffer.from(pem) }, ANNA));

  /** A receiver runs for as long as it takes this client to post, and writes down what it saw. */
  async function post(identity: Identity): Promise<number> {
    await using receiver = await startReceiver({ config: await load(), log });
    using buyer = createBuyer({ url: receiver.url, ca: place.pki.server.cert, ...identity });
    return (await buyer.post(document(1))).http;
  }
  const texts = (checks: readonly Check[]): string =>
    checks.map(({ state, text, remedy }) => `${state} ${text} → ${remedy}`).join('\n');

  it('finds nothing amiss before the first start, but for the single pin', async () => {
    await writeFile(join(place.folder, 'bundle.pem'), mintCa('Long', { notAfter: inDays(900) }).pem);
    const checks = await examine();
    const warned = checks.filter(({ state, text }) => state !== 'yes' && !text.includes('self-signed root'));
    expect(warned.map(({ text }) => text).join()).to.include('no successor is staged');
    expect(warned).to.have.length(1);
    expect(checks.find(({ about }) => about === 'client')?.text).to.equal('none was let in yet');
  });

  it('counts the days of a pin: a warning in its last months, a failure in its last week', async () => {
    const soon = await find('pinned CA');
    expect(soon).to.include({ state: 'warn' });
    expect(soon?.text)
      .to.include('9 days left')
      .and.to.include('nothing that lasts longer is pinned or staged');
    expect(soon?.remedy).to.include('sallyport trust stage');
    expect(await find('pinned CA', inDays(4))).to.include({ state: 'no' });
  });

  it('counts the days of what is staged, and says what brings it in force', async () => {
    const next = mintCa('Next', { issuer: place.pki.root, notAfter: inDays(900) });
    await stage(next.pem);
    const staged = await find('staged CA');
    expect(staged).to.include({ state: 'yes' });
    expect(staged?.text)
      .to.match(/899 days left/)
      .and.to.include('promoted');
    expect((await find('pinned CA', inDays(4)))?.remedy).to.include('sallyport trust promote');
  });

  it('counts the days of the client certificate that was seen last', async () => {
    expect(await post(place.pki.client(COUPA_NAME))).to.equal(200);
    const client = await find('client');
    expect(client).to.include({ state: 'warn' });
    expect(client?.text).to.include(`${COUPA_NAME}, 9 days left`).and.to.include('no newer one was seen');
    await post(place.pki.client(COUPA_NAME, { notAfter: inDays(400) }));
    const clients = (await examine()).filter(({ about }) => about === 'client');
    expect(clients.map(({ state }) => state)).to.deep.equal(['yes', 'yes']);
  });

  it('names a near miss of the last day, and the command to look at it', async () => {
    const { pki } = place;
    const leaf = pki.leaf(COUPA_NAME, { issuer: pki.sibling });
    expect(await post({ cert: leaf.pem + pki.sibling.pem, key: leaf.keyPem })).to.equal(503);
    const refused = await find('refused');
    expect(refused).to.include({ state: 'warn' });
    expect(refused?.remedy).to.include('sallyport trust refused show 1');
    expect(await find('refused', inDays(2))).to.include({ state: 'yes' });
    await stage(pki.sibling.pem);
    await withRotation((rotation) => rotation.promote({ pins: [], force: true }, { ...ANNA, reason: 'new' }));
    const mended = await find('refused');
    expect(mended).to.include({ state: 'yes' });
    expect(mended?.text).to.include('1 client').and.to.include('let in by now');
  });

  it('recognises a client whose CA has stopped issuing for clients, for a week', async () => {
    const { pki } = place;
    await post(pki.client(COUPA_NAME, { extendedKeyUsage: ['serverAuth'] }));
    expect(texts(await examine(inDays(3)))).to.include('its CA has stopped issuing for clients');
    expect(texts(await examine(inDays(8)))).not.to.include('stopped issuing');
  });

  it('fails on a journal that is not as it was written, and says how many entries a sound one has', async () => {
    await stage(place.pki.sibling.pem);
    expect((await find('journal'))?.text).to.match(
      /^as it was written, 2 entries, the last .*stage by anna@host/,
    );
    await appendFile(join(place.folder, 'data', 'trust', 'journal.jsonl'), '{"seq":3}\n{"seq":4}\n');
    expect(await find('journal')).to.include({ state: 'no', remedy: 'sallyport audit verify' });
  });

  it('says what it can when the journal cannot be read', async () => {
    await mkdir(join(place.folder, 'data', 'trust', 'journal.jsonl'), { recursive: true });
    const checks = await examine();
    expect(
      checks
        .filter(({ state }) => state === 'no')
        .map(({ text }) => text)
        .join(),
    ).to.include('journal');
    expect(checks.find(({ about }) => about === 'pinned CA')?.text).to.include('9 days left');
  });

  it('counts what is distrusted', async () => {
    await withRotation((rotation) => rotation.distrust({ key: 'ab'.repeat(32) }, ANNA));
    expect((await find('distrusted'))?.text).to.include('1 row');
  });

  it('says all that `trust show` warns of', async () => {
    await post(place.pki.client(COUPA_NAME, { extendedKeyUsage: ['serverAuth', 'clientAuth'] }));
    await stage(place.pki.sibling.pem);
    const { warnings } = await withRotation((rotation) => rotation.show());
    expect(warnings.length).to.be.greaterThan(2);
    const told = texts(await examine());
    for (const warning of warnings) expect(told).to.include(warning);
  });

  it('fails in the last week of the exception for certificates without clientAuth', async () => {
    const until = inDays(20).toISOString().slice(0, 10);
    await place.configure({
      trust: { bundle: 'bundle.pem', server_auth_only: { until, spki: ['ab'.repeat(32)] } },
    });
    const stateAt = async (at: Date): Promise<string | undefined> =>
      (await examine(at)).find(({ text }) => text.includes('for servers only are let in'))?.state;
    await writeFile(join(place.folder, 'bundle.pem'), mintCa('Long', { notAfter: inDays(900) }).pem);
    expect(await stateAt(inDays(1))).to.equal('warn');
    expect(await stateAt(inDays(15))).to.equal('no');
  });

  it('fails on a stale revocation list where that refuses clients', async () => {
    const issuer = mintCa('Issuer with a list');
    await writeFile(join(place.folder, 'bundle.pem'), issuer.pem);
    await writeFile(join(place.folder, 'a.crl'), mintCrl({ issuer, nextUpdate: inDays(-0.001) }));
    for (const [policy, state] of [
      ['soft', 'warn'],
      ['hard', 'no'],
    ] as const) {
      await place.configure({ trust: { bundle: 'bundle.pem', crl: 'a.crl', crl_policy: policy } });
      expect(await find('revocation')).to.include({ state });
    }
  });

  it('looks at the folder that rotation writes to', async () => {
    const state = join(place.folder, 'data', 'trust');
    expect((await find('trust.state'))?.text).to.include('will be made');
    await stage(place.pki.sibling.pem);
    expect(await find('trust.state')).to.include({ state: 'yes', text: `${state}, writable and private` });
    await chmod(state, 0o755);
    expect(await find('trust.state')).to.include({ state: 'warn', remedy: `chmod 700 ${state}` });
    expect(await checkState(join(place.folder, 'root.pem', 'trust'))).to.include({ state: 'no' });
  });
});

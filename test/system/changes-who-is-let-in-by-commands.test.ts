/** A rotation from a terminal beside a running receiver, and the same commands once it has stopped. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readControlFile } from '../../src/admin/control-token.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import {
  distrustTrust,
  liftTrust,
  promoteTrust,
  retireTrust,
  rollbackTrust,
  showTrust,
  stageTrust,
  type TrustSurroundings,
} from '../../src/cli/trust.ts';
import { openOfflineRotation } from '../../src/receiver-rotation.ts';
import { knock } from '../support/knock.ts';
import { COUPA_NAME, prepareWorkplace, startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { spawnReceiver } from '../support/spawned.ts';

async function run(command: (around: TrustSurroundings) => Promise<number>) {
  const printed: string[] = [];
  const stream = { write: (text: string | Uint8Array) => printed.push(String(text)) };
  const terminal = createTerminal({ out: stream, err: stream, env: {}, now: () => 0 });
  const env = { ...process.env, SALLYPORT_UNSAFE_TESTS: '1' };
  const code = await command({ terminal, env, now: () => new Date(), openOffline: openOfflineRotation });
  return { code, text: printed.join('') };
}

describe('commands about trust', () => {
  let receiver: TestReceiver;
  let config: string;
  beforeEach(async () => {
    receiver = await startTestReceiver();
    config = join(receiver.folder, 'sallyport.yaml');
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  it('let a new issuer in without a restart, and take it out again', async () => {
    const { pki, folder } = receiver;
    const next = pki.leaf(COUPA_NAME, { issuer: pki.sibling });
    const comes = () => knock(receiver, next, { issuers: [pki.sibling] });
    await knock(receiver, pki.leaf(COUPA_NAME), { issuers: [pki.intermediate] });
    expect(await comes()).to.include({ http: 503, code: 560 });

    const file = join(folder, 'new.pem');
    await writeFile(file, pki.sibling.pem);
    const staged = await run((around) => stageTrust(file, { config }, around));
    expect(staged.text).to.match(/^on the running receiver, process \d+\n/);
    expect(staged.code).to.equal(0);
    expect(await comes(), 'staged is not trusted').to.include({ http: 503 });

    const promoted = await run((around) => promoteTrust([], { config, reason: 'agreed' }, around));
    expect(promoted.text).to.match(/promoted: generation 2 is in force/);
    expect((await comes()).code).to.equal(200);

    const show = await run((around) => showTrust({ config, json: true }, around));
    const { pins } = JSON.parse(show.text.slice(show.text.indexOf('{')));
    expect(pins).to.have.lengthOf(2);
    const early = await run((around) => retireTrust(pins[0].fingerprint, { config, yes: true }, around));
    expect(early.code, 'still needed').to.equal(1);

    expect((await run((around) => rollbackTrust({ config, yes: true }, around))).code).to.equal(0);
    expect(await comes()).to.include({ http: 503 });
  });

  it('refuse a client at once, and let it in again once that was a mistake', async () => {
    const { pki } = receiver;
    const leaf = pki.leaf(COUPA_NAME, { serial: '0abc' });
    const comes = () => knock(receiver, leaf, { issuers: [pki.intermediate] });
    expect((await comes()).code).to.equal(200);
    const serial = { config, serial: '0abc', yes: true };
    expect((await run((around) => distrustTrust(undefined, serial, around))).code).to.equal(0);
    expect((await comes()).code).not.to.equal(200);

    const lifted = await run((around) => liftTrust(undefined, { ...serial, reason: 'a mistake' }, around));
    expect(lifted.text).to.match(/not distrusted any more: generation 3 is in force/);
    expect(lifted.text).to.include(`let in again from now on: ${COUPA_NAME}`);
    expect((await comes()).code).to.equal(200);
  });

  it('refuse a client at once while somebody changes the lists and breaks them', async () => {
    const { pki, folder, configure } = receiver;
    const list = join(folder, 'addresses.txt');
    await writeFile(list, '127.0.0.1');
    await configure({ trust: { bundle: 'bundle.pem', addresses: 'addresses.txt' } });
    await receiver.told('trust replaced');
    await writeFile(list, 'half an addr');
    const comes = () => knock(receiver, pki.leaf(COUPA_NAME, { serial: '0abc' }));
    expect((await comes()).code).to.equal(200);
    const serial = { config, serial: '0abc', yes: true };
    expect((await run((around) => distrustTrust(undefined, serial, around))).code).to.equal(0);
    expect((await comes()).code).not.to.equal(200);
    expect((await knock(receiver, pki.leaf(COUPA_NAME))).code).to.equal(200);
    const told = receiver.logged.map(({ warning }) => String(warning)).join();
    expect(told).to.include(`${list}:1: "half" is not an address: not taken, what is in force stays`);
  });

  it('put no part of a configuration in force that was not taken as a whole', async () => {
    const { pki, rotation, configure } = receiver;
    await configure({ trust: { bundle: 'bundle.pem', names: ['a.example'], addresses: 'nowhere.txt' } });
    await receiver.told('trust not replaced, the one in force stays');
    await rotation.distrust({ serial: '0abc' }, { by: 'anna@host', reason: null });
    expect((await knock(receiver, pki.leaf('a.example'))).http).to.equal(403);
    expect((await knock(receiver, pki.leaf(COUPA_NAME))).code).to.equal(200);
  });

  it('leave the token in its file alone, and the file no longer than the receiver runs', async () => {
    const state = join(receiver.folder, 'data', 'trust');
    const { token, url } = (await readControlFile(state)) ?? { token: '', url: '' };
    expect(url).to.equal(receiver.adminUrl);
    await run((around) => showTrust({ config }, around));
    const pages = await Promise.all(
      ['/', '/metrics', '/readyz'].map(async (path) => (await fetch(url + path)).text()),
    );
    const journal = await readFile(join(state, 'journal.jsonl'), 'utf8');
    const told = [JSON.stringify(receiver.logged), journal, ...pages].join('\n');
    expect(token).to.have.lengthOf(43);
    expect(told).not.to.include(token);
  });
});

describe('commands about trust, whatever became of the receiver', () => {
  it('speak to the process that runs, and work on the files once it was killed', async () => {
    await using workplace = await prepareWorkplace();
    const show = () => run((around) => showTrust({ config: workplace.configFile }, around));
    const state = join(workplace.folder, 'data', 'trust');
    {
      await using running = await spawnReceiver(workplace);
      expect((await show()).text).to.match(new RegExp(`^on the running receiver, process ${running.pid}\n`));
    }
    expect(await readControlFile(state), 'left by the kill').to.have.property('token');
    const { code, text } = await show();
    expect(text).to.match(/^offline, on the files: no receiver runs here\n/);
    expect(code).to.equal(0);
  });

  it('lift a distrust on the files, so that the next receiver lets the client in', async () => {
    await using workplace = await prepareWorkplace();
    const { configFile: config, pki } = workplace;
    const serial = { config, serial: '0abc', yes: true };
    await run((around) => distrustTrust(undefined, serial, around));
    const { code, text } = await run((around) => liftTrust(undefined, { ...serial, reason: 'no' }, around));
    expect(code).to.equal(0);
    expect(text)
      .to.match(/^offline, on the files: no receiver runs here\n/)
      .and.to.include('not distrusted any more: the next receiver starts with it')
      .and.to.include('serial:0abc');
    await using running = await spawnReceiver(workplace);
    const leaf = pki.leaf(COUPA_NAME, { serial: '0abc' });
    expect((await knock({ url: running.url, pki }, leaf, { issuers: [pki.intermediate] })).code).to.equal(
      200,
    );
  });
});

import { join } from 'node:path';
import { expect } from 'chai';
import { createTerminal } from '../../src/cli/terminal.ts';
import { listRefusedHandshakes, showRefusedHandshake } from '../../src/cli/trust-refused.ts';
import { knock } from '../support/knock.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

describe('sallyport trust refused', () => {
  let receiver: TestReceiver;
  let chain: string;
  before(async () => {
    receiver = await startTestReceiver();
    const { pki } = receiver;
    await knock(receiver, pki.leaf('somebody\u001b[31m\u202e.example'));
    const rotated = pki.leaf(COUPA_NAME, { issuer: pki.sibling, serial: '0abc' });
    chain = rotated.pem + pki.sibling.pem;
    for (let times = 0; times < 3; times += 1) await knock(receiver, rotated, { issuers: [pki.sibling] });
    await (await receiver.lookIntoStore())[Symbol.asyncDispose]();
  });
  after(() => receiver[Symbol.asyncDispose]());

  const list = ({ limit = 50, ...options }: { limit?: number; json?: boolean; nearMisses?: boolean } = {}) =>
    run((config, surroundings) => listRefusedHandshakes({ config, limit, ...options }, surroundings));
  const show = (which: string, options: { json?: boolean; pem?: boolean } = {}) =>
    run((config, surroundings) => showRefusedHandshake(which, { config, ...options }, surroundings));

  async function run(
    command: (
      config: string,
      surroundings: Parameters<typeof listRefusedHandshakes>[1],
    ) => ReturnType<typeof listRefusedHandshakes>,
  ) {
    const printed: Buffer[] = [];
    const complained: string[] = [];
    const terminal = createTerminal({
      out: { write: (text) => printed.push(Buffer.from(text)) },
      err: { write: (text) => complained.push(String(text)) },
      env: {},
      now: () => 0,
    });
    const env = { ...process.env, SALLYPORT_UNSAFE_TESTS: '1' };
    const code = await command(join(receiver.folder, 'sallyport.yaml'), { terminal, env });
    return { code, stdout: Buffer.concat(printed).toString(), stderr: complained.join('') };
  }

  async function numberOfNearMiss(): Promise<string> {
    const [record] = JSON.parse((await list({ json: true, nearMisses: true })).stdout);
    return String(record.id);
  }

  it('lists who was refused, the last one first, with the reasons and how often it came', async () => {
    const { code, stdout } = await list();
    expect(code).to.equal(0);
    const [titles, newest, older] = stdout.split('\n');
    expect(titles).to.match(/no\. +last seen +times +from +who +name +reasons/);
    expect(newest).to.match(/ 3 +127\.0\.0\.1 +near miss +cxml-supplier\.coupahost\.com +untrusted_issuer/);
    expect(older).to.match(/ 1 +127\.0\.0\.1 +stranger +somebody.* +name_not_allowed/);
  });

  it('lists near misses alone', async () => {
    const { stdout } = await list({ nearMisses: true });
    expect(stdout).to.include('near miss');
    expect(stdout).not.to.include('stranger');
  });

  it('says that there may be more than it shows', async () => {
    expect((await list({ limit: 1 })).stdout).to.include('--limit');
    expect((await list()).stdout).not.to.include('--limit');
  });

  it('shows one whole: from where, what it showed, why, what Coupa sees, and the next step', async () => {
    const number = await numberOfNearMiss();
    const { code, stdout } = await show(number);
    expect(code).to.equal(0);
    for (const part of [
      "A client with Coupa's name was refused",
      /when +\d{4}-\d\d-\d\d .* to /,
      /how often +3 times/,
      /from +127\.0\.0\.1, TLSv1\.3/,
      /the client's own +CN=cxml-supplier\.coupahost\.com/,
      /issued by +O=Sallyport tests, CN=Test Intermediate B/,
      /serial +0abc/,
      /issuer 1 +O=Sallyport tests, CN=Test Intermediate B/,
      /valid +\d{4}-\d\d-\d\d/,
      'untrusted_issuer',
      'Here: the issuer O=Sallyport tests, CN=Test Root is not pinned.',
      'HTTP 503 with cXML Status 560',
      `→ If it is Coupa's new one`,
      `sallyport trust stage --from-refused ${number} `,
    ]) {
      if (typeof part === 'string') expect(stdout).to.include(part);
      else expect(stdout).to.match(part);
    }
  });

  it('finds one by the reference that the client was told', async () => {
    const [record] = JSON.parse((await list({ json: true, nearMisses: true })).stdout);
    expect((await show(record.reference)).stdout).to.equal((await show(String(record.id))).stdout);
  });

  it('writes out the chain, exactly, with --pem', async () => {
    const { code, stdout } = await show(await numberOfNearMiss(), { pem: true });
    expect(code).to.equal(0);
    expect(stdout).to.equal(chain);
  });

  it('gives everything as JSON', async () => {
    const record = JSON.parse((await show(await numberOfNearMiss(), { json: true })).stdout);
    expect(record).to.include({ times: 3, nearMiss: true, enforced: true, chainPem: chain });
    expect(record.explanation.reasons).to.deep.equal(['untrusted_issuer']);
    expect(record.explanation.next).to.include('--from-refused');
  });

  it('prints nothing that a certificate could use to fool a terminal', async () => {
    const records: { id: number }[] = JSON.parse((await list({ json: true })).stdout);
    const shown = await Promise.all(records.map(({ id }) => show(String(id))));
    for (const { stdout } of [await list(), ...shown]) {
      expect(stdout).not.to.include('\u202e');
      expect(stdout).not.to.include('\u001b');
    }
  });

  it('says when there is none of that number', async () => {
    const { code, stderr } = await show('4711');
    expect(code).to.equal(1);
    expect(stderr).to.include('4711');
    expect(stderr).to.include('sallyport trust refused list');
  });
});

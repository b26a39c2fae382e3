import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { type Finished, runSallyport } from '../support/sallyport.ts';

describe('sallyport simulate', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
    const { cert, key } = receiver.pki.client(COUPA_NAME);
    await writeFile(join(receiver.folder, 'client.pem'), cert);
    await writeFile(join(receiver.folder, 'client.key'), key);
  });
  after(() => receiver[Symbol.asyncDispose]());

  function simulate(what: string, ...more: readonly string[]): Promise<Finished> {
    const files = ['--cert', 'client.pem', '--key', 'client.key', '--ca', 'server.pem'];
    return runSallyport(['simulate', what, '--to', receiver.url, ...files, ...more], {
      cwd: receiver.folder,
    });
  }

  it('sends an order and tells each step, the Status and what Coupa does', async () => {
    const { code, stdout, stderr } = await simulate('order');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout)
      .to.match(/✔ TLS +TLSv1\.3 \S+ [\d.]+ ms/)
      .and.to.match(/✔ HTTP +200 answered in [\d.]+ ms/)
      .and.to.match(/✔ Status +200 /)
      .and.to.match(/→ Coupa marks the order as sent/);
  });

  for (const what of ['update', 'cancel']) {
    it(`sends an order and then its ${what}, which refers to it`, async () => {
      const { code, stdout } = await simulate(what, '--json');
      expect(code).to.equal(0);
      const [first, change] = JSON.parse(stdout);
      expect(change.orderId).to.equal(first.orderId);
      expect(change.payloadId).not.to.equal(first.payloadId);
    });
  }

  it('changes an order that is there already', async () => {
    const { code, stdout } = await simulate('cancel', '--order', '815', '--json');
    expect(code).to.equal(0);
    expect(JSON.parse(stdout).map((each: { orderId: string }) => each.orderId)).to.deep.equal(['815']);
  });

  it('sends the same bytes twice and compares the replies', async () => {
    const { code, stdout } = await simulate('duplicate');
    expect(code).to.equal(0);
    expect(stdout).to.include('✔ both replies are the same, byte for byte');
  });

  it('posts a file as it is, and fails when it is refused', async () => {
    await writeFile(join(receiver.folder, 'broken.xml'), '<cXML>');
    const { code, stdout } = await simulate('broken.xml');
    expect(code).to.equal(1);
    expect(stdout)
      .to.match(/✖ Status +406/)
      .and.to.include('its administrators read:');
  });

  it('fails when it shows no certificate', async () => {
    const args = ['simulate', 'order', '--to', receiver.url, '--ca', 'server.pem'];
    const { code, stdout } = await runSallyport(args, { cwd: receiver.folder });
    expect(code).to.equal(1);
    expect(stdout).to.match(/✖ HTTP +403/);
  });

  it('fails when nobody vouches for the server', async () => {
    const { code, stdout } = await runSallyport(['simulate', 'order', '--to', receiver.url]);
    expect(code).to.equal(1);
    expect(stdout).to.include('✖ TLS').and.to.include('Transmission Failure');
  });

  it('repeats, and sums up how long answers took', async () => {
    const { code, stdout } = await simulate('order', '--repeat', '20', '--json');
    expect(code).to.equal(0);
    const summary = JSON.parse(stdout);
    expect(summary).to.deep.include({ posts: 20, answered200: 20 });
    expect(summary.answeredInMs.p50).to.be.above(0).and.at.most(summary.answeredInMs.p99);
    const people = await simulate('order', '--repeat', '5', '--rate', '50');
    expect(people.code).to.equal(0);
    expect(people.stdout)
      .to.match(/✔ 5 posts in [\d.]+ s/)
      .and.to.match(/p50 [\d.]+ ms {2}p95/);
  });

  it('counts what was refused while it repeats', async () => {
    await writeFile(join(receiver.folder, 'broken.xml'), '<cXML>');
    const { code, stdout } = await simulate('broken.xml', '--repeat', '3', '--json');
    expect(code).to.equal(1);
    const { answered200, outcomes } = JSON.parse(stdout);
    expect(answered200).to.equal(0);
    expect(Object.values(outcomes)).to.deep.equal([3]);
  });

  const mistakes = {
    'a word that is no file either': ['ordre', '--to', 'https://127.0.0.1:1/'],
    'an address without TLS': ['order', '--to', 'http://127.0.0.1:1/'],
    'no address': ['order', '--to', 'nonsense'],
    'a certificate without its key': ['order', '--to', 'https://127.0.0.1:1/', '--cert', 'x'],
    'a certificate that is not there': ['order', '--to', 'https://127.0.0.1:1/', '--cert', 'x', '--key', 'y'],
    'a secret that is not set': ['order', '--to', 'https://127.0.0.1:1/', '--secret-env', 'NOT_SET_AT_ALL'],
  };
  for (const [name, args] of Object.entries(mistakes)) {
    it(`refuses ${name}`, async () => {
      const { code, stderr } = await runSallyport(['simulate', ...args]);
      expect(code).to.equal(2);
      expect(stderr).to.match(/^✖ /).and.to.include('\n→ ');
    });
  }

  it('refuses a certificate that is none', async () => {
    const args = ['--cert', 'bundle.pem', '--key', 'sallyport.yaml', '--ca', 'server.pem'];
    const { code, stderr } = await runSallyport(['simulate', 'order', '--to', receiver.url, ...args], {
      cwd: receiver.folder,
    });
    expect(code).to.equal(2);
    expect(stderr).to.match(/^✖ /).and.to.include('\n→ ');
  });
});

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
      .and.to.include('its administrators read:')
      .and.to.match(/mail +cXML Failure \(Failed to send PO #/)
      .and.to.include('PO failed: 406 Not Acceptable');
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

  const kinds = [
    'attachment',
    'resend',
    'confirmation-header',
    'confirmation-line',
    'release',
    'latin-9',
    'utf-16',
  ];
  for (const kind of kinds) {
    it(`has ${kind} delivered, each message of it`, async () => {
      const { code, stdout } = await simulate(kind, '--json');
      expect(code).to.equal(0);
      const told: readonly { http: number; status: { code: number } }[] = JSON.parse(stdout);
      expect(told.map(({ http, status }) => [http, status.code])).to.deep.equal(told.map(() => [200, 200]));
    });
  }

  it('keeps what a document in ISO-8859-15 says', async () => {
    const { stdout } = await simulate('latin-9', '--json');
    const [{ orderId }] = JSON.parse(stdout);
    const shown = await runSallyport(['orders', 'raw', orderId, '-c', 'sallyport.yaml'], {
      cwd: receiver.folder,
      env: { SALLYPORT_UNSAFE_TESTS: '1' },
    });
    expect(shown.bytes.includes(Buffer.from('caf\xe9et', 'latin1'))).to.equal(true);
  });

  it('takes its time over a slow body, which is delivered all the same', async () => {
    const { code, stdout } = await simulate('slow', '--seconds', '1', '--json');
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)[0].requestMs).to.be.at.least(900);
  });

  it('cuts the connection in the middle of the body and repeats it 5 minutes later, as one order', async () => {
    const { code, stdout } = await simulate('cut', '--hour-seconds', '1', '--json');
    expect(code).to.equal(0);
    const [{ attempts, orderId }] = JSON.parse(stdout);
    expect(
      attempts.map((each: { minutes: number; failure?: { stage: string }; http: number }) => [
        each.minutes,
        each.failure?.stage ?? each.http,
      ]),
    ).to.deep.equal([
      [0, 'cut'],
      [5, 200],
    ]);
    await using reader = await receiver.lookIntoStore();
    const kept = await reader.findOrders({ orderId });
    expect(kept.map(({ messages }) => messages.length)).to.deep.equal([1]);
  });

  it('repeats, and sums up how long answers took', async () => {
    const { code, stdout } = await simulate('order', '--repeat', '20', '--json');
    expect(code).to.equal(0);
    const summary = JSON.parse(stdout);
    expect(summary).to.deep.include({ posts: 20, delivered: 20 });
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
    const { delivered, outcomes } = JSON.parse(stdout);
    expect(delivered).to.equal(0);
    expect(Object.values(outcomes)).to.deep.equal([3]);
  });

  const mistakes = {
    'a word that is no file either': ['ordre', '--to', 'https://127.0.0.1:1/'],
    'an address without TLS': ['order', '--to', 'http://127.0.0.1:1/'],
    'no address': ['order', '--to', 'nonsense'],
    'a certificate without its key': ['order', '--to', 'https://127.0.0.1:1/', '--cert', 'x'],
    'a certificate that is not there': ['order', '--to', 'https://127.0.0.1:1/', '--cert', 'x', '--key', 'y'],
    'many that are each followed through': ['cut', '--to', 'https://127.0.0.1:1/', '--repeat', '2'],
    'an hour without length': ['order', '--to', 'https://127.0.0.1:1/', '--retry', '--hour-seconds', '0'],
    'a kind of multipart that there is not': ['attachment', '--to', 'https://x/', '--multipart', 'digest'],
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

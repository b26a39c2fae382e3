import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSampleOrder } from '../../src/cli/sample-order.ts';
import { writeOrder } from '../../src/cxml/write-order.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { type Finished, runSallyport } from '../support/sallyport.ts';

const AT = new Date('2026-11-20T09:14:50Z');

function orderBytes(type: 'new' | 'update' | 'delete', orderId: string, minutes = 0): Buffer {
  const sample = createSampleOrder({
    orderId,
    type,
    at: new Date(AT.getTime() + minutes * 60_000),
    orderedAt: AT,
    from: { domain: 'DUNS', identity: '128293714' },
    to: { domain: 'NetworkID', identity: 'SUPPLIER-1' },
  });
  return Buffer.from(writeOrder(sample));
}

describe('sallyport orders', () => {
  let receiver: TestReceiver;
  const first = orderBytes('new', '4711');
  const second = orderBytes('update', '4711', 5);
  before(async () => {
    receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    for (const bytes of [first, second, second, orderBytes('new', '4712')]) await buyer.post(bytes);
    await buyer.post(orderBytes('delete', '4712', 1));
  });
  after(() => receiver[Symbol.asyncDispose]());

  function orders(...args: readonly string[]): Promise<Finished> {
    const config = join(receiver.folder, 'sallyport.yaml');
    return runSallyport(['orders', ...args, '-c', config], { env: { SALLYPORT_UNSAFE_TESTS: '1' } });
  }

  it('lists the newest first, beside the running receiver', async () => {
    const { code, stdout } = await orders('list');
    expect(code).to.equal(0);
    const [titles, newest, older] = stdout.split('\n');
    expect(titles).to.match(/^received +buyer +order +revision +lines +total/);
    expect(newest).to.include('4712').and.to.include('cancelled');
    expect(older).to.include('4711').and.to.include('2394.8 SEK');
  });

  it('lists as JSON, as many as asked for', async () => {
    const { stdout } = await orders('list', '--json', '--limit', '1');
    expect(JSON.parse(stdout).map((each: { orderId: string }) => each.orderId)).to.deep.equal(['4712']);
  });

  it('shows an order as it is now, with every message that led there', async () => {
    const { code, stdout } = await orders('show', '4711');
    expect(code).to.equal(0);
    expect(stdout).to.include('PO 4711, update, 3 lines, 2394.8 SEK');
    expect(stdout)
      .to.match(/message \d+ +revision 1 +new/)
      .and.to.match(/message \d+ +revision 2, in force +update/);
    expect(stdout)
      .to.match(/replays +1/)
      .and.to.match(/answered +\S+, 200 OK/);
  });

  it('shows the normalised order as JSON', async () => {
    const { stdout } = await orders('show', '4711', '--json');
    const order = JSON.parse(stdout);
    expect(order).to.deep.include({
      purchaseOrderNumber: '4711',
      operation: 'update',
      revision: 2,
      revisionSource: 'receiver',
    });
    expect(order.buyer.key).to.equal('anybody');
    expect(order.source).to.include({ format: 'cXML', size: second.byteLength });
    expect(order.source.peerSpkiSha256).to.match(/^[0-9a-f]{64}$/);
  });

  it('writes the bytes of the message in force, exactly', async () => {
    const { code, bytes } = await orders('raw', '4711');
    expect(code).to.equal(0);
    expect(bytes.equals(second)).to.equal(true);
  });

  it('writes the bytes of another message of the order', async () => {
    const { stdout } = await orders('show', '4711');
    const id = /message (\d+) +revision 1/.exec(stdout)?.[1] ?? '';
    expect((await orders('raw', '4711', '--message', id)).bytes.equals(first)).to.equal(true);
  });

  it('says no to an order that is not there', async () => {
    for (const command of ['show', 'raw']) {
      const { code, stdout, stderr } = await orders(command, '9999');
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.include('no order 9999').and.to.include('→ ');
    }
  });

  it('says no to a message that is not of the order', async () => {
    const { code, stderr } = await orders('raw', '4711', '--message', '999999');
    expect(code).to.equal(1);
    expect(stderr).to.include('no message 999999');
  });

  it('fails with 2 when there is no store yet', async () => {
    const config = join(receiver.folder, 'empty.yaml');
    await writeFile(
      config,
      `certificate: { chain: server.pem, key: "file:server.key" }
trust: { bundle: bundle.pem }
buyers: [{ key: a, from: [{ domain: D, identity: i }], shared_secret: none }]
store: { url: "sqlite:nowhere/x.db" }
`,
    );
    const { code, stderr } = await runSallyport(['orders', 'list', '-c', config]);
    expect(code).to.equal(2);
    expect(stderr).to.include('there is no store').and.to.include('→ ');
  });
});

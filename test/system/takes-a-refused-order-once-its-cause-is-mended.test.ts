/** A refused order is taken by a command, over real mutual TLS and with its files, once what was wrong here is mended. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createBuyer } from '../support/buyer.ts';
import { sampleDocument } from '../support/orders.ts';
import {
  COUPA_NAME,
  prepareWorkplace,
  QUICK_WATCH,
  startTestReceiver,
  type TestReceiver,
} from '../support/receiver.ts';
import { type Finished, runSallyport } from '../support/sallyport.ts';
import { spawnReceiver } from '../support/spawned.ts';

/** As in `sampleDocument`. */
const SECRET = 'not a real secret';
const BUYERS = [
  { key: 'acme', from: [{ domain: 'DUNS', identity: '128293714' }], shared_secret: 'file:secret' },
];
const PARTS = { 'content-type': 'multipart/related; boundary=f' };

function withFile(document: string, end = '--f--\r\n'): string {
  const drawing = 'Content-Type: text/plain\r\nContent-ID: <drawing>\r\n\r\nround, not square';
  return `--f\r\nContent-Type: text/xml; charset=UTF-8\r\n\r\n${document}\r\n--f\r\n${drawing}\r\n${end}`;
}

const start = (): Promise<TestReceiver> =>
  startTestReceiver(
    { buyers: BUYERS },
    {
      prepare: ({ folder }) => writeFile(join(folder, 'secret'), 'mistyped'),
      watchTiming: QUICK_WATCH,
    },
  );

async function mend(receiver: TestReceiver): Promise<void> {
  await writeFile(join(receiver.folder, 'secret'), SECRET);
  await receiver.told('secrets replaced');
}

function sallyport({ folder }: TestReceiver, ...args: readonly string[]): Promise<Finished> {
  return runSallyport([...args, '-c', join(folder, 'sallyport.yaml')]);
}

/** As it was before it was broken for a terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function release(receiver: TestReceiver, id: number, ...more: readonly string[]): Promise<Finished> {
  return sallyport(receiver, 'refused', 'release', `${id}`, '--reason', 'the secret was mistyped', ...more);
}

describe('an order that was refused for a mistake of ours', function () {
  this.timeout(60_000);

  it('is taken once that is mended, with its bytes and files, and not twice', async () => {
    await using receiver = await start();
    using buyer = receiver.buyer();
    const document = sampleDocument({ orderId: 'R1' });
    expect((await buyer.post(withFile(document), PARTS)).code).to.equal(401);

    const early = await release(receiver, 1);
    expect(early.code, early.stdout).to.equal(1);
    expect(early.stderr).to.match(/1 was not released: it would be refused again: The Sender is not known/);
    expect(early.stderr).to.include('nothing was changed').and.not.to.include(SECRET);

    await mend(receiver);
    const { code, stdout, stderr } = await release(receiver, 1);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('on the running receiver, process ');
    expect(stdout).to.include('refused message 1 kept as order R1, revision 1, in force');

    await using store = await receiver.lookIntoStore();
    const [order] = await store.findOrders({ orderId: 'R1' });
    const [message] = order?.messages ?? [];
    expect(Buffer.from((await store.readMessage(message?.id ?? 0))?.bytes ?? []).toString()).to.equal(
      document,
    );
    expect(message?.attachments.map(({ contentId, size }) => [contentId, size])).to.deep.equal([
      ['drawing', 17],
    ]);
    expect(message?.released).to.include({ code: 'sender-unknown', reason: 'the secret was mistyped' });
    expect(await store.counts()).to.deep.equal({ messages: 1, orders: 1, refused: 0, conflicts: 0 });

    expect((await buyer.post(withFile(document), PARTS)).code, 'the buyer sends it again').to.equal(200);
    expect(await store.counts()).to.deep.equal({ messages: 1, orders: 1, refused: 0, conflicts: 0 });
    const shown = await sallyport(receiver, 'orders', 'show', 'R1');
    const gone = await sallyport(receiver, 'refused', 'show', '1');
    expect(oneLine(gone.stderr)).to.include('no refused message 1: it was released, or had to go');
    expect(shown.stdout).to.match(/released {2}.* was refused for sender-unknown as number 1/);
    const [line] = await receiver.told('refused message released');
    expect(line).to.include({ refused: 1, orderId: 'R1', outcome: 'kept', buyer: 'acme' });
    expect(JSON.stringify(receiver.logged)).not.to.include(SECRET);
  });

  it('was not counted as another arrival while it stayed refused', async () => {
    await using receiver = await start();
    using buyer = receiver.buyer();
    await buyer.post(sampleDocument({ orderId: 'R2' }));
    await release(receiver, 1);
    await using store = await receiver.lookIntoStore();
    expect(await store.findRefused(1)).to.include({ times: 1, code: 'sender-unknown' });
  });

  it('is told of without a stack when what is asked cannot be', async () => {
    await using receiver = await start();
    const command = ['refused', 'release', '1', '--reason', 'x'.repeat(2_001)];
    const long = await sallyport(receiver, ...command);
    expect(long.code, long.stderr).to.equal(2);
    expect(long.stderr).to.include('--reason is longer than 2000 characters').and.to.include('→ ');
    const missing = await release(receiver, 1);
    expect(missing.code).to.equal(1);
    expect(missing.stderr).to.include('there is no refused message 1').and.not.to.include('stays refused');
  });

  it('is taken while no receiver runs, too', async () => {
    await using workplace = await prepareWorkplace({ buyers: BUYERS });
    const { folder, pki, configFile: config } = workplace;
    await writeFile(join(folder, 'secret'), 'mistyped');
    {
      await using receiver = await spawnReceiver(workplace);
      const parts = { url: receiver.url, ca: pki.server.cert, ...pki.client(COUPA_NAME) };
      using buyer = createBuyer(parts);
      expect((await buyer.post(sampleDocument({ orderId: 'R3' }))).code).to.equal(401);
    }
    await writeFile(join(folder, 'secret'), SECRET);
    const command = ['refused', 'release', '1', '--reason', 'mended', '--json', '-c', config];
    const { code, stdout, stderr } = await runSallyport(command);
    expect(code, stderr).to.equal(0);
    expect(stderr).to.include('offline, on the files');
    expect(JSON.parse(stdout)).to.include({ released: true, outcome: 'kept', orderId: 'R3', revision: 1 });
    expect((await runSallyport(command)).code, 'there is none any more').to.equal(1);
  });

  it('stays refused when the client that sent it is trusted no more', async () => {
    await using receiver = await start();
    using buyer = receiver.buyer();
    await buyer.post(sampleDocument({ orderId: 'R4' }));
    await mend(receiver);
    await using store = await receiver.lookIntoStore();
    const key = (await store.readHeld(1))?.peer.spki ?? '';
    await receiver.rotation.distrust({ key }, { by: 'anna@host', reason: 'stolen' });
    const { code, stderr } = await release(receiver, 1);
    expect(code).to.equal(1);
    expect(oneLine(stderr)).to.include(
      'would not be let in any more: the client certificate is on the deny-list',
    );
    expect(await store.counts()).to.include({ orders: 0, refused: 1 });
  });

  it('stays refused when it came without its end, or under a payloadID that is taken', async () => {
    await using receiver = await start();
    await mend(receiver);
    using buyer = receiver.buyer();
    const document = sampleDocument({ orderId: 'R5', payloadId: 'five' });
    expect((await buyer.post(withFile(document, ''), PARTS)).code).to.equal(406);
    await buyer.post(document);
    const other = sampleDocument({ orderId: 'R5', payloadId: 'five', quantity: '99' });
    expect((await buyer.post(other)).code).to.equal(409);
    const told = async (id: number): Promise<string> => oneLine((await release(receiver, id)).stderr);
    expect(await told(1)).to.include('nobody knows what is missing');
    expect(await told(2)).to.include('its payloadID is taken by other content');
    expect(await told(3)).to.include('there is no refused message 3');
  });
});

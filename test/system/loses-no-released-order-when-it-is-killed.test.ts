/** A process that dies while a refused order is released: afterwards it is held or it is an order, whole, and never both. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { readControlFile } from '../../src/admin/control-token.ts';
import { createControlClient } from '../../src/cli/control-client.ts';
import { openStoreReader } from '../../src/store/open-store.ts';
import { createBuyer } from '../support/buyer.ts';
import { sampleDocument } from '../support/orders.ts';
import { COUPA_NAME, prepareWorkplace } from '../support/receiver.ts';
import { spawnReceiver } from '../support/spawned.ts';

/** When it dies, from before the question arrives until after the commit; the last one as soon as it has answered. */
const KILLED_AFTER_MS = [0, 20, 40, 60, 90, 130, Number.POSITIVE_INFINITY];
const BUYERS = [
  { key: 'acme', from: [{ domain: 'DUNS', identity: '128293714' }], shared_secret: 'file:secret' },
];
const PARTS = { 'content-type': 'multipart/related; boundary=f' };

function withFile(number: number): string {
  const document = sampleDocument({ orderId: `K${number}` });
  const file = `Content-Type: text/plain\r\nContent-ID: <drawing>\r\n\r\ndrawing ${number}`;
  return `--f\r\nContent-Type: text/xml; charset=UTF-8\r\n\r\n${document}\r\n--f\r\n${file}\r\n--f--\r\n`;
}

describe('a receiver that is killed while refused orders are released', () => {
  it('has each of them afterwards, once, with its bytes and its file', async function () {
    this.timeout(120_000);
    await using workplace = await prepareWorkplace({ buyers: BUYERS });
    const { folder, pki } = workplace;
    await writeFile(join(folder, 'secret'), 'mistyped');
    {
      await using receiver = await spawnReceiver(workplace);
      using buyer = createBuyer({ url: receiver.url, ca: pki.server.cert, ...pki.client(COUPA_NAME) });
      for (const [index] of KILLED_AFTER_MS.entries()) {
        expect((await buyer.post(withFile(index + 1), PARTS)).code).to.equal(401);
      }
      await receiver.stop();
    }
    await writeFile(join(folder, 'secret'), 'not a real secret');
    const answered = new Set<number>();
    for (const [index, ms] of KILLED_AFTER_MS.entries()) {
      await using receiver = await spawnReceiver(workplace);
      await receiver.told('receiver started');
      const control = await readControlFile(join(folder, 'data', 'trust'));
      if (control === undefined) throw new Error('no control file');
      const { releases } = createControlClient(control);
      const asked = releases.release(index + 1, { by: 'anna@host', reason: 'mended' }).then(
        ({ released }) => void (released && answered.add(index + 1)),
        () => {},
      );
      await (Number.isFinite(ms) ? Promise.race([asked, pause(ms)]) : asked);
      receiver.kill();
      await asked;
    }
    await using _last = await spawnReceiver(workplace); // sweeps what nobody names
    const url = `sqlite:${join(folder, 'data', 'sallyport.db')}`;
    await using store = await openStoreReader({ url });
    let orders = 0;
    for (const [index] of KILLED_AFTER_MS.entries()) {
      const number = index + 1;
      const document = sampleDocument({ orderId: `K${number}` });
      const held = await store.readHeld(number);
      const [order] = await store.findOrders({ orderId: `K${number}` });
      expect((held === undefined) === (order !== undefined), `K${number} is one of the two`).to.equal(true);
      if (answered.has(number)) expect(order, `K${number} was said to be released`).to.not.equal(undefined);
      const [message, ...more] = order?.messages ?? [];
      expect(more).to.deep.equal([]);
      const kept = message === undefined ? held : await store.readMessage(message.id);
      expect(Buffer.from(kept?.bytes ?? []).toString()).to.equal(document);
      const [file] = message?.attachments ?? (await store.listAttachmentsOfRefused(number));
      const bytes = await readFile((await store.findAttachment(file?.id ?? 0))?.path ?? '');
      expect(createHash('sha256').update(bytes).digest('hex')).to.equal(file?.sha256);
      if (order !== undefined) orders += 1;
    }
    expect(answered.has(KILLED_AFTER_MS.length)).to.equal(true);
    expect(await store.counts()).to.include({ orders, refused: KILLED_AFTER_MS.length - orders });
    console.log(
      `      ${KILLED_AFTER_MS.length} kills: ${orders} were orders by then, the others still held`,
    );
  });
});

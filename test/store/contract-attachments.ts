import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DeliveredAttachment, Store } from '../../src/store/store.ts';
import { arrival, refused, sha256 } from './arrivals.ts';
import type { CreatePlace } from './contract.ts';

let files = 0;

async function spooled(store: Store, content: string): Promise<DeliveredAttachment> {
  files += 1;
  const path = join(store.incomingFolder, String(files));
  await writeFile(path, content);
  return {
    path,
    contentId: 'drawing@buyer.example',
    mediaType: 'application/pdf; name="a.pdf"',
    sniffedType: 'application/pdf',
    fileName: '../../a.pdf',
    description: null,
    size: content.length,
    sha256: sha256(content),
  };
}

async function pathOf(store: Store, id = 0): Promise<string> {
  return (await store.findAttachment(id))?.path ?? '';
}

export function exerciseAttachments(createPlace: CreatePlace): void {
  describe('files that came with a message', () => {
    it('are kept with it, each under its digest', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const [one, two] = [await spooled(store, 'one'), await spooled(store, 'two')];
      await store.keepOrder(arrival({ attachments: [one, two] }));
      const [order] = await store.findOrders({ orderId: '4500' });
      const kept = order?.messages[0]?.attachments ?? [];
      const { path: _path, ...facts } = one;
      expect(kept[0]).to.deep.equal({ id: 1, position: 1, ...facts });
      expect(kept.map(({ position, size }) => [position, size])).to.deep.equal([
        [1, 3],
        [2, 3],
      ]);
      const path = await pathOf(store, kept[1]?.id);
      expect(await readFile(path, 'utf8')).to.equal('two');
      expect(path.endsWith(sha256('two'))).to.equal(true);
      expect(existsSync(one.path)).to.equal(false);
    });

    it('are written once for all who sent the same, and outlive the process', async () => {
      await using place = await createPlace();
      {
        await using store = await place.open();
        await store.keepOrder(arrival({ attachments: [await spooled(store, 'same')] }));
        await store.keepOrder(
          arrival({ orderId: '4501', payloadId: 'p2', attachments: [await spooled(store, 'same')] }),
        );
      }
      await using store = await place.open();
      const paths = new Set([await pathOf(store, 1), await pathOf(store, 2)]);
      expect(paths.size).to.equal(1);
      expect(await readFile([...paths][0] ?? '', 'utf8')).to.equal('same');
    });

    it('are put off with the order when they cannot be made durable', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const gone = { ...(await spooled(store, 'x')), path: join(store.incomingFolder, 'not there') };
      const outcome = await store.keepOrder(arrival({ attachments: [gone] })).catch((error) => error);
      expect(outcome).to.include({ code: 'store-unavailable' });
      expect(await store.findOrders({ orderId: '4500' })).to.deep.equal([]);
    });

    it('are kept with what was refused, and count in its bound', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxBytes: 1_000 });
      await store.keepRefused(refused({ attachments: [await spooled(store, 'x'.repeat(600))] }));
      expect(await store.listAttachmentsOfRefused(1)).to.have.length(1);
      const first = await pathOf(store, 1);
      expect(existsSync(first)).to.equal(true);
      const other = { bytes: Buffer.from('<other/>'), attachments: [await spooled(store, 'y'.repeat(600))] };
      await store.keepRefused(refused(other));
      expect((await store.listRefused()).map(({ id }) => id)).to.deep.equal([2]);
      expect(existsSync(first)).to.equal(false);
      expect(existsSync(await pathOf(store, 2))).to.equal(true);
    });

    it('stay when what was refused goes but an order names them, too', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxBytes: 1_000 });
      await store.keepRefused(refused({ attachments: [await spooled(store, 'z'.repeat(600))] }));
      await store.keepOrder(arrival({ attachments: [await spooled(store, 'z'.repeat(600))] }));
      await store.keepRefused(
        refused({ bytes: Buffer.from('<other/>'), attachments: [await spooled(store, 'y'.repeat(600))] }),
      );
      expect(existsSync(await pathOf(store, 2))).to.equal(true);
    });

    it('are swept away at the next start when no message names them', async () => {
      await using place = await createPlace();
      let kept = '';
      let left: string[] = [];
      {
        await using store = await place.open();
        await store.keepOrder(arrival({ attachments: [await spooled(store, 'kept')] }));
        kept = await pathOf(store, 1);
        const orphan = kept.replace(/[0-9a-f]{64}$/, sha256('orphan'));
        await writeFile(orphan, 'orphan');
        left = [orphan, (await spooled(store, 'unfinished')).path];
      }
      await using _store = await place.open();
      expect(left.map(existsSync)).to.deep.equal([false, false]);
      expect(existsSync(kept)).to.equal(true);
    });
  });
}

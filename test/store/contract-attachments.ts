import { existsSync, readdirSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

function keptFiles(store: Store): string[] {
  const entries = readdirSync(join(dirname(store.incomingFolder), 'kept'), {
    recursive: true,
    withFileTypes: true,
  });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function linkTo(target: string, path: string): Promise<void> {
  await rm(path);
  await symlink(target, path);
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
      await using store = await place.open({ refusedMaxBytes: 10_000 });
      await store.keepRefused(refused({ attachments: [await spooled(store, 'x'.repeat(5_000))] }));
      expect(await store.listAttachmentsOfRefused(1)).to.have.length(1);
      const first = await pathOf(store, 1);
      expect(existsSync(first)).to.equal(true);
      const other = {
        bytes: Buffer.from('<other/>'),
        attachments: [await spooled(store, 'y'.repeat(5_000))],
      };
      await store.keepRefused(refused(other));
      expect((await store.listRefused()).map(({ id }) => id)).to.deep.equal([2]);
      expect(existsSync(first)).to.equal(false);
      expect(existsSync(await pathOf(store, 2))).to.equal(true);
    });

    it('go over to the order when the message is released, and stay where they are', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const code = 'sender-unknown';
      await store.keepRefused(refused({ code, attachments: [await spooled(store, 'drawing')] }));
      const held = await store.readHeld(1);
      expect(held?.attachments.map((each) => each.sha256)).to.deep.equal([sha256('drawing')]);
      const release = { refused: 1, code, at: new Date(), by: 'anna@host', reason: 'mended' };
      await store.keepOrder(arrival({ release, attachments: [await spooled(store, 'drawing')] }));
      const [order] = await store.findOrders({ orderId: '4500' });
      expect(order?.messages[0]?.attachments).to.have.length(1);
      expect(keptFiles(store)).to.deep.equal([sha256('drawing')]);
      expect(await store.listAttachmentsOfRefused(1)).to.deep.equal([]);
    });

    it('that came with one message in several sets are told as what nobody can sort', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const isMixed = async () => (await store.readHeld(1))?.isMixed;
      await store.keepRefused(refused({ attachments: [await spooled(store, 'a')] }));
      const more = await Promise.all([spooled(store, 'a'), spooled(store, 'b')]);
      await store.keepRefused(refused({ attachments: more }));
      expect(await isMixed(), 'all of them came with the last').to.equal(false);
      await store.keepRefused(refused({ attachments: [await spooled(store, 'c')] }));
      expect(await isMixed()).to.equal(true);
    });

    it('that are empty weigh as well: nobody fills a disk with nothing', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxBytes: 50_000 });
      for (const number of [1, 2, 3]) {
        const attachments = await Promise.all(Array.from({ length: 10 }, () => spooled(store, '')));
        await store.keepRefused(refused({ bytes: Buffer.from(`<a n="${number}"/>`), attachments }));
      }
      expect((await store.listRefused()).map(({ id }) => id)).to.deep.equal([3]);
    });

    it('of a message that is refused again are kept beside those it had, each once, within the bound', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxBytes: 40_000 });
      for (const content of ['first', 'second', 'first']) {
        await store.keepRefused(refused({ attachments: [await spooled(store, content)] }));
      }
      const [held] = await store.listRefused();
      expect(held).to.include({ times: 3 });
      const kept = await store.listAttachmentsOfRefused(held?.id ?? 0);
      expect(kept.map(({ sha256: digest, position }) => [digest, position])).to.deep.equal([
        [sha256('first'), 1],
        [sha256('second'), 2],
      ]);
      expect(keptFiles(store)).to.have.members([sha256('first'), sha256('second')]);
      for (let count = 0; count < 12; count += 1) {
        await store.keepRefused(refused({ attachments: [await spooled(store, `another ${count}`)] }));
      }
      expect(keptFiles(store).length).to.be.below(10);
    });

    it('of another drawing under one payloadID are held each time: both are for a person', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      for (const drawing of ['one', 'two']) {
        const contentDigest = sha256(drawing);
        await store.keepOrder(arrival({ contentDigest, attachments: [await spooled(store, drawing)] }));
      }
      expect(keptFiles(store)).to.have.members([sha256('one'), sha256('two')]);
    });

    it('go at once when nobody names them: a replay, or what could not be kept', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival());
      await store.keepOrder(arrival({ attachments: [await spooled(store, 'not of the first')] }));
      const unfit = arrival({ payloadId: 'p9', orderId: '9', attachments: [await spooled(store, 'unfit')] });
      const odd = { ...unfit, lineCount: {} as unknown as number };
      expect(await store.keepOrder(odd).catch((error) => error)).to.include({ code: 'store-unavailable' });
      expect(keptFiles(store)).to.deep.equal([]);
    });

    it('stay under an order while fifty refused messages that name them come and go', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxCount: 2 });
      const all = Array.from({ length: 50 }, async (_, index) => {
        const attachments = [await spooled(store, 'shared')];
        await store.keepRefused(refused({ bytes: Buffer.from(`<r n="${index}"/>`), attachments }));
        if (index % 10 !== 0) return;
        const again = [await spooled(store, 'shared')];
        const named = { orderId: `4${index}`, payloadId: `p${index}`, attachments: again };
        await store.keepOrder(arrival(named));
      });
      await Promise.all(all);
      expect(keptFiles(store)).to.deep.equal([sha256('shared')]);
      const [order] = await store.findOrders({ orderId: '40' });
      const path = await pathOf(store, order?.messages[0]?.attachments[0]?.id);
      expect(await readFile(path, 'utf8')).to.equal('shared');
    });

    it('are written anew where the one that was there is damaged, or leads elsewhere', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      await store.keepOrder(arrival({ attachments: [await spooled(store, 'sound')] }));
      const path = await pathOf(store, 1);
      const elsewhere = join(dirname(store.incomingFolder), 'elsewhere');
      await writeFile(elsewhere, 'not yours');
      for (const spoil of [() => writeFile(path, 'damaged'), () => linkTo(elsewhere, path)]) {
        await spoil();
        const payloadId = `again after ${spoil}`;
        await store.keepOrder(arrival({ payloadId, attachments: [await spooled(store, 'sound')] }));
        expect(await readFile(path, 'utf8')).to.equal('sound');
        expect((await lstat(path)).isSymbolicLink()).to.equal(false);
      }
      expect(await readFile(elsewhere, 'utf8')).to.equal('not yours');
    });

    it('are put off, and nothing is made in their place, when what was kept before is gone', async () => {
      await using place = await createPlace();
      await using store = await place.open();
      const kept = join(dirname(store.incomingFolder), 'kept');
      await rm(kept, { recursive: true });
      const outcome = await store
        .keepOrder(arrival({ attachments: [await spooled(store, 'x')] }))
        .catch((e) => e);
      expect(outcome).to.include({ code: 'store-unavailable' });
      expect(existsSync(kept)).to.equal(false);
      await store.keepOrder(arrival());
    });

    it('that cannot be taken away stop neither orders nor the next start', async () => {
      await using place = await createPlace();
      const digest = sha256('stuck');
      {
        await using store = await place.open({ refusedMaxCount: 1 });
        await store.keepRefused(refused({ attachments: [await spooled(store, 'stuck')] }));
        const path = await pathOf(store, 1);
        await rm(path);
        await mkdir(join(path, 'something'), { recursive: true });
        await writeFile(join(dirname(dirname(path)), '.DS_Store'), '');
        await writeFile(join(dirname(path), 'note.txt'), '');
        const drop = { bytes: Buffer.from('<next/>') };
        await store.keepRefused(refused(drop));
        await store.keepOrder(arrival());
        expect(path.endsWith(digest)).to.equal(true);
      }
      await using store = await place.open();
      expect(await store.findOrders({ orderId: '4500' })).to.have.length(1);
    });

    it('stay when what was refused goes but an order names them, too', async () => {
      await using place = await createPlace();
      await using store = await place.open({ refusedMaxBytes: 10_000 });
      await store.keepRefused(refused({ attachments: [await spooled(store, 'z'.repeat(5_000))] }));
      await store.keepOrder(arrival({ attachments: [await spooled(store, 'z'.repeat(5_000))] }));
      await store.keepRefused(
        refused({ bytes: Buffer.from('<other/>'), attachments: [await spooled(store, 'y'.repeat(5_000))] }),
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

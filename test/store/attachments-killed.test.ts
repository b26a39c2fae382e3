/** A receiver that dies between a file and the commit that names it: what was acknowledged is whole, and nothing is left over. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Store } from '../../src/store/store.ts';
import { sha256 } from './arrivals.ts';
import { startChild } from './child.ts';
import { createSqlitePlace } from './sqlite-place.ts';

const PROGRAM = fileURLToPath(new URL('./programs/keep-files.ts', import.meta.url));

function keptFiles(store: Store): string[] {
  const found = readdirSync(join(dirname(store.incomingFolder), 'kept'), {
    recursive: true,
    withFileTypes: true,
  });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** @returns the digests that messages name */
async function expectWhole(store: Store, acknowledged: readonly string[]): Promise<string[]> {
  const named: string[] = [];
  for (const orderId of ['F1', 'F2']) {
    const [order] = await store.findOrders({ orderId });
    if (acknowledged.includes(orderId)) expect(order, orderId).not.to.equal(undefined);
    for (const { id, sha256: digest } of order?.messages[0]?.attachments ?? []) {
      const path = (await store.findAttachment(id))?.path ?? '';
      expect(sha256(await readFile(path)), orderId).to.equal(digest);
      named.push(digest);
    }
  }
  for (const { id } of await store.listRefused()) {
    named.push(...(await store.listAttachmentsOfRefused(id)).map(({ sha256: digest }) => digest));
  }
  return [...new Set(named)].sort();
}

describe('a store with files whose process is killed at every change of one', function () {
  this.timeout(180_000);

  it('has every file of what it acknowledged, and no other', async () => {
    let kills = 0;
    for (let dieAt = 1; ; dieAt += 1) {
      await using place = await createSqlitePlace();
      const acknowledged: string[] = [];
      {
        await using child = startChild(process.execPath, [PROGRAM, place.path, String(dieAt)]);
        for (let line = await child.line(); line !== undefined; line = await child.line())
          acknowledged.push(line);
      }
      await using store = await place.open();
      const named = await expectWhole(store, acknowledged);
      expect(keptFiles(store).sort(), `killed at ${dieAt}`).to.deep.equal(named);
      expect(readdirSync(store.incomingFolder)).to.deep.equal([]);
      if (/^\d+$/.test(acknowledged.at(-1) ?? '')) break;
      kills += 1;
    }
    expect(kills).to.be.greaterThan(12);
  });
});

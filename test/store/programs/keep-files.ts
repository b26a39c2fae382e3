/**
 * Keeps orders and refused messages with files in the store at argv[2], and is killed at its nth change of a file, argv[3],
 * before it is done (odd) or behind it (even). Says each order that was acknowledged, and at its end how many changes.
 */
import sync from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const [path = '', dieAt = ''] = process.argv.slice(2);
let changes = 0;
const mortal = (): void => {
  changes += 1;
  if (changes === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
};
const { rename } = fs;
fs.rename = async (...args) => {
  mortal();
  await rename(...args);
  mortal();
};
const { rmSync } = sync;
sync.rmSync = (...args) => {
  mortal();
  rmSync(...args);
  mortal();
};
syncBuiltinESMExports();

const { openSqliteStore } = await import('../../../src/store/sqlite.ts');
const { arrival, refused, sha256 } = await import('../arrivals.ts');
await using store = await openSqliteStore({
  path,
  refusedMaxCount: 1,
  refusedMaxBytes: 1e8,
  minFreeBytes: 0,
});
const spooled = async (content: string) => {
  const file = join(store.incomingFolder, sha256(content).slice(0, 24));
  await fs.writeFile(file, content);
  const facts = {
    contentId: null,
    mediaType: 'text/plain',
    sniffedType: null,
    fileName: null,
    description: null,
  };
  return { path: file, size: content.length, sha256: sha256(content), ...facts };
};
for (let number = 1; number <= 2; number += 1) {
  const attachments = [await spooled(`shared ${number}`), await spooled(`own ${number}`)];
  await store.keepOrder(arrival({ orderId: `F${number}`, payloadId: `f${number}`, attachments }));
  console.log(`F${number}`);
  const files = [await spooled(`shared ${number}`), await spooled(`refused ${number}`)];
  await store.keepRefused(refused({ bytes: Buffer.from(`<r n="${number}"/>`), attachments: files }));
}
console.log(changes);

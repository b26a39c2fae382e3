/** Named pipes in the place of files. Nobody writes to them: whoever opened one would wait for ever, and all behind it. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { knock } from '../support/knock.ts';
import { needsTool } from '../support/needs.ts';
import { COUPA_NAME, QUICK_WATCH, startTestReceiver } from '../support/receiver.ts';

const FILES = ['coupa/a.pem', 'addresses.txt', 'server.pem', 'server.key'];

describe('a receiver that finds a pipe where a file should be', () => {
  it('says so, serves by what is in force, and takes the file once it is back', async function () {
    needsTool(this, 'mkfifo');
    await using receiver = await startTestReceiver(
      { trust: { bundle: 'coupa', addresses: 'addresses.txt' } },
      {
        watchTiming: QUICK_WATCH,
        prepare: async ({ folder, pki }) => {
          await mkdir(join(folder, 'coupa'));
          await writeFile(join(folder, 'coupa', 'a.pem'), pki.bundlePem);
          await writeFile(join(folder, 'addresses.txt'), '127.0.0.1');
        },
      },
    );
    const { folder, pki, rotation } = receiver;
    const client = pki.leaf(COUPA_NAME, { serial: '0abc' });
    for (const [index, name] of FILES.entries()) {
      const file = join(folder, name);
      const bytes = await readFile(file);
      await rm(file);
      execFileSync('mkfifo', [file]);
      const told = await receiver.told('trust not replaced, the one in force stays', index + 1);
      expect(String(told.at(-1)?.problems))
        .to.include(name)
        .and.to.include('a pipe or a device');
      expect((await knock(receiver, client)).code, name).to.equal(200);
      await rm(file);
      await writeFile(file, bytes, { mode: 0o600 });
      await receiver.told('trust unchanged', index + 1);
    }
    const known = join(folder, 'data', 'trust', 'certificates');
    await mkdir(known, { recursive: true });
    execFileSync('mkfifo', [join(known, `${'ab'.repeat(32)}.pem`)]);
    await rotation.distrust({ serial: '0abc' }, { by: 'anna@host', reason: null });
    expect((await knock(receiver, client)).http).to.equal(503);
    expect((await rotation.show()).warnings.join()).to.include('it cannot be read (a pipe or a device');
  });
});

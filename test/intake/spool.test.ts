import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import { createSpool, type Spool } from '../../src/intake/spool.ts';
import { needsTool } from '../support/needs.ts';

const SPOOL = new URL('../../src/intake/spool.ts', import.meta.url).href;

async function inFolder(use: (folder: string, spool: Spool) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-spool-'));
  try {
    await use(folder, createSpool({ folder, hasRoom: async () => true }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function refusal(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Refusal ? error.code : `no refusal: ${String(error)}`;
}

describe('the spool', () => {
  it('holds what was written, with its size, digest and type', () =>
    inFolder(async (_folder, spool) => {
      await using file = await spool.begin();
      const pieces = ['%PD', 'F-1.7', ' and more'.repeat(200)];
      for (const piece of pieces) await file.write(Buffer.from(piece));
      const { path, ...facts } = await file.finish();
      const whole = pieces.join('');
      expect(facts).to.deep.equal({
        size: whole.length,
        sha256: createHash('sha256').update(whole).digest('hex'),
        sniffedType: 'application/pdf',
      });
      expect(await readFile(path, 'utf8')).to.equal(whole);
      expect(Buffer.from(await file.read()).toString()).to.equal(whole);
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
    }));

  it('takes an empty file', () =>
    inFolder(async (_folder, spool) => {
      await using file = await spool.begin();
      expect(await file.finish()).to.include({ size: 0, sniffedType: null });
    }));

  it('takes away what was not kept, finished or not, and minds not what was', () =>
    inFolder(async (folder, spool) => {
      {
        await using _unfinished = await spool.begin();
        await using finished = await spool.begin();
        await finished.finish();
        await using kept = await spool.begin();
        const { path } = await kept.finish();
        await rm(path);
        expect(existsSync(path)).to.equal(false);
      }
      expect(await readdir(folder)).to.deep.equal([]);
    }));

  it('looks at the free disk before it begins, and again on the way', () =>
    inFolder(async (folder) => {
      let looks = 0;
      const spool = createSpool({ folder, hasRoom: async () => ++looks < 3 });
      await using file = await spool.begin();
      const piece = Buffer.alloc(1024 * 1024);
      for (let count = 0; count < 7; count += 1) await file.write(piece);
      expect(looks).to.equal(2);
      expect(await refusal(file.write(piece))).to.equal('store-unavailable');
    }));

  it('puts off what it cannot say there is room for', () =>
    inFolder(async (folder) => {
      const hasRoom = async () => {
        throw Object.assign(new Error('no such folder'), { code: 'ENOENT' });
      };
      expect(await refusal(createSpool({ folder, hasRoom }).begin())).to.equal('store-unavailable');
    }));

  it('puts off what the disk does not take', async () => {
    const spool = createSpool({ folder: '/nowhere/at/all', hasRoom: async () => true });
    expect(await refusal(spool.begin())).to.equal('store-unavailable');
  });

  it('puts off a file when the disk fills while it arrives, and leaves nothing of it behind', function () {
    needsTool(this, 'prlimit');
    const program = `
      import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
      import { createSpool } from ${JSON.stringify(SPOOL)};
      const folder = mkdtempSync(${JSON.stringify(join(tmpdir(), 'sallyport-spool-'))});
      const file = await createSpool({ folder, hasRoom: async () => true }).begin();
      let written = 0;
      const write = async () => { for (;;) { await file.write(Buffer.alloc(300_000)); written += 1; } };
      const code = await write().catch((error) => error.code);
      await file[Symbol.asyncDispose]();
      console.log(code, written, readdirSync(folder).length);
      rmdirSync(folder);`;
    const args = ['--fsize=1000000', process.execPath, '--input-type=module', '--eval', program];
    expect(execFileSync('prlimit', args, { encoding: 'utf8', timeout: 10_000 }).trim()).to.equal(
      'store-unavailable 3 0',
    );
  });
});

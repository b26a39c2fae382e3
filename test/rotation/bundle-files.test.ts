import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { editBundle } from '../../src/rotation/bundle-files.ts';
import { type Written, writeCertificate } from '../../src/rotation/bundle-text.ts';
import { loadBundle } from '../../src/trust/bundle.ts';
import { needs } from '../support/needs.ts';
import { type Authority, mintAuthority } from './authorities.ts';
import { asNobody, createFolder, type Folder, refusalOf } from './place.ts';

const HOUR_MS = 3_600_000;
const [a, b, c] = [mintAuthority('A'), mintAuthority('B'), mintAuthority('C')];
const fingerprints = (...all: readonly Authority[]) => all.map(({ certificate }) => certificate.fingerprint);

const addToBundle = (path: string, add: readonly Written[]) => editBundle(path, { add, remove: [] });
const removeFromBundle = (path: string, remove: readonly string[]) => editBundle(path, { add: [], remove });

/** A bundle of these files, and one way to see that nothing in it has changed. */
async function bundleOf(folder: Folder, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(folder.at('coupa'));
  for (const [name, text] of Object.entries(files)) await writeFile(folder.at('coupa', name), text);
  return folder.at('coupa');
}

async function filesIn(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(`${path}/${name}`, 'utf8')])),
  );
}

async function pinned(path: string): Promise<string[]> {
  const { anchors } = await loadBundle(path, new Date());
  return anchors.map(({ certificate }) => certificate.subject.commonNames[0] ?? '').sort();
}

describe('addToBundle', () => {
  it('puts each into a file of its own, readable by others, and touches no other', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'a.pem': a.pem });
    const result = await addToBundle(path, [b.certificate, a.certificate]);
    const name = `sallyport-${b.certificate.spki.slice(0, 12)}.pem`;
    expect(result).to.deep.equal({
      added: fingerprints(b),
      removed: [],
      files: [folder.at('coupa', name)],
    });
    expect(await filesIn(path)).to.deep.equal({ 'a.pem': a.pem, [name]: writeCertificate(b.certificate) });
    expect((await stat(folder.at('coupa', name))).mode & 0o777).to.equal(0o644);
    expect(await pinned(path)).to.deep.equal(['A', 'B']);
  });

  it('changes nothing when all are there', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'a.pem': a.pem });
    expect(await addToBundle(path, [a.certificate])).to.deep.equal({ added: [], removed: [], files: [] });
  });

  it('finds another name for a renewed certificate, whose key and pin are the same', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'a.pem': a.pem });
    const renewed = mintAuthority('B', { notAfter: new Date(Date.now() + 500 * HOUR_MS) });
    await addToBundle(path, [b.certificate]);
    await addToBundle(path, [renewed.certificate]);
    const again = mintAuthority('B', { notAfter: new Date(Date.now() + 600 * HOUR_MS) });
    const { files } = await addToBundle(path, [again.certificate]);
    expect(files).to.have.length(1);
    expect(await pinned(path)).to.deep.equal(['A', 'B', 'B', 'B']);
  });

  it('fills an empty folder', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, {});
    await addToBundle(path, [a.certificate]);
    expect(await pinned(path)).to.deep.equal(['A']);
  });

  it('writes a bundle of one file anew, with its mode', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('coupa.pem'), `# hello\n${a.pem}`);
    await chmod(folder.at('coupa.pem'), 0o640);
    await addToBundle(folder.at('coupa.pem'), [b.certificate]);
    expect(await readFile(folder.at('coupa.pem'), 'utf8')).to.equal(
      `# hello\n${a.pem}${writeCertificate(b.certificate)}`,
    );
    expect((await stat(folder.at('coupa.pem'))).mode & 0o777).to.equal(0o640);
    expect(await readdir(folder.path)).to.deep.equal(['coupa.pem']);
  });

  it('does not make a bundle that a reload would refuse', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'a.pem': a.pem });
    const before = await filesIn(path);
    const leaf = mintAuthority('Leaf', { ca: false });
    const error = await refusalOf(addToBundle(path, [b.certificate, leaf.certificate]));
    expect(error.message).to.include('a leaf, not a CA');
    expect(await filesIn(path)).to.deep.equal(before);
  });

  it('does not change a bundle that is broken, or not there', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'a.pem': a.pem, 'b.pem': b.pem.slice(0, -40) });
    expect((await refusalOf(addToBundle(path, [c.certificate]))).message).to.match(/b\.pem:\d+: /);
    expect((await refusalOf(addToBundle(folder.at('none'), [c.certificate]))).message).to.include('ENOENT');
  });
});

describe('removeFromBundle', () => {
  it('takes it out of every file, keeps what stands beside it, and removes a file that would be empty', async () => {
    await using folder = await createFolder();
    const dos = `# both\r\n${(a.pem + b.pem).replaceAll('\n', '\r\n')}`;
    const path = await bundleOf(folder, {
      '1.pem': `# kept\n${a.pem}# also kept\n${b.pem}`,
      '2.crt': dos.trimEnd(),
      '3.pem': `# A alone\n${a.pem}`,
      '4.pem': c.pem,
      'notes.txt': a.pem,
    });
    const result = await removeFromBundle(path, fingerprints(a));
    expect(result.removed).to.deep.equal(fingerprints(a));
    expect(await filesIn(path)).to.deep.equal({
      '1.pem': `# kept\n# also kept\n${b.pem}`,
      '2.crt': `# both\r\n${b.pem.replaceAll('\n', '\r\n')}`.trimEnd(),
      '4.pem': c.pem,
      'notes.txt': a.pem,
    });
    expect(await pinned(path)).to.deep.equal(['B', 'C']);
  });

  it('keeps the mode of a file', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'all.pem': a.pem + b.pem });
    await chmod(folder.at('coupa', 'all.pem'), 0o604);
    await removeFromBundle(path, fingerprints(a));
    expect((await stat(folder.at('coupa', 'all.pem'))).mode & 0o777).to.equal(0o604);
  });

  it('never removes the last one', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { '1.pem': a.pem + b.pem, '2.pem': a.pem });
    const before = await filesIn(path);
    expect((await refusalOf(removeFromBundle(path, fingerprints(a, b)))).next).to.include('trust stage');
    expect(await filesIn(path)).to.deep.equal(before);
    await writeFile(folder.at('one.pem'), a.pem);
    await refusalOf(removeFromBundle(folder.at('one.pem'), fingerprints(a)));
    expect(await readFile(folder.at('one.pem'), 'utf8')).to.equal(a.pem);
  });

  it('takes an expired one out, though another has expired as well', async () => {
    await using folder = await createFolder();
    const past = { notBefore: new Date(Date.now() - 9 * HOUR_MS), notAfter: new Date(Date.now() - HOUR_MS) };
    const [old, older] = [mintAuthority('Old', past), mintAuthority('Older', past)];
    const path = await bundleOf(folder, { '1.pem': old.pem, '2.pem': older.pem, '3.pem': a.pem });
    await removeFromBundle(path, fingerprints(older));
    expect(Object.keys(await filesIn(path))).to.deep.equal(['1.pem', '3.pem']);
  });

  it('passes over what is not there', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { '1.pem': a.pem });
    expect(await removeFromBundle(path, fingerprints(b))).to.deep.equal({
      added: [],
      removed: [],
      files: [],
    });
  });
});

describe('editBundle', () => {
  it('puts one in and another out', async () => {
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'a.pem': a.pem });
    const edit = { add: [b.certificate], remove: fingerprints(a) };
    const { files } = await editBundle(path, edit);
    expect(files.map((file) => file.split('/').at(-1))).to.deep.equal([
      `sallyport-${b.certificate.spki.slice(0, 12)}.pem`,
      'a.pem',
    ]);
    expect(await pinned(path)).to.deep.equal(['B']);
    await writeFile(folder.at('one.pem'), `# top\n${a.pem}`);
    await editBundle(folder.at('one.pem'), edit);
    expect(await readFile(folder.at('one.pem'), 'utf8')).to.equal(
      `# top\n${writeCertificate(b.certificate)}`,
    );
  });

  for (const [what, make] of [
    [
      'a folder that is a link',
      async (folder: Folder) => {
        await bundleOf(folder, { 'a.pem': a.pem });
        await symlink(folder.at('coupa'), folder.at('bundle'));
      },
    ],
    [
      'a file that is a link',
      async (folder: Folder) => {
        await writeFile(folder.at('a.pem'), a.pem);
        await symlink(folder.at('a.pem'), folder.at('bundle'));
      },
    ],
    [
      'a mounted secret',
      async (folder: Folder) => {
        await mkdir(folder.at('bundle', '..2026_11_21'), { recursive: true });
        await writeFile(folder.at('bundle', '..2026_11_21', 'a.pem'), a.pem);
        await symlink('..2026_11_21', folder.at('bundle', '..data'));
        await symlink('..data/a.pem', folder.at('bundle', 'a.pem'));
      },
    ],
    [
      'a link among the files',
      async (folder: Folder) => {
        await mkdir(folder.at('bundle'));
        await writeFile(folder.at('a.pem'), a.pem + c.pem);
        await symlink('../a.pem', folder.at('bundle', 'a.pem'));
      },
    ],
    [
      'a folder of somebody else',
      async (folder: Folder) => {
        await mkdir(folder.at('bundle'));
        await writeFile(folder.at('bundle', 'a.pem'), a.pem);
        await chmod(folder.path, 0o755);
        await chmod(folder.at('bundle'), 0o555);
      },
    ],
  ] as const) {
    it(`does not touch ${what}, and says what to do by hand`, async () => {
      await using folder = await createFolder();
      await make(folder);
      const before = await pinned(folder.at('bundle'));
      const edit = { add: [b.certificate], remove: fingerprints(a) };
      const act = () => editBundle(folder.at('bundle'), edit);
      const error = await refusalOf(what === 'a folder of somebody else' ? asNobody(act) : act());
      expect(error.meaning).to.include('nothing was changed');
      expect(error.next).to.include(b.pem);
      expect(error.next).to.include(a.certificate.fingerprint);
      expect(await pinned(folder.at('bundle'))).to.deep.equal(before);
      const left = await readdir(folder.path, { recursive: true });
      expect(left.filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
      await chmod(folder.at('bundle'), 0o755);
    });
  }

  it('adds beside a link that it need not touch', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('a.pem'), a.pem);
    const path = await bundleOf(folder, {});
    await symlink('../a.pem', folder.at('coupa', 'a.pem'));
    await addToBundle(path, [b.certificate]);
    expect((await lstat(folder.at('coupa', 'a.pem'))).isSymbolicLink()).to.equal(true);
    expect(await pinned(path)).to.deep.equal(['A', 'B']);
  });

  it('still trusts all that it should when the system stops it between two files, and ends on a second try', async function () {
    needs(this, process.geteuid?.() === 0, 'to be root');
    await using folder = await createFolder();
    const path = await bundleOf(folder, { 'a.pem': a.pem });
    await chmod(folder.path, 0o755);
    await chmod(path, 0o1777); // everybody may add, only the owner of a file may take it away
    const removal = () => removeFromBundle(path, fingerprints(a));
    const edit = { add: [b.certificate], remove: fingerprints(a) };
    const error = await refusalOf(asNobody(() => editBundle(path, edit)));
    expect(error.message).to.include('1 of 2 files');
    expect(error.meaning).to.include('may still be trusted');
    expect(await pinned(path)).to.deep.equal(['A', 'B']);
    expect((await refusalOf(asNobody(removal))).meaning).to.include('nothing was changed');
    expect(await pinned(path)).to.deep.equal(['A', 'B']);
    expect(await editBundle(path, edit)).to.deep.equal({
      added: [],
      removed: fingerprints(a),
      files: [folder.at('coupa', 'a.pem')],
    });
    expect((await readdir(path)).filter((name) => name.startsWith('.'))).to.deep.equal([]);
  });
});

import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import {
  makePrivateFolder,
  prepareFile,
  removeFile,
  replaceFile,
  warnOfWritable,
} from '../../src/rotation/whole-files.ts';
import { needs } from '../support/needs.ts';
import { asNobody, createFolder } from './place.ts';

describe('prepareFile', () => {
  it('shows nothing before it is committed, and nothing at all when it is discarded', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('list'), 'old');
    const first = await prepareFile(folder.at('list'), 'new', { mode: 0o600 });
    expect(await readFile(folder.at('list'), 'utf8')).to.equal('old');
    await first.discard();
    expect(await readdir(folder.path)).to.deep.equal(['list']);
    const second = await prepareFile(folder.at('list'), 'new', { mode: 0o604 });
    await second.commit();
    await second.discard();
    expect(await readFile(folder.at('list'), 'utf8')).to.equal('new');
    expect((await stat(folder.at('list'))).mode & 0o777).to.equal(0o604);
    expect(await readdir(folder.path)).to.deep.equal(['list']);
  });

  it('leaves nothing behind when it may not write', async () => {
    await using folder = await createFolder();
    await chmod(folder.path, 0o555);
    const error = await asNobody(() =>
      prepareFile(folder.at('list'), 'new', { mode: 0o600 }).catch((cause: unknown) => cause),
    );
    expect(error).to.have.property('code', 'EACCES');
    expect(await readdir(folder.path)).to.deep.equal([]);
  });
});

describe('what root writes', () => {
  it('belongs to whoever owns the folder, folders that are made included', async function () {
    needs(this, process.geteuid?.() === 0, 'to be root');
    await using folder = await createFolder();
    await mkdir(folder.at('home'));
    await chown(folder.at('home'), 1234, 4321);
    await makePrivateFolder(folder.at('home', 'data', 'state'));
    await replaceFile(folder.at('home', 'data', 'state', 'list'), 'new', { mode: 0o600 });
    for (const names of [['data'], ['data', 'state'], ['data', 'state', 'list']]) {
      expect(await stat(folder.at('home', ...names)), names.join('/')).to.include({ uid: 1234, gid: 4321 });
    }
  });
});

describe('makePrivateFolder', () => {
  it('makes what is missing for this user alone, and keeps the mode of what is there', async () => {
    await using folder = await createFolder();
    await mkdir(folder.at('there'));
    await chmod(folder.at('there'), 0o750);
    await makePrivateFolder(folder.at('there', 'one', 'two'));
    await makePrivateFolder(folder.at('there', 'one', 'two'));
    const modes = [['there'], ['there', 'one'], ['there', 'one', 'two']].map(
      async (names) => (await stat(folder.at(...names))).mode & 0o777,
    );
    expect(await Promise.all(modes)).to.deep.equal([0o750, 0o700, 0o700]);
  });
});

describe('removeFile', () => {
  it('takes a file that is gone for removed', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('list'), '');
    await removeFile(folder.at('list'));
    await removeFile(folder.at('list'));
    expect(await readdir(folder.path)).to.deep.equal([]);
  });
});

describe('warnOfWritable', () => {
  it('names what everybody may change, and nothing else', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('open.pem'), '');
    await chmod(folder.at('open.pem'), 0o666);
    const warnings = await warnOfWritable([folder.path, folder.at('open.pem'), folder.at('none')]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include(`chmod o-w ${folder.at('open.pem')}`);
  });
});

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { exampleConfig } from '../../src/config-docs.ts';
import { createFolder, runSallyport } from '../support/sallyport.ts';

describe('sallyport init', () => {
  it('writes the example configuration and a folder for the bundle', async () => {
    await using folder = await createFolder();
    const { code, stdout } = await runSallyport(['init', folder.file('new')]);
    expect(code).to.equal(0);
    expect(stdout).to.include('sallyport.yaml');
    expect(await readFile(folder.file('new/sallyport.yaml'), 'utf8')).to.equal(exampleConfig());
    expect((await stat(folder.file('new/certs/coupa'))).isDirectory()).to.equal(true);
  });

  it('writes into the folder it is called in when none is named', async () => {
    await using folder = await createFolder();
    const { code } = await runSallyport(['init'], { cwd: folder.path });
    expect(code).to.equal(0);
    expect((await stat(folder.file('sallyport.yaml'))).isFile()).to.equal(true);
  });

  it('never overwrites a configuration', async () => {
    await using folder = await createFolder();
    await writeFile(folder.file('sallyport.yaml'), 'mine');
    const { code, stderr } = await runSallyport(['init', folder.path]);
    expect(code).to.equal(2);
    expect(stderr).to.include('it was not touched');
    expect(await readFile(folder.file('sallyport.yaml'), 'utf8')).to.equal('mine');
  });

  it('says so when the folder cannot be made', async () => {
    await using folder = await createFolder();
    await mkdir(folder.file('x'));
    await writeFile(folder.file('x/file'), '');
    const { code, stderr } = await runSallyport(['init', folder.file('x/file/below')]);
    expect(code).to.equal(2);
    expect(stderr).to.include('could not be written');
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSource } from '../../src/cli/trust-source.ts';
import { StartupError } from '../../src/errors.ts';

describe('what trust stage is told to stage', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function put(size: number): Promise<string> {
    const file = join(folder, `${size}.p12`);
    await writeFile(file, Buffer.alloc(size, 7));
    return file;
  }

  it('is a file with the passphrase of the variable that was named', async () => {
    const file = await put(3);
    const source = await readSource(file, { passphraseEnv: 'P12' }, { P12: 'secret' });
    expect(source).to.deep.equal({ file, bytes: Buffer.alloc(3, 7), passphrase: 'secret' });
    expect(await readSource(file, {}, { P12: 'secret' })).not.to.have.property('passphrase');
  });

  it('is a file of at most 1 MiB', async () => {
    const source = await readSource(await put(1_048_576), {}, {});
    expect('bytes' in source && source.bytes.length).to.equal(1_048_576);
    expect((await reasonOf(readSource(await put(1_048_577), {}, {}))).message).to.include('1 MiB');
  });

  it('is read no further than that from what has no end', async () => {
    expect((await reasonOf(readSource('/dev/zero', {}, {}))).message).to.include('1 MiB');
  });

  it('is told when it cannot be read', async () => {
    expect((await reasonOf(readSource(join(folder, 'none.pem'), {}, {}))).message).to.include('ENOENT');
    expect((await reasonOf(readSource(folder, {}, {}))).message).to.include('EISDIR');
  });

  it('is either a file or a refused client', async () => {
    expect(await readSource(undefined, { fromRefused: '7' }, {})).to.deep.equal({ fromRefused: '7' });
    expect(await reasonOf(readSource(undefined, {}, {}))).to.be.instanceOf(StartupError);
    expect(await reasonOf(readSource('a.pem', { fromRefused: '7' }, {}))).to.be.instanceOf(StartupError);
  });

  it('says which variable is missing, and never what one holds', async () => {
    const reason = await reasonOf(readSource(await put(1), { passphraseEnv: 'NONE' }, { P12: 'secret' }));
    expect(reason.message).to.include('NONE').and.not.include('secret');
  });
});

function reasonOf(step: Promise<unknown>): Promise<Error> {
  return step.then(
    () => new Error('no error'),
    (error: Error) => error,
  );
}

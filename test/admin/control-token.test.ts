import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  controlPath,
  createControlToken,
  openControl,
  readControlFile,
} from '../../src/admin/control-token.ts';
import { needs } from '../support/needs.ts';

interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly state: string;
  readonly file: string;
  readonly token: string;
  readonly logged: object[];
  open(token?: string): Promise<AsyncDisposable>;
}

async function createPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-'));
  const state = join(folder, 'trust');
  const ours = createControlToken();
  const logged: object[] = [];
  return {
    folder,
    state,
    file: controlPath(state),
    token: ours,
    logged,
    open: (token = ours) =>
      openControl({
        stateFolder: state,
        adminUrl: 'http://0.0.0.0:8080',
        pid: 4711,
        token,
        log: { error: (fields) => void logged.push(fields) },
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

describe('createControlToken', () => {
  it('makes 256 bits, anew each time', () => {
    expect(Buffer.from(createControlToken(), 'base64url')).to.have.lengthOf(32);
    expect(createControlToken()).not.to.equal(createControlToken());
  });
});

describe('openControl', () => {
  it('tells commands of this machine where the receiver is, and nobody else', async () => {
    await using place = await createPlace();
    const { state, file, token, logged } = place;
    await using _control = await place.open();
    expect(await readControlFile(state)).to.deep.equal({ url: 'http://127.0.0.1:8080', pid: 4711, token });
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect((await stat(state)).mode & 0o777).to.equal(0o700);
    expect(await readdir(state)).to.deep.equal(['control.json']);
    expect(logged).to.deep.equal([]);
  });

  it('takes the file away when the receiver stops', async () => {
    await using place = await createPlace();
    await (await place.open())[Symbol.asyncDispose]();
    expect(await readdir(place.state)).to.deep.equal([]);
  });

  it('leaves the file of another receiver', async () => {
    await using place = await createPlace();
    const first = await place.open();
    const token = createControlToken();
    await using _second = await place.open(token);
    await first[Symbol.asyncDispose]();
    expect((await readControlFile(place.state))?.token).to.equal(token);
  });

  it('replaces what a dead receiver left', async () => {
    await using place = await createPlace();
    await mkdir(place.state, { mode: 0o700 });
    await writeFile(place.file, '{"pid":1', { mode: 0o644 });
    await using _control = await place.open();
    expect((await readControlFile(place.state))?.token).to.equal(place.token);
    expect((await stat(place.file)).mode & 0o777).to.equal(0o600);
  });

  it('opens nothing, and says so, where every user may write', async () => {
    await using place = await createPlace();
    await mkdir(place.state);
    await chmod(place.state, 0o777);
    await using _control = await place.open();
    expect(await readdir(place.state)).to.deep.equal([]);
    expect(JSON.stringify(place.logged)).to.include('every user').and.not.include(place.token);
  });

  it('opens nothing where something else has the name', async () => {
    await using place = await createPlace();
    await mkdir(place.state, { mode: 0o700 });
    const elsewhere = join(place.folder, 'elsewhere');
    await writeFile(elsewhere, 'mine');
    await symlink(elsewhere, place.file);
    await using _control = await place.open();
    expect((await lstat(place.file)).isSymbolicLink()).to.equal(true);
    expect(await readFile(elsewhere, 'utf8')).to.equal('mine');
    expect(place.logged).to.have.lengthOf(1);
  });

  it('opens nothing in what belongs to another user', async function () {
    needs(this, process.geteuid?.() === 0, 'to be root');
    await using place = await createPlace();
    await chmod(place.folder, 0o755);
    await mkdir(place.state, { mode: 0o755 });
    await chown(place.state, 12_345, 12_345);
    process.seteuid?.(65_534);
    try {
      await using _control = await place.open();
    } finally {
      process.seteuid?.(0);
    }
    expect(await readdir(place.state)).to.deep.equal([]);
    expect(JSON.stringify(place.logged)).to.include('belongs to another user');
  });

  it('opens nothing where the folder cannot be made, and does not throw', async () => {
    await using place = await createPlace();
    await writeFile(place.state, 'a file');
    await using _control = await place.open();
    expect(place.logged).to.have.lengthOf(1);
  });
});

describe('readControlFile', () => {
  it('finds none where none is', async () => {
    await using place = await createPlace();
    expect(await readControlFile(place.state)).to.equal(undefined);
  });

  it('takes no file that anybody may have written', async () => {
    await using place = await createPlace();
    await using _control = await place.open();
    await chmod(place.file, 0o602);
    expect(await reasonOf(readControlFile(place.state))).to.include('every user');
  });

  it('takes none that somebody else could have put there', async () => {
    await using place = await createPlace();
    await using _control = await place.open();
    const own = await readFile(place.file);
    const elsewhere = join(place.state, '..', 'elsewhere.json');
    await writeFile(elsewhere, own, { mode: 0o600 });
    await rm(place.file);
    await symlink(elsewhere, place.file);
    expect(await reasonOf(readControlFile(place.state))).to.include('file of its own');
    await rm(place.file);
    await writeFile(place.file, own, { mode: 0o600 });
    await chmod(place.state, 0o777);
    expect(await reasonOf(readControlFile(place.state))).to.include('every user');
    await chmod(place.state, 0o700);
    expect(await readControlFile(place.state)).to.include({ pid: JSON.parse(String(own)).pid });
    if (process.geteuid?.() !== 0) return;
    await chown(place.file, 65_534, 65_534);
    expect(await readControlFile(place.state), 'of the receiver, in a folder of root').to.include({
      pid: 4711,
    });
    await chown(place.state, 65_533, 65_533);
    expect(await reasonOf(readControlFile(place.state))).to.include('another user');
  });

  it('takes only what the receiver writes', async () => {
    await using place = await createPlace();
    await mkdir(place.state);
    const token = createControlToken();
    for (const text of [
      '',
      '{',
      'null',
      '{}',
      JSON.stringify({ url: 'https://evil.example', pid: 1, token }),
      JSON.stringify({ url: 'file:///etc/passwd', pid: 1, token }),
      JSON.stringify({ url: 'http://127.0.0.1:1', pid: '1', token }),
      JSON.stringify({ url: 'http://127.0.0.1:1', pid: 1, token: `${token}\r\nx: y` }),
      'x'.repeat(5_000),
    ]) {
      await writeFile(place.file, text);
      const reason = await reasonOf(readControlFile(place.state));
      expect(reason, text).to.include('receiver writes it').and.not.include(token);
    }
  });
});

function reasonOf(step: Promise<unknown>): Promise<string> {
  return step.then(
    () => 'no error',
    (error: Error) => error.message,
  );
}

import { mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { denyDistrusted, distrustedPath, loadDistrusted } from '../../src/trust/distrusted.ts';

const SPKI = 'ab'.repeat(32);
const KEY = { spki: SPKI, since: '2026-11-21T08:00:00.000Z', by: 'anna@host', reason: 'stolen' };
const SERIAL = { serial: '4abc', issuer: 'CN=CA', since: '2026-11-21T08:00:00Z', by: 'anna@host' };

describe('loadDistrusted', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-distrusted-'));
    file = distrustedPath(folder.path);
  });
  afterEach(() => folder.remove());

  const refused = async (text: string | Uint8Array): Promise<StartupError> => {
    await writeFile(file, text);
    const error = await loadDistrusted(file).catch((thrown: unknown) => thrown);
    if (!(error instanceof StartupError)) expect.fail(`taken: ${String(text)}`);
    return error;
  };
  const list = (...entries: unknown[]): string => JSON.stringify({ version: 1, entries });

  it('knows of none when there is no file, or no folder', async () => {
    expect(await loadDistrusted(file)).to.deep.equal([]);
    expect(await loadDistrusted(distrustedPath(join(folder.path, 'nowhere')))).to.deep.equal([]);
  });

  it('reads keys and serial numbers', async () => {
    await writeFile(file, list(KEY, SERIAL));
    expect(await loadDistrusted(file)).to.deep.equal([KEY, { ...SERIAL, reason: null }]);
    await writeFile(file, list());
    expect(await loadDistrusted(file)).to.deep.equal([]);
  });

  it('hands them to the deny-list with the reason', () => {
    expect(denyDistrusted([KEY, { ...SERIAL, reason: null }])).to.deep.equal([
      { spki: SPKI, comment: 'distrusted: stolen' },
      { serial: '4abc', issuer: 'CN=CA', comment: 'distrusted' },
    ]);
  });

  it('refuses whatever is not a whole list, naming the file', async () => {
    const whole = list(KEY);
    for (const wrong of ['', '{', whole.slice(0, -1), `${whole}x`, '[]', 'null', '"x"', '{}']) {
      expect((await refused(wrong)).message, wrong).to.include(file);
    }
    expect((await refused(Uint8Array.of(0x22, 0xff, 0x22))).message).to.include('not UTF-8');
    expect((await refused('{"version": 2, "entries": []}')).message).to.include('version: must be 1');
    expect((await refused('{"version": 1, "entries": {}}')).message).to.include('entries: must be a list');
    expect((await refused('{"version": 1, "entries": [], "more": 1}')).message).to.include(
      'more: is unknown',
    );
  });

  it('names the line on which the JSON ends to be JSON, and never quotes it', async () => {
    const { message } = await refused('{"version": 1,\n"entries": [\n{"spki": "secret}]}');
    expect(message)
      .to.match(/:3: is not JSON/)
      .and.not.include('secret');
  });

  it('refuses every entry that is not exactly one, naming it and its key', async () => {
    const { reason: _, ...rest } = KEY;
    for (const [entry, wrong] of [
      [null, /entries\[1\]: must be an object/],
      [{ ...rest, spki: undefined }, /entries\[1\]: must name either/],
      [{ ...KEY, serial: '01' }, /entries\[1\]: must name either/],
      [{ ...KEY, spki: SPKI.toUpperCase() }, /entries\[1\]\.spki: must be/],
      [{ ...KEY, spki: SPKI.slice(2) }, /entries\[1\]\.spki: must be/],
      [{ ...KEY, spki: 7 }, /entries\[1\]\.spki: must be/],
      [{ ...KEY, issuer: 'CN=CA' }, /entries\[1\]\.issuer: goes with a serial only/],
      [{ ...SERIAL, serial: '4ABC' }, /entries\[1\]\.serial: must be/],
      [{ ...SERIAL, serial: '004abc' }, /entries\[1\]\.serial: must be/],
      [{ ...SERIAL, serial: 'abc' }, /entries\[1\]\.serial: must be/],
      [{ ...SERIAL, issuer: '' }, /entries\[1\]\.issuer: must be text/],
      [{ ...KEY, since: 'yesterday' }, /entries\[1\]\.since: must be an instant/],
      [{ ...KEY, since: '2026-13-41T99:00:00Z' }, /entries\[1\]\.since: must be an instant/],
      [{ ...KEY, by: undefined }, /entries\[1\]\.by: must be text/],
      [{ ...KEY, reason: 7 }, /entries\[1\]\.reason: must be text or null/],
      [{ ...KEY, spkl: SPKI }, /entries\[1\]\.spkl: is unknown/],
    ] as const) {
      expect((await refused(list(SERIAL, entry))).message).to.match(wrong);
    }
  });

  it('refuses a file that cannot be read, a link to nowhere and one of no sensible size', async () => {
    await symlink(join(folder.path, 'gone'), file);
    const dangling = await loadDistrusted(file).catch((thrown: unknown) => thrown);
    expect(dangling).to.be.instanceOf(StartupError).with.property('message').that.includes('cannot be read');
    const inFile = join(folder.path, 'file');
    await writeFile(inFile, '');
    const under = await loadDistrusted(distrustedPath(inFile)).catch((thrown: unknown) => thrown);
    expect(under).to.be.instanceOf(StartupError);
    const isFolder = join(folder.path, 'folder');
    await mkdir(distrustedPath(isFolder), { recursive: true });
    const read = await loadDistrusted(distrustedPath(isFolder)).catch((thrown: unknown) => thrown);
    expect(read).to.be.instanceOf(StartupError);
  });

  it('refuses more entries than are ever compared', async () => {
    expect((await refused(list(...Array(10_001).fill(KEY)))).message).to.include('at most 10000');
  });
});

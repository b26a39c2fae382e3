import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import {
  createFolder,
  type Finished,
  runSallyport,
  startSallyport,
  waitForOutput,
} from '../support/sallyport.ts';

const ANY_PORT = ['--port', '0', '--admin-port', '0'];

describe('sallyport demo', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  beforeEach(async () => {
    folder = await createFolder();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  function playOnce(...more: readonly string[]): Promise<Finished> {
    return runSallyport(['demo', '--once', ...ANY_PORT, ...more], { cwd: folder.path });
  }

  it('plays one order through mutual TLS, keeps it and shows it', async () => {
    const { code, stdout, stderr } = await playOnce();
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout)
      .to.include('not for production')
      .and.to.match(/✔ certificates made/)
      .and.to.match(/✔ TLS +TLSv1\.3 .*[\d.]+ ms/)
      .and.to.match(/✔ gate +let in cxml-supplier\.coupahost\.com/)
      .and.to.match(/✔ read +3 lines, 0 findings [\d.]+ ms/)
      .and.to.match(/✔ kept +sha256 [0-9a-f]{16}…, the bytes that were sent [\d.]+ ms/)
      .and.to.match(/✔ Status +200 /)
      .and.to.match(/PO \d+, new, 3 lines, 2015\.0 SEK/)
      .and.to.match(/✔ refused at the gate: HTTP 403, Status 403/);
  });

  it('can be played again in the same folder: same certificates, another order', async () => {
    expect((await playOnce()).code).to.equal(0);
    const { code, stdout } = await playOnce();
    expect(code).to.equal(0);
    expect(stdout).to.include('certificates of an earlier run');
    const list = await runSallyport([
      'orders',
      'list',
      '--json',
      '-c',
      folder.file('.sallyport/sallyport.yaml'),
    ]);
    expect(JSON.parse(list.stdout)).to.have.length(2);
  });

  it('keeps everything it makes in one folder that git ignores', async () => {
    await playOnce('--dir', 'elsewhere');
    expect(await readFile(folder.file('elsewhere/.gitignore'), 'utf8')).to.equal('*\n');
  });

  it('keeps serving with the next steps, and stops when told to', async () => {
    const child = startSallyport(['demo', ...ANY_PORT], { cwd: folder.path });
    const told = await waitForOutput(child, /orders list -c \S+/);
    const [, url = ''] = /simulate update --to (\S+)/.exec(told) ?? [];
    const secret = await readFile(folder.file('.sallyport/DEMO-secret'), 'utf8');
    const files = ['--cert', 'DEMO-client.pem', '--key', 'DEMO-client.key', '--ca', 'DEMO-root.pem'];
    const { code } = await runSallyport(['simulate', 'update', '--to', url, '--secret-env', 'S', ...files], {
      cwd: folder.file('.sallyport'),
      env: { S: secret },
    });
    child.kill('SIGINT');
    const [ended] = await once(child, 'close');
    expect({ code, ended }).to.deep.equal({ code: 0, ended: 0 });
  });

  it('says what to do when the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await playOnce('--port', String(port));
    server.close();
    expect(code).to.equal(2);
    expect(stderr).to.include(String(port)).and.to.include('--port 0');
  });
});

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDemoPki } from '../../src/cli/demo-pki.ts';
import { loadBundle } from '../../src/trust/bundle.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import { parsePemCertificates } from '../../src/trust/pem.ts';
import { loadServerCertificate } from '../../src/trust/server-certificate.ts';
import { createTrust } from '../../src/trust/trust.ts';

const NOW = new Date();
const DAY_MS = 86_400_000;

describe('createDemoPki', () => {
  let folder: string;
  let dir: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
    dir = join(folder, 'pki');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const readAll = async () =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(dir)).map(async (name) => [name, await readFile(join(dir, name), 'utf8')] as const),
      ),
    );

  it('makes a client that the real gate lets in and a server certificate that the receiver takes', async () => {
    const { bundle, clientChain, clientName, serverChain, serverKey, isNew } = await createDemoPki(dir, NOW);
    expect(isNew).to.equal(true);
    const trust = createTrust({ bundle: await loadBundle(bundle, NOW), names: [clientName], generation: 1 });
    const chain = parsePemCertificates(await readFile(clientChain)).blocks.map(({ der }) => der);
    const verdict = judgePeer(
      { chain, openssl: { authorized: true }, resumed: false, protocol: 'TLSv1.3' },
      trust,
      NOW,
    );
    expect(verdict).to.have.property('trusted', true);
    expect(trust.anchors).to.have.length(1);
    const server = await loadServerCertificate({
      chain: serverChain,
      key: await readFile(serverKey, 'utf8'),
      now: NOW,
    });
    expect(server.names).to.deep.equal(['localhost', '127.0.0.1']);
  });

  it('says on every file and certificate that it is no production', async () => {
    await createDemoPki(dir, NOW);
    for (const [name, text] of Object.entries(await readAll())) {
      expect(name).to.match(/^DEMO-/);
      for (const { der } of parsePemCertificates(Buffer.from(name.endsWith('.pem') ? text : '')).blocks) {
        const { subject, issuer } = readCertificate(der);
        expect(subject.text).to.include('NOT for production');
        expect(issuer.text).to.include('NOT for production');
      }
    }
  });

  it('keeps its keys from other users', async () => {
    await createDemoPki(dir, NOW);
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await modeOf(dir)).to.equal(0o700);
    for (const name of (await readdir(dir)).filter((each) => each.endsWith('.key'))) {
      expect(await modeOf(join(dir, name)), name).to.equal(0o600);
    }
  });

  it('uses the files of an earlier run until their last day', async () => {
    const first = await createDemoPki(dir, NOW);
    const files = await readAll();
    expect((await createDemoPki(dir, new Date(NOW.getTime() + 28 * DAY_MS))).isNew).to.equal(false);
    expect(await readAll()).to.deep.equal(files);
    const late = new Date(first.notAfter.getTime() - DAY_MS / 2);
    expect((await createDemoPki(dir, late)).isNew).to.equal(true);
    expect(await readAll()).to.not.deep.equal(files);
  });

  it('makes all files again when one is missing, damaged or from another run', async () => {
    const { serverKey, clientChain, bundle } = await createDemoPki(dir, NOW);
    const strange = await createDemoPki(join(folder, 'other'), NOW);
    await rm(serverKey);
    expect((await createDemoPki(dir, NOW)).isNew).to.equal(true);
    await writeFile(clientChain, 'damaged');
    expect((await createDemoPki(dir, NOW)).isNew).to.equal(true);
    await writeFile(bundle, await readFile(strange.bundle));
    expect((await createDemoPki(dir, NOW)).isNew).to.equal(true);
    expect((await createDemoPki(dir, NOW)).isNew).to.equal(false);
  });
});

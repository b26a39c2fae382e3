import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { loadServerCertificate } from '../../src/trust/server-certificate.ts';
import type { Minted, MintOrder } from '../support/pki.ts';
import { createTestPki, mint, mintCa } from '../support/pki.ts';

const NOW = new Date();
const daysFromNow = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

const mintServer = (overrides: Partial<MintOrder> = {}): Minted =>
  mint({
    subject: 'po.supplier.example',
    key: { kind: 'rsa-2048', label: 'server' },
    issuer: mintCa('Server CA'),
    dns: ['po.supplier.example'],
    ips: ['127.0.0.1'],
    extendedKeyUsage: ['serverAuth'],
    ...overrides,
  });

describe('loadServerCertificate', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-server-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = async (chain: readonly { readonly pem: string }[], key: string) => {
    const path = join(folder, 'server.pem');
    await writeFile(path, chain.map(({ pem }) => pem).join(''));
    return loadServerCertificate({ chain: path, key, now: NOW });
  };
  const refusal = async (chain: readonly { readonly pem: string }[], key: string): Promise<StartupError> => {
    const [outcome] = await Promise.allSettled([load(chain, key)]);
    if (outcome.status === 'fulfilled') return expect.fail('it was taken');
    expect(outcome.reason).to.be.instanceOf(StartupError);
    return outcome.reason as StartupError;
  };

  it('reads a chain with its key, and says what it is for and how long', async () => {
    const ca = mintCa('Server CA', { notAfter: daysFromNow(5) });
    const server = mintServer({ issuer: ca, notAfter: daysFromNow(9) });
    const { certPem, keyPem, notAfter, names, warnings } = await load([server, ca], server.keyPem);
    expect(certPem).to.equal(server.pem + ca.pem);
    expect(keyPem.toString()).to.equal(server.keyPem);
    expect(Math.abs(notAfter.getTime() - daysFromNow(5).getTime())).to.be.below(1000);
    expect(names).to.deep.equal(['po.supplier.example', '127.0.0.1']);
    expect(warnings).to.deep.equal([]);
  });

  it('takes EC keys and a self-signed certificate', async () => {
    const ec = mintServer({ key: { kind: 'p-256', label: 'server' } });
    expect((await load([ec, mintCa('Server CA')], ec.keyPem)).warnings).to.deep.equal([]);
    const { server } = createTestPki();
    expect((await load([{ pem: server.cert }], server.key)).warnings).to.deep.equal([]);
  });

  it('warns when no issuer follows', async () => {
    const server = mintServer();
    expect((await load([server], server.keyPem)).warnings.join()).to.match(/no issuer follows/);
  });

  it('refuses a chain in the wrong order', async () => {
    const server = mintServer();
    const ca = mintCa('Server CA');
    const { message, hint } = await refusal([ca, server], server.keyPem);
    expect(message)
      .to.include('server.pem')
      .and.to.match(/did not issue/);
    expect(hint).to.match(/server certificate first/);
    expect((await refusal([server, mintCa('Stranger')], server.keyPem)).message).to.match(/did not issue/);
  });

  it('refuses the key of another certificate', async () => {
    const server = mintServer();
    const other = mintServer({ key: { kind: 'rsa-2048', label: 'other server' } });
    const { message } = await refusal([server], other.keyPem);
    expect(message)
      .to.include('server.pem')
      .and.to.match(/not the key/);
  });

  for (const [what, overrides, message] of [
    ['an expired certificate', { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }, /expired on/],
    ['a certificate of tomorrow', { notBefore: daysFromNow(1) }, /valid only from/],
    ['a certificate without alternative names', { dns: [], ips: [] }, /subjectAltName/],
    ['a certificate for clients', { extendedKeyUsage: ['clientAuth'] }, /not for servers/],
    ['a key that OpenSSL finds too small', { key: { kind: 'rsa-1024', label: 'small' } }, /does not take/],
  ] as const satisfies readonly (readonly [string, Partial<MintOrder>, RegExp])[]) {
    it(`refuses ${what}`, async () => {
      const server = mintServer(overrides);
      const told = await refusal([server], server.keyPem);
      expect(told.message).to.include('server.pem').and.to.match(message);
      expect(told.hint).to.not.equal('');
    });
  }

  it('refuses a key it cannot read, and quotes none', async () => {
    const server = mintServer();
    const secret = server.keyPem.split('\n')[3] ?? '';
    for (const key of ['', 'not a key', server.keyPem.slice(0, 400), server.pem]) {
      const { message, hint, cause } = await refusal([server], key);
      expect(message).to.match(/certificate\.key/);
      expect(`${message}${hint}${String(cause)}`).to.not.include(secret);
    }
    const locked = server.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    expect((await refusal([server], locked.toString())).message).to.match(/passphrase/);
  });

  it('refuses a key among the certificates, an empty file and a missing one', async () => {
    const server = mintServer();
    const { message } = await refusal([server, { pem: server.keyPem }], server.keyPem);
    expect(message).to.match(/private key stands among/);
    expect((await refusal([], server.keyPem)).message).to.match(/no certificate/);
    const [missing] = await Promise.allSettled([
      loadServerCertificate({ chain: join(folder, 'missing.pem'), key: server.keyPem, now: NOW }),
    ]);
    expect(missing.status === 'rejected' && String(missing.reason)).to.match(/ENOENT/);
  });
});

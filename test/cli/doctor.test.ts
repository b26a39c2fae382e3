import { once } from 'node:events';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'chai';
import { prepareFolder, writeDemoConfig } from '../../src/cli/demo-config.ts';
import { createDemoPki, type DemoPki } from '../../src/cli/demo-pki.ts';
import { mintCrl } from '../support/crl.ts';
import { mintCa } from '../support/pki.ts';
import { createFolder, runSallyport } from '../support/sallyport.ts';

interface Check {
  readonly state: string;
  readonly about: string;
  readonly text: string;
  readonly remedy?: string;
}

describe('sallyport doctor', () => {
  let made: Awaited<ReturnType<typeof createFolder>>;
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let pki: DemoPki;
  let config: string;

  before(async () => {
    made = await createFolder();
    await createDemoPki(made.path);
  });
  after(() => made[Symbol.asyncDispose]());
  beforeEach(async () => {
    folder = await createFolder();
    await cp(made.path, folder.path, { recursive: true });
    await prepareFolder(folder.path);
    pki = await createDemoPki(folder.path);
    ({ config } = await writeDemoConfig({ dir: folder.path, pki, port: 0, adminPort: 0 }));
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  async function examine(): Promise<{ code: number | null; ok: boolean; checks: readonly Check[] }> {
    const { code, stdout } = await runSallyport(['doctor', '-c', config, '--json']);
    return { code, ...JSON.parse(stdout) };
  }

  async function change(from: string | RegExp, to: string): Promise<void> {
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace(from, to));
  }

  it('finds a sound receiver ready, and says what it trusts and for how long', async () => {
    const { code, ok, checks } = await examine();
    expect({ code, ok }).to.deep.equal({ code: 0, ok: true });
    const pinned = checks.find(({ about }) => about === 'pinned CA');
    expect(pinned?.text)
      .to.match(/29 days left/)
      .and.to.match(/SPKI sha256 [0-9a-f]{64}/);
    expect(checks.map(({ text }) => text).join('\n')).to.include('cxml-supplier.coupahost.com');
  });

  it('warns loudly about a Node that is older than its security release', async () => {
    const { checks } = await examine();
    const node = checks.find(({ about }) => about === 'node');
    expect(node?.state === 'warn').to.equal(
      /^(24\.(1\d|2[01])|26\.([0-9]|1[01]))\./.test(process.versions.node),
    );
  });

  it('warns about a buyer whom only its certificate proves, and not about one with HTTP Basic', async () => {
    const secret = /shared_secret: ("file:[^"]+")/;
    const told = async (): Promise<string> =>
      (await examine()).checks.map(({ about, text }) => `${about}: ${text}`).join('\n');
    const warning = /^buyer \S+: no shared secret was agreed/m;
    expect(await told()).not.to.match(warning);
    const [, reference] = secret.exec(await readFile(config, 'utf8')) ?? [];
    await change(secret, 'shared_secret: none');
    expect(await told()).to.match(warning);
    const basic = `basic_auth: { username: coupa, password: ${reference} }`;
    await change('shared_secret: none', `shared_secret: none\n    ${basic}`);
    expect(await told()).not.to.match(warning);
  });

  it('warns about a single pin without a successor', async () => {
    const { checks } = await examine();
    expect(checks.some(({ state, text }) => state === 'warn' && text.includes('no successor'))).to.equal(
      true,
    );
  });

  it('warns when the certificate is not for the public address', async () => {
    await change('port: 0 }', 'port: 0, public_url: "https://po.example/cxml" }');
    const { code, checks } = await examine();
    expect(code).to.equal(0);
    expect(checks.some(({ state, text }) => state === 'warn' && text.includes('po.example'))).to.equal(true);
  });

  it('says what narrows the trust, how long a revocation list lasts, and what is only reported', async () => {
    const issuer = mintCa('Issuer with a list');
    const bundle = folder.file('more.pem');
    await writeFile(bundle, issuer.pem);
    await writeFile(folder.file('a.crl'), mintCrl({ issuer, revoked: ['01', '02'] }));
    await writeFile(folder.file('from.txt'), '127.0.0.1\n192.0.2.0/24\n');
    const spki = 'ab'.repeat(32);
    const lists = `pins: [${spki}], deny: [{ serial: "01" }], addresses: from.txt, crl: a.crl, report_only: [pins]`;
    await change(/^trust:.*$/m, `trust: { bundle: more.pem, ${lists} }`);
    const { code, checks } = await examine();
    expect(code).to.equal(0);
    const told = checks.map(({ state, text }) => `${state} ${text}`).join('\n');
    for (const words of [
      `1 pinned client key: no other client is let in\n${spki}`,
      '1 deny-list row',
      '2 address ranges alone',
      'without a current list a client is let in and reported',
      /2 serial numbers, 6 days left/,
      'warn only reported, not enforced: pins',
    ]) {
      if (typeof words === 'string') expect(told).to.include(words);
      else expect(told).to.match(words);
    }
    await writeFile(folder.file('a.crl'), mintCrl({ issuer, nextUpdate: new Date(Date.now() - 60_000) }));
    const stale = (await examine()).checks.filter(({ about }) => about === 'revocation');
    expect(stale.map(({ state, remedy }) => [state, remedy])).to.deep.equal([
      ['warn', 'fetch the current list of this issuer'],
    ]);
  });

  it('warns of whatever widens the trust for a time, and counts the days', async () => {
    const dayIn = (days: number): string =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const spki = 'ab'.repeat(32);
    const until = (days: number): Promise<void> => {
      const exception = `server_auth_only: { until: ${dayIn(days)}, spki: [${spki}] }`;
      return change(
        /^trust:.*$/m,
        `trust: { bundle: ${pki.bundle}, client_certificate: requested, ${exception} }`,
      );
    };
    await until(9);
    const { code, checks } = await examine();
    expect(code).to.equal(0);
    const warned = checks.filter(({ state }) => state === 'warn').map(({ text }) => text);
    expect(warned.join('\n'))
      .to.include(`let in for 1 key, 10 days left (${dayIn(9)})\n${spki}`)
      .and.to.include('trust.client_certificate is requested');
    await until(-1);
    const ended = (await examine()).checks.find(({ text }) => text.includes('server_auth_only'));
    expect(ended)
      .to.include({ state: 'warn' })
      .and.property('text')
      .includes(`ended on ${dayIn(-1)}`);
  });

  it('says that a port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await change('port: 0 }', `port: ${port} }`);
    const { code, checks } = await examine();
    server.close();
    expect(code).to.equal(0);
    expect(checks.find(({ about }) => about === 'receiving port')).to.include({ state: 'warn' });
  });

  const broken = {
    'a configuration with mistakes': { about: 'configuration', break: () => change('buyers:', 'buyer:') },
    'no configuration': { about: 'configuration', break: () => rm(config) },
    'a bundle of leaves': {
      about: 'trust',
      break: async () => writeFile(pki.bundle, await readFile(pki.serverChain)),
    },
    'a key that belongs to another certificate': {
      about: 'certificate',
      break: async () => writeFile(pki.serverKey, await readFile(pki.clientKey)),
    },
    'a store where a file stands in the way': {
      about: 'store',
      break: () => change('sqlite:sallyport.db', 'sqlite:DEMO-root.pem/sallyport.db'),
    },
    'a store that is none': {
      about: 'store',
      break: () => writeFile(folder.file('sallyport.db'), 'no database, whatever its name says'),
    },
  };
  for (const [name, { about, break: breakIt }] of Object.entries(broken)) {
    it(`fails on ${name}, with a remedy`, async () => {
      await breakIt();
      const { code, ok, checks } = await examine();
      expect({ code, ok }).to.deep.equal({ code: 1, ok: false });
      const failed = checks.filter(({ state }) => state === 'no');
      expect(failed.map((check) => check.about)).to.include(about);
      expect(failed.every(({ remedy }) => remedy !== undefined && remedy !== '')).to.equal(true);
    });
  }

  it('prints a line for each, and never a secret', async () => {
    const { code, stdout } = await runSallyport(['doctor', '-c', config]);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/^✔ clock/m)
      .and.to.include('ready to receive orders');
    expect(stdout).not.to.include(await readFile(folder.file('DEMO-secret'), 'utf8'));
  });
});

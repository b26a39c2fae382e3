import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { distrustedPath } from '../../src/trust/distrusted.ts';
import { loadTrust, trustPaths } from '../../src/trust/load-trust.ts';
import { mintCrl } from '../support/crl.ts';
import { configured, NAME, NOW } from '../support/judging.ts';
import { createTestPki } from '../support/pki.ts';

const pki = createTestPki();

describe('loadTrust', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
  let bundle: string;

  beforeEach(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-trust-'));
    bundle = join(folder.path, 'bundle.pem');
    await writeFile(bundle, pki.bundlePem);
  });
  afterEach(() => folder.remove());

  it('puts together what the configuration says', async () => {
    const spki = 'ab'.repeat(32);
    const config = configured(bundle, { pins: [spki], deny: [{ serial: '4abc' }], report_only: ['pins'] });
    const { trust, warnings } = await loadTrust(config, { generation: 3, now: NOW });
    expect(trust.generation).to.equal(3);
    expect(trust.names).to.deep.equal([NAME]);
    expect([...trust.pins]).to.deep.equal([spki]);
    expect(trust.deny).to.deep.equal([{ serial: '4abc' }]);
    expect([...trust.reportOnly]).to.deep.equal(['pins']);
    expect(warnings).to.deep.equal([]);
    expect(trustPaths(config)).to.deep.equal([bundle, distrustedPath(config.state)]);
  });

  it('reads the address list', async () => {
    const addresses = join(folder.path, 'addresses.txt');
    await writeFile(addresses, '192.0.2.7/30\n');
    const config = configured(bundle, { addresses });
    const { trust, warnings } = await loadTrust(config, { generation: 1, now: NOW });
    expect(trust.addresses?.ranges).to.deep.equal(['192.0.2.4-192.0.2.7']);
    expect(warnings.join()).to.include(`${addresses}:1: 192.0.2.7/30 starts inside its block`);
    expect(trustPaths(config)).to.include(addresses);
  });

  it('reads the revocation lists of what the bundle pins', async () => {
    const crl = join(folder.path, 'a.crl');
    await writeFile(crl, mintCrl({ issuer: pki.intermediate, revoked: ['4abc'] }));
    const config = configured(bundle, { crl, crl_policy: 'hard' });
    const { trust } = await loadTrust(config, { generation: 1, now: NOW });
    expect(trust.revocation?.policy).to.equal('hard');
    expect(trust.revocation?.lists.map(({ size }) => size)).to.deep.equal([1]);
    expect(trustPaths(config)).to.include(crl);
    await writeFile(bundle, pki.sibling.pem);
    const next = await loadTrust(config, { generation: 2, now: NOW });
    expect(next.trust.revocation?.lists).to.deep.equal([]);
    expect(next.warnings.join()).to.include(`${crl}:1: not used`);
  });

  it('keeps the lists in force, where it may, when those on disk cannot be read', async () => {
    const [addresses, crl] = [join(folder.path, 'addresses.txt'), join(folder.path, 'a.crl')];
    await writeFile(addresses, '192.0.2.7');
    await writeFile(crl, mintCrl({ issuer: pki.intermediate, revoked: ['4abc'] }));
    const config = configured(bundle, { addresses, crl });
    const { trust: inForce } = await loadTrust(config, { generation: 1, now: NOW });
    await writeFile(addresses, '192.0.2.');
    await writeFile(crl, '');
    const around = { generation: 2, now: NOW, inForce };
    const { trust, warnings } = await loadTrust(config, { ...around, keepLists: true });
    expect(trust.addresses).to.equal(inForce.addresses);
    expect(trust.revocation).to.equal(inForce.revocation);
    expect(warnings.join()).to.include(`${addresses}:1: `).and.to.include(`${crl}:1: `);
    const failed = await loadTrust(config, around).catch((error) => error);
    expect(failed).to.be.instanceOf(StartupError).with.property('message').that.includes(addresses);
  });

  it('denies whoever was distrusted while running, and refuses a list it cannot understand', async () => {
    const config = configured(bundle, { deny: [{ serial: '01' }], state: join(folder.path, 'state') });
    const file = distrustedPath(config.state);
    await mkdir(config.state);
    const entry = { spki: 'cd'.repeat(32), since: '2026-11-21T08:00:00Z', by: 'anna', reason: null };
    await writeFile(file, JSON.stringify({ version: 1, entries: [entry] }));
    const { trust } = await loadTrust(config, { generation: 1, now: NOW });
    expect(trust.deny).to.deep.equal([{ serial: '01' }, { spki: entry.spki, comment: 'distrusted' }]);
    await writeFile(file, '');
    const failed = await loadTrust(config, { generation: 2, now: NOW }).catch((error) => error);
    expect(failed).to.be.instanceOf(StartupError).with.property('message').that.includes(file);
  });

  it('hands on what is odd about sound files, and refuses unsound ones', async () => {
    await writeFile(bundle, pki.root.pem);
    const { warnings } = await loadTrust(configured(bundle), { generation: 1, now: NOW });
    expect(warnings.join()).to.include('self-signed root');
    await writeFile(bundle, 'nothing');
    const failed = await loadTrust(configured(bundle), { generation: 1, now: NOW }).catch((error) => error);
    expect(failed).to.be.instanceOf(StartupError);
  });
});

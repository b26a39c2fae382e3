import { chmod, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { openShelf } from '../../src/rotation/shelf.ts';
import { distrustedPath, loadDistrusted } from '../../src/trust/distrusted.ts';
import { mintAuthority } from './authorities.ts';
import { asNobody, createFolder, refusalOf } from './place.ts';

const [a, b] = [mintAuthority('A'), mintAuthority('B')];
const SINCE = '2026-11-21T08:00:00.000Z';
const BY = { since: SINCE, by: 'anna@host', reason: 'key lost' };

describe('openShelf', () => {
  it('has nothing, and makes nothing, before something is put on it', async () => {
    await using folder = await createFolder();
    const shelf = openShelf(folder.at('state'));
    expect(await shelf.listStaged()).to.deep.equal({ certificates: [], problems: [] });
    expect(await shelf.findKnown(a.certificate.fingerprint)).to.equal(undefined);
    await shelf.unstage(a.certificate.fingerprint);
    expect(await readdir(folder.path)).to.deep.equal([]);
  });

  it('stages certificates, takes them away again, and knows them from then on', async () => {
    await using folder = await createFolder();
    const shelf = openShelf(folder.at('state'));
    await shelf.stage(a.certificate);
    await shelf.stage(b.certificate);
    await shelf.stage(b.certificate);
    await shelf.unstage(a.certificate.fingerprint);
    await shelf.unstage(a.certificate.fingerprint);
    const again = openShelf(folder.at('state'));
    expect((await again.listStaged()).certificates).to.have.length(1);
    expect((await again.listStaged()).certificates[0]?.fingerprint).to.equal(b.certificate.fingerprint);
    expect((await again.listKnown()).certificates.map(({ fingerprint }) => fingerprint)).to.deep.equal(
      [a, b].map(({ certificate }) => certificate.fingerprint).sort(),
    );
    expect((await again.findKnown(a.certificate.fingerprint))?.der).to.deep.equal(a.certificate.der);
  });

  it('lets nobody else read or write there', async () => {
    await using folder = await createFolder();
    const shelf = openShelf(folder.at('state'));
    await shelf.stage(a.certificate);
    await shelf.writeDistrusted([]);
    const names = await readdir(folder.path, { recursive: true });
    expect(names).to.have.length(6);
    for (const name of names) {
      const found = await stat(folder.at(name));
      expect(found.mode & 0o777, name).to.equal(found.isDirectory() ? 0o700 : 0o600);
    }
    expect(await shelf.warnings()).to.deep.equal([]);
    await chmod(folder.at('state', 'staged'), 0o777);
    expect(await shelf.warnings()).to.have.length(1);
  });

  it('refuses by name what is not what its name says, and shows the others', async () => {
    await using folder = await createFolder();
    const shelf = openShelf(folder.at('state'));
    const at = (name: string) => folder.at('state', 'staged', name);
    const nameOf = ({ certificate }: typeof a) => `${certificate.fingerprint}.pem`;
    await shelf.stage(a.certificate);
    await writeFile(at('.half.tmp'), 'x');
    for (const [name, text, why] of [
      [nameOf(b), a.pem, 'another one'],
      [nameOf(b), b.pem + b.pem, 'one certificate'],
      [nameOf(b), b.pem.slice(0, -30), 'one certificate'],
      [nameOf(b), '', 'one certificate'],
      [nameOf(b), `-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n`, 'refused'],
    ] as const) {
      await writeFile(at(name), text);
      const { certificates, problems } = await shelf.listStaged();
      expect(certificates.map(({ fingerprint }) => fingerprint)).to.deep.equal([a.certificate.fingerprint]);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include(at(name)).and.include(why);
    }
    await rename(at(nameOf(b)), at('new.pem'));
    expect((await shelf.listStaged()).problems[0]).to.include('new.pem');
  });

  it('does not bring back what it cannot vouch for', async () => {
    await using folder = await createFolder();
    const shelf = openShelf(folder.at('state'));
    await shelf.keep([a.certificate]);
    await writeFile(folder.at('state', 'certificates', `${a.certificate.fingerprint}.pem`), b.pem);
    const error = await refusalOf(shelf.findKnown(a.certificate.fingerprint));
    expect(error.message).to.include('another one');
    await shelf.keep([a.certificate]);
    expect((await shelf.findKnown(a.certificate.fingerprint))?.fingerprint).to.equal(
      a.certificate.fingerprint,
    );
  });

  it('takes no path for a fingerprint', async () => {
    await using folder = await createFolder();
    const error = await openShelf(folder.path)
      .unstage('../../bundle')
      .catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
  });
});

describe('writeDistrusted', () => {
  it('writes what the gate reads', async () => {
    await using folder = await createFolder();
    const entries = [
      { spki: a.certificate.spki, ...BY },
      { serial: b.certificate.serial, issuer: b.certificate.issuer.text, ...BY, reason: null },
    ];
    await openShelf(folder.path).writeDistrusted(entries);
    expect(await loadDistrusted(distrustedPath(folder.path))).to.deep.equal(entries);
  });

  it('does not fail for a reason that is long or empty, or a name that is missing', async () => {
    await using folder = await createFolder();
    await openShelf(folder.path).writeDistrusted([
      { spki: a.certificate.spki, since: SINCE, by: ' ', reason: '😀'.repeat(2_000) },
      { spki: b.certificate.spki, since: SINCE, by: 'anna', reason: '  ' },
    ]);
    const [first, second] = await loadDistrusted(distrustedPath(folder.path));
    expect(first).to.include({ by: 'unknown' });
    expect(first?.reason).to.have.length.of.at.most(500);
    expect(second?.reason).to.equal(null);
  });

  it('leaves the old list when the gate would not read the new one, or it cannot be written', async () => {
    await using folder = await createFolder();
    const shelf = openShelf(folder.path);
    await shelf.writeDistrusted([{ spki: a.certificate.spki, ...BY }]);
    const before = await readFile(distrustedPath(folder.path), 'utf8');
    const error = await refusalOf(shelf.writeDistrusted([{ serial: 'XYZ', ...BY }]));
    expect(error.message).to.include('entries[0].serial').and.not.include('.tmp');
    await chmod(folder.path, 0o555);
    const denied = await asNobody(() => shelf.writeDistrusted([]).catch((cause: unknown) => cause));
    expect(denied).to.have.property('code', 'EACCES');
    expect(await readFile(distrustedPath(folder.path), 'utf8')).to.equal(before);
    expect(await readdir(folder.path)).to.deep.equal(['distrusted.json']);
  });
});

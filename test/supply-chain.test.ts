/** What is installed is what was looked at: exact, hashed, free of install scripts and native code, freely licensed. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

interface LockedPackage {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** Those that ask for no more than naming the author. Of an `A OR B` one is enough, of an `A AND B` both are needed. */
const LICENCES = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'W3C-19980720', // the suite of malformed documents, for tests alone
];

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (name: string): unknown => JSON.parse(readFileSync(`${root}/${name}`, 'utf8'));

const lock = readJson('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };
const manifest = readJson('package.json') as Manifest;
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const paths = (those: (entry: LockedPackage) => boolean): readonly string[] =>
  locked.filter(([, entry]) => those(entry)).map(([path]) => path);

describe('supply chain', () => {
  it('locks a tree', () => {
    expect(locked.length).to.be.greaterThan(100);
  });

  it('hashes every package', () => {
    expect(paths(({ integrity }) => !integrity?.startsWith('sha512-'))).to.deep.equal([]);
  });

  it('locks every optional package, also those for other platforms', () => {
    // `npm ci` refuses a lock that lacks one, and a registry that lacks one makes such a lock.
    const missing = locked.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          lock.packages[`node_modules/${name}`] === undefined &&
          lock.packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).to.deep.equal([]);
  });

  it('binds no package to one registry', () => {
    expect(paths(({ resolved }) => resolved !== undefined)).to.deep.equal([]);
  });

  it('runs no install script', () => {
    expect(paths(({ hasInstallScript }) => hasInstallScript === true)).to.deep.equal([]);
  });

  it('names exact versions', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).to.deep.equal([]);
  });

  it('is under licences that anyone can keep', () => {
    const free = (licence: string): boolean =>
      licence
        .replace(/^\(|\)$/g, '')
        .split(' OR ')
        .some((one) => one.split(' AND ').every((each) => LICENCES.includes(each)));
    expect(paths(({ license }) => !free(license ?? ''))).to.deep.equal([]);
  });

  it('runs no native add-on', () => {
    // A native add-on is built for the Node that runs npm, which need not be the one that runs the receiver.
    const native = paths(({ dev }) => dev !== true).flatMap((path) =>
      globSync('**/*.node', { cwd: `${root}/${path}` }).map((file) => `${path}/${file}`),
    );
    expect(native).to.deep.equal([]);
  });
});

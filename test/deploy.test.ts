/** The papers an operator copies: each has to be true, and to work as it stands. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { limits } from '../src/config-limits.ts';
import { needs, needsTool } from './support/needs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };

/** What the file that a unit or an image starts says of itself: a file that only exports something says nothing. */
function askVersion(main = 'nothing'): string {
  return execFileSync(process.execPath, [join(root, main), '--version'], { encoding: 'utf8' }).trim();
}

function createScratch(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-deploy-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

describe('deploy/Dockerfile', () => {
  /** One instruction a line, comments left out: `['RUN', 'npm ci …']`. */
  const instructions = read('deploy/Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)] as const);
  const all = (name: string, list = instructions): readonly string[] =>
    list.filter(([word]) => word === name).map(([, rest]) => rest);
  const last = instructions.slice(instructions.findLastIndex(([word]) => word === 'FROM'));
  const exec = (rest: string | undefined): string[] => JSON.parse(rest ?? '') as string[];

  it('starts from images named by version, never by latest', () => {
    const images = all('ARG').map((arg) => arg.split('=')[1]);
    expect(images).to.have.lengthOf(2);
    for (const image of images)
      expect(image).to.match(/^[a-z0-9./-]+:(?!latest)[\w.-]+(@sha256:[0-9a-f]{64})?$/);
    expect(all('FROM').every((from) => from.startsWith('${'))).to.equal(true);
  });

  it('installs what production needs, from the lock, without scripts', () => {
    expect(all('RUN').join()).to.contain('npm ci --omit=dev --omit=optional --ignore-scripts');
  });

  it('runs as nobody, stops on SIGTERM, keeps orders in a volume', () => {
    expect(all('USER', last)).to.deep.equal(['65532:65532']);
    expect(all('STOPSIGNAL', last)).to.deep.equal(['SIGTERM']);
    expect(all('VOLUME', last)).to.deep.equal(['/data']);
    expect(all('ENV', last)).to.deep.equal(['NODE_ENV=production']);
  });

  it('starts the receiver without a shell', () => {
    const [node, main] = exec(all('ENTRYPOINT', last)[0]);
    expect(node).to.equal('/nodejs/bin/node');
    expect(askVersion(main?.replace(/^\/app\//, ''))).to.equal(version);
    expect(exec(all('CMD', last)[0])[0]).to.equal('serve');
  });

  it('copies from the folder only what .dockerignore lets through', () => {
    const sent = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = all('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(copied.toSorted()).to.deep.equal(sent.toSorted());
    expect(read('.dockerignore').split('\n')).to.include('*');
    for (const name of copied) expect(existsSync(join(root, name)), name).to.equal(true);
  });

  it('has a health check that tells alive from not', async () => {
    const [, ...words] = exec(all('HEALTHCHECK', last)[0]?.replace(/^.*?CMD /, ''));
    let status = 200;
    await using server = createServer(({ url }, response) => {
      response.writeHead(url === '/livez' ? status : 404).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const check = async (at: number): Promise<number | null> => {
      const child = spawn(
        process.execPath,
        words.map((word) => word.replace('8080', String(at))),
      );
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    };
    expect(await check(port)).to.equal(0);
    status = 503;
    expect(await check(port)).to.equal(1);
    expect(await check(1)).to.equal(1);
  });
});

describe('deploy/sallyport.service', () => {
  const unit = read('deploy/sallyport.service');
  const setting = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];

  it('is a unit systemd takes, exposed as little as it says', function () {
    needsTool(this, 'systemd-analyze');
    using scratch = createScratch();
    const file = join(scratch.path, 'sallyport.service');
    // Where node is differs from machine to machine, and systemd asks that it be there.
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
    const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    expect({ status: verified.status, said: verified.stderr }).to.deep.equal({ status: 0, said: '' });
    const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=15', file]);
    expect(judged.status).to.equal(0);
  });

  it('runs a file that is there', () => {
    const main = setting('ExecStart')?.split(' ')[1]?.replace('/opt/sallyport/', '');
    expect(askVersion(main)).to.equal(version);
  });

  it('gives requests in flight the time they may take', () => {
    expect(Number(setting('TimeoutStopSec')?.replace('s', '')) * 1000).to.be.greaterThan(
      limits.parse({}).shutdown_ms,
    );
  });

  it('does not forbid the engine to write code', () => {
    expect(setting('MemoryDenyWriteExecute')).to.equal(undefined);
  });
});

describe('deploy/prometheus.yml', () => {
  it('asks the admin port for its metrics', () => {
    const { scrape_configs: jobs } = parse(read('deploy/prometheus.yml')) as {
      readonly scrape_configs: readonly {
        readonly metrics_path: string;
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
      }[];
    };
    expect(jobs.map((job) => job.metrics_path)).to.deep.equal(['/metrics']);
    expect(jobs[0]?.static_configs[0]?.targets).to.deep.equal(['127.0.0.1:8080']);
  });
});

describe('certs/README.md', () => {
  const page = read('certs/README.md');
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
    .map(([, command]) => command ?? '')
    .filter((command) => /^openssl (?!s_client)/.test(command));

  it('is the only file its folder ships', function () {
    needs(this, existsSync(join(root, '.git')), 'a git checkout');
    const tracked = execFileSync('git', ['ls-files', '--', 'certs'], { cwd: root, encoding: 'utf8' });
    expect(tracked).to.equal('certs/README.md\n');
  });

  it('gives commands that tell what it says they tell', function () {
    needsTool(this, 'openssl');
    using scratch = createScratch();
    mintChain(scratch.path);
    expect(commands).to.have.lengthOf(5);
    const said = commands.map((command) =>
      execFileSync('bash', ['-euo', 'pipefail', '-c', command], { cwd: scratch.path, encoding: 'utf8' }),
    );
    expect(said[0])
      .to.match(/CA:TRUE/)
      .and.match(/TLS Web Client Authentication/)
      .and.match(/sha256 Fingerprint=([0-9A-F]{2}:){31}/i);
    expect(said[1]).to.contain('Example Client Intermediate');
    expect(said[2]).to.match(/[0-9a-f]{64}/);
    expect(said[3]?.match(/: OK$/gm)).to.have.lengthOf(2);
    expect(said[4]).to.match(/CN ?= ?cxml-supplier\.coupahost\.com/);
  });
});

/** Stands in for Coupa's three files, in the places the page names. */
function mintChain(folder: string): void {
  const script = `
    mkdir -p certs/coupa
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out certs/coupa/intermediate.pem -days 30 \\
      -subj '/O=Example CA/CN=Example Client Intermediate' -addext extendedKeyUsage=clientAuth
    printf 'basicConstraints=CA:FALSE\\nextendedKeyUsage=clientAuth\\n' > leaf.ext
    for name in cxml-supplier.coupahost.com cxml-supplier.coupacloud.com; do
      openssl req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj "/CN=$name"
      openssl x509 -req -in leaf.csr -CA certs/coupa/intermediate.pem -CAkey ca.key -set_serial 1 -days 30 \\
        -extfile leaf.ext -out "$name.pem"
    done`;
  execFileSync('bash', ['-euc', script], { cwd: folder, stdio: 'ignore' });
}

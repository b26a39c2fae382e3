import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { needs } from './support/needs.ts';
import { createFolder, type Finished, LAUNCHER, runSallyport } from './support/sallyport.ts';

/** Makes the real Node look too old to the launcher. */
const PRETEND = [
  '--import',
  `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`,
];

function runAsOldNode(
  launcher: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  return runSallyport(args, { launcher, nodeOptions: PRETEND, env });
}

/** A copy of the launcher in a tree whose `node_modules/.bin/node` is the given script. */
async function plant(folder: string, script: string): Promise<string> {
  const launcher = `${folder}/src/sallyport.js`;
  const node = `${folder}/node_modules/.bin/node`;
  await mkdir(dirname(launcher), { recursive: true });
  await mkdir(dirname(node), { recursive: true });
  await writeFile(`${folder}/package.json`, '{"type":"module"}');
  await copyFile(LAUNCHER, launcher);
  await writeFile(node, `#!/bin/sh\n${script}\n`);
  await chmod(node, 0o755);
  return launcher;
}

const TESTED = '[ "$1" = --version ] && echo v24.21.0 && exit';

describe('the launcher', () => {
  it('runs the command on a Node that was tested', async () => {
    const { code, stdout } = await runSallyport(['--version']);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '0.1.0\n' });
  });

  it('starts the Node of node_modules when its own is too old, with the same arguments', async function () {
    const bundled = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
    needs(this, existsSync(bundled), 'node_modules/.bin/node');
    const { code, stdout } = await runAsOldNode(LAUNCHER, ['--version']);
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '0.1.0\n' });
  });

  it('passes arguments with blanks and the exit code through', async () => {
    await using folder = await createFolder();
    const launcher = await plant(folder.path, `${TESTED}\nshift; printf '%s|' "$@"; exit 7`);
    const { code, stdout } = await runAsOldNode(launcher, ['check', 'a b.xml']);
    expect({ code, stdout }).to.deep.equal({ code: 7, stdout: 'check|a b.xml|' });
  });

  it('ends by the signal that ended the other Node', async () => {
    await using folder = await createFolder();
    const launcher = await plant(folder.path, `${TESTED}\nkill -TERM $$`);
    const { signal } = await runAsOldNode(launcher, ['serve']);
    expect(signal).to.equal('SIGTERM');
  });

  it('passes a signal on that comes as soon as the other Node runs', async () => {
    await using folder = await createFolder();
    const script = `${TESTED}\ntrap 'exit 5' TERM\nkill -TERM $PPID\nfor _ in 1 2 3 4 5 6 7 8 9; do sleep 1; done`;
    const launcher = await plant(folder.path, script);
    const ended = await Promise.all(Array.from({ length: 8 }, () => runAsOldNode(launcher, ['serve'])));
    expect(ended.map(({ code }) => code)).to.deep.equal(Array(8).fill(5));
  });

  it('passes a signal on to the other Node', async () => {
    await using folder = await createFolder();
    const launcher = await plant(
      folder.path,
      `${TESTED}\ntrap 'echo stopped; exit 5' TERM\necho ready\nwhile :; do sleep 0.05; done`,
    );
    const child = spawn(process.execPath, [...PRETEND, launcher, 'serve']);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text === 'ready\n') child.kill('SIGTERM');
    });
    const [code] = await once(child, 'close');
    expect({ code, text }).to.deep.equal({ code: 5, text: 'ready\nstopped\n' });
  });

  it('finds the platform package when .bin is missing', async () => {
    await using folder = await createFolder();
    const launcher = await plant(folder.path, `${TESTED}\necho found`);
    const bin = `${folder.path}/node_modules/node-${process.platform}-${process.arch}/bin`;
    await mkdir(bin, { recursive: true });
    await rename(`${folder.path}/node_modules/.bin/node`, `${bin}/node`);
    expect((await runAsOldNode(launcher, ['x'])).stdout).to.equal('found\n');
  });

  it('says what to do when there is no Node to run on', async () => {
    await using folder = await createFolder();
    const launcher = await plant(folder.path, 'echo v20.20.2');
    const { code, stderr } = await runAsOldNode(launcher, ['serve']);
    expect(code).to.equal(2);
    expect(stderr).to.include('20.20.2').and.to.include('npm ci');
  });

  it('never starts itself for ever', async () => {
    const { code } = await runAsOldNode(LAUNCHER, ['--version'], { SALLYPORT_RELAUNCHED: '1' });
    expect(code).to.equal(2);
  });
});

#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old can still read it: finds the Node that was tested and runs main.ts.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
/** Set for the process that was started in our place, so that a wrong `node` cannot start itself for ever. */
const RELAUNCHED = 'SALLYPORT_RELAUNCHED';

/** What package.json asks for: ^24.15.0 || >=26. */
function isTested(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 26 || (major === 24 && minor >= 15);
}

/** The `node` that `npm ci` put beside us; the platform package itself, should `.bin` be missing. */
function findNode() {
  const modules = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules');
  const { platform, arch } = process;
  const windows = platform === 'win32';
  const name = windows ? 'node.exe' : 'node';
  return [
    join(modules, '.bin', name),
    join(modules, `node-${windows ? 'win' : platform}-${arch}`, 'bin', name),
  ].find((path) => {
    if (!existsSync(path)) return false;
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    return typeof stdout === 'string' && isTested(stdout.trim().replace(/^v/, ''));
  });
}

/** Passes arguments, stdio, signals and the exit code through. */
function runWith(node) {
  // Before the other Node is started: it may be up, and this one be told to stop, before spawn returns.
  const forward = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [RELAUNCHED]: '1' },
  });
  child.on('error', (error) => {
    console.error(`✖ ${node} could not be started: ${error.message}`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    for (const each of SIGNALS) process.off(each, forward);
    if (signal === null) process.exitCode = code ?? 2;
    else process.kill(process.pid, signal);
  });
}

if (isTested(process.versions.node)) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = process.env[RELAUNCHED] === '1' ? undefined : findNode();
  if (node === undefined) {
    console.error(
      `✖ Sallyport needs Node 24.15 or newer (24 or 26 and later); this is ${process.versions.node}.\n` +
        '  Nothing was started, no order was touched.\n' +
        '→ Run `npm ci` in its folder (on Linux and Windows it brings Node 24 along), or install Node 26.',
    );
    process.exitCode = 2;
  } else {
    runWith(node);
  }
}

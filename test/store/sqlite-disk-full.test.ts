import { execFileSync, spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { needs, needsTool } from '../support/needs.ts';
import { type Child, programPath, startChild } from './child.ts';
import { createSqlitePlace } from './sqlite-place.ts';

describe('a store whose disk takes no more', function () {
  this.timeout(60_000);

  it('puts orders off, and takes them again by itself when the size of files is no longer limited', async function () {
    needsTool(this, 'prlimit');
    await using place = await createSqlitePlace();
    const args = ['--fsize=3000000:unlimited', process.execPath, programPath('fill-disk.ts'), place.path];
    await using child = startChild('prlimit', args);
    await exercise(child, () => execFileSync('prlimit', ['--pid', `${child.pid}`, '--fsize=unlimited']));
  });

  it('puts orders off, and takes them again by itself when space returns to the file system', async function () {
    needs(this, canMount(), 'the right to mount a small tmpfs in a namespace of its own');
    await using place = await createSqlitePlace();
    const script = 'mount -t tmpfs -o size=5m tmpfs "$1" && exec "$2" "$3" "$1/orders.db" "$1/ballast"';
    const args = [
      '-rm',
      'sh',
      '-c',
      script,
      'sh',
      place.folder,
      process.execPath,
      programPath('fill-disk.ts'),
    ];
    await using child = startChild('unshare', args);
    await exercise(child, () => {});
  });
});

async function exercise(child: Child, makeRoom: () => void): Promise<void> {
  const full = JSON.parse((await child.line()) ?? '{}');
  expect(full).to.include({ again: 'unavailable', evidence: 'store-unavailable' });
  expect(full.kept).to.be.greaterThan(3);
  expect(full.events).to.deep.equal(['store became unavailable']);
  makeRoom();
  child.tell('go on\n');
  expect(JSON.parse((await child.line()) ?? '{}')).to.deep.equal({
    next: 'kept',
    replays: full.kept,
    evidence: 'kept',
    events: ['store became unavailable', 'store recovered'],
  });
}

function canMount(): boolean {
  const script = 'mount -t tmpfs -o size=1m tmpfs /mnt';
  return process.platform === 'linux' && spawnSync('unshare', ['-rm', 'sh', '-c', script]).status === 0;
}

import { mkdir, mkdtempDisposable, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import type { ReloadCause, ReloadOutcome } from '../../src/trust/keeper.ts';
import { createWatcher, lookAt, readSteadily, startWatch } from '../../src/trust/watch.ts';

const TIMING = { pollMs: 2_000, quietMs: 1_000, retryMs: 60_000 };

/** A watcher whose files and clock the test moves. */
function create(outcomes: readonly ReloadOutcome[] = []) {
  const world = { files: 'a', clock: 0 };
  const reloads: ReloadCause[] = [];
  const watcher = createWatcher({
    look: async () => world.files,
    taken: 'a',
    reload: async (why) => {
      reloads.push(why);
      return outcomes[reloads.length - 1] ?? 'replaced';
    },
    timing: TIMING,
    clock: () => world.clock,
  });
  return { world, reloads, watcher };
}

describe('createWatcher', () => {
  it('does nothing while nothing changes', async () => {
    const { watcher, reloads, world } = create();
    for (; world.clock < 300_000; world.clock += 2_000) expect(await watcher.runOnce()).to.equal('still');
    expect(reloads).to.deep.equal([]);
  });

  it('takes a change once the files have been left alone', async () => {
    const { watcher, reloads, world } = create();
    for (const files of ['half', 'more', 'most', 'whole']) {
      world.clock += 900;
      world.files = files;
      expect(await watcher.runOnce()).to.equal('moving');
    }
    world.clock += 999;
    expect(await watcher.runOnce()).to.equal('moving');
    world.clock += 1;
    expect(await watcher.runOnce()).to.equal('replaced');
    expect(await watcher.runOnce()).to.equal('still');
    expect(reloads).to.deep.equal(['files changed']);
  });

  it('takes nothing when everything is as it was before it was quiet', async () => {
    const { watcher, reloads, world } = create();
    world.files = 'gone';
    expect(await watcher.runOnce()).to.equal('moving');
    world.files = 'a';
    world.clock += 5_000;
    expect(await watcher.runOnce()).to.equal('still');
    expect(reloads).to.deep.equal([]);
  });

  it('takes what changed while it was being read at the next quiet', async () => {
    const { watcher, reloads, world } = create(['failed', 'replaced']);
    world.files = 'half';
    await watcher.runOnce();
    world.clock += 1_000;
    expect(await watcher.runOnce()).to.equal('failed');
    world.files = 'whole';
    expect(await watcher.runOnce()).to.equal('moving');
    world.clock += 1_000;
    expect(await watcher.runOnce()).to.equal('replaced');
    expect(reloads).to.deep.equal(['files changed', 'files changed']);
  });

  it('tries again after a while what failed and was not touched', async () => {
    const { watcher, reloads, world } = create(['failed', 'failed', 'replaced']);
    world.files = 'b';
    await watcher.runOnce();
    world.clock += 1_000;
    expect(await watcher.runOnce()).to.equal('failed');
    world.clock += 59_999;
    expect(await watcher.runOnce()).to.equal('still');
    world.clock += 1;
    expect(await watcher.runOnce()).to.equal('failed');
    world.clock += 60_000;
    expect(await watcher.runOnce()).to.equal('replaced');
    world.clock += 60_000;
    expect(await watcher.runOnce()).to.equal('still');
    expect(reloads).to.deep.equal(['files changed', 'another try', 'another try']);
  });
});

describe('lookAt', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
  let bundle: string;
  beforeEach(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-watch-'));
    bundle = join(folder.path, 'bundle');
    await mkdir(bundle);
    await writeFile(join(bundle, 'one.pem'), 'one');
  });
  afterEach(() => folder.remove());

  const CHANGES: Readonly<Record<string, () => Promise<unknown>>> = {
    'a file that was added': () => writeFile(join(bundle, 'two.pem'), 'two'),
    'a file that was removed': () => rm(join(bundle, 'one.pem')),
    'a file written over, of the same size': async () => {
      await writeFile(join(bundle, 'one.pem'), 'eno');
      await utimes(join(bundle, 'one.pem'), 1, 1); // the clock of a file system may be coarse
    },
    'a file put in its place by renaming': async () => {
      await writeFile(join(folder.path, 'next'), 'one');
      await rename(join(folder.path, 'next'), join(bundle, 'one.pem'));
    },
    'a folder that vanished': () => rm(bundle, { recursive: true }),
  };
  for (const [name, change] of Object.entries(CHANGES)) {
    it(`sees ${name}`, async () => {
      const before = await lookAt([bundle]);
      expect(await lookAt([bundle])).to.equal(before);
      await change();
      expect(await lookAt([bundle])).not.to.equal(before);
    });
  }

  it('sees another file behind a symbolic link, as a mounted secret has it', async () => {
    const mount = join(folder.path, 'mount');
    for (const day of ['..monday', '..tuesday']) {
      await mkdir(join(mount, day), { recursive: true });
      await writeFile(join(mount, day, 'ca.pem'), 'same');
    }
    await symlink('..monday', join(mount, '..data'));
    await symlink('..data/ca.pem', join(mount, 'ca.pem'));
    const paths = [mount, join(mount, 'ca.pem')];
    const before = await Promise.all(paths.map((path) => lookAt([path])));
    await symlink('..tuesday', join(mount, '..data_tmp'));
    await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    const after = await Promise.all(paths.map((path) => lookAt([path])));
    expect(after.filter((text, index) => text === before[index])).to.deep.equal([]);
  });

  it('looks at what is not there as at anything else', async () => {
    const missing = join(folder.path, 'nowhere.pem');
    expect(await lookAt([missing])).to.equal(`${missing} ENOENT`);
  });
});

describe('readSteadily', () => {
  /** Looks that give these in turn, the last for ever. */
  const looks = (...texts: readonly string[]) => {
    const left = [...texts];
    return async () => (left.length > 1 ? left.shift() : left[0]) ?? '';
  };

  it('reads again what changed while it was read, also when that read failed', async () => {
    let reads = 0;
    const value = await readSteadily(looks('a', 'b', 'b'), async () => {
      reads += 1;
      if (reads === 1) throw new Error('a mixture');
      return reads;
    });
    expect(value).to.equal(2);
  });

  it('throws what the read throws when nothing moved', async () => {
    const failure = new Error('broken');
    const [outcome] = await Promise.allSettled([readSteadily(looks('a'), () => Promise.reject(failure))]);
    expect(outcome).to.deep.equal({ status: 'rejected', reason: failure });
  });

  it('gives up on files that never come to rest', async () => {
    const restless = looks('a', 'b', 'c', 'd', 'e', 'f', 'g');
    const [outcome] = await Promise.allSettled([readSteadily(restless, async () => 'never')]);
    expect(outcome.status === 'rejected' && outcome.reason).to.be.instanceOf(StartupError);
  });
});

describe('startWatch', () => {
  /** @returns resolves with the next reload */
  async function watchFolder(pollMs: number) {
    const folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-watch-'));
    const bundle = join(folder.path, 'bundle');
    await mkdir(bundle);
    let wake = (): void => {};
    const watch = startWatch({
      paths: () => [bundle],
      taken: await lookAt([bundle]),
      reload: async () => {
        wake();
        return 'replaced';
      },
      timing: { pollMs, quietMs: 20, retryMs: 60_000 },
      clock: () => performance.now(),
    });
    return {
      bundle,
      reloaded: () =>
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
      async [Symbol.asyncDispose]() {
        await watch[Symbol.asyncDispose]();
        await folder.remove();
      },
    };
  }

  it('is told of a change long before it would look', async () => {
    await using watched = await watchFolder(600_000);
    const reloaded = watched.reloaded();
    // More than once: it listens only from its first turn on.
    const touching = setInterval(() => void writeFile(join(watched.bundle, 'ca.pem'), 'ca'), 150);
    await reloaded.finally(() => clearInterval(touching));
  });

  it('goes on after the folder has vanished and come back', async () => {
    await using watched = await watchFolder(30);
    const { bundle } = watched;
    for (const change of [() => rm(bundle, { recursive: true }), () => mkdir(bundle)]) {
      const reloaded = watched.reloaded();
      await change();
      await reloaded;
    }
    const reloaded = watched.reloaded();
    await writeFile(join(bundle, 'ca.pem'), 'ca');
    await reloaded;
  });

  it('ends at once when it is disposed of', async () => {
    const watched = await watchFolder(600_000);
    await watched[Symbol.asyncDispose]();
  });
});

import { expect } from 'chai';
import { createReadiness, type ReadinessParts } from '../../src/admin/readiness.ts';
import { Refusal } from '../../src/errors.ts';

const READY: ReadinessParts = {
  store: { probe: async () => {} },
  freeBytes: () => 2_000_000_000,
  minFreeBytes: 1_000_000_000,
  trust: () => ({ anchors: [{}] as never }),
  listening: () => true,
  stopping: () => false,
  clock: () => 0,
};

/** The names of the checks that fail, with their reasons. */
async function failures(change: Partial<ReadinessParts>): Promise<Record<string, string | undefined>> {
  const { ready, checks } = await createReadiness({ ...READY, ...change }).report();
  const failed = checks.filter(({ status }) => status === 'failed');
  expect(ready).to.equal(failed.length === 0);
  return Object.fromEntries(failed.map(({ name, reason }) => [name, reason]));
}

describe('createReadiness', () => {
  it('is ready when every check is fine, and names them all', async () => {
    expect(await createReadiness(READY).report()).to.deep.equal({
      ready: true,
      checks: ['store', 'disk', 'trust', 'listener', 'running'].map((name) => ({ name, status: 'ok' })),
    });
  });

  it('is not ready while any check fails, and says which and why', async () => {
    expect(await failures({ freeBytes: () => 1_048_576 }))
      .to.have.property('disk')
      .that.includes('1 MiB free');
    expect(await failures({ trust: () => undefined })).to.have.all.keys('trust');
    expect(await failures({ trust: () => ({ anchors: [] }) })).to.have.all.keys('trust');
    expect(await failures({ listening: () => false })).to.have.all.keys('listener');
    expect(await failures({ stopping: () => true })).to.have.all.keys('running');
  });

  it('is ready in spite of a warning, and tells it beside the trust', async () => {
    const warning = 'only the SharedSecret proves who sends';
    const { ready, checks } = await createReadiness({ ...READY, warning: () => warning }).report();
    expect(ready).to.equal(true);
    expect(checks.filter((each) => each.warning !== undefined)).to.deep.equal([
      { name: 'trust', status: 'ok', warning },
    ]);
  });

  it('repeats what a Refusal says, and nothing of any other error', async () => {
    const refusal = new Refusal('store-unavailable', 'the disk is read-only');
    expect(await failures({ store: { probe: () => Promise.reject(refusal) } })).to.deep.equal({
      store: 'the disk is read-only',
    });
    const bug = new Error('SQLITE_IOERR /var/lib/secret');
    const both = await failures({
      store: { probe: () => Promise.reject(bug) },
      freeBytes: () => Promise.reject(bug),
    });
    expect(both).to.deep.equal({ store: 'could not be looked at', disk: 'could not be looked at' });
  });

  it('gives up on a check that does not answer', async () => {
    const never = new Promise<never>(() => {});
    expect(await failures({ store: { probe: () => never }, patienceMs: 1 })).to.have.all.keys('store');
  });

  it('probes the store at most once a second, however often it is asked', async () => {
    let now = 0;
    let probes = 0;
    const probe = async (): Promise<void> => {
      probes += 1;
      if (probes === 1) throw new Refusal('store-unavailable', 'locked');
    };
    const readiness = createReadiness({ ...READY, store: { probe }, clock: () => now });
    const [first, second] = await Promise.all([readiness.report(), readiness.report()]);
    now = 999;
    expect([first.ready, second.ready, (await readiness.report()).ready]).to.deep.equal([
      false,
      false,
      false,
    ]);
    expect(probes).to.equal(1);
    now = 1_000;
    expect((await readiness.report()).ready).to.equal(true);
    expect(probes).to.equal(2);
  });
});

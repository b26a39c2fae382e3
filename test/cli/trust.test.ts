import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import {
  distrustTrust,
  liftTrust,
  promoteTrust,
  retireTrust,
  rollbackTrust,
  stageTrust,
  unstageTrust,
} from '../../src/cli/trust.ts';
import { StartupError } from '../../src/errors.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { type Command, runAlone as run } from '../support/control-place.ts';
import { type Answers, CHANGED, PIN_A, STAGED } from '../support/fake-rotation.ts';

const STILL_NEEDED = new RotationError('pin 9f86d081884c is still needed', {
  meaning: 'nothing was changed',
  next: 'wait until they come with another pin',
  forceable: true,
});

describe('sallyport trust stage', () => {
  it('stages a file, by whoever asks, and says what it is and what comes next', async () => {
    const bytes = Buffer.from('a certificate');
    const { code, stdout, asked } = await run((config) => async (around) => {
      const file = join(dirname(config), 'new.pem');
      await writeFile(file, bytes);
      return await stageTrust(file, { config, reason: 'yearly change' }, around);
    });
    expect(code).to.equal(0);
    const [method, source, actor] = asked[0] ?? [];
    expect(method).to.equal('stage');
    expect((source as { bytes: Buffer }).bytes.equals(bytes)).to.equal(true);
    expect(actor).to.have.property('reason', 'yearly change');
    expect((actor as { by: string }).by).to.include(`@${hostname()}`);
    for (const part of [
      '✔ staged pin 8b7e00000000',
      `SHA-256  ${'bbbb11112222bbbb'.repeat(4)}`,
      'valid    2026-01-01 to 2031-11-20',
      '✔ RSA 2048',
      '! not yet valid',
      '- CN=cxml-supplier.coupahost.com: a client certificate, not a CA',
      '→ nothing is trusted yet; next: sallyport trust rehearse',
    ])
      expect(stdout).to.include(part);
  });

  it('marks what the bundle would not take', async () => {
    const [pin] = STAGED.staged;
    if (pin === undefined) throw new Error('the fixture has no pin');
    const staged = [{ ...pin, checks: [{ state: 'no', text: 'expired on 2025-01-01' }] as const }];
    const { stdout } = await run(
      (config) => (around) => stageTrust(undefined, { config, fromRefused: '7' }, around),
      { stage: { ...STAGED, staged } },
    );
    expect(stdout).to.include('✖ staged pin').and.include('✖ expired on 2025-01-01');
  });

  it('stages what a refused client sent', async () => {
    const { asked } = await run(
      (config) => (around) => stageTrust(undefined, { config, fromRefused: '7' }, around),
    );
    expect(asked[0]?.slice(0, 2)).to.deep.equal(['stage', { fromRefused: '7' }]);
  });

  it('is told what was wrong with a file, exit 1', async () => {
    const error = new RotationError('new.pem: this is a private key', { meaning: 'm', next: 'n' });
    const { code, stderr } = await run(
      (config) => (around) => stageTrust(undefined, { config, fromRefused: '7' }, around),
      { stage: error },
    );
    expect(code).to.equal(1);
    expect(stderr).to.equal('✖ new.pem: this is a private key\n  m\n→ n\n');
  });
});

describe('sallyport trust promote', () => {
  it('promotes all, or those named, and says what is in force', async () => {
    const { code, stdout, asked } = await run(
      (config) => (around) => promoteTrust(['8b7e00'], { config }, around),
    );
    expect(code).to.equal(0);
    expect(asked[0]?.slice(0, 2)).to.deep.equal(['promote', { pins: ['8b7e00'], force: false }]);
    expect(stdout).to.include('✔ promoted: generation 18 is in force, 412 ms, journal entry 13');
    expect(stdout).to.include('+ 8b7e00000000 O=Example CA, CN=Example Client Intermediate');
    expect(stdout).to.include('→ watch which pin vouches');
  });

  it('says who takes it when no receiver runs', async () => {
    const { stdout } = await run((config) => (around) => promoteTrust([], { config }, around), {
      promote: { ...CHANGED, generation: null, warnings: ['own certificate not read'] },
    });
    expect(stdout).to.include('the next receiver starts with it').and.include('! own certificate not read');
  });

  it('forces only with a reason', async () => {
    for (const reason of [undefined, '', '  ']) {
      const { error, asked } = await run(
        (config) => (around) => promoteTrust([], { config, force: true, reason }, around),
      );
      expect(error).to.be.instanceOf(StartupError);
      expect(asked).to.deep.equal([]);
    }
    const { code, asked } = await run(
      (config) => (around) => promoteTrust([], { config, force: true, reason: 'agreed' }, around),
    );
    expect(code).to.equal(0);
    expect(asked[0]?.[1]).to.deep.equal({ pins: [], force: true });
  });

  it('gives a refusal as JSON where JSON is asked for', async () => {
    const { code, stdout } = await run(
      (config) => (around) => promoteTrust([], { config, json: true }, around),
      { promote: STILL_NEEDED },
    );
    expect(code).to.equal(1);
    expect(JSON.parse(stdout).error).to.include({ message: STILL_NEEDED.message, forceable: true });
  });
});

describe('sallyport trust unstage', () => {
  it('takes away what is staged', async () => {
    const { code, stdout, asked } = await run((config) => (around) => unstageTrust([], { config }, around));
    expect(code).to.equal(0);
    expect(asked[0]?.slice(0, 2)).to.deep.equal(['unstage', { pins: [] }]);
    expect(stdout).to.include('no longer staged').and.not.include('in force');
  });
});

describe('steps that want to be confirmed', () => {
  const steps = {
    retire: (more: { yes?: boolean }) => (config: string) => (around: Parameters<Command>[0]) =>
      retireTrust('9f86d0', { config, ...more }, around),
    rollback: (more: { yes?: boolean }) => (config: string) => (around: Parameters<Command>[0]) =>
      rollbackTrust({ config, ...more }, around),
    distrust: (more: { yes?: boolean }) => (config: string) => (around: Parameters<Command>[0]) =>
      distrustTrust('9f86d0', { config, ...more }, around),
    lift: (more: { yes?: boolean }) => (config: string) => (around: Parameters<Command>[0]) =>
      liftTrust('9f86d0', { config, reason: 'another key', ...more }, around),
  };

  for (const [name, step] of Object.entries(steps)) {
    it(`${name}: without a terminal only with --yes`, async () => {
      const refused = await run(step({}));
      expect(refused.error).to.be.instanceOf(StartupError);
      expect(refused.error?.hint).to.include('--yes');
      expect(refused.asked).to.deep.equal([]);
      const done = await run(step({ yes: true }));
      expect(done.code).to.equal(0);
      expect(done.asked).to.have.lengthOf(1);
    });

    it(`${name}: on a terminal only after a yes`, async () => {
      const no = await run(step({}), {}, { ask: async () => false });
      expect(no.code).to.equal(1);
      expect(no.asked).to.deep.equal([]);
      expect(no.stderr).to.include('nothing was changed');
      const yes = await run(step({}), {}, { ask: async () => true });
      expect(yes.code).to.equal(0);
      expect(yes.asked).to.have.lengthOf(1);
    });
  }

  it('asks nothing with --yes', async () => {
    const ask = () => Promise.reject(new Error('was asked'));
    expect((await run(steps.retire({ yes: true }), {}, { ask })).code).to.equal(0);
  });
});

describe('sallyport trust retire', () => {
  const retire = (answers: Answers) =>
    run((config) => (around) => retireTrust('9f86d0', { config, yes: true }, around), answers);

  it('says what was taken out', async () => {
    const { stdout } = await retire({
      retire: { ...CHANGED, action: 'retire', added: [], removed: [{ ...PIN_A, state: 'retired' }] },
    });
    expect(stdout)
      .to.include('✔ retired: generation 18')
      .and.include('- 9f86d081884c')
      .and.include('412 in 30 days');
  });

  it('ends with 1 while it is needed, and says how to do it all the same', async () => {
    const { code, stderr } = await retire({ retire: STILL_NEEDED });
    expect(code).to.equal(1);
    expect(stderr).to.include('✖ pin 9f86d081884c is still needed\n  nothing was changed\n→ wait');
    expect(stderr).to.include('--force with --reason');
  });
});

describe('sallyport trust rollback', () => {
  it('goes to the entry that is named', async () => {
    const { asked } = await run((config) => (around) => rollbackTrust({ config, yes: true, to: 12 }, around));
    expect(asked[0]?.slice(0, 2)).to.deep.equal(['rollback', { toEntry: 12 }]);
  });
});

describe('sallyport trust distrust', () => {
  const distrust = (key: string | undefined, more: { serial?: string; issuer?: string }) =>
    run((config) => (around) => distrustTrust(key, { config, yes: true, ...more }, around));

  it('takes a key, or a serial number with or without its issuer', async () => {
    expect((await distrust('9f86d0', {})).asked[0]?.[1]).to.deep.equal({ key: '9f86d0' });
    expect((await distrust(undefined, { serial: '0a' })).asked[0]?.[1]).to.deep.equal({ serial: '0a' });
    const both = { serial: '0a', issuer: 'CN=x' };
    expect((await distrust(undefined, both)).asked[0]?.[1]).to.deep.equal(both);
  });

  it('takes neither both nor none', async () => {
    for (const [key, more] of [
      [undefined, {}],
      [undefined, { issuer: 'CN=x' }],
      ['9f86d0', { serial: '0a' }],
      ['9f86d0', { issuer: 'CN=x' }],
    ] as const) {
      const { error, asked } = await distrust(key, more);
      expect(error).to.be.instanceOf(StartupError);
      expect(asked).to.deep.equal([]);
    }
  });
});

describe('sallyport trust lift', () => {
  const lift = (key: string | undefined, more: { serial?: string; issuer?: string; reason?: string }) =>
    run((config) => (around) => liftTrust(key, { config, yes: true, ...more }, around), {
      lift: {
        ...CHANGED,
        action: 'lift',
        added: [],
        keys: [`spki:${PIN_A.spki}`],
        next: 'to trust it again: sallyport trust rollback',
      },
    });

  it('takes a key or a serial number, and says what is distrusted no more and what is not done', async () => {
    const byKey = await lift('9f86d0', { reason: 'another key' });
    expect(byKey.asked[0]?.slice(0, 2)).to.deep.equal(['lift', { key: '9f86d0' }]);
    expect(byKey.asked[0]?.[2]).to.include({ reason: 'another key' });
    expect(byKey.stdout)
      .to.include('✔ not distrusted any more: generation 18 is in force')
      .and.include(`  spki:${PIN_A.spki}\n`)
      .and.include('→ to trust it again: sallyport trust rollback');
    const both = { serial: '0a', issuer: 'CN=x' };
    expect((await lift(undefined, { ...both, reason: 'x' })).asked[0]?.[1]).to.deep.equal(both);
  });

  it('does nothing without a reason, or without one thing to lift', async () => {
    for (const [key, more] of [
      ['9f86d0', {}],
      ['9f86d0', { reason: ' ' }],
      [undefined, { reason: 'x' }],
      ['9f86d0', { serial: '0a', reason: 'x' }],
    ] as const) {
      const { error, asked } = await lift(key, more);
      expect(error).to.be.instanceOf(StartupError);
      expect(error?.hint).to.match(key === '9f86d0' && !('serial' in more) ? /--reason/ : /trust lift KEY/);
      expect(asked).to.deep.equal([]);
    }
  });
});

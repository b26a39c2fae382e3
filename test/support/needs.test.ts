import { expect } from 'chai';
import { isOnPath, needs, needsShared } from './needs.ts';

/** A mocha context that notes whether it was told to skip. */
function createContext(): { readonly context: Mocha.Context; skipped(): boolean } {
  let skipped = false;
  const skip = (): never => {
    skipped = true;
    throw new Error('pending');
  };
  return { context: { skip } as unknown as Mocha.Context, skipped: () => skipped };
}

describe('needs', () => {
  const before = process.env.REQUIRE_SERVICES;
  const { error } = console;
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
    console.error = (line: string) => said.push(line);
  });
  afterEach(() => {
    console.error = error;
    if (before === undefined) delete process.env.REQUIRE_SERVICES;
    else process.env.REQUIRE_SERVICES = before;
  });

  it('lets a test run whose need is met', () => {
    const { context, skipped } = createContext();
    needs(context, true, 'nothing');
    expect(skipped()).to.equal(false);
  });

  it('skips a test whose need is not met, and says so', () => {
    delete process.env.REQUIRE_SERVICES;
    const { context, skipped } = createContext();
    expect(() => needs(context, false, 'a unicorn')).to.throw('pending');
    expect(skipped()).to.equal(true);
    expect(said.join()).to.contain('SKIPPED').and.to.contain('a unicorn');
  });

  it('fails that test where everything has to be there', () => {
    process.env.REQUIRE_SERVICES = '1';
    const { context, skipped } = createContext();
    expect(() => needs(context, false, 'a unicorn')).to.throw('a unicorn');
    expect(skipped()).to.equal(false);
  });

  it('skips for the shared folder even there', () => {
    process.env.REQUIRE_SERVICES = '1';
    const { context, skipped } = createContext();
    expect(() => needsShared(context, 'no/such/thing')).to.throw('pending');
    expect(skipped()).to.equal(true);
  });

  it('finds programs on PATH and nothing else', () => {
    expect(isOnPath('node')).to.equal(true);
    expect(isOnPath('no-such-program')).to.equal(false);
  });
});

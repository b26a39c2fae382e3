import { expect } from 'chai';
import { inTurns } from '../src/turns.ts';

function* count(turns: number): Generator<undefined, number, void> {
  for (let turn = 0; turn < turns; turn += 1) yield undefined;
  return turns;
}

/** Each step keeps the processor for so many milliseconds. */
function* take(turns: number, ms: number): Generator<undefined, void, void> {
  for (let turn = 0; turn < turns; turn += 1) {
    const until = performance.now() + ms;
    while (performance.now() < until);
    yield undefined;
  }
}

/** @returns how often the event loop has come round since */
function countTurns(): () => number {
  let turns = 0;
  const tick = (): void => {
    turns += 1;
    if (turns < 1_000) setImmediate(tick);
  };
  setImmediate(tick);
  return () => turns;
}

describe('inTurns', () => {
  it('gives what the steps return', async () => {
    expect(await inTurns(count(3))).to.equal(3);
    expect(await inTurns(count(0))).to.equal(0);
  });

  it('lets others run between two steps that take long', async () => {
    const others = countTurns();
    await inTurns(take(20, 3));
    expect(others()).to.be.within(15, 50);
  });

  it('goes on while the steps are short', async () => {
    const others = countTurns();
    await inTurns(count(10_000));
    expect(others()).to.be.lessThan(100);
  });

  it('hands on what a step throws', async () => {
    // biome-ignore lint/correctness/useYield: the fault comes before the first step
    const failing = (function* (): Generator<undefined, never, void> {
      throw new Error('at once');
    })();
    const outcome = await inTurns(failing).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(Error).with.property('message', 'at once');
  });
});

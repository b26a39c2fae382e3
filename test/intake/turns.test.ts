import { expect } from 'chai';
import { inTurns } from '../../src/intake/turns.ts';

function* count(turns: number): Generator<undefined, number, void> {
  for (let turn = 0; turn < turns; turn += 1) yield undefined;
  return turns;
}

describe('inTurns', () => {
  it('gives what the steps return', async () => {
    expect(await inTurns(count(3))).to.equal(3);
    expect(await inTurns(count(0))).to.equal(0);
  });

  it('lets others run between two steps', async () => {
    let others = 0;
    const tick = (): void => {
      others += 1;
      if (others < 50) setImmediate(tick);
    };
    setImmediate(tick);
    await inTurns(count(20));
    expect(others).to.be.within(15, 50);
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

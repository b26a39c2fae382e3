import { expect } from 'chai';
import { createAsk, isYes } from '../../src/cli/confirm.ts';

describe('confirming', () => {
  it('takes a clear yes alone', () => {
    for (const yes of ['y', 'Y', 'yes', ' YES \r']) expect(isYes(yes), yes).to.equal(true);
    for (const no of ['', 'n', 'no', 'ye', 'yes please', 'ja', 'y n']) expect(isYes(no), no).to.equal(false);
  });

  it('is not possible where nobody could answer', () => {
    const streams = (input: boolean, output: boolean) =>
      ({ stdin: { isTTY: input }, stderr: { isTTY: output } }) as Parameters<typeof createAsk>[0];
    expect(createAsk(streams(false, true))).to.equal(undefined);
    expect(createAsk(streams(true, false))).to.equal(undefined);
    expect(createAsk(streams(true, true))).to.be.a('function');
  });
});

import { expect } from 'chai';
import { createRecordingRate, RECORDING_RATE } from '../../src/trust/recording-rate.ts';

const { all, network } = RECORDING_RATE;

function opened() {
  const time = { ms: 0 };
  const mayRecord = createRecordingRate(() => time.ms);
  /** How many of `count` are taken. */
  const knock = (
    count: number,
    remoteAddress: (index: number) => string,
    nearMiss = false,
    enforced = true,
    isKnown = false,
  ): number =>
    Array.from({ length: count }, (_, index) =>
      mayRecord({ remoteAddress: remoteAddress(index), nearMiss, enforced, isKnown }),
    ).filter(Boolean).length;
  return { time, knock };
}

const apart = (index: number) => `192.0.${index >> 8}.${index & 255}`;

describe('the rate of recording', () => {
  it('takes a burst from everywhere, and then so many a second', () => {
    const { time, knock } = opened();
    expect(knock(500, apart)).to.equal(all.burst);
    time.ms += 1_000;
    expect(knock(500, apart)).to.equal(all.perSecond);
    time.ms += 3_600_000;
    expect(knock(500, apart)).to.equal(all.burst);
  });

  it('leaves places for others when one address asks for all of them', () => {
    const { time, knock } = opened();
    expect(knock(500, () => '192.0.2.1')).to.equal(network.burst);
    expect(knock(1, () => '192.0.2.2')).to.equal(1);
    time.ms += 5_000;
    expect(knock(500, () => '192.0.2.1')).to.equal(5 * network.perSecond);
  });

  it('counts a /64 as one address', () => {
    const { knock } = opened();
    expect(knock(500, (index) => `2001:db8::${index.toString(16)}`)).to.equal(network.burst);
  });

  it('does not let strangers starve near misses, or near misses strangers', () => {
    const { knock } = opened();
    knock(500, apart);
    expect(knock(500, apart, true)).to.equal(all.burst);
    expect(knock(500, apart, true, false)).to.equal(all.burst);
    expect(knock(1, apart)).to.equal(0);
  });

  it('does not let forgers of near misses starve those from where clients were let in', () => {
    const { knock } = opened();
    knock(500, apart, true);
    expect(knock(1, apart, true)).to.equal(0);
    expect(knock(1, () => '203.0.113.9', true, true, true)).to.equal(1);
  });

  it('gains nothing by passing through more addresses than are remembered', () => {
    const { knock } = opened();
    expect(knock(70_000, apart)).to.equal(all.burst);
  });
});

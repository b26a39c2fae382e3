import { expect } from 'chai';
import type { RefusedHandshake } from '../../src/trust/evidence.ts';
import { createEvidence } from '../../src/trust/record-evidence.ts';
import { WAITING_LIMIT } from '../../src/trust/refused-handshakes.ts';
import { recordLog } from '../http/open-listener.ts';
import { AT, from, later, openRecorder, peer, refusal } from './recorder.ts';

const timesOf = (refused: readonly RefusedHandshake[]) => refused.reduce((sum, { times }) => sum + times, 0);

describe('the recorder', () => {
  it('counts each enforced refusal of an allowed name, by its first reason, also one that is known', () => {
    const { evidence, nearMisses } = openRecorder();
    evidence.refused(refusal({ nearMiss: true, reasons: ['expired', 'weak_key'] }));
    evidence.refused(refusal({ nearMiss: true, reasons: ['expired', 'weak_key'] }));
    evidence.refused(refusal({ nearMiss: true, enforced: false }));
    evidence.refused(refusal());
    expect(nearMisses).to.deep.equal(['expired', 'expired']);
  });
});

describe('the recorder over a store that fails', () => {
  it('tries again, counts on meanwhile, and says once that it began and once that it is over', async () => {
    const { evidence, state, uses, refused, lines } = openRecorder();
    state.broken = true;
    evidence.accepted(peer(), from('192.0.2.1'));
    evidence.refused(refusal());
    await evidence.flush();
    evidence.accepted(peer(), from('192.0.2.1', later(7)));
    evidence.refused(refusal({ at: later(7) }));
    await evidence.flush();
    await evidence.flush();
    state.broken = false;
    await evidence.flush();
    await evidence.flush();
    expect(uses()).to.have.length(1);
    expect(uses()[0]).to.deep.include({ handshakes: 2, firstAt: AT, lastAt: later(7) });
    expect(refused()).to.have.length(1);
    expect(refused()[0]).to.deep.include({ times: 2, at: later(7) });
    expect(lines.map(({ level, message }) => [level, message])).to.deep.equal([
      ['warn', 'evidence not kept'],
      ['info', 'evidence kept again'],
    ]);
  });

  it('tries again by itself', async () => {
    const { evidence, state, kept, refused } = openRecorder({ everyMs: 1 });
    state.broken = true;
    evidence.refused(refusal({ nearMiss: true }));
    await evidence.flush();
    state.broken = false;
    await kept(1);
    expect(refused()).to.have.length(1);
  });

  it('does not try at once for each near miss', async () => {
    const { evidence, state } = openRecorder();
    state.broken = true;
    evidence.refused(refusal({ nearMiss: true }));
    await evidence.flush();
    const { tries } = state;
    for (let index = 0; index < 50; index += 1) {
      evidence.refused(refusal({ chain: [`leaf ${index}`], nearMiss: true }));
      await Promise.resolve();
    }
    expect(state.tries).to.equal(tries);
  });

  it('holds so many refusals, and counts every other that is lost', async () => {
    const { evidence, state, unrecorded, refused } = openRecorder();
    state.broken = true;
    for (let index = 0; index < 400; index += 1) {
      state.ms += 1_000;
      evidence.refused(refusal({ chain: [`leaf ${index}`] }));
    }
    expect(await evidence.flush()).to.equal(false);
    state.broken = false;
    expect(await evidence.flush()).to.equal(true);
    expect(refused()).to.have.length(WAITING_LIMIT);
    expect(timesOf(refused()) + unrecorded.refusal).to.equal(400);
  });

  it('lets a stranger give way to a near miss', async () => {
    const { evidence, state, refused, unrecorded } = openRecorder();
    state.broken = true;
    for (let index = 0; index < 300; index += 1) {
      state.ms += 1_000;
      evidence.refused(refusal({ chain: [`leaf ${index}`] }));
    }
    expect(evidence.refused(refusal({ nearMiss: true })).recorded).to.equal(true);
    expect(await evidence.flush()).to.equal(false);
    state.broken = false;
    expect(await evidence.flush()).to.equal(true);
    expect(refused()).to.have.length(WAITING_LIMIT);
    expect(refused().filter(({ nearMiss }) => nearMiss)).to.have.length(1);
    expect(unrecorded.refusal).to.equal(45);
  });

  it('does not let a store that throws instead of failing break the gate', async () => {
    const { log, lines } = recordLog();
    const evidence = createEvidence({
      keep: () => {
        throw new Error('closed');
      },
      log,
      clock: () => 0,
    });
    expect(evidence.refused(refusal({ nearMiss: true })).recorded).to.equal(true);
    await evidence.flush();
    expect(lines.map(({ message }) => message)).to.deep.equal(['evidence not kept']);
    await evidence[Symbol.asyncDispose]();
  });
});

describe('the end of the recorder', () => {
  it('writes what is counted', async () => {
    const { evidence, refused } = openRecorder();
    evidence.refused(refusal());
    await evidence[Symbol.asyncDispose]();
    expect(refused()).to.have.length(1);
  });

  it('waits for the write that is under way, and for what came since', async () => {
    const { evidence, refused, hold, letGo } = openRecorder();
    hold();
    evidence.refused(refusal({ nearMiss: true }));
    evidence.refused(refusal());
    const ended = evidence[Symbol.asyncDispose]();
    letGo();
    await ended;
    expect(refused()).to.have.length(2);
  });

  it('says how much is lost when the store fails to the end, and starts nothing more', async () => {
    const { evidence, state, lines, batches } = openRecorder({ everyMs: 1 });
    state.broken = true;
    evidence.refused(refusal());
    await evidence[Symbol.asyncDispose]();
    expect(lines.at(-1)).to.deep.include({ message: 'evidence lost', fields: { uses: 0, refused: 1 } });
    state.broken = false;
    evidence.refused(refusal({ nearMiss: true }));
    await new Promise(setImmediate);
    expect(batches).to.have.length(0);
  });
});

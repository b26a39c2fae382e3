import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { journalPath } from '../../src/rotation/journal.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { daysFromNow } from '../support/judging.ts';
import { seenChain } from './evidence.ts';
import {
  ALL,
  ANNA,
  expectUnchanged,
  next,
  ofNext,
  ofOld,
  old,
  openPlace,
  pinOf,
  printsOf,
} from './procedure-place.ts';

describe('createRotation', () => {
  it('goes the whole way: stage, rehearse, promote, retire, roll back, each on record', async () => {
    await using place = await openPlace([old]);
    const { rotation, seen } = place;
    seen.push(seenChain([ofOld, old], old, { handshakes: 412 }));
    const before = await place.files();

    const staged = await place.stage(next);
    expect(staged.staged.map(({ pin, state, change }) => ({ pin, state, change }))).to.deep.equal([
      { pin: pinOf(next), state: 'staged', change: 'added' },
    ]);
    await expectUnchanged(place, before, old);

    const rehearsal = await rotation.rehearse({ lastDays: 14, without: [pinOf(old)] });
    expect(rehearsal).to.include({ handshakes: 412, safeToPromote: true, lastDays: 14 });
    expect(rehearsal.scenarios.map(({ set }) => set)).to.include('without');

    const promoted = await rotation.promote(ALL, ANNA);
    expect(promoted.added.map(({ pin, state }) => [pin, state])).to.deep.equal([[pinOf(next), 'active']]);
    expect(await place.inForce()).to.deep.equal(printsOf(old, next));
    expect(await place.staged()).to.deep.equal([]);

    seen.splice(
      0,
      1,
      seenChain([ofNext, next], next),
      seenChain([ofOld, old], old, { lastSeen: daysFromNow(-5) }),
    );
    const retired = await rotation.retire({ pin: pinOf(old), force: false }, ANNA);
    expect(retired.removed.map(({ pin, state }) => [pin, state])).to.deep.equal([[pinOf(old), 'retired']]);
    expect(retired.warnings.join()).to.include('refused from now on');
    expect(await place.inForce()).to.deep.equal(printsOf(next));

    const back = await rotation.rollback({}, ANNA);
    expect(back.added.map(({ pin }) => pin)).to.deep.equal([pinOf(old)]);
    expect(await place.onDisk()).to.deep.equal(printsOf(old, next));
    expect((await rotation.rollback({}, ANNA)).removed.map(({ pin }) => pin)).to.deep.equal([pinOf(old)]);

    expect(place.actions()).to.deep.equal(['opened', 'stage', 'promote', 'retire', 'rollback', 'rollback']);
    const verdict = verifyJournal(await readFile(journalPath(place.state)));
    expect(verdict).to.include({ intact: true, entries: 6 });
    expect(place.last()).to.deep.include({ ...ANNA, anchors: printsOf(next), generation: 5 });
  });

  it('tells of a file that has just gone, and hides no fault of its own', async () => {
    await using place = await openPlace([old]);
    const { faults } = place;
    const gone = Object.assign(new Error('ENOENT: no such file, stat'), { code: 'ENOENT', syscall: 'stat' });
    const fault = Object.assign(new TypeError('not a buffer'), { code: 'ERR_INVALID_ARG_TYPE' });
    for (const error of [gone, fault]) {
      faults.lock = () => {
        throw error;
      };
      const thrown = await place.stage(next).catch((caught: unknown) => caught);
      if (error === fault) expect(thrown).to.equal(fault);
      else expect(thrown).to.be.instanceOf(RotationError).with.property('message').that.includes('ENOENT');
    }
  });
});

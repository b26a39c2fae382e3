import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { sealEntry } from '../../src/rotation/journal-entry.ts';
import { daysFromNow } from '../support/judging.ts';
import { mintCa } from '../support/pki.ts';
import { seenChain } from './evidence.ts';
import { refusalOf } from './place.ts';
import {
  ALL,
  ANNA,
  expectUnchanged,
  next,
  ofNext,
  old,
  openPlace,
  pinOf,
  printsOf,
} from './procedure-place.ts';

describe('rollback', () => {
  it('goes to the set of an entry', async () => {
    await using place = await openPlace([old]);
    const { rotation, seen } = place;
    await place.stage(next);
    await rotation.promote(ALL, ANNA);
    seen.push(seenChain([ofNext, next], next));
    await rotation.retire({ pin: pinOf(old), force: false }, ANNA);
    const report = await rotation.rollback({ toEntry: 1 }, ANNA);
    expect(report.added.map(({ pin }) => pin)).to.deep.equal([pinOf(old)]);
    expect(report.removed.map(({ pin }) => pin)).to.deep.equal([pinOf(next)]);
    // The one that is seen goes: it is said, and done.
    expect(report.warnings.join()).to.include('refused from now on');
    expect(await place.onDisk()).to.deep.equal(printsOf(old));
  });

  it('never goes back to an expired pin, and changes nothing then', async () => {
    const short = mintCa('Short', { notAfter: daysFromNow(2) });
    await using place = await openPlace([short, next]);
    const { rotation, seen } = place;
    seen.push(seenChain([ofNext, next], next));
    await rotation.retire({ pin: pinOf(short), force: false }, ANNA);
    place.faults.now = daysFromNow(3);
    const before = await place.files();
    expect((await refusalOf(rotation.rollback({}, ANNA))).message).to.include('CN=Short');
    await expectUnchanged(place, before, next);
  });

  it('goes back beside a pin in force that has expired meanwhile', async () => {
    const short = mintCa('Short', { notAfter: daysFromNow(2) });
    await using place = await openPlace([short, old]);
    const { rotation } = place;
    await place.stage(next);
    await rotation.promote(ALL, ANNA);
    place.faults.now = daysFromNow(3);
    await rotation.rollback({}, ANNA);
    expect(await place.onDisk()).to.deep.equal(printsOf(short, old));
  });

  it('never goes back to a distrusted pin', async () => {
    await using place = await openPlace([old, next]);
    const { rotation } = place;
    await rotation.distrust({ key: pinOf(old) }, ANNA);
    const refusal = await refusalOf(rotation.rollback({}, ANNA));
    expect(refusal.message).to.include('CN=Old').and.to.include('distrusted');
    expect(await place.inForce()).to.deep.equal(printsOf(next));
  });

  it('never goes to an entry that somebody changed, also when its own hash was made anew', async () => {
    await using place = await openPlace([old]);
    const { rotation, state } = place;
    await place.stage(next); // and never promoted
    const path = join(state, 'journal.jsonl');
    const sound = await readFile(path, 'utf8');
    const [first = '', ...rest] = sound.split('\n');
    const forged = { ...JSON.parse(first), anchors: printsOf(next) };
    const before = await place.files();
    for (const line of [JSON.stringify(forged), sealEntry(forged, forged).line]) {
      await writeFile(path, [line, ...rest].join('\n'));
      for (const query of [{ toEntry: 1 }, {}]) {
        expect((await refusalOf(rotation.rollback(query, ANNA))).message).to.include('not as it was written');
        await expectUnchanged(place, before, old);
      }
    }
  });

  it('names what there is to go back to when there is nothing', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    await refusalOf(rotation.rollback({}, ANNA));
    await refusalOf(rotation.rollback({ toEntry: 1 }, ANNA));
    await refusalOf(rotation.rollback({ toEntry: 77 }, ANNA));
  });
});

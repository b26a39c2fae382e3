import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { daysFromNow } from '../support/judging.ts';
import { mintCa } from '../support/pki.ts';
import { refusalOf } from './place.ts';
import {
  ALL,
  ANNA,
  expectUnchanged,
  next,
  old,
  openPlace,
  pinOf,
  pki,
  printOf,
  printsOf,
} from './procedure-place.ts';

describe('promote', () => {
  it('promotes what is named alone, and leaves the rest staged', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    await place.stage(next, pki.sibling);
    await rotation.promote({ pins: [printOf(next).slice(0, 10)], force: false }, ANNA);
    expect(await place.inForce()).to.deep.equal(printsOf(old, next));
    expect(await place.staged()).to.deep.equal(printsOf(pki.sibling));
  });

  it('says that nothing was seen, so nothing is proven, and promotes', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    await place.stage(next);
    expect((await rotation.promote(ALL, ANNA)).warnings.join()).to.include('proves nothing');
  });

  it('puts the successor in when the only pin has expired', async () => {
    const short = mintCa('Short', { notAfter: daysFromNow(2) });
    await using place = await openPlace([short]);
    const { rotation } = place;
    place.faults.now = daysFromNow(3);
    await place.stage(next);
    await rotation.promote(ALL, ANNA);
    expect(await place.onDisk()).to.deep.equal(printsOf(short, next));
    await rotation.retire({ pin: pinOf(short), force: true }, ANNA);
    expect(await place.onDisk()).to.deep.equal(printsOf(next));
  });

  it('refuses what has expired since it was staged', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    const short = mintCa('Short', { notAfter: daysFromNow(2) });
    await place.stage(short);
    place.faults.now = daysFromNow(3);
    const refusal = await refusalOf(rotation.promote({ pins: [], force: true }, ANNA));
    expect(refusal.message).to.include('expired');
    expect(refusal.forceable).to.equal(false);
    expect(await place.inForce()).to.deep.equal(printsOf(old));
  });

  for (const [what, outcome] of [
    ['is refused', 'failed'],
    ['ends in another set', 'replaced'],
  ] as const) {
    it(`puts every file back when what it wrote ${what}`, async () => {
      await using place = await openPlace([old]);
      const { rotation, faults } = place;
      await place.stage(next);
      const before = await place.files();
      let tries = 0;
      faults.applying = async () => {
        tries += 1;
        // Somebody else drops a broken file, or one more sound one, at the same moment.
        if (tries > 1) return;
        if (outcome === 'failed') await writeFile(join(place.bundle, 'broken.pem'), 'nothing');
        else await place.put('other.pem', pki.sibling);
      };
      const refusal = await refusalOf(rotation.promote(ALL, ANNA));
      const after = await place.files();
      // What is somebody else's stays.
      const theirs = outcome === 'failed' ? 'broken.pem' : 'other.pem';
      expect(Object.keys(after)).to.deep.equal([...Object.keys(before), theirs].sort());
      expect(after['0.pem']).to.equal(before['0.pem']);
      expect(refusal.meaning).to.include('nothing was changed');
      expect(place.actions()).to.deep.equal(['opened', 'stage']);
      expect(await place.staged()).to.deep.equal(printsOf(next));
    });
  }

  it('is taken back whole when the journal cannot be written', async () => {
    await using place = await openPlace([old]);
    const { rotation, faults } = place;
    await place.stage(next);
    const before = await place.files();
    faults.append = () => {
      throw new Error('ENOSPC: no space left on device');
    };
    const { message, meaning } = await refusalOf(rotation.promote(ALL, ANNA));
    expect(message).to.include('the journal cannot be written');
    expect(meaning).to.include('nothing was changed');
    await expectUnchanged(place, before, old);
    faults.append = undefined;
    await rotation.promote(ALL, ANNA);
    expect(place.actions()).to.deep.equal(['opened', 'stage', 'promote']);
  });

  it('says so when it could not be taken back', async () => {
    await using place = await openPlace([old]);
    const { rotation, faults } = place;
    await place.stage(next);
    faults.append = () => {
      // From here on nothing can be read any more.
      faults.apply = () => {
        throw new Error('EIO');
      };
      throw new Error('ENOSPC');
    };
    const { message, next: step } = await refusalOf(rotation.promote(ALL, ANNA));
    expect(message).to.match(/ENOSPC.*could not be taken back.*EIO/);
    expect(step).to.include('by hand');
    expect(place.logged).to.include('trust step not taken back');
  });
});

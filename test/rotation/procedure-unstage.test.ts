import { expect } from 'chai';
import { refusalOf } from './place.ts';
import { ANNA, next, old, openPlace, pinOf, pki, printsOf } from './procedure-place.ts';

describe('unstage', () => {
  it('takes what is named off the shelf, on record, and changes nobody’s trust', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    await place.stage(next, pki.sibling);
    const report = await rotation.unstage({ pins: [pinOf(pki.sibling)] }, ANNA);
    expect(report).to.include({ action: 'unstage', journalEntry: 3 });
    expect(report.removed.map(({ pin }) => pin)).to.deep.equal([pinOf(pki.sibling)]);
    expect(await place.staged()).to.deep.equal(printsOf(next));
    expect(await place.inForce()).to.deep.equal(printsOf(old));
  });

  it('puts it back when the journal cannot be written', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    await place.stage(next);
    place.faults.append = () => {
      throw new Error('ENOSPC');
    };
    await refusalOf(rotation.unstage({ pins: [] }, ANNA));
    expect(await place.staged()).to.deep.equal(printsOf(next));
  });

  it('refuses when nothing is staged', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    expect((await refusalOf(rotation.unstage({ pins: [] }, ANNA))).message).to.equal('nothing is staged');
  });
});

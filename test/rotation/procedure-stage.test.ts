import { expect } from 'chai';
import { spkiOf } from '../support/judging.ts';
import { refusedHandshake } from './evidence.ts';
import { refusalOf } from './place.ts';
import { ANNA, next, ofNext, old, openPlace, pinOf, printOf } from './procedure-place.ts';

describe('stage', () => {
  it('leaves out what is active, and says so', async () => {
    await using place = await openPlace([old]);
    const report = await place.stage(old, next);
    expect(report.staged.map(({ pin }) => pin)).to.deep.equal([pinOf(next)]);
    expect(report.leftOut.map(({ subject }) => subject)).to.deep.equal(['O=Sallyport tests, CN=Old']);
  });

  it('takes the issuer that a refused client showed, and never its own certificate', async () => {
    await using place = await openPlace([old]);
    const { rotation, refused } = place;
    refused.push(refusedHandshake([ofNext, next], { id: 17 }));
    const report = await rotation.stage({ fromRefused: '17' }, ANNA);
    expect(report.staged.map(({ fingerprint }) => fingerprint)).to.deep.equal([printOf(next)]);
    const { message } = await refusalOf(rotation.stage({ fromRefused: '18' }, ANNA));
    expect(message).to.include('18');
  });

  it('stages once what is staged again', async () => {
    await using place = await openPlace([old]);
    await place.stage(next);
    const again = await place.stage(next);
    expect(again.staged.map(({ change }) => change)).to.deep.equal(['known']);
    expect(place.actions()).to.deep.equal(['opened', 'stage']);
  });

  it('refuses a key that is distrusted', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    await rotation.distrust({ key: spkiOf(next) }, ANNA);
    expect((await refusalOf(place.stage(next))).message).to.include('distrusted');
    expect(await place.staged()).to.deep.equal([]);
  });

  it('stages nothing when the journal cannot be written', async () => {
    await using place = await openPlace([old]);
    await place.rotation.noteInForce('receiver started');
    place.faults.append = () => {
      throw new Error('ENOSPC');
    };
    expect((await refusalOf(place.stage(next))).message).to.include('ENOSPC');
    expect(await place.staged()).to.deep.equal([]);
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { distrustedPath, loadDistrusted } from '../../src/trust/distrusted.ts';
import { daysFromNow, NAME, spkiOf } from '../support/judging.ts';
import { seenChain } from './evidence.ts';
import { refusalOf } from './place.ts';
import {
  ANNA,
  next,
  ofNext,
  ofOld,
  old,
  openPlace,
  type Place,
  pinOf,
  pki,
  printOf,
  printsOf,
} from './procedure-place.ts';

const BORIS = { by: 'boris@host', reason: 'it was another key, Coupa case 4711' };
const ISSUER = 'O=Sallyport tests, CN=Old';

describe('lift', () => {
  const listed = ({ state }: Place) => loadDistrusted(distrustedPath(state));

  it('brings no pin back, says so, and lets a rollback do it', async () => {
    await using place = await openPlace([old, next]);
    const { rotation } = place;
    await rotation.distrust({ key: pinOf(old) }, ANNA);
    await refusalOf(rotation.rollback({}, ANNA));
    const report = await rotation.lift({ key: pinOf(old) }, BORIS);
    expect(report).to.deep.include({ action: 'lift', added: [], removed: [], warnings: [] });
    expect(report.keys).to.deep.equal([`spki:${spkiOf(old)}`]);
    expect(report.next).to.include('not pinned either').and.to.include('sallyport trust rollback');
    expect(await listed(place)).to.deep.equal([]);
    expect(await place.inForce()).to.deep.equal(printsOf(next));
    expect(await place.onDisk()).to.deep.equal(printsOf(next));
    await rotation.rollback({}, ANNA);
    expect(await place.inForce()).to.deep.equal(printsOf(old, next));
  });

  it('is on record, with its reason and the row', async () => {
    await using place = await openPlace([old, next]);
    await place.rotation.distrust({ key: pinOf(old) }, ANNA);
    const { journalEntry } = await place.rotation.lift({ key: printOf(old).slice(0, 10) }, BORIS);
    expect(place.last()).to.deep.include({ seq: journalEntry, action: 'lift', ...BORIS });
    expect(place.last()?.what).to.deep.include({
      keys: [`spki:${spkiOf(old)}`],
      evidence: '0 chains seen before would be let in again',
    });
  });

  it('tells whom it lets in again', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, seen } = place;
    const leaf = pki.leaf(NAME, { issuer: old, serial: '0abc', notAfter: daysFromNow(30) });
    seen.push(seenChain([leaf, old], old), seenChain([ofNext, next], next));
    await rotation.distrust({ serial: '0abc' }, ANNA);
    const { warnings, next: step } = await rotation.lift({ serial: '0abc' }, BORIS);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('let in again from now on').and.to.include(printOf(leaf).slice(0, 12));
    expect(warnings[0]).not.to.include(printOf(ofNext).slice(0, 12));
    expect(step).to.equal('see who is let in: sallyport trust show');
    const { scenarios } = await rotation.rehearse();
    expect(scenarios[0]?.refused).to.deep.equal([]);
    expect(place.last()?.what.evidence).to.equal('1 chain seen before would be let in again');
  });

  it('takes off one row and leaves the others', async () => {
    await using place = await openPlace([old, next]);
    const { rotation } = place;
    await rotation.distrust({ key: spkiOf(ofOld) }, ANNA);
    await rotation.distrust({ serial: '0abc' }, ANNA);
    await rotation.distrust({ serial: '0abc', issuer: ISSUER }, ANNA);
    await rotation.distrust({ serial: '0abc', issuer: 'CN=Other' }, ANNA);
    await rotation.lift({ serial: '0x0A:BC' }, BORIS);
    const several = await refusalOf(rotation.lift({ serial: '0abc' }, BORIS));
    expect(several.message).to.include('names 2 rows');
    expect(several.next).to.include(`serial:0abc of ${ISSUER}`);
    await rotation.lift({ serial: '0abc', issuer: ISSUER }, BORIS);
    await rotation.lift({ serial: '0abc' }, BORIS); // the only one left with that number
    expect((await listed(place)).map(({ spki }) => spki)).to.deep.equal([spkiOf(ofOld)]);
  });

  it('lifts a key that was never seen here by its beginning, and nothing by too few digits', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    const one = `abcdef1${'0'.repeat(57)}`;
    const other = `abcdef2${'0'.repeat(57)}`;
    await rotation.distrust({ key: one }, ANNA);
    await rotation.distrust({ key: other }, ANNA);
    for (const key of ['abcde', '', 'abcdef', 'abcdef3', spkiOf(old)]) {
      await refusalOf(rotation.lift({ key }, BORIS));
    }
    expect(await listed(place)).to.have.length(2);
    await rotation.lift({ key: 'SHA256:AB:CD:EF:1' }, BORIS);
    expect((await listed(place)).map(({ spki }) => spki)).to.deep.equal([other]);
  });

  it('wants a reason, and something that is distrusted', async () => {
    await using place = await openPlace([old, next]);
    const { rotation } = place;
    const none = await refusalOf(rotation.lift({ key: pinOf(old) }, BORIS));
    expect(none.message).to.include('is not distrusted');
    expect(none.next).to.include('sallyport trust show');
    await rotation.distrust({ key: pinOf(old) }, ANNA);
    const bare = await refusalOf(rotation.lift({ key: pinOf(old) }, { ...BORIS, reason: null }));
    expect(bare.next).to.include('--reason');
    expect(await listed(place)).to.have.length(1);
    expect(place.last()?.action).to.equal('distrust');
  });

  it('says when the configuration refuses it all the same', async () => {
    const leaf = pki.leaf(NAME, { issuer: old, serial: '0abc', notAfter: daysFromNow(30) });
    await using place = await openPlace([old], { deny: [{ serial: '0abc' }] });
    const { rotation, seen } = place;
    await rotation.distrust({ serial: '0abc' }, ANNA);
    seen.push(seenChain([leaf, old], old));
    const { warnings } = await rotation.lift({ serial: '0abc' }, BORIS);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('trust.deny').and.to.include('stays refused');
  });

  it('is taken back whole when it cannot be put on record', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, faults } = place;
    await rotation.distrust({ key: pinOf(old) }, ANNA);
    const before = await listed(place);
    faults.append = () => {
      throw new Error('ENOSPC');
    };
    const { message } = await refusalOf(rotation.lift({ key: pinOf(old) }, BORIS));
    expect(message).to.include('the journal cannot be written').and.not.to.include('taken back');
    expect(await listed(place)).to.deep.equal(before);
    faults.append = undefined;
    await refusalOf(rotation.rollback({}, ANNA)); // refused as before
  });

  it('says so when it can neither be put on record nor be taken back', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, faults } = place;
    await rotation.distrust({ key: pinOf(old) }, ANNA);
    faults.append = () => {
      faults.applying = () => writeFile(join(place.bundle, 'broken.pem'), 'nothing');
      throw new Error('ENOSPC');
    };
    const { message } = await refusalOf(rotation.lift({ key: pinOf(old) }, BORIS));
    expect(message).to.include('could not be taken back');
    expect(await listed(place), 'the next start refuses it').to.have.length(1);
  });

  it('does not wait for a store that fails', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, faults } = place;
    await rotation.distrust({ key: pinOf(old) }, ANNA);
    faults.evidence = async () => {
      throw new Error('the store is gone');
    };
    const { warnings } = await rotation.lift({ key: pinOf(old) }, BORIS);
    expect(warnings.join()).to.include('the store is gone');
    expect(await listed(place)).to.deep.equal([]);
  });
});

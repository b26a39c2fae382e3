import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { journalPath } from '../../src/rotation/journal.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { NOW } from '../support/judging.ts';
import { refusalOf } from './place.ts';
import { ALL, ANNA, next, old, openPlace, pinOf, pki, printsOf } from './procedure-place.ts';

describe('createSteps', () => {
  describe('one at a time', () => {
    it('takes steps that are asked for at once one after the other', async () => {
      await using place = await openPlace([old]);
      const { rotation } = place;
      await place.stage(next);
      const results = await Promise.allSettled([
        rotation.promote(ALL, ANNA),
        rotation.promote(ALL, ANNA),
        rotation.unstage({ pins: [] }, ANNA),
        rotation.distrust({ key: pinOf(next) }, ANNA),
        place.stage(pki.sibling),
      ]);
      expect(results.map(({ status }) => status)).to.deep.equal([
        'fulfilled',
        'rejected',
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
      expect(place.actions()).to.deep.equal(['opened', 'stage', 'promote', 'distrust', 'stage']);
      expect(await place.onDisk()).to.deep.equal(printsOf(old));
      expect(verifyJournal(await readFile(journalPath(place.state))).intact).to.equal(true);
    });

    it('lets an emergency pass a rehearsal that takes its time', async () => {
      await using place = await openPlace([old, next]);
      const { rotation, faults } = place;
      const { promise: read, resolve: letItRead } = Promise.withResolvers<void>();
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      faults.evidence = () => {
        begin();
        return read;
      };
      const rehearsal = rotation.rehearse();
      await begun;
      faults.evidence = undefined;
      await rotation.distrust({ key: pinOf(old) }, ANNA);
      expect(await place.onDisk()).to.deep.equal(printsOf(next));
      letItRead();
      expect((await rehearsal).clients).to.equal(0);
    });

    it('takes no step while another process takes one', async () => {
      await using place = await openPlace([old]);
      const { faults } = place;
      faults.lock = () => {
        throw new RotationError('another command is at work', { meaning: '', next: '' });
      };
      expect((await refusalOf(place.stage(next))).message).to.include('another command');
    });
  });

  describe('what somebody else changed', () => {
    it('goes on record at the next step, before it, and is not taken for part of it', async () => {
      await using place = await openPlace([old]);
      const { rotation } = place;
      await place.stage(next);
      await place.put('other.pem', pki.sibling);
      await rotation.promote(ALL, ANNA);
      expect(place.actions()).to.deep.equal(['opened', 'stage', 'found', 'promote']);
      const found = place.journal.entries()[2];
      expect(found?.what.certificates.map(({ fingerprint }) => fingerprint)).to.deep.equal(
        printsOf(pki.sibling),
      );
      expect(found?.by).to.equal('sallyport');
      await rotation.rollback({}, ANNA);
      expect(await place.onDisk()).to.deep.equal(printsOf(old, pki.sibling));
    });

    it('goes on record of the list of distrusted ones, too, either way and once', async () => {
      await using place = await openPlace([old]);
      const { rotation, shelf } = place;
      await rotation.distrust({ serial: '0abc' }, ANNA);
      await shelf.writeDistrusted([{ serial: '0def', since: NOW.toISOString(), ...ANNA }]);
      await rotation.noteInForce('files changed');
      await rotation.noteInForce('files changed');
      expect(place.actions()).to.deep.equal(['opened', 'distrust', 'found']);
      const { what, anchors } = place.last() ?? {};
      expect(anchors).to.deep.equal(printsOf(old));
      expect(what?.keys).to.deep.equal(['serial:0def', 'serial:0abc']);
      expect(what?.evidence).to.match(/distrusted serial:0def; not distrusted any more serial:0abc$/);
      expect((await rotation.show()).warnings.join()).to.include('serial:0abc');
      await shelf.writeDistrusted([]);
      await rotation.noteInForce('files changed');
      expect(place.last()?.what.keys).to.deep.equal(['serial:0def']);
    });

    it('takes no step on files that a reload would not take', async () => {
      await using place = await openPlace([old]);
      await writeFile(join(place.bundle, 'broken.pem'), 'nothing');
      const { message } = await refusalOf(place.stage(next));
      expect(message).to.include('broken.pem');
    });

    it('is noted when the receiver takes it, once, and never as what was done by a step', async () => {
      await using place = await openPlace([old]);
      const { rotation } = place;
      await rotation.noteInForce('receiver started');
      await rotation.noteInForce('files changed');
      expect(place.actions()).to.deep.equal(['opened']);
      await place.stage(next);
      const promoted = rotation.promote(ALL, ANNA);
      await Promise.all([promoted, rotation.noteInForce('files changed')]);
      expect(place.actions()).to.deep.equal(['opened', 'stage', 'promote']);
    });

    it('does not trouble the receiver when it cannot be written', async () => {
      await using place = await openPlace([old]);
      const { rotation, faults, logged } = place;
      faults.append = () => {
        throw new Error('ENOSPC');
      };
      await rotation.noteInForce('receiver started');
      expect(logged).to.deep.equal(['trust journal not written']);
    });
  });
});

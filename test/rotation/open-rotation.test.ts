import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { journalPath } from '../../src/rotation/journal.ts';
import { verifyJournal } from '../../src/rotation/read-journal.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { mintCrl } from '../support/crl.ts';
import { daysFromNow, NAME, NOW, spkiOf } from '../support/judging.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';
import { refusedHandshake, seenChain } from './evidence.ts';
import { refusalOf } from './place.ts';
import { ANNA, openPlace, type Place, printOf, printsOf } from './procedure-place.ts';

const pki = createTestPki();
const LONG = { notAfter: daysFromNow(900) };
const old = mintCa('Old', { issuer: pki.root, ...LONG });
const next = mintCa('New', { issuer: pki.root, ...LONG });
const client = (issuer: Minted): Minted => pki.leaf(NAME, { issuer, notAfter: daysFromNow(400) });
const ofOld = client(old);
const ofNext = client(next);
const pinOf = (minted: Minted): string => spkiOf(minted).slice(0, 12);
const ALL = { pins: [], force: false };

describe('createRotation', () => {
  let place: Place;
  const open = async (
    pinned: readonly Minted[],
    change?: Parameters<typeof openPlace>[1],
  ): Promise<Place> => {
    place = await openPlace(pinned, change);
    return place;
  };
  afterEach(() => place[Symbol.asyncDispose]());

  async function expectUnchanged(before: Awaited<ReturnType<Place['files']>>, ...pinned: Minted[]) {
    expect(await place.files()).to.deep.equal(before);
    expect(await place.inForce()).to.deep.equal(printsOf(...pinned));
    expect(await place.onDisk()).to.deep.equal(printsOf(...pinned));
  }

  it('goes the whole way: stage, rehearse, promote, retire, roll back, each on record', async () => {
    const { rotation, seen } = await open([old]);
    seen.push(seenChain([ofOld, old], old, { handshakes: 412 }));
    const before = await place.files();

    const staged = await place.stage(next);
    expect(staged.staged.map(({ pin, state, change }) => ({ pin, state, change }))).to.deep.equal([
      { pin: pinOf(next), state: 'staged', change: 'added' },
    ]);
    await expectUnchanged(before, old);

    const rehearsal = await rotation.rehearse({ lastDays: 14, without: [pinOf(old)] });
    expect(rehearsal).to.include({ handshakes: 412, safeToPromote: true, lastDays: 14 });
    expect(rehearsal.scenarios.map(({ set }) => set)).to.include('without');

    const promoted = await rotation.promote(ALL, ANNA);
    expect(promoted.added.map(({ pin, state }) => [pin, state])).to.deep.equal([[pinOf(next), 'active']]);
    expect(await place.inForce()).to.deep.equal(printsOf(old, next));
    expect((await place.shelf.listStaged()).certificates).to.deep.equal([]);

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

  describe('stage', () => {
    it('leaves out what is active, and says so', async () => {
      await open([old]);
      const report = await place.stage(old, next);
      expect(report.staged.map(({ pin }) => pin)).to.deep.equal([pinOf(next)]);
      expect(report.leftOut.map(({ subject }) => subject)).to.deep.equal(['O=Sallyport tests, CN=Old']);
    });

    it('takes the issuer that a refused client showed, and never its own certificate', async () => {
      const { rotation, refused } = await open([old]);
      refused.push(refusedHandshake([ofNext, next], { id: 17 }));
      const report = await rotation.stage({ fromRefused: '17' }, ANNA);
      expect(report.staged.map(({ fingerprint }) => fingerprint)).to.deep.equal([printOf(next)]);
      const { message } = await refusalOf(rotation.stage({ fromRefused: '18' }, ANNA));
      expect(message).to.include('18');
    });

    it('stages once what is staged again', async () => {
      await open([old]);
      await place.stage(next);
      const again = await place.stage(next);
      expect(again.staged.map(({ change }) => change)).to.deep.equal(['known']);
      expect(place.actions()).to.deep.equal(['opened', 'stage']);
    });

    it('refuses a key that is distrusted', async () => {
      const { rotation } = await open([old]);
      await rotation.distrust({ key: spkiOf(next) }, ANNA);
      expect((await refusalOf(place.stage(next))).message).to.include('distrusted');
      expect((await place.shelf.listStaged()).certificates).to.deep.equal([]);
    });

    it('stages nothing when the journal cannot be written', async () => {
      await open([old]);
      await place.rotation.noteInForce('receiver started');
      place.faults.append = () => {
        throw new Error('ENOSPC');
      };
      expect((await refusalOf(place.stage(next))).message).to.include('ENOSPC');
      expect((await place.shelf.listStaged()).certificates).to.deep.equal([]);
    });
  });

  describe('unstage', () => {
    it('takes what is named off the shelf, on record, and changes nobody’s trust', async () => {
      const { rotation } = await open([old]);
      await place.stage(next, pki.sibling);
      const report = await rotation.unstage({ pins: [pinOf(pki.sibling)] }, ANNA);
      expect(report).to.include({ action: 'unstage', journalEntry: 3 });
      expect(report.removed.map(({ pin }) => pin)).to.deep.equal([pinOf(pki.sibling)]);
      expect(fingerprints(await place.shelf.listStaged())).to.deep.equal(printsOf(next));
      expect(await place.inForce()).to.deep.equal(printsOf(old));
    });

    it('puts it back when the journal cannot be written', async () => {
      const { rotation } = await open([old]);
      await place.stage(next);
      place.faults.append = () => {
        throw new Error('ENOSPC');
      };
      await refusalOf(rotation.unstage({ pins: [] }, ANNA));
      expect(fingerprints(await place.shelf.listStaged())).to.deep.equal(printsOf(next));
    });

    it('refuses when nothing is staged', async () => {
      const { rotation } = await open([old]);
      expect((await refusalOf(rotation.unstage({ pins: [] }, ANNA))).message).to.equal('nothing is staged');
    });
  });

  describe('promote', () => {
    it('promotes what is named alone, and leaves the rest staged', async () => {
      const { rotation } = await open([old]);
      await place.stage(next, pki.sibling);
      await rotation.promote({ pins: [printOf(next).slice(0, 10)], force: false }, ANNA);
      expect(await place.inForce()).to.deep.equal(printsOf(old, next));
      expect(fingerprints(await place.shelf.listStaged())).to.deep.equal(printsOf(pki.sibling));
    });

    it('says that nothing was seen, so nothing is proven, and promotes', async () => {
      const { rotation } = await open([old]);
      await place.stage(next);
      expect((await rotation.promote(ALL, ANNA)).warnings.join()).to.include('proves nothing');
    });

    it('refuses what has expired since it was staged', async () => {
      const { rotation } = await open([old]);
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
        const { rotation, faults } = await open([old]);
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
        expect(fingerprints(await place.shelf.listStaged())).to.deep.equal(printsOf(next));
      });
    }

    it('is taken back whole when the journal cannot be written', async () => {
      const { rotation, faults } = await open([old]);
      await place.stage(next);
      const before = await place.files();
      faults.append = () => {
        throw new Error('ENOSPC: no space left on device');
      };
      const { message, meaning } = await refusalOf(rotation.promote(ALL, ANNA));
      expect(message).to.include('the journal cannot be written');
      expect(meaning).to.include('nothing was changed');
      await expectUnchanged(before, old);
      faults.append = undefined;
      await rotation.promote(ALL, ANNA);
      expect(place.actions()).to.deep.equal(['opened', 'stage', 'promote']);
    });

    it('says so when it could not be taken back', async () => {
      const { rotation, faults } = await open([old]);
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

  describe('retire', () => {
    it('refuses the last pin, forced or not', async () => {
      const { rotation } = await open([old]);
      const refusal = await refusalOf(rotation.retire({ pin: pinOf(old), force: true }, ANNA));
      expect(refusal.forceable).to.equal(false);
      expect(await place.inForce()).to.deep.equal(printsOf(old));
    });

    it('names the client that was seen in the last 72 hours, and its last order; unless forced', async () => {
      const { rotation, seen } = await open([old, next]);
      seen.push(
        seenChain([ofNext, next], next),
        seenChain([ofOld, old], old, {
          lastSeen: daysFromNow(-2.9),
          lastOrder: { orderId: 'PO-4711', buyer: 'acme', receivedAt: daysFromNow(-2.9) },
        }),
      );
      const before = await place.files();
      const refusal = await refusalOf(rotation.retire({ pin: pinOf(old), force: false }, ANNA));
      expect(refusal.message).to.include(NAME).and.to.include('PO-4711');
      expect(refusal.forceable).to.equal(true);
      await expectUnchanged(before, old, next);
      const report = await rotation.retire({ pin: pinOf(old), force: true }, ANNA);
      expect(report.warnings.join()).to.include('PO-4711');
      expect(place.last()?.what.forced).to.equal(true);
      expect(await place.onDisk()).to.deep.equal(printsOf(next));
    });

    it('does not count a client that another pin would let in as well', async () => {
      const { rotation, seen } = await open([old, pki.root]);
      seen.push(seenChain([ofOld, old], old, { lastSeen: NOW }));
      await rotation.retire({ pin: pinOf(old), force: false }, ANNA);
      expect(await place.inForce()).to.deep.equal(printsOf(pki.root));
    });

    it('refuses while nothing shows that what is left lets anybody in; unless forced', async () => {
      const { rotation, seen } = await open([old, next]);
      const refusal = await refusalOf(rotation.retire({ pin: pinOf(old), force: false }, ANNA));
      expect(refusal.forceable).to.equal(true);
      seen.push(seenChain([ofOld, old], old, { lastSeen: daysFromNow(-5) }));
      expect((await refusalOf(rotation.retire({ pin: pinOf(old), force: false }, ANNA))).forceable).to.equal(
        true,
      );
      await rotation.retire({ pin: pinOf(old), force: true }, ANNA);
      expect(await place.inForce()).to.deep.equal(printsOf(next));
    });

    it('never takes it for unused when what was seen cannot be read', async () => {
      const { rotation, seen, faults } = await open([old, next]);
      seen.push(seenChain([ofNext, next], next));
      faults.evidence = () => {
        throw new Error('the store is gone');
      };
      const refusal = await refusalOf(rotation.retire({ pin: pinOf(old), force: false }, ANNA));
      expect(refusal.message).to.include('the store is gone');
      expect(refusal.forceable).to.equal(true);
    });

    it('is not hindered by the revocation list that the pin leaves behind', async () => {
      const { folder, config } = await open([old, next]);
      const crl = folder.at('a.crl');
      await writeFile(crl, mintCrl({ issuer: old, nextUpdate: daysFromNow(9) }));
      Object.assign(config, { crl });
      place.seen.push(seenChain([ofNext, next], next));
      await place.rotation.retire({ pin: pinOf(old), force: false }, ANNA);
      expect(await place.onDisk()).to.deep.equal(printsOf(next));
    });
  });

  describe('rollback', () => {
    it('goes to the set of an entry', async () => {
      const { rotation, seen } = await open([old]);
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
      const { rotation, seen } = await open([short, next]);
      seen.push(seenChain([ofNext, next], next));
      await rotation.retire({ pin: pinOf(short), force: false }, ANNA);
      place.faults.now = daysFromNow(3);
      const before = await place.files();
      expect((await refusalOf(rotation.rollback({}, ANNA))).message).to.include('CN=Short');
      await expectUnchanged(before, next);
    });

    it('never goes back to a distrusted pin', async () => {
      const { rotation } = await open([old, next]);
      await rotation.distrust({ key: pinOf(old) }, ANNA);
      const refusal = await refusalOf(rotation.rollback({}, ANNA));
      expect(refusal.message).to.include('CN=Old').and.to.include('distrusted');
      expect(await place.inForce()).to.deep.equal(printsOf(next));
    });

    it('names what there is to go back to when there is nothing', async () => {
      const { rotation } = await open([old]);
      await refusalOf(rotation.rollback({}, ANNA));
      await refusalOf(rotation.rollback({ toEntry: 1 }, ANNA));
      await refusalOf(rotation.rollback({ toEntry: 77 }, ANNA));
    });
  });

  describe('distrust', () => {
    it('takes an anchor out and denies its key from then on, though it was seen', async () => {
      const { rotation, seen } = await open([old, next]);
      seen.push(seenChain([ofOld, old], old, { lastSeen: NOW }));
      const report = await rotation.distrust({ key: pinOf(old) }, ANNA);
      expect(report.removed.map(({ pin, state }) => [pin, state])).to.deep.equal([
        [pinOf(old), 'distrusted'],
      ]);
      expect(report.warnings.join()).to.include('refused from now on').and.to.include(NAME);
      expect(await place.onDisk()).to.deep.equal(printsOf(next));
      const shown = await rotation.show();
      expect(shown.distrusted).to.deep.include({
        key: spkiOf(old),
        what: 'O=Sallyport tests, CN=Old',
        since: NOW.toISOString(),
        ...ANNA,
      });
      expect(place.last()?.what.keys).to.deep.equal([`spki:${spkiOf(old)}`]);
      expect((await refusalOf(rotation.distrust({ key: spkiOf(old) }, ANNA))).message).to.include('already');
    });

    it('denies the key of a client that was seen, by a beginning of its fingerprint', async () => {
      const { rotation, seen } = await open([old]);
      seen.push(seenChain([ofOld, old], old));
      const report = await rotation.distrust({ key: printOf(ofOld).slice(0, 8) }, ANNA);
      expect(report.removed).to.deep.equal([]);
      expect(report.warnings.join()).to.include('refused from now on');
      const { scenarios } = await rotation.rehearse();
      expect(scenarios[0]?.refused[0]?.findings.map(({ reason }) => reason)).to.deep.equal(['deny_listed']);
    });

    it('takes a serial number as tools print it', async () => {
      const { rotation } = await open([old]);
      const leaf = pki.leaf(NAME, { issuer: old, serial: '0abc', notAfter: daysFromNow(30) });
      place.seen.push(seenChain([leaf, old], old));
      const issuer = 'O=Sallyport tests, CN=Old';
      const { warnings } = await rotation.distrust({ serial: '0x0A:BC', issuer }, ANNA);
      expect(warnings.join()).to.include('refused from now on');
      await refusalOf(rotation.distrust({ serial: 'not hex' }, ANNA));
    });

    it('never leaves an empty set: it says what to do instead', async () => {
      const { rotation } = await open([old]);
      const before = await place.files();
      const { next: step } = await refusalOf(rotation.distrust({ key: pinOf(old) }, ANNA));
      expect(step).to.include('sallyport trust stage');
      await expectUnchanged(before, old);
      expect((await rotation.show()).distrusted).to.deep.equal([]);
    });

    it('takes a staged certificate of that key off the shelf', async () => {
      const { rotation } = await open([old]);
      await place.stage(next);
      await rotation.distrust({ key: pinOf(next) }, ANNA);
      expect((await place.shelf.listStaged()).certificates).to.deep.equal([]);
    });

    it('is taken back whole when it cannot be put in force', async () => {
      const { rotation, faults } = await open([old, next]);
      const before = await place.files();
      let tries = 0;
      faults.applying = async () => {
        tries += 1;
        if (tries === 1) await writeFile(join(place.bundle, 'broken.pem'), 'nothing');
      };
      await refusalOf(rotation.distrust({ key: pinOf(old) }, ANNA));
      expect(await place.files()).to.deep.equal({ ...before, 'broken.pem': 'nothing' });
      expect((await rotation.show()).distrusted).to.deep.equal([]);
    });

    it('stands even when the journal cannot be written', async () => {
      const { rotation, faults } = await open([old, next]);
      await rotation.noteInForce('receiver started');
      faults.append = () => {
        throw new Error('ENOSPC');
      };
      const report = await rotation.distrust({ key: pinOf(old) }, ANNA);
      expect(report.warnings.join()).to.include('not in the journal');
      expect(report.journalEntry).to.equal(0);
      expect(await place.onDisk()).to.deep.equal(printsOf(next));
      expect(place.logged).to.include('trust step taken and not in the journal');
    });

    it('does not wait for a store that fails', async () => {
      const { rotation, faults } = await open([old, next]);
      faults.evidence = () => {
        throw new Error('the store is gone');
      };
      const { warnings } = await rotation.distrust({ key: pinOf(old) }, ANNA);
      expect(warnings.join()).to.include('the store is gone');
      expect(await place.inForce()).to.deep.equal(printsOf(next));
    });
  });

  describe('one at a time', () => {
    it('takes steps that are asked for at once one after the other', async () => {
      const { rotation } = await open([old]);
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

    it('takes no step while another process takes one', async () => {
      const { faults } = await open([old]);
      faults.lock = () => {
        throw new RotationError('another command is at work', { meaning: '', next: '' });
      };
      expect((await refusalOf(place.stage(next))).message).to.include('another command');
    });
  });

  describe('what somebody else changed', () => {
    it('goes on record at the next step, before it, and is not taken for part of it', async () => {
      const { rotation } = await open([old]);
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

    it('takes no step on files that a reload would not take', async () => {
      await open([old]);
      await writeFile(join(place.bundle, 'broken.pem'), 'nothing');
      const { message } = await refusalOf(place.stage(next));
      expect(message).to.include('broken.pem');
    });

    it('is noted when the receiver takes it, once, and never as what was done by a step', async () => {
      const { rotation } = await open([old]);
      await rotation.noteInForce('receiver started');
      await rotation.noteInForce('files changed');
      expect(place.actions()).to.deep.equal(['opened']);
      await place.stage(next);
      const promoted = rotation.promote(ALL, ANNA);
      await Promise.all([promoted, rotation.noteInForce('files changed')]);
      expect(place.actions()).to.deep.equal(['opened', 'stage', 'promote']);
    });

    it('does not trouble the receiver when it cannot be written', async () => {
      const { rotation, faults, logged } = await open([old]);
      faults.append = () => {
        throw new Error('ENOSPC');
      };
      await rotation.noteInForce('receiver started');
      expect(logged).to.deep.equal(['trust journal not written']);
    });
  });
});

function fingerprints({
  certificates,
}: {
  readonly certificates: readonly { readonly fingerprint: string }[];
}) {
  return certificates.map(({ fingerprint }) => fingerprint).sort();
}

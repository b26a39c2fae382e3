import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { daysFromNow, NAME, NOW, spkiOf } from '../support/judging.ts';
import { mintCa } from '../support/pki.ts';
import { seenChain } from './evidence.ts';
import { refusalOf } from './place.ts';
import {
  ANNA,
  expectUnchanged,
  next,
  ofNext,
  ofOld,
  old,
  openPlace,
  pinOf,
  pki,
  printOf,
  printsOf,
} from './procedure-place.ts';

describe('distrust', () => {
  it('takes an anchor out and denies its key from then on, though it was seen', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, seen } = place;
    seen.push(seenChain([ofOld, old], old, { lastSeen: NOW }));
    const report = await rotation.distrust({ key: pinOf(old) }, ANNA);
    expect(report.removed.map(({ pin, state }) => [pin, state])).to.deep.equal([[pinOf(old), 'distrusted']]);
    expect(report.warnings.join()).to.include('refused from now on').and.to.include(NAME);
    expect(await place.onDisk()).to.deep.equal(printsOf(next));
    const shown = await rotation.show();
    expect(shown.distrusted).to.deep.include({
      key: spkiOf(old),
      what: 'O=Sallyport tests, CN=Old',
      since: NOW.toISOString(),
      ...ANNA,
    });
    expect(place.last()?.what).to.deep.include({
      keys: [`spki:${spkiOf(old)}`],
      evidence: '1 chain seen before would be refused',
    });
    expect((await refusalOf(rotation.distrust({ key: spkiOf(old) }, ANNA))).message).to.include('already');
  });

  it('denies the key of a client that was seen, by a beginning of its fingerprint', async () => {
    await using place = await openPlace([old]);
    const { rotation, seen } = place;
    seen.push(seenChain([ofOld, old], old));
    const report = await rotation.distrust({ key: printOf(ofOld).slice(0, 8) }, ANNA);
    expect(report.removed).to.deep.equal([]);
    expect(report.warnings.join()).to.include('refused from now on');
    const { scenarios } = await rotation.rehearse();
    expect(scenarios[0]?.refused[0]?.findings.map(({ reason }) => reason)).to.deep.equal(['deny_listed']);
  });

  it('takes a serial number as tools print it', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    const leaf = pki.leaf(NAME, { issuer: old, serial: '0abc', notAfter: daysFromNow(30) });
    place.seen.push(seenChain([leaf, old], old));
    const issuer = 'O=Sallyport tests, CN=Old';
    const { warnings } = await rotation.distrust({ serial: '0x0A:BC', issuer }, ANNA);
    expect(warnings.join()).to.include('refused from now on');
    await refusalOf(rotation.distrust({ serial: 'not hex' }, ANNA));
  });

  it('tells that nobody was met whom it names, as when a certificate is named in the place of its key', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    const issuer = 'O=Sallyport tests, CN=Old';
    for (const query of [{ key: printOf(ofOld) }, { serial: '0abc' }, { serial: '0abc', issuer }]) {
      const { warnings, keys } = await rotation.distrust(query, ANNA);
      expect(keys).to.have.length(1);
      expect(warnings.join()).to.match(/^no certificate that was seen/);
    }
    const leaf = pki.leaf(NAME, { issuer: old, serial: '0def' });
    place.seen.push(seenChain([leaf, old], old));
    for (const query of [{ serial: '0def' }, { serial: '0def', issuer }, { key: spkiOf(leaf) }]) {
      const { warnings } = await rotation.distrust(query, ANNA);
      expect(warnings.join()).to.not.include('no certificate');
    }
    const { warnings } = await rotation.distrust({ serial: '0def', issuer: 'CN=Old' }, ANNA);
    expect(warnings.join()).to.include('no certificate that was seen');
  });

  it('never leaves an empty set: it says what to do instead', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    const before = await place.files();
    const { next: step } = await refusalOf(rotation.distrust({ key: pinOf(old) }, ANNA));
    expect(step).to.include('sallyport trust stage');
    await expectUnchanged(place, before, old);
    expect((await rotation.show()).distrusted).to.deep.equal([]);
  });

  it('takes a staged certificate of that key off the shelf', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    await place.stage(next);
    await rotation.distrust({ key: pinOf(next) }, ANNA);
    expect(await place.staged()).to.deep.equal([]);
  });

  it('is taken back whole when it cannot be put in force', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, faults } = place;
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

  it('does not wait for a pin that has expired meanwhile', async () => {
    const short = mintCa('Short', { notAfter: daysFromNow(2) });
    await using place = await openPlace([short, old, next]);
    place.faults.now = daysFromNow(3);
    await place.rotation.distrust({ key: pinOf(old) }, ANNA);
    expect(await place.inForce()).to.deep.equal(printsOf(short, next));
  });

  it('says what to do when all that would be left has expired', async () => {
    const short = mintCa('Short', { notAfter: daysFromNow(2) });
    await using place = await openPlace([short, next]);
    const { rotation, faults } = place;
    faults.now = daysFromNow(3);
    const before = await place.files();
    for (const step of [
      () => rotation.distrust({ key: pinOf(next) }, ANNA),
      () => rotation.retire({ pin: pinOf(next), force: true }, ANNA),
    ]) {
      const refusal = await refusalOf(step());
      expect(refusal.next).to.include('sallyport trust stage');
      expect(refusal.message).to.include('expired');
      await expectUnchanged(place, before, short, next);
    }
    await rotation.distrust({ key: spkiOf(ofNext) }, ANNA);
  });

  it('stands even when the journal cannot be written', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, faults } = place;
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
    await using place = await openPlace([old, next]);
    const { rotation, faults } = place;
    faults.evidence = async () => {
      throw new Error('the store is gone');
    };
    const { warnings } = await rotation.distrust({ key: pinOf(old) }, ANNA);
    expect(warnings.join()).to.include('the store is gone');
    expect(await place.inForce()).to.deep.equal(printsOf(next));
  });
});

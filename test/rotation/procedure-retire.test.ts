import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { mintCrl } from '../support/crl.ts';
import { daysFromNow, NAME, NOW } from '../support/judging.ts';
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
  printsOf,
} from './procedure-place.ts';

describe('retire', () => {
  it('refuses the last pin, forced or not', async () => {
    await using place = await openPlace([old]);
    const { rotation } = place;
    const refusal = await refusalOf(rotation.retire({ pin: pinOf(old), force: true }, ANNA));
    expect(refusal.forceable).to.equal(false);
    expect(await place.inForce()).to.deep.equal(printsOf(old));
  });

  it('names the client that was seen in the last 72 hours, and its last order; unless forced', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, seen } = place;
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
    await expectUnchanged(place, before, old, next);
    const report = await rotation.retire({ pin: pinOf(old), force: true }, ANNA);
    expect(report.warnings.join()).to.include('PO-4711');
    expect(place.last()?.what.forced).to.equal(true);
    expect(await place.onDisk()).to.deep.equal(printsOf(next));
  });

  it('does not count a client that another pin would let in as well', async () => {
    await using place = await openPlace([old, pki.root]);
    const { rotation, seen } = place;
    seen.push(seenChain([ofOld, old], old, { lastSeen: NOW }));
    await rotation.retire({ pin: pinOf(old), force: false }, ANNA);
    expect(await place.inForce()).to.deep.equal(printsOf(pki.root));
  });

  it('refuses while nothing shows that what is left lets anybody in; unless forced', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, seen } = place;
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
    await using place = await openPlace([old, next]);
    const { rotation, seen, faults } = place;
    seen.push(seenChain([ofNext, next], next));
    faults.evidence = async () => {
      throw new Error('the store is gone');
    };
    const refusal = await refusalOf(rotation.retire({ pin: pinOf(old), force: false }, ANNA));
    expect(refusal.message).to.include('the store is gone');
    expect(refusal.forceable).to.equal(true);
  });

  it('never takes it for unused when what was seen lately could not be written', async () => {
    await using place = await openPlace([old, next]);
    const { rotation, seen, faults } = place;
    seen.push(seenChain([ofNext, next], next));
    faults.unwritten = true;
    const refusal = await refusalOf(rotation.retire({ pin: pinOf(old), force: false }, ANNA));
    expect(refusal.message).to.include('could not be written');
    expect(refusal.forceable).to.equal(true);
  });

  it('is not hindered by the revocation list that the pin leaves behind', async () => {
    await using place = await openPlace([old, next]);
    const { folder, config } = place;
    const crl = folder.at('a.crl');
    await writeFile(crl, mintCrl({ issuer: old, nextUpdate: daysFromNow(9) }));
    Object.assign(config, { crl });
    place.seen.push(seenChain([ofNext, next], next));
    await place.rotation.retire({ pin: pinOf(old), force: false }, ANNA);
    expect(await place.onDisk()).to.deep.equal(printsOf(next));
  });
});

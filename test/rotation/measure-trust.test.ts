import { appendFile, mkdir, rm } from 'node:fs/promises';
import { expect } from 'chai';
import { journalPath } from '../../src/rotation/journal.ts';
import { daysFromNow, NAME, OTHER_NAME, spkiOf } from '../support/judging.ts';
import { seenChain } from './evidence.ts';
import { ANNA, next, ofNext, ofOld, old, openPlace, type Place, pki } from './procedure-place.ts';

describe('what is measured of trust', () => {
  let place: Place;
  beforeEach(async () => {
    place = await openPlace([old]);
  });
  afterEach(() => place[Symbol.asyncDispose]());

  it('is what is staged, unless it was distrusted', async () => {
    await place.stage(next, pki.sibling);
    await place.put('0.pem', old);
    const staged = async () => (await place.rotation.measure()).staged?.map(({ spki }) => spki).toSorted();
    expect(await staged()).to.deep.equal([spkiOf(next), spkiOf(pki.sibling)].toSorted());
    await place.rotation.distrust({ key: spkiOf(next) }, ANNA);
    expect(await staged()).to.deep.equal([spkiOf(pki.sibling)]);
  });

  it('is when each pin vouched last, and the certificate of each name that was seen last', async () => {
    const other = pki.leaf(OTHER_NAME, { issuer: old, notAfter: daysFromNow(100) });
    place.seen.push(
      seenChain([ofOld, old], old, { lastSeen: daysFromNow(-3) }),
      seenChain([ofNext, next], next, { lastSeen: daysFromNow(-2), notAfter: daysFromNow(50) }),
      seenChain([other, old], old, { lastSeen: daysFromNow(-9) }),
    );
    const { seen } = await place.rotation.measure();
    expect(new Map(seen?.pins.map(({ spki, at }) => [spki, at]))).to.deep.equal(
      new Map([
        [spkiOf(old), daysFromNow(-3)],
        [spkiOf(next), daysFromNow(-2)],
      ]),
    );
    expect(new Map(seen?.clients.map(({ name, notAfter }) => [name, notAfter.getTime()]))).to.include.keys(
      NAME,
      OTHER_NAME,
    );
    expect(seen?.clients.find(({ name }) => name === NAME)?.notAfter).to.deep.equal(daysFromNow(50));
  });

  it('is whether the journal is intact, also when it cannot be read', async () => {
    const intact = async () => (await place.rotation.measure()).journalIntact;
    await place.rotation.noteInForce('receiver started');
    expect(await intact()).to.equal(true);
    await appendFile(journalPath(place.state), '{"seq":2}\n{"seq":3}\n');
    expect(await intact()).to.equal(false);
    await rm(journalPath(place.state));
    expect(await intact()).to.equal(true); // put aside by hand: the next step begins a new one
    await mkdir(journalPath(place.state));
    expect(await intact()).to.equal(false);
  });

  it('leaves out what the store does not tell, and tells the rest', async () => {
    place.faults.evidence = async () => {
      throw new Error('the store is gone');
    };
    expect(await place.rotation.measure()).to.deep.equal({ journalIntact: true, staged: [] });
  });
});

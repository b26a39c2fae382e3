import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Attention } from '../../src/rotation/rotation.ts';
import { daysFromNow, NAME, OTHER_NAME } from '../support/judging.ts';
import { createTestPki, type Minted, type MintOrder, mint, mintCa } from '../support/pki.ts';
import { refusedHandshake, seenChain } from './evidence.ts';
import { openPlace, type Place, printOf } from './procedure-place.ts';

const pki = createTestPki();
const ca = (name: string, days: number, change: Partial<MintOrder> = {}): Minted =>
  mintCa(name, { issuer: pki.root, notAfter: daysFromNow(days), ...change });
const long = ca('Long', 900);
const client = (issuer: Minted, days: number, usage = ['clientAuth'], name = NAME): Minted =>
  pki.leaf(name, { issuer, notAfter: daysFromNow(days), extendedKeyUsage: usage });

describe('what needs attention', () => {
  let place: Place;
  afterEach(() => place[Symbol.asyncDispose]());
  const attentionTo = async (about: Attention['about']): Promise<readonly Attention[]> =>
    (await place.rotation.show()).attention.filter((each) => each.about === about);

  it('tells the same as the warnings, what is worst first', async () => {
    place = await openPlace([ca('Dying', 3)]);
    place.refused.push(refusedHandshake([client(pki.sibling, 40)]));
    const { attention, warnings } = await place.rotation.show();
    expect(attention.map(({ text }) => text)).to.deep.equal(warnings);
    expect(attention.map(({ state }) => state)).to.deep.equal(['no', 'warn', 'warn']);
    expect(attention.every(({ next }) => next !== '')).to.equal(true);
  });

  it('takes a pin for urgent in its last week, unless one that lasts longer is in force', async () => {
    const dying = ca('Dying', 6.5);
    place = await openPlace([dying]);
    const of = async (): Promise<Attention | undefined> =>
      (await attentionTo('pin')).find((each) => each.of === printOf(dying));
    expect(await of())
      .to.include({ state: 'no' })
      .and.property('next')
      .includes('sallyport trust stage');
    await place.stage(long);
    expect(await of())
      .to.include({ state: 'no' })
      .and.property('next')
      .includes('sallyport trust promote');
    await place.rotation.promote({ pins: [], force: false }, { by: 'anna@host', reason: null });
    expect(await of())
      .to.include({ state: 'warn' })
      .and.property('next')
      .includes('sallyport trust retire');
  });

  it('tells of a staged pin that ends before it was promoted', async () => {
    const late = ca('Late', 6.5);
    place = await openPlace([long]);
    await place.stage(late);
    const [told, ...others] = await attentionTo('pin');
    expect(others).to.deep.equal([]);
    expect(told).to.include({ state: 'warn', of: printOf(late) });
  });

  it('tells of a staged CA for web servers only, however it came there', async () => {
    place = await openPlace([long]);
    await place.stage(pki.sibling);
    const fit = printOf(pki.sibling);
    const unfit = ca('Servers', 900, { extendedKeyUsage: ['serverAuth'] });
    await writeFile(join(place.state, 'staged', `${printOf(unfit)}.pem`), unfit.pem);
    const told = await attentionTo('pin');
    expect(told.map(({ of }) => of))
      .to.include(printOf(unfit))
      .and.not.to.include(fit);
    expect(told.map(({ text }) => text).join()).to.include('lacks clientAuth');
  });

  it('tells of a client that ends soon only while no newer certificate of its name was seen', async () => {
    place = await openPlace([long, ca('Other', 900)]);
    const old = client(long, 20);
    place.seen.push(seenChain([old, long], long));
    place.seen.push(seenChain([client(long, 400, ['clientAuth'], OTHER_NAME), long], long));
    expect((await attentionTo('client')).map(({ of }) => of)).to.deep.equal([printOf(old)]);
    place.seen.push(seenChain([client(long, 300), long], long));
    expect(await attentionTo('client')).to.deep.equal([]);
  });

  it('is silent about a client that has been gone for a month', async () => {
    place = await openPlace([long, ca('Other', 900)]);
    place.seen.push(seenChain([client(long, -20), long], long));
    expect(await attentionTo('client')).to.have.length(1);
    place.seen.splice(0, 1, seenChain([client(long, -40), long], long));
    expect(await attentionTo('client')).to.deep.equal([]);
  });
});

describe('the end of clientAuth at public CAs', () => {
  let place: Place;
  beforeEach(async () => {
    place = await openPlace([long, ca('Other', 900)]);
  });
  afterEach(() => place[Symbol.asyncDispose]());
  const attention = async (): Promise<readonly Attention[]> => (await place.rotation.show()).attention;

  it('is told once a client came in without clientAuth', async () => {
    const leaf = client(long, 400, ['serverAuth']);
    place.seen.push(seenChain([leaf, long], long));
    const [told, ...others] = await attention();
    expect(others).to.deep.equal([]);
    expect(told).to.include({ about: 'client', of: printOf(leaf) });
    expect(told?.text).to.include('lacks clientAuth');
  });

  it('is told for a week after a client without clientAuth was refused', async () => {
    const record = (lastAt: Date) =>
      refusedHandshake([client(long, 400, ['serverAuth'])], {
        id: 31,
        reasons: ['server_auth_only'],
        lastAt,
      });
    place.refused.push(record(daysFromNow(-6)));
    const [told, ...others] = await attention();
    expect(others).to.deep.equal([]); // in the last day nobody was refused
    expect(told?.next).to.include('sallyport trust refused show 31');
    place.refused.splice(0, 1, record(daysFromNow(-8)));
    expect(await attention()).to.deep.equal([]);
  });

  it('is expected of an issuer that is a public CA by its name', async () => {
    for (const organisation of ['DigiCert Inc', 'GoDaddy.com, Inc.']) {
      const issuer = mint({
        subject: [{ oid: '2.5.4.10', value: organisation }, { value: 'Some CA' }],
        ca: true,
        key: { kind: 'rsa-2048', label: 'Some CA' },
      });
      place.seen.splice(0, 1, seenChain([client(issuer, 400), issuer], issuer));
      const [told] = await attention();
      expect(told?.text).to.include(organisation).and.to.include('15 March 2027');
    }
    const named = mint({
      subject: [{ oid: '2.5.4.10', value: 'Not DigiCert Inc' }, { value: 'O=DigiCert Incorrect' }],
      ca: true,
      key: { kind: 'rsa-2048', label: 'Some CA' },
    });
    place.seen.splice(0, 1, seenChain([client(named, 400), named], named));
    expect(await attention()).to.deep.equal([]);
  });
});

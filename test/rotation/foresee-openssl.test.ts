import { expect } from 'chai';
import { foreseeOpenssl } from '../../src/rotation/foresee-openssl.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { daysFromNow, NAME, NOW } from '../support/judging.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';

const pki = createTestPki();
const { root } = pki;
const read = (list: readonly Minted[]) => list.map(({ der }) => readCertificate(der));
const foresee = (chain: readonly Minted[], anchors: readonly Minted[], before: readonly Minted[] = []) =>
  foreseeOpenssl(read(chain), { anchors: read(anchors), before: read(before), at: NOW });
const extension = (oid: string, hex: string) => ({
  withoutKeyIds: true,
  extensions: [{ oid, critical: false, hex }],
});

const one = mintCa('Same', { issuer: root, serial: '01' });
const renewed = mintCa('Same', { issuer: root, serial: '02' });
const otherId = mintCa('Same', { issuer: root, ...extension('2.5.29.14', '040401020304') });
const rekeyed = mintCa('Same', { issuer: root, key: { kind: 'rsa-2048', label: 'rekeyed' } });
const ofOne = pki.leaf(NAME, { issuer: one });
const blind = pki.leaf(NAME, { issuer: one, withoutKeyIds: true });
const byNumber = pki.leaf(NAME, { issuer: one, ...extension('2.5.29.35', '3003820101') });

describe('foreseeOpenssl', () => {
  it('has nothing against a client that names its issuer, or whose issuer has one key', () => {
    expect(foresee([ofOne], [one, rekeyed])).to.equal(undefined);
    expect(foresee([ofOne], [renewed])).to.equal(undefined);
    expect(foresee([blind], [one, renewed])).to.equal(undefined);
    expect(foresee([byNumber], [renewed, one])).to.equal(undefined);
    expect(foresee([], [one])).to.equal(undefined);
  });

  it('tells that a client which names no key meets two of them', () => {
    expect(foresee([blind], [one, rekeyed], [one])).to.match(/several pinned keys/);
    expect(foresee([blind], [rekeyed, one], [one])).to.match(/several pinned keys/);
  });

  it('takes it for let in while nothing changes for it', () => {
    expect(foresee([blind], [one, rekeyed, pki.sibling], [rekeyed, one])).to.equal(undefined);
    expect(foresee([blind], [one], [rekeyed, one])).to.equal(undefined);
  });

  it('passes over a key of another kind, and a pin of the name that has ended', () => {
    const ofCurve = mintCa('Same', { issuer: root, key: { kind: 'p-256', label: 'rekeyed' } });
    expect(foresee([blind], [ofCurve, one], [one])).to.equal(undefined);
    const past = { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) };
    const ended = mintCa('Same', { issuer: root, key: { kind: 'rsa-2048', label: 'ended' }, ...past });
    expect(foresee([blind], [ended, one], [one])).to.equal(undefined);
  });

  it('tells that a client names another certificate of the pinned key', () => {
    expect(foresee([ofOne], [otherId])).to.match(/another one of that name/);
    expect(foresee([byNumber], [renewed])).to.match(/another one of that name/);
    expect(foresee([ofOne], [otherId, one])).to.equal(undefined);
  });

  it('goes on above what the client sent, and ends in a circle', () => {
    const below = mintCa('Below', { issuer: one });
    const leaf = pki.leaf(NAME, { issuer: below });
    expect(foresee([leaf, below], [one])).to.equal(undefined);
    expect(foresee([leaf, below], [otherId])).to.match(/another one of that name/);
    expect(foresee([ofOne, one], [otherId, root])).to.equal(undefined);
    expect(foresee([root, root], [one])).to.equal(undefined);
  });
});

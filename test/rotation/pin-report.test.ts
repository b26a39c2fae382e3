import { expect } from 'chai';
import { daysUntil, describeKey, describePin, matchPin } from '../../src/rotation/pin-report.ts';
import { readCertificate } from '../../src/trust/certificate.ts';
import { daysFromNow, NOW } from '../support/judging.ts';
import { mintCa } from '../support/pki.ts';
import { mintAuthority } from './authorities.ts';
import { refusalOf } from './opening.ts';

describe('describePin', () => {
  it('tells a pin as lists and commands name it', () => {
    const { certificate } = mintAuthority('Coupa A', { notAfter: daysFromNow(30.5) });
    const use = { firstSeen: daysFromNow(-9), lastSeen: NOW, handshakes24h: 4, handshakes30d: 40 };
    const report = describePin(certificate, { state: 'active', file: 'certs/a.pem', now: NOW, use });
    expect(report).to.include({
      pin: certificate.spki.slice(0, 12),
      spki: certificate.spki,
      fingerprint: certificate.fingerprint,
      subject: 'O=Sallyport tests, CN=Coupa A',
      issuer: 'O=Sallyport tests, CN=Rotation Root',
      key: 'EC P-256',
      daysLeft: 30,
      state: 'active',
      file: 'certs/a.pem',
      isRoot: false,
      lastSeen: NOW.toISOString(),
      handshakes24h: 4,
    });
  });

  it('tells a root, and one that was never seen', () => {
    const root = readCertificate(mintCa('Root').der);
    const report = describePin(root, { state: 'staged', file: null, now: NOW });
    expect(report).to.include({ isRoot: true, firstSeen: null, lastSeen: null, handshakes30d: 0 });
  });

  it('counts whole days, down through the end', () => {
    expect([1.9, 0.9, -0.1, -1.1].map((days) => daysUntil(daysFromNow(days), NOW))).to.deep.equal([
      1, 0, -1, -2,
    ]);
  });

  it('names every kind of key', () => {
    expect(describeKey({ type: 'rsa', bits: 2048, exponent: 65537n })).to.equal('RSA 2048');
    expect(describeKey({ type: 'ed25519' })).to.equal('Ed25519');
    expect(describeKey({ type: 'other', oid: '1.2.3' })).to.equal('key of type 1.2.3');
  });
});

describe('matchPin', () => {
  const pin = (spki: string, fingerprint: string) => ({
    spki: spki.padEnd(64, '0'),
    fingerprint: fingerprint.padEnd(64, '0'),
    subject: `CN=${spki}`,
  });
  const pins = [pin('aaaaaa11', 'bbbbbb11'), pin('aaaaaa22', 'bbbbbb22'), pin('cccccc33', 'dddddd33')];

  it('finds one by the beginning of its key or of its certificate, however it is written', () => {
    for (const query of ['cccccc', 'dddddd33', 'CC:CC:CC:33', ' dd dd dd 33 ', pins[2]?.spki ?? '']) {
      expect(matchPin(query, pins), query).to.equal(pins[2]);
    }
    expect(matchPin('aaaaaa2', pins)).to.equal(pins[1]);
  });

  it('names all when several are meant', () => {
    const { message, next } = refusalOf(() => matchPin('aaaaaa', pins));
    expect(message).to.match(/2 certificates/);
    expect(next).to.include('aaaaaa11').and.to.include('aaaaaa22').and.not.to.include('cccccc');
  });

  it('takes no key for two certificates, but the fingerprint of one', () => {
    const renewed = [pin('aaaaaa', 'bbbbbb'), pin('aaaaaa', 'cccccc')];
    const { message, next } = refusalOf(() => matchPin('aaaaaa', renewed));
    expect(message).to.match(/one key in 2 certificates/);
    expect(next).to.include('bbbbbb').and.to.include('cccccc').and.not.to.include('aaaaaa0');
    expect(matchPin('cccccc', renewed)).to.equal(renewed[1]);
  });

  it('tells two certificates of one key and one name apart by their ends', () => {
    const until = (day: string) => ({ notAfter: new Date(`${day}T12:00:00Z`) });
    const renewed = [
      { ...pin('aaaaaa', 'bbbbbb'), ...until('2026-12-31') },
      { ...pin('aaaaaa', 'cccccc'), ...until('2031-12-31') },
    ];
    const { next } = refusalOf(() => matchPin('aaaaaa', renewed));
    expect(next).to.match(/bbbbbb0+ \(CN=aaaaaa, until 2026-12-31\), cccccc0+ \(CN=aaaaaa, until 2031/);
  });

  it('takes the same certificate in two places for one, the first', () => {
    const [first, again] = [pin('aaaaaa', 'bbbbbb'), pin('aaaaaa', 'bbbbbb')];
    expect(matchPin('aaaaaa', [first, again])).to.equal(first);
  });

  it('says what there is, by the names that lists use, when nothing fits', () => {
    for (const query of ['eeeeee', 'aaaaa', '', 'CN=x', 'aaaaaa/../', 'a'.repeat(65)]) {
      expect(refusalOf(() => matchPin(query, pins)).next, query).to.include('cccccc33');
    }
    expect(refusalOf(() => matchPin('aaaaaa', [])).next).to.not.equal('');
  });
});

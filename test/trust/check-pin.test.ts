import { expect } from 'chai';
import { readCertificate } from '../../src/trust/certificate.ts';
import { checkPin } from '../../src/trust/check-pin.ts';
import { daysFromNow, NOW } from '../support/judging.ts';
import { type MintOrder, mintCa } from '../support/pki.ts';

const faultsOf = (change: Partial<MintOrder>) =>
  checkPin(readCertificate(mintCa('Pinned', change).der), 'new.pem', NOW).map(({ fault }) => fault);

describe('checkPin', () => {
  it('has nothing against a sound CA', () => {
    expect(faultsOf({})).to.deep.equal([]);
  });

  it('names everything that is wrong, not the first alone', () => {
    const wrong: Partial<MintOrder> = {
      issuer: mintCa('Root above'),
      ca: false,
      notBefore: daysFromNow(-9),
      notAfter: daysFromNow(-1),
      key: { kind: 'rsa-1024', label: 'weak' },
      digest: 'sha1',
      extendedKeyUsage: ['serverAuth'],
      extensions: [{ oid: '1.2.3.4', critical: true, hex: '0500' }],
    };
    expect(faultsOf(wrong)).to.deep.equal([
      'not_ca',
      'expired',
      'key',
      'signature',
      'critical_extension',
      'usage',
    ]);
  });
});

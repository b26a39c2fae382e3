import { expect } from 'chai';
import { createAuthority } from '../support/authority.ts';
import { pkcs12 } from '../support/containers.ts';
import { createTestPki, type Minted, type TestPki } from '../support/pki.ts';
import { dersOf, open, refusal } from './opening.ts';

const PASSPHRASE = 'pässword';

describe('openCandidate, of PKCS #12', () => {
  let pki: TestPki;
  let ec: Minted;
  before(() => {
    pki = createTestPki();
    ec = createAuthority('p-256').ca;
  });

  it('a large PKCS #12 file in RC2 without holding up the loop', () => {
    const certificates = Array.from({ length: 100 }, () => pki.intermediate.der);
    const file = pkcs12({ certificates, cipher: 'rc2', passphrase: PASSPHRASE });
    const before = performance.now();
    expect(dersOf(open(file, PASSPHRASE))).to.have.length(100);
    expect(performance.now() - before).to.be.lessThan(2_000);
  });

  describe('refuses', () => {
    it('a private key among what is encrypted, with the passphrase that opens it', () => {
      const file = pkcs12({ certificates: [ec.der], key: 'hidden', passphrase: PASSPHRASE });
      expect(refusal(file, PASSPHRASE).message).to.match(/private key/);
    });

    it('a wrong passphrase, and none where one is needed, each in its words', () => {
      for (const cipher of ['aes', 'rc2'] as const) {
        const file = pkcs12({ certificates: [ec.der], cipher, passphrase: PASSPHRASE });
        expect(refusal(file, 'other').message).to.match(/does not open/);
        expect(refusal(file).message).to.match(/needs its passphrase/);
        expect(refusal(file, 'x'.repeat(100_000)).message).to.match(/does not open/);
      }
    });

    it('a file whose seal is broken', () => {
      const file = pkcs12({ certificates: [ec.der], passphrase: PASSPHRASE });
      const altered = Buffer.from(file);
      altered[file.length - 50] = (altered[file.length - 50] ?? 0) ^ 1;
      expect(refusal(altered, PASSPHRASE).message).to.match(/altered|damaged/);
    });

    it('more rounds than a second takes, before it takes them', () => {
      for (const order of [{ rounds: 1_000_001 }, { sealRounds: 400_001 }, { sealRounds: 2_000_000_000 }]) {
        const file = pkcs12({ certificates: [ec.der], passphrase: PASSPHRASE, ...order });
        const before = performance.now();
        const { message, next } = refusal(file, PASSPHRASE);
        expect(message).to.match(/rounds/);
        expect(next).to.match(/openssl pkcs12/);
        expect(performance.now() - before).to.be.lessThan(1_000);
      }
    });
  });
});

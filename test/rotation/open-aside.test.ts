import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { openAside } from '../../src/rotation/open-aside.ts';
import { RotationError } from '../../src/rotation/rotation.ts';
import { pkcs7, pkcs12 } from '../support/containers.ts';
import { der } from '../support/crl.ts';
import { createTestPki } from '../support/pki.ts';

const { intermediate, sibling } = createTestPki();
const FILE = 'new.bin';
const MIB = 1_048_576;

describe('openAside', () => {
  for (const [what, bytes, passphrase] of [
    ['PEM', Buffer.from(intermediate.pem + sibling.pem)],
    ['PKCS #7', pkcs7([intermediate.der, sibling.der])],
    ['PKCS #12', pkcs12({ certificates: [intermediate.der, sibling.der], passphrase: 'p' }), 'p'],
  ] as const) {
    it(`opens ${what}`, async () => {
      const { certificates } = await openAside({ file: FILE, bytes, passphrase });
      const found = certificates.map((each) => Buffer.from(each.der));
      expect(found).to.deep.equal([intermediate.der, sibling.der]);
    });
  }

  it('refuses as whoever opens it does, with the file and the next step', async () => {
    for (const bytes of [Buffer.from('nothing'), Buffer.from('3003020101', 'hex')]) {
      const refusal = await openAside({ file: FILE, bytes }).catch((error) => error);
      expect(refusal).to.be.instanceOf(RotationError).with.property('message').that.includes(FILE);
      expect(refusal.next).to.not.equal('');
    }
  });

  it('leaves the event loop to others meanwhile', async () => {
    const order = { certificates: [intermediate.der], passphrase: 'p', sealRounds: 50_000, rounds: 200_000 };
    const values = der(0x30, Buffer.alloc(MIB - 8).fill(Buffer.from('0500', 'hex')));
    for (const bytes of [pkcs12(order), values]) {
      let isDone = false;
      const opening = openAside({ file: FILE, bytes, passphrase: 'p' })
        .catch((error: unknown) => error)
        .finally(() => {
          isDone = true;
        });
      let turns = 0;
      for (; !isDone; turns += 1) await nextTurn();
      await opening;
      expect(turns).to.be.greaterThan(100);
    }
  });
});

/** Keys that nobody is to come with: in a certificate that the pinned issuer really signed, or sent along by Coupa. */
import { expect } from 'chai';
import { expectUnharmed, tryToEnter } from '../support/intruder.ts';
import { ODD_KINDS } from '../support/key-pairs.ts';
import { mintCa } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

describe('a receiver that somebody tries to enter by a key', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
  });
  after(() => receiver[Symbol.asyncDispose]());

  for (const kind of ODD_KINDS) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`keeps out ${kind} over ${maxVersion}`, async () => {
        const client = receiver.pki.leaf(COUPA_NAME, { key: { kind, label: 'odd' } });
        expect(await tryToEnter(receiver, client, { maxVersion })).to.not.equal('let in');
      });
    }

    it(`keeps ${kind} out of the pinned ones`, async () => {
      const ca = mintCa('Odd', { issuer: receiver.pki.root, key: { kind, label: 'odd' } });
      const actor = { by: 'anna@host', reason: null };
      const source = { file: 'odd.pem', bytes: Buffer.from(ca.pem) };
      await receiver.rotation.stage(source, actor).catch((error) => error);
      const refusal = await receiver.rotation
        .promote({ pins: [], force: true }, { ...actor, reason: 'a test' })
        .catch((error) => error);
      expect(refusal).to.be.instanceOf(Error);
    });
  }

  it('was not harmed by any of it', () => expectUnharmed(receiver));

  it('lets Coupa in with whatever of it is sent along', async () => {
    const { pki } = receiver;
    for (const kind of ODD_KINDS) {
      const issuers = [mintCa('Odd', { issuer: pki.root, key: { kind, label: 'odd' } }), pki.intermediate];
      const outcome = await tryToEnter(receiver, pki.leaf(COUPA_NAME), { issuers });
      expect(outcome, kind).to.equal('let in');
    }
  });
});

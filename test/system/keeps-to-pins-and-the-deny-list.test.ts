/** Two clients of the pinned issuer, both with the right name: the operator's own lists tell them apart. */
import { expect } from 'chai';
import { spkiOf } from '../support/judging.ts';
import { knock, refusalsOf } from '../support/knock.ts';
import { createTestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver } from '../support/receiver.ts';

const pki = createTestPki();
const known = pki.leaf(COUPA_NAME, { key: { kind: 'p-256', label: 'known' } });
const other = pki.leaf(COUPA_NAME, { key: { kind: 'p-256', label: 'other' }, serial: '4abc' });

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(`a receiver with lists of its own, over ${maxVersion}`, () => {
    for (const [list, reason, trust] of [
      ['pins', 'pin_mismatch', { pins: [spkiOf(known)] }],
      ['deny-list', 'deny_listed', { deny: [{ serial: '4A:BC', comment: 'key lost' }] }],
    ] as const) {
      it(`keeps out whom its ${list} keeps out, says why, and serves the other`, async () => {
        await using receiver = await startTestReceiver({ trust: { bundle: 'bundle.pem', ...trust } });
        expect(await knock(receiver, known, { maxVersion })).to.include({ http: 200, code: 200 });
        expect(await knock(receiver, other, { maxVersion })).to.include({ http: 503, code: 560 });
        expect(refusalsOf(receiver)).to.deep.equal([[reason]]);
        const refused = `sallyport_tls_handshakes_total{outcome="refused",reason="${reason}"}`;
        expect(await receiver.metric(refused)).to.equal(1);
      });
    }

    it('lets in whom pins on trial would keep out, and says so', async () => {
      const trust = { bundle: 'bundle.pem', pins: [spkiOf(known)], report_only: ['pins'] };
      await using receiver = await startTestReceiver({ trust });
      expect(await knock(receiver, known, { maxVersion })).to.include({ http: 200 });
      expect(await receiver.metric('sallyport_tls_would_refuse_total{reason="pin_mismatch"}')).to.equal(0);
      expect(await knock(receiver, other, { maxVersion })).to.include({ http: 200, code: 200 });
      expect(await receiver.metric('sallyport_tls_would_refuse_total{reason="pin_mismatch"}')).to.equal(1);
      expect(refusalsOf(receiver)).to.deep.equal([]);
      expect(refusalsOf(receiver, 'client would be refused')).to.deep.equal([['pin_mismatch']]);
    });
  });
}

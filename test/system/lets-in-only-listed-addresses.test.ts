/** The same client with the same certificate, from an address on the list and from one beside it. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { knock, refusalsOf } from '../support/knock.ts';
import { createTestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver } from '../support/receiver.ts';

const leaf = createTestPki().leaf(COUPA_NAME);
const REFUSED = 'sallyport_tls_handshakes_total{outcome="refused",reason="address_not_allowed"}';
const REPORTED = 'sallyport_tls_would_refuse_total{reason="address_not_allowed"}';

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(`a receiver with an address list, over ${maxVersion}`, () => {
    let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
    let addresses: string;
    beforeEach(async () => {
      folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-addresses-'));
      addresses = join(folder.path, 'coupa.txt');
      await writeFile(addresses, '# Coupa, this machine\n127.0.0.0 /31 (127.0.0.0 through 127.0.0.1)\n');
    });
    afterEach(() => folder.remove());

    it('lets in whom the list names, and tells everyone else to come back', async () => {
      await using receiver = await startTestReceiver({ trust: { bundle: 'bundle.pem', addresses } });
      expect(await knock(receiver, leaf, { maxVersion })).to.include({ http: 200, code: 200 });
      const elsewhere = await knock(receiver, leaf, { maxVersion, localAddress: '127.0.0.9' });
      expect(elsewhere).to.include({ http: 503, code: 560 });
      expect(refusalsOf(receiver)).to.deep.equal([['address_not_allowed']]);
      expect(JSON.stringify(receiver.logged)).to.include('127.0.0.9, which is not in trust.addresses');
      expect(await receiver.metric(REFUSED)).to.equal(1);
    });

    it('lets everyone in while the list is on trial, and says whom it would refuse', async () => {
      const trust = { bundle: 'bundle.pem', addresses, report_only: ['addresses'] };
      await using receiver = await startTestReceiver({ trust });
      expect(await knock(receiver, leaf, { maxVersion })).to.include({ http: 200 });
      expect(await receiver.metric(REPORTED)).to.equal(0);
      expect(await knock(receiver, leaf, { maxVersion, localAddress: '127.0.0.9' })).to.include({
        http: 200,
      });
      expect(refusalsOf(receiver, 'client would be refused')).to.deep.equal([['address_not_allowed']]);
      expect(await receiver.metric(REPORTED)).to.equal(1);
      expect(await receiver.metric(REFUSED)).to.equal(0);
    });
  });
}

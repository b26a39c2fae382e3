/** Two clients of the pinned issuer; its revocation list names one of them, or is stale, or missing. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CrlOrder, mintCrl } from '../support/crl.ts';
import { spkiOf } from '../support/judging.ts';
import { knock, refusalsOf } from '../support/knock.ts';
import { createTestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver } from '../support/receiver.ts';

const pki = createTestPki();
const issuer = pki.intermediate;
const good = pki.leaf(COUPA_NAME, { serial: '4001' });
const revoked = pki.leaf(COUPA_NAME, { serial: '4002' });
const STALE = new Date(Date.now() - 60_000);

const refused = (reason: string): string =>
  `sallyport_tls_handshakes_total{outcome="refused",reason="${reason}"}`;
const reported = (reason: string): string => `sallyport_tls_would_refuse_total{reason="${reason}"}`;

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(`a receiver with revocation lists, over ${maxVersion}`, () => {
    let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
    beforeEach(async () => {
      folder = await mkdtempDisposable(join(tmpdir(), 'sallyport-crl-'));
    });
    afterEach(() => folder.remove());

    async function start(order: Partial<CrlOrder>, trust: Readonly<Record<string, unknown>> = {}) {
      const crl = join(folder.path, 'intermediate.crl');
      await writeFile(crl, mintCrl({ issuer, ...order }));
      return startTestReceiver({ trust: { bundle: 'bundle.pem', crl, ...trust } });
    }

    it('refuses whom the list names, lets the other in, and shows how long the list lasts', async () => {
      const nextUpdate = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000);
      await using receiver = await start({ revoked: ['4002'], nextUpdate });
      expect(await knock(receiver, good, { maxVersion })).to.include({ http: 200, code: 200 });
      expect(await knock(receiver, revoked, { maxVersion })).to.include({ http: 503, code: 560 });
      expect(refusalsOf(receiver)).to.deep.equal([['revoked']]);
      expect(await receiver.metric(refused('revoked'))).to.equal(1);
      const gauge = `sallyport_tls_crl_next_update_timestamp_seconds{issuer="${spkiOf(issuer).slice(0, 12)}"}`;
      expect(await receiver.metric(gauge)).to.equal(nextUpdate.getTime() / 1000);
    });

    it('lets clients in with a stale list, and reports it, but never whom it named', async () => {
      await using receiver = await start({ revoked: ['4002'], nextUpdate: STALE });
      expect(await knock(receiver, good, { maxVersion })).to.include({ http: 200 });
      expect(await knock(receiver, revoked, { maxVersion })).to.include({ http: 503 });
      expect(refusalsOf(receiver, 'client would be refused')).to.deep.equal([['revocation_unknown']]);
      expect(refusalsOf(receiver)).to.deep.equal([['revoked']]);
      expect(await receiver.metric(reported('revocation_unknown'))).to.equal(1);
      expect(JSON.stringify(receiver.logged)).to.include('fetch the current one');
    });

    it('refuses everyone with a stale list where the policy is hard', async () => {
      await using receiver = await start({ nextUpdate: STALE }, { crl_policy: 'hard' });
      expect(await knock(receiver, good, { maxVersion })).to.include({ http: 503, code: 560 });
      expect(refusalsOf(receiver)).to.deep.equal([['revocation_unknown']]);
      expect(await receiver.metric(refused('revocation_unknown'))).to.equal(1);
    });

    it('only reports revoked clients while the lists are on trial', async () => {
      await using receiver = await start({ revoked: ['4002'] }, { report_only: ['crl'] });
      expect(await knock(receiver, revoked, { maxVersion })).to.include({ http: 200, code: 200 });
      expect(refusalsOf(receiver, 'client would be refused')).to.deep.equal([['revoked']]);
      expect(await receiver.metric(reported('revoked'))).to.equal(1);
    });
  });
}

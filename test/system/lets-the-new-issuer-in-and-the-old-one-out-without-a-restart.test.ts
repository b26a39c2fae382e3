/** A rotation of Coupa's authority, as it is done in the folder: the new file beside the old one, then the old one away. */
import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { type Buyer, createBuyer } from '../support/buyer.ts';
import { documentSeries } from '../support/orders.ts';
import type { Identity } from '../support/pki.ts';
import { COUPA_NAME, startWatchingReceiver, type TestReceiver } from '../support/receiver.ts';

const document = documentSeries(1);

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  describe(`a rotation of Coupa's issuer over ${version}`, () => {
    let receiver: TestReceiver;
    let old: Identity;
    let next: Identity;
    const buyers = new Set<Buyer>();

    beforeEach(async () => {
      receiver = await startWatchingReceiver();
      const { pki } = receiver;
      old = pki.client(COUPA_NAME);
      const leaf = pki.leaf(COUPA_NAME, { issuer: pki.sibling });
      next = { cert: leaf.pem + pki.sibling.pem, key: leaf.keyPem };
    });
    afterEach(async () => {
      for (const buyer of buyers) buyer[Symbol.dispose]();
      buyers.clear();
      await receiver[Symbol.asyncDispose]();
    });

    function buyerWith(identity: Identity): Buyer {
      const { url, pki } = receiver;
      const buyer = createBuyer({ url, ca: pki.server.ca, ...identity, maxVersion: version, connections: 1 });
      buyers.add(buyer);
      return buyer;
    }
    function dial(identity: Identity, session?: Buffer): TLSSocket {
      const { port, pki } = receiver;
      return connect({
        host: '127.0.0.1',
        port,
        ca: pki.server.ca,
        ...identity,
        minVersion: version,
        maxVersion: version,
        session,
      });
    }
    /** The new file beside the old one, by renaming, as a careful tool does it. */
    async function addNext(): Promise<void> {
      await writeFile(join(receiver.folder, 'next'), receiver.pki.sibling.pem);
      await rename(join(receiver.folder, 'next'), join(receiver.folder, 'coupa', 'intermediate-2027.pem'));
      await receiver.told('trust replaced', 1);
    }
    async function removeOld(): Promise<void> {
      await rm(join(receiver.folder, 'coupa', 'intermediate.pem'));
      await receiver.told('trust replaced', 2);
    }

    it('lets both in while both are pinned, then the new one alone', async () => {
      const [ofOld, ofNext] = [buyerWith(old), buyerWith(next)];
      expect((await ofOld.post(document(1))).code).to.equal(200);
      expect(await ofNext.post(document(2))).to.include({ http: 503, code: 560 });

      await addNext();
      expect((await ofOld.post(document(3))).code).to.equal(200);
      expect((await ofNext.post(document(4))).code).to.equal(200);
      expect(await receiver.metric('sallyport_trust_generation')).to.equal(2);

      await removeOld();
      // Its connection is being closed, and a request may cross with that. Its next one cannot.
      const crossed = await ofOld.post(document(7)).catch(() => undefined);
      expect(crossed?.code).to.be.oneOf([undefined, 560]);
      expect(await ofOld.post(document(5))).to.include({ http: 503, code: 560 });
      expect((await ofNext.post(document(6))).code).to.equal(200);
      expect(await receiver.metric('sallyport_trust_generation')).to.equal(3);
      expect(await receiver.metric('sallyport_trust_reloads_total{outcome="replaced"}')).to.equal(2);
      const [, line] = await receiver.told('trust replaced', 2);
      expect(line).to.deep.include({ level: 'info', added: [], anchors: 1 });
      const pin = /"spki":"([0-9a-f]+)"/.exec(JSON.stringify(line?.removed))?.[1];
      expect(pin).to.match(/^[0-9a-f]{12}$/);
      const gone = `sallyport_tls_pin_not_after_timestamp_seconds{pin="${pin}"`;
      expect(await receiver.metric(gone)).to.equal(undefined);
      const refused = 'sallyport_tls_handshakes_total{outcome="refused",reason="untrusted_issuer"}';
      expect(await receiver.metric(refused)).to.be.at.least(2);
    });

    it('closes the idle connections of the old issuer at once, and leaves the others', async () => {
      await addNext();
      const [idle, other] = [dial(old), dial(next)];
      await Promise.all([once(idle, 'secureConnect'), once(other, 'secureConnect')]);
      const ended = text(idle);
      await removeOld();
      expect(await ended).to.equal('');
      const body = document(7);
      other.write(
        `POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      other.write(body);
      expect(await text(other)).to.match(/^HTTP\/1\.1 200 [\s\S]*<Status code="200"/);
    });

    it('lets no session of the old issuer be taken up again', async () => {
      await addNext();
      const first = dial(old);
      const sessions: Buffer[] = [];
      first.on('session', (session) => void sessions.push(session));
      await once(first, 'secureConnect');
      first.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await text(first);
      const session = sessions.at(-1) ?? first.getSession();
      await removeOld();
      const again = dial(old, session);
      let reused: boolean | undefined;
      again.once('secureConnect', () => {
        reused = again.isSessionReused();
      });
      const told = await text(again);
      expect(reused).to.equal(false);
      expect(told).to.match(/^HTTP\/1\.1 503 [\s\S]*<Status code="560"/);
    });
  });
}

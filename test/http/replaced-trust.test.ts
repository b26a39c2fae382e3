/** What becomes of connections when the trust or our own certificate is replaced under them. */
import { connect as connectRaw } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect as connectOver, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { mint, mintCa } from '../support/pki.ts';
import { createTestTrust, guest, NAME, openListener, pki, receiptOf } from './open-listener.ts';
import { post } from './wire.ts';

function ofSibling(options: ConnectionOptions): ConnectionOptions {
  const leaf = pki.leaf(NAME, { issuer: pki.sibling });
  return { ...options, cert: leaf.pem + pki.sibling.pem, key: leaf.keyPem };
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const only = { minVersion: version, maxVersion: version };

  describe(`a listener whose trust is replaced, over ${version}`, () => {
    it('ends the idle connections it no longer lets in, and no other', async () => {
      let trust = createTestTrust(1, [NAME], pki.bundlePem + pki.sibling.pem);
      await using opened = await openListener({ trust: () => trust });
      const [old, silent, fresh] = [
        await opened.connect(only),
        await opened.connect(only),
        await opened.connect(ofSibling(only)),
      ];
      for (const wire of [old, fresh]) {
        wire.write(post('<cXML/>'));
        await wire.answer();
      }
      trust = createTestTrust(2, [NAME], pki.sibling.pem);
      await opened.listener.closeRefused();
      await Promise.all([old.closed(), silent.closed()]);
      fresh.write(post('<cXML/>'));
      expect((await fresh.answers(2)).map(({ code }) => code)).to.deep.equal([200, 200]);
    });

    it('ends what was let in by an anchor that left, though another of the same key vouches, and lets it in anew', async () => {
      let trust = createTestTrust(1);
      await using opened = await openListener({ trust: () => trust });
      const old = await opened.connect(only);
      old.write(post('<cXML/>'));
      await old.answer();
      const renewed = mintCa('Test Intermediate A', { issuer: pki.root });
      trust = createTestTrust(2, [NAME], pki.bundlePem + renewed.pem);
      await opened.listener.closeRefused();
      old.write(post('<cXML/>'));
      expect((await old.answers(2)).map(({ code }) => code)).to.deep.equal([200, 200]);
      trust = createTestTrust(3, [NAME], renewed.pem);
      await opened.listener.closeRefused();
      await old.closed();
      const line = opened.lines.find(({ message }) => message === 'client refused on an open connection');
      expect(JSON.stringify(line?.fields)).to.include('an anchor that has left since');
      const again = await opened.connect(only);
      again.write(post('<cXML/>'));
      expect((await again.answer()).code).to.equal(200);
    });

    it('lets what is under way on a connection that it ends have its answer', async () => {
      let trust = createTestTrust(1);
      const kept = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      await using opened = await openListener({
        trust: () => trust,
        receive: async () => {
          begun.resolve();
          await kept.promise;
          return receiptOf();
        },
      });
      const wire = await opened.connect(only);
      wire.write(post('<cXML/>'));
      await begun.promise;
      trust = createTestTrust(2, ['other.example']);
      await opened.listener.closeRefused();
      wire.write(post('<late/>'));
      kept.resolve();
      const answer = await wire.answer();
      expect([answer.code, answer.headers.connection]).to.deep.equal([200, 'close']);
      await wire.closed();
      expect(opened.received).to.have.length(1);
    });

    it('keeps no order whose last byte comes from a client that is no longer let in', async () => {
      let trust = createTestTrust(1);
      await using opened = await openListener({ trust: () => trust });
      const wires = [await opened.connect(only), await opened.connect(only)];
      const whole = post('<cXML/>');
      for (const wire of wires) wire.write(whole.slice(0, -1));
      const idle = await opened.connect(only); // its own answer comes behind theirs: they have begun
      idle.write(whole);
      await idle.answer();
      expect(opened.counts.started).to.equal(3);
      trust = createTestTrust(2, ['other.example']);
      wires[0]?.write(whole.slice(-1));
      expect((await wires[0]?.answer())?.code).to.equal(403);
      await opened.listener.closeRefused();
      wires[1]?.write(whole.slice(-1));
      expect((await wires[1]?.answer())?.code).to.equal(403);
      await Promise.all(wires.map((wire) => wire.closed()));
      expect(opened.received).to.have.length(1);
    });

    it('judges by the new trust a handshake that began under the old one', async () => {
      let trust = createTestTrust(1);
      await using opened = await openListener({ trust: () => trust });
      const raw = connectRaw({ host: '127.0.0.1', port: opened.port });
      await opened.connect(only); // it was accepted after the raw one
      trust = createTestTrust(2, [NAME], pki.sibling.pem);
      const { cert, key } = guest;
      const secure = connectOver({ ...only, socket: raw, cert, key, ca: pki.server.ca });
      expect(await text(secure)).to.match(/^HTTP\/1\.1 503 /);
      expect(opened.received).to.have.length(0);
    });
  });
}

describe('a listener whose own certificate is replaced', () => {
  it('shows another certificate to the next client, and leaves the connections that are there', async () => {
    const own = mint({ subject: 'localhost', ips: ['127.0.0.1'], extendedKeyUsage: ['serverAuth'] });
    const first = { certPem: pki.server.cert, keyPem: Buffer.from(pki.server.key) };
    const next = { certPem: own.pem, keyPem: Buffer.from(own.keyPem) };
    let shown = first;
    await using opened = await openListener({ certificate: () => shown });
    const before = await opened.connect();
    shown = next;
    const after = await opened.connect({ ca: own.pem });
    const seen = [before, after].map(({ socket }) => (socket as TLSSocket).getPeerX509Certificate()?.raw);
    expect(seen[1]?.equals(own.der)).to.equal(true);
    expect(seen[0]?.equals(own.der)).to.equal(false);
    for (const wire of [before, after]) {
      wire.write(post('<cXML/>'));
      expect((await wire.answer()).code).to.equal(200);
    }
  });
});

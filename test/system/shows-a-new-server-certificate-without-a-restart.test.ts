/** Our own certificate is renewed by replacing its files, in whatever order a tool does that. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect } from 'chai';
import { documentSeries } from '../support/orders.ts';
import { type Minted, mint } from '../support/pki.ts';
import { QUICK_WATCH, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const STAYS = 'trust not replaced, the one in force stays';
const document = documentSeries(1);

async function shown({ port }: TestReceiver, version: (typeof VERSIONS)[number]): Promise<string> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
  });
  await once(socket, 'secureConnect');
  const fingerprint = socket.getPeerX509Certificate()?.raw.toString('hex') ?? '';
  socket.destroy();
  return fingerprint;
}

function renewed(notAfter: Date): Minted {
  return mint({
    subject: 'localhost',
    key: { kind: 'rsa-2048', label: 'renewed server' },
    dns: ['localhost'],
    ips: ['127.0.0.1'],
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['serverAuth'],
    notAfter,
  });
}

const IN_A_YEAR = new Date(Math.floor(Date.now() / 1000) * 1000 + 365 * 86_400_000);

describe('a receiver whose own certificate is renewed', () => {
  for (const [first, second] of [
    ['server.key', 'server.pem'],
    ['server.pem', 'server.key'],
  ] as const) {
    it(`shows it once both files are there, ${first} before ${second}`, async () => {
      await using receiver = await startTestReceiver({}, { watchTiming: QUICK_WATCH });
      const own = renewed(IN_A_YEAR);
      const contents = { 'server.key': own.keyPem, 'server.pem': own.pem };
      using buyer = receiver.buyer({ connections: 1 });
      expect((await buyer.post(document(1))).code).to.equal(200);
      const [before] = await Promise.all(VERSIONS.map((version) => shown(receiver, version)));

      await writeFile(join(receiver.folder, first), contents[first]);
      const [line] = await receiver.told(STAYS);
      expect(String(line?.problems)).to.match(/server\.pem: certificate\.key is not the key/);
      for (const version of VERSIONS) expect(await shown(receiver, version)).to.equal(before);

      await writeFile(join(receiver.folder, second), contents[second]);
      const [replaced] = await receiver.told('server certificate replaced');
      expect(replaced).to.deep.include({
        names: ['localhost', '127.0.0.1'],
        notAfter: IN_A_YEAR.toISOString(),
      });
      for (const version of VERSIONS)
        expect(await shown(receiver, version)).to.equal(own.der.toString('hex'));
      // The connection that was there stays: the buyer would not trust the new certificate.
      expect((await buyer.post(document(2))).code).to.equal(200);

      const gauge = 'sallyport_tls_server_certificate_not_after_timestamp_seconds';
      expect(await receiver.metric(gauge)).to.equal(IN_A_YEAR.getTime() / 1000);
      expect(await receiver.metric('sallyport_trust_generation')).to.equal(1);
      expect(await receiver.metric('sallyport_config_last_reload_successful')).to.equal(1);
      expect(JSON.stringify(receiver.logged)).not.to.include('PRIVATE KEY');
    });
  }

  const BROKEN: Readonly<Record<string, readonly ['server.pem' | 'server.key', () => string, RegExp]>> = {
    'an expired certificate': ['server.pem', () => renewed(new Date(Date.now() - 1_000)).pem, /expired/],
    'an empty key file': ['server.key', () => '', /certificate\.key: .*server\.key is empty/],
    'a key that is none': ['server.key', () => 'no key', /certificate\.key is not a readable private key/],
  };
  for (const [name, [file, content, problem]] of Object.entries(BROKEN)) {
    it(`goes on showing the old one instead of ${name}`, async () => {
      await using receiver = await startTestReceiver({}, { watchTiming: QUICK_WATCH });
      const before = await shown(receiver, 'TLSv1.3');
      await writeFile(join(receiver.folder, file), content());
      const [line] = await receiver.told(STAYS);
      expect(String(line?.problems)).to.match(problem);
      for (const version of VERSIONS) expect(await shown(receiver, version)).to.equal(before);
      using buyer = receiver.buyer();
      expect((await buyer.post(document(3))).code).to.equal(200);
      expect((await fetch(`${receiver.adminUrl}/readyz`)).status).to.equal(200);
    });
  }
});

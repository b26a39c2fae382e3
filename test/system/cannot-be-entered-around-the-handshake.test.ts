/** Ways around the handshake: taken-up sessions, shared keys, early data, weak ciphers, other protocols, broken records. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect as connectRaw } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'chai';
import { readAnswers } from '../http/wire.ts';
import { expectUnharmed } from '../support/intruder.ts';
import { needsTool } from '../support/needs.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const ORDER = sampleDocument({ orderId: 'forged' });
const REQUEST = `POST /cxml HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(ORDER)}\r\n\r\n${ORDER}`;

describe('a receiver that somebody tries to enter around the handshake', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver({ limits: { handshake_timeout_ms: 1_000 } });
    await writeFile(join(receiver.folder, 'request'), REQUEST);
  });
  after(() => receiver[Symbol.asyncDispose]());

  /** What `openssl s_client` shows, with a request to send. */
  const foreign = (...options: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      const command = ['s_client', '-connect', `127.0.0.1:${receiver.port}`, '-ign_eof', ...options];
      const child = execFile('openssl', command, { timeout: 8_000 }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
      child.stdin?.on('error', () => {}); // it did not come as far as reading it
      child.stdin?.end(REQUEST);
    });
  /** All that comes back over a connection of whoever has no certificate. */
  const talk = async (bytes: string | Buffer, options: ConnectionOptions = {}): Promise<string> => {
    const socket = connect({
      host: '127.0.0.1',
      port: receiver.port,
      ca: receiver.pki.server.ca,
      ...options,
    });
    socket.on('error', () => {}); // it is being refused
    socket.write(bytes);
    return await buffer(socket).then(String, () => '');
  };

  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`takes up no session of a client it refused over ${version}`, async function () {
      needsTool(this, 'openssl');
      const session = join(receiver.folder, `session${version}`);
      expect(await foreign(version, '-sess_out', session)).to.match(/HTTP\/1\.1 403/);
      const again = await foreign(version, '-sess_in', session);
      expect(again).to.not.match(/Reused|HTTP\/1\.1 200/);
    });

    it(`knows no shared key in place of a certificate over ${version}`, async function () {
      needsTool(this, 'openssl');
      const shown = await foreign(version, '-psk', '00'.repeat(32), '-psk_identity', 'coupa');
      expect(shown).to.match(/HTTP\/1\.1 403|handshake failure/);
    });

    for (const suite of ['aNULL', 'eNULL', 'PSK', 'kRSA', 'AES128-SHA256', 'ECDHE+SHA1']) {
      it(`agrees on none of ${suite} over ${version}`, async function () {
        needsTool(this, 'openssl');
        const limited = version === '-tls1_2' ? [] : ['-ciphersuites', 'TLS_AES_128_CCM_SHA256'];
        const shown = await foreign(version, '-cipher', `${suite}:@SECLEVEL=0`, ...limited);
        expect(shown).to.not.match(/HTTP\/1\.1/);
      });
    }
  }

  it('takes no early data', async function () {
    needsTool(this, 'openssl');
    const shown = await foreign('-tls1_3', '-early_data', join(receiver.folder, 'request'));
    expect(shown).to.not.match(/Early data was accepted|HTTP\/1\.1 200/);
  });

  for (const protocol of ['h2', 'h2c', 'acme-tls/1', 'http/1.0', 'x'.repeat(255)]) {
    it(`speaks no ${protocol.slice(0, 12)} when nothing else is offered`, async () => {
      expect(await talk(REQUEST, { ALPNProtocols: [protocol] })).to.equal('');
    });
  }

  for (const servername of ['admin', 'localhost', 'a'.repeat(255), '*.coupahost.com', 'xn--80ak6aa92e.com']) {
    it(`has the same door for whoever calls it ${servername.slice(0, 20)}`, async () => {
      const answer = await talk(REQUEST, { servername, checkServerIdentity: () => undefined });
      expect(answer).to.match(/^HTTP\/1\.1 403 /);
    });
  }

  const REQUESTS: Readonly<Record<string, string | Buffer>> = {
    'an order': REQUEST,
    'two orders': REQUEST + REQUEST,
    'a request inside another': `${REQUEST.replace('text/xml', 'text/xml\r\nTransfer-Encoding: chunked')}0\r\n\r\n${REQUEST}`,
    'a tunnel': 'CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a line without an end': 'A'.repeat(200_000),
    'bytes of every value': Buffer.from(Array.from({ length: 4_096 }, (_, index) => index & 255)),
  };
  for (const [what, bytes] of Object.entries(REQUESTS)) {
    it(`answers ${what} of whoever is refused by the one fixed answer, once`, async () => {
      const answer = await talk(bytes);
      const found = readAnswers(answer);
      expect(found.map(({ http }) => http)).to.deep.equal([403]);
      expect(answer.endsWith(found[0]?.body ?? 'nothing'), 'nothing behind it').to.equal(true);
      expect(answer).to.not.include('/cxml').and.not.include('forged');
    });
  }

  it('ends a refused client that neither reads nor leaves', async () => {
    const socket = connect({ host: '127.0.0.1', port: receiver.port, ca: receiver.pki.server.ca });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    socket.pause();
    const began = performance.now();
    const beat = setInterval(() => socket.write('x'), 100);
    try {
      await new Promise((resolve) => socket.once('close', resolve));
    } finally {
      clearInterval(beat);
      socket.destroy();
    }
    expect(performance.now() - began).to.be.below(6_000);
  });

  it('answers a refused client that closes its half at once', async () => {
    const raw = connectRaw({ host: '127.0.0.1', port: receiver.port, allowHalfOpen: true });
    const socket = connect({ socket: raw, ca: receiver.pki.server.ca });
    socket.on('error', () => {});
    socket.end(REQUEST);
    expect(await buffer(socket).then(String, () => 'cut off')).to.match(/^HTTP\/1\.1 403 |^$/);
  });

  const HELLO = [0x16, 0x03, 0x01];
  const RECORDS: Readonly<Record<string, Buffer>> = {
    'plain HTTP': Buffer.from(REQUEST),
    'a hello of SSL 2': Buffer.from(
      '802e0100020015000000100100800200800300800400800500800600400700c0',
      'hex',
    ),
    'a hello of 16 MiB': Buffer.from([
      ...HELLO,
      0x40,
      0x00,
      0x01,
      0xff,
      0xff,
      0xff,
      ...Array(16_380).fill(0),
    ]),
    'an empty record again and again': Buffer.from(
      Array.from({ length: 2_000 }, () => [...HELLO, 0, 0]).flat(),
    ),
    'data before any hello': Buffer.from([0x17, 0x03, 0x03, 0x00, 0x05, 1, 2, 3, 4, 5]),
    'a certificate before any hello': Buffer.from([0x16, 0x03, 0x03, 0x00, 0x07, 0x0b, 0, 0, 3, 0, 0, 0]),
    'a PROXY line': Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'),
  };
  for (const [what, bytes] of Object.entries(RECORDS)) {
    it(`ends whoever begins with ${what}, in time and without an answer`, async () => {
      const socket = connectRaw({ host: '127.0.0.1', port: receiver.port });
      socket.on('error', () => {});
      const began = performance.now();
      socket.write(bytes);
      const answer = await buffer(socket).catch(() => Buffer.alloc(0));
      expect(answer.toString('latin1')).to.not.match(/HTTP/);
      expect(performance.now() - began).to.be.below(3_000);
    });
  }

  it('was not harmed by any of it', () => expectUnharmed(receiver));
});

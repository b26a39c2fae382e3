import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { writeResponse } from '../../src/cxml/write-response.ts';
import { createTestPki, type TestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver } from '../support/receiver.ts';
import {
  createFolder,
  type Finished,
  runSallyport,
  startSallyport,
  waitForOutput,
} from '../support/sallyport.ts';
import { bodyOf, startSupplier } from '../support/supplier.ts';

const IDENTITY = ['--cert', 'client.pem', '--key', 'client.key', '--ca', 'server.pem'];

function reply(code: number, text: string): string {
  const status = { code, text, detail: 'as told' };
  return writeResponse({ payloadId: '1@po.example', timestamp: '2026-11-20T09:14:50+00:00', status });
}

describe('sallyport simulate --retry', () => {
  let pki: TestPki;
  before(() => {
    pki = createTestPki();
  });

  async function writeIdentity(from: TestPki, folder: string): Promise<void> {
    const { cert, key } = from.client(COUPA_NAME);
    await writeFile(`${folder}/client.pem`, cert);
    await writeFile(`${folder}/client.key`, key);
    await writeFile(`${folder}/server.pem`, from.server.ca);
  }

  async function against(answer: RequestListener, ...args: readonly string[]): Promise<Finished> {
    await using folder = await createFolder();
    await using supplier = await startSupplier(pki, answer);
    await writeIdentity(pki, folder.path);
    return await runSallyport(['simulate', ...args, '--to', supplier.url.href, ...IDENTITY], {
      cwd: folder.path,
    });
  }

  it('ends in Transmission Failure after five repeats an hour apart, with the mail that follows', async () => {
    const bodies: string[] = [];
    const { code, stdout } = await against(
      async (incoming, response) => {
        bodies.push((await bodyOf(incoming)).toString());
        response.writeHead(503);
        response.end(reply(560, 'Temporary server error'));
      },
      ...['order', '--retry', '--hour-seconds', '0.05'],
    );
    expect(code).to.equal(1);
    expect(bodies).to.have.lengthOf(6);
    expect(new Set(bodies), 'the same bytes each time').to.have.lengthOf(1);
    expect([...stdout.matchAll(/^ {2}(\+\d:\d\d) +attempt (\d) +✖/gm)].map(([, at]) => at)).to.deep.equal([
      '+0:00',
      '+1:00',
      '+2:00',
      '+3:00',
      '+4:00',
      '+5:00',
    ]);
    expect(stdout)
      .to.match(/→ Transmission Failure at attempt 6/)
      .and.to.match(
        /mail +cXML Failure \(Failed to send PO #\d+\)\n +PO failed: 560 Temporary server error\n/,
      )
      .and.to.include('cxml_request_monitors/cxml_request_po');
  });

  it('repeats four times, 5 minutes apart, where nobody answers', async () => {
    const { code, stdout } = await against(
      () => undefined,
      ...['order', '--retry', '--hour-seconds', '0.05', '--timeout', '0.3', '--json'],
    );
    expect(code).to.equal(1);
    const [{ attempts }] = JSON.parse(stdout);
    expect(attempts.map(({ minutes }: { minutes: number }) => minutes)).to.deep.equal([0, 5, 10, 15, 20]);
  });

  it('does not repeat what is refused', async () => {
    const { code, stdout } = await against(
      (_request, response) => void response.end(reply(406, 'Not Acceptable')),
      ...['order', '--retry', '--json'],
    );
    expect(code).to.equal(1);
    expect(JSON.parse(stdout)[0].attempts).to.have.lengthOf(1);
  });

  it('goes on with the next message when one was delivered', async () => {
    let posts = 0;
    const { code, stdout } = await against(
      (_request, response) => {
        posts += 1;
        if (posts === 2) response.writeHead(500);
        response.end(posts === 2 ? reply(500, 'Internal Server Error') : reply(200, 'OK'));
      },
      ...['update', '--retry', '--hour-seconds', '0.05', '--json'],
    );
    expect(code).to.equal(0);
    const told: readonly { sent: string; attempts: readonly unknown[] }[] = JSON.parse(stdout);
    expect(told.map(({ sent, attempts }) => [sent, attempts.length])).to.deep.equal([
      ['order', 1],
      ['update', 2],
    ]);
  });

  it('prints JSON of which a terminal does nothing, whatever the reply says', async () => {
    const text = 'OK \u202e\u009b2J';
    const answer: RequestListener = (_request, response) => void response.end(`<a>${text}</a>`);
    for (const more of [[], ['--repeat', '2']]) {
      const { stdout } = await against(answer, 'order', '--json', ...more);
      expect(stdout).not.to.match(/[\u202e\u009b]/);
      if (more.length === 0) expect(JSON.parse(stdout)[0].reply).to.include(text);
    }
  });

  it('shows its certificate and the type of what it attaches', async () => {
    const seen: { type?: string; peer?: string; bytes?: number } = {};
    const { code } = await against(
      async (incoming, response) => {
        seen.type = incoming.headers['content-type'];
        seen.peer = String((incoming.socket as TLSSocket).getPeerCertificate().subject?.CN);
        seen.bytes = (await bodyOf(incoming)).byteLength;
        response.end(reply(200, 'OK'));
      },
      ...['attachment', '--multipart', 'mixed'],
    );
    expect(code).to.equal(0);
    expect(seen.type).to.match(/^multipart\/mixed; boundary="[^"]+"$/);
    expect(seen.peer).to.equal(COUPA_NAME);
    expect(seen.bytes).to.be.above(6_000);
  });

  it('is delivered at the second attempt when the receiver was busy at the first', async () => {
    await using receiver = await startTestReceiver({ limits: { requests_in_flight: 1 } });
    await writeIdentity(receiver.pki, receiver.folder);
    const other = request(receiver.url, {
      method: 'POST',
      ca: receiver.pki.server.cert,
      ...receiver.pki.client(COUPA_NAME),
      headers: { 'content-type': 'text/xml', 'content-length': 1_000, expect: '100-continue' },
    });
    other.on('error', () => undefined); // it is cut off below
    // The receiver wants the body: from here on one request is in flight.
    await new Promise((resolve) => other.once('continue', resolve).flushHeaders());
    const child = startSallyport(
      ['simulate', 'order', '--to', receiver.url, ...IDENTITY, '--retry', '--hour-seconds', '2'],
      { cwd: receiver.folder },
    );
    await waitForOutput(child, /\+0:00 +attempt 1 +✖ HTTP 503, 560/);
    other.destroy();
    const stdout = await waitForOutput(child, /→ .*/);
    expect(stdout).to.match(/\+1:00 +attempt 2 +✔ 200 OK\n +→ delivered at attempt 2/);
  });

  it('is told to come back when its body is too slow, and that is no delivery', async () => {
    const limits = { headers_timeout_ms: 1_000, request_timeout_ms: 1_000 };
    await using receiver = await startTestReceiver({ limits });
    await writeIdentity(receiver.pki, receiver.folder);
    const { code, stdout } = await runSallyport(
      ['simulate', 'slow', '--seconds', '20', '--to', receiver.url, ...IDENTITY],
      { cwd: receiver.folder },
    );
    expect(code).to.equal(1);
    expect(stdout)
      .to.match(/✖ Status +560/)
      .and.to.include('Coupa repeats it 5 times, an hour apart');
  });
});

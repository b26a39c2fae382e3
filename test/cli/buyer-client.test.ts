import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { createBuyerClient, type Exchange, type Sending } from '../../src/cli/buyer-client.ts';
import { writeResponse } from '../../src/cxml/write-response.ts';
import { createTestPki, type TestPki } from '../support/pki.ts';
import { bodyOf, startServer, startSupplier } from '../support/supplier.ts';

const BYTES = new TextEncoder().encode('<cXML/>');
const OK = writeResponse({
  payloadId: '1@po.example',
  timestamp: '2026-11-20T09:14:50+00:00',
  status: { code: 200, text: 'OK', detail: 'kept' },
});

describe('createBuyerClient', () => {
  let pki: TestPki;
  before(() => {
    pki = createTestPki();
  });

  function startHttps(answer: RequestListener, options?: ServerOptions) {
    return startSupplier(pki, answer, options);
  }

  async function post(
    url: URL,
    {
      ca = pki.server.ca,
      timeoutMs,
      bytes = BYTES,
      ...sending
    }: { timeoutMs?: number; ca?: string; bytes?: Uint8Array } & Sending = {},
  ): Promise<Exchange> {
    using client = createBuyerClient({
      url,
      timeoutMs,
      identity: { ...pki.client('cxml-supplier.coupahost.com'), ca },
    });
    return await client.post(bytes, sending);
  }

  it('posts the bytes with its certificate and reads the Status', async () => {
    const seen: { body?: Buffer; peer?: string; type?: string } = {};
    await using server = await startHttps(async (request, response) => {
      seen.body = await bodyOf(request);
      seen.type = request.headers['content-type'];
      seen.peer = String((request.socket as TLSSocket).getPeerCertificate().subject?.CN);
      response.end(OK);
    });
    const exchange = await post(server.url);
    expect(exchange).to.deep.include({
      http: 200,
      status: { code: 200, text: 'OK', detail: 'kept', timestamp: '2026-11-20T09:14:50+00:00' },
      failure: undefined,
    });
    expect(exchange.reply).to.deep.equal(new TextEncoder().encode(OK));
    expect(exchange.tls).to.match(/^TLSv1\.3 /);
    expect(exchange.handshakeMs).to.be.above(0);
    expect(seen).to.deep.equal({
      body: Buffer.from(BYTES),
      type: 'text/xml; charset=UTF-8',
      peer: 'cxml-supplier.coupahost.com',
    });
  });

  it('keeps a connection open and tells that no handshake was needed', async () => {
    await using server = await startHttps((_request, response) => void response.end(OK));
    using client = createBuyerClient({ url: server.url, identity: { ca: pki.server.ca } });
    await client.post(BYTES);
    expect((await client.post(BYTES)).handshakeMs).to.equal(0);
  });

  const noStatus = {
    'an empty reply': '',
    'a bare ok': 'ok',
    'an HTML page': '<html><body>200</body></html>',
    'a Status without cXML around it': '<Response><Status code="200" text="OK"/></Response>',
    'a cXML that is cut off': OK.slice(0, -10),
    'a Status without a code': OK.replace('code="200" ', ''),
  };
  for (const [name, reply] of Object.entries(noStatus)) {
    it(`finds no Status in ${name}`, async () => {
      await using server = await startHttps((_request, response) => void response.end(reply));
      const { http, status } = await post(server.url);
      expect({ http, status }).to.deep.equal({ http: 200, status: undefined });
    });
  }

  it('reports a server that nobody vouches for as a failure of TLS', async () => {
    await using server = await startHttps((_request, response) => void response.end(OK));
    const { failure, http } = await post(server.url, { ca: pki.root.pem });
    expect({ stage: failure?.stage, http }).to.deep.equal({ stage: 'tls', http: 0 });
  });

  it('reports a certificate that the server refuses as a failure of TLS', async () => {
    await using server = await startHttps((_request, response) => void response.end(OK), {
      rejectUnauthorized: true,
      ca: pki.server.ca,
    });
    expect((await post(server.url)).failure?.stage).to.be.oneOf(['tls', 'reply']);
  });

  it('reports a port that nobody listens on as a failure to connect', async () => {
    const server = createTcpServer();
    const { url } = await startServer(server);
    server.close();
    await once(server, 'close');
    expect((await post(url)).failure?.stage).to.equal('connect');
  });

  it('reports a server that closes without an answer', async () => {
    await using server = await startHttps((request) => void request.socket.destroy());
    expect((await post(server.url)).failure?.stage).to.equal('reply');
  });

  it('gives up on a server that never answers', async () => {
    await using server = await startHttps(() => undefined);
    expect((await post(server.url, { timeoutMs: 300 })).failure?.stage).to.equal('timeout');
  });

  it('gives up on a server that never finishes the handshake', async () => {
    await using server = await startServer(createTcpServer(() => undefined));
    expect((await post(server.url, { timeoutMs: 300 })).failure?.stage).to.equal('timeout');
  });

  it('reads no more than a megabyte of reply', async () => {
    await using server = await startHttps((_request, response) => void response.end(Buffer.alloc(2_000_000)));
    expect((await post(server.url)).failure?.stage).to.equal('reply');
  });

  const HUNDRED = Buffer.alloc(100, 'x');

  it('names another Content-Type when it is given one', async () => {
    let type: string | undefined;
    await using server = await startHttps((request, response) => {
      type = request.headers['content-type'];
      response.end(OK);
    });
    await post(server.url, { contentType: 'multipart/mixed; boundary="b"' });
    expect(type).to.equal('multipart/mixed; boundary="b"');
  });

  it('lets a body arrive in pieces over the time it is given', async () => {
    const pieces: number[] = [];
    await using server = await startHttps((request, response) => {
      request.on('data', (piece: Buffer) => pieces.push(piece.byteLength));
      request.on('end', () => response.end(OK));
    });
    const { status, requestMs } = await post(server.url, { bytes: HUNDRED, seconds: 0.5 });
    expect(status?.code).to.equal(200);
    expect(requestMs).to.be.at.least(450);
    expect(pieces.length).to.be.at.least(3);
    expect(pieces.reduce((sum, size) => sum + size)).to.equal(100);
  });

  it('stops sending when it is answered before it is done', async () => {
    await using server = await startHttps((_request, response) => {
      response.writeHead(503);
      response.end(OK.replace('code="200"', 'code="560"'));
    });
    const { http, status, failure } = await post(server.url, { bytes: HUNDRED, seconds: 30 });
    expect({ http, code: status?.code, failure }).to.deep.equal({
      http: 503,
      code: 560,
      failure: undefined,
    });
  });

  it('sends a slow body on a connection that was open already', async () => {
    await using server = await startHttps(async (request, response) => {
      response.end(OK.replace('kept', `${(await bodyOf(request)).byteLength}`));
    });
    using client = createBuyerClient({ url: server.url, identity: { ca: pki.server.ca } });
    await client.post(BYTES);
    const { status, handshakeMs } = await client.post(HUNDRED, { seconds: 0.2 });
    expect({ detail: status?.detail, handshakeMs }).to.deep.equal({ detail: '100', handshakeMs: 0 });
  });

  it('cuts the connection in the middle of the body, and says that it did', async () => {
    const { promise: lost, resolve } = Promise.withResolvers<{ size: number; announced: string }>();
    await using server = await startHttps((request) => {
      let size = 0;
      request.on('data', (piece: Buffer) => {
        size += piece.byteLength;
      });
      request.on('close', () => resolve({ size, announced: request.headers['content-length'] ?? '' }));
    });
    const { failure, http } = await post(server.url, { bytes: HUNDRED, cutAfterBytes: 40 });
    expect({ stage: failure?.stage, http }).to.deep.equal({ stage: 'cut', http: 0 });
    expect(await lost).to.deep.equal({ size: 40, announced: '100' });
  });

  it('does not take a failed handshake for its own cut', async () => {
    await using server = await startHttps((_request, response) => void response.end(OK));
    const { failure } = await post(server.url, { ca: pki.root.pem, cutAfterBytes: 3 });
    expect(failure?.stage).to.equal('tls');
  });
});

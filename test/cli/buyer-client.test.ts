import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { createBuyerClient, type Exchange } from '../../src/cli/buyer-client.ts';
import { writeResponse } from '../../src/cxml/write-response.ts';
import { createTestPki, type TestPki } from '../support/pki.ts';

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

  async function start(server: Server): Promise<AsyncDisposable & { readonly url: URL }> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/cxml`),
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      },
    };
  }

  function startHttps(answer: RequestListener, options: ServerOptions = {}) {
    const { cert, key } = pki.server;
    return start(
      createHttpsServer({ cert, key, requestCert: true, rejectUnauthorized: false, ...options }, answer),
    );
  }

  async function post(url: URL, options: { timeoutMs?: number; ca?: string } = {}): Promise<Exchange> {
    const { ca = pki.server.ca, timeoutMs } = options;
    using client = createBuyerClient({
      url,
      timeoutMs,
      identity: { ...pki.client('cxml-supplier.coupahost.com'), ca },
    });
    return await client.post(BYTES);
  }

  async function bodyOf(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
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
    const { url } = await start(server);
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
    await using server = await start(createTcpServer(() => undefined));
    expect((await post(server.url, { timeoutMs: 300 })).failure?.stage).to.equal('timeout');
  });

  it('reads no more than a megabyte of reply', async () => {
    await using server = await startHttps((_request, response) => void response.end(Buffer.alloc(2_000_000)));
    expect((await post(server.url)).failure?.stage).to.equal('reply');
  });
});

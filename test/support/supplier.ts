/** A server on loopback that answers a buyer as the test says: what our receiver would never do, others do. */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TestPki } from './pki.ts';

export interface Supplier extends AsyncDisposable {
  readonly url: URL;
}

/** Asks for a client certificate and takes any, or none. */
export function startSupplier(
  pki: TestPki,
  answer: RequestListener,
  options: ServerOptions = {},
): Promise<Supplier> {
  const { cert, key } = pki.server;
  return startServer(
    createHttpsServer({ cert, key, requestCert: true, rejectUnauthorized: false, ...options }, answer),
  );
}

/** On a port of its own; disposing ends its connections, too. */
export async function startServer(server: Server): Promise<Supplier> {
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

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

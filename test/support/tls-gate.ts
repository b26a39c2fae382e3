/**
 * A bare TLS server on loopback with the gate and nothing behind it: it writes down its verdict and closes.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect, createServer } from 'node:tls';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { Presented, Verdict } from '../../src/trust/peer.ts';
import { keepSentChains, readPresented } from '../../src/trust/presented.ts';
import { tlsOptions } from '../../src/trust/tls-options.ts';
import type { Trust } from '../../src/trust/trust.ts';
import type { Identity, TestPki } from './pki.ts';

export interface Judged {
  readonly verdict: Verdict;
  readonly presented: Presented;
}

export interface TlsGate extends AsyncDisposable {
  readonly port: number;
  /** Handshakes that did not finish, by error code. */
  readonly failed: readonly string[];
  replaceTrust(next: Trust): void;
  /** Connects, waits until the gate has closed, and says how it judged. */
  judge(identity: Partial<Identity>, options?: ConnectionOptions): Promise<Judged>;
  /** Connects and leaves the connection open. */
  connect(identity: Partial<Identity>, options?: ConnectionOptions): Promise<TLSSocket>;
}

export async function startTlsGate({
  trust: first,
  pki,
  now = () => new Date(),
  handshakeTimeoutMs = 5000,
  staysOpen = false,
}: {
  readonly trust: Trust;
  readonly pki: TestPki;
  readonly now?: () => Date;
  readonly handshakeTimeoutMs?: number;
  readonly staysOpen?: boolean;
}): Promise<TlsGate> {
  const { cert, key, ca } = pki.server;
  const judged: Judged[] = [];
  const failed: string[] = [];
  const open = new Set<{ destroy(): void }>();
  let trust = first;
  const optionsFor = (inForce: Trust) =>
    tlsOptions({ trust: inForce, certificate: cert, key, handshakeTimeoutMs });
  const server = createServer(optionsFor(trust));
  keepSentChains(server);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    failed.push(error.code ?? error.message);
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    const presented = readPresented(socket);
    judged.push({ verdict: judgePeer(presented, trust, now()), presented });
    if (!staysOpen) socket.end('judged');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dial: TlsGate['connect'] = async (identity, options) => {
    const socket = connect({ host: '127.0.0.1', port, ca, ...identity, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  return {
    port,
    failed,
    replaceTrust(next) {
      trust = next;
      server.setSecureContext(optionsFor(next));
    },
    connect: dial,
    async judge(identity, options) {
      const socket = await dial(identity, options);
      const answer = await text(socket);
      const last = judged.pop();
      if (answer !== 'judged' || last === undefined) throw new Error(`the gate answered "${answer}"`);
      return last;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** What a client put on the table, taken off its socket as plain facts. */
import type { Server, TLSSocket } from 'node:tls';
import { codeOf } from '../errors.ts';
import type { Presented } from './peer.ts';

/** `judgePeer` refuses far fewer. The bound also ends a walk in a circle. */
const CHAIN_LIMIT = 20;

const SENT = Symbol('the chain as sent');
type Watched = TLSSocket & { [SENT]?: readonly Uint8Array[] | undefined };

/**
 * Makes a server keep the certificates its clients send. Call it once, on every server whose sockets are
 * judged.
 *
 * Reading the chain takes it out of the connection, and Node 24.21 and 26.8 to 26.10 read it themselves, for
 * authorised clients only, before `secureConnection` (nodejs/node#65579). Without this a good client that
 * needs an intermediate of its own would be refused. `keylog` is the one documented event that hands out a
 * socket before its handshake is done. The line it carries is a secret: it is not looked at, and wiped.
 */
export function keepSentChains(server: Server): void {
  server.on('keylog', (line: Buffer, socket: Watched) => {
    line.fill(0);
    if (SENT in socket) return; // several lines come for each handshake
    socket[SENT] = undefined;
    socket.prependOnceListener('secure', () => {
      socket[SENT] = readChain(socket);
    });
  });
}

/** Reads a socket whose handshake is done. Never the legacy `getPeerCertificate()`. */
export function readPresented(socket: TLSSocket): Presented {
  const error = errorCode(socket.authorizationError);
  return {
    chain: (socket as Watched)[SENT] ?? readChain(socket),
    openssl: { authorized: socket.authorized, ...(error === undefined ? {} : { error }) },
    resumed: socket.isSessionReused(),
    protocol: socket.getProtocol() ?? 'unknown',
  };
}

function readChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < CHAIN_LIMIT) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** The types say `Error`; the server side of Node sets the code itself, a string. */
function errorCode(error: unknown): string | undefined {
  if (error === null || error === undefined) return undefined;
  if (error instanceof Error) return codeOf(error) ?? error.message;
  return String(error);
}

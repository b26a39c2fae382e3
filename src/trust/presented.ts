/** What a client put on the table, taken off its socket as plain facts. */
import type { TLSSocket } from 'node:tls';
import type { Presented } from './peer.ts';

/** `judgePeer` refuses far fewer. The bound also ends a walk in a circle. */
const CHAIN_LIMIT = 20;

/**
 * Reads a socket whose handshake is done. Call it once, in the gate, before anything else asks the socket for certificates:
 * Node takes the sent chain out of the connection when it is first read. Never the legacy `getPeerCertificate()`.
 */
export function readPresented(socket: TLSSocket): Presented {
  const chain: Uint8Array[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < CHAIN_LIMIT) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  const error = errorCode(socket.authorizationError);
  return {
    chain,
    openssl: { authorized: socket.authorized, ...(error === undefined ? {} : { error }) },
    resumed: socket.isSessionReused(),
    protocol: socket.getProtocol() ?? 'unknown',
  };
}

/** The types say `Error`; the server side of Node sets the code itself, a string. */
function errorCode(error: unknown): string | undefined {
  if (error === null || error === undefined) return undefined;
  if (typeof error === 'string') return error;
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return String(error);
}

/**
 * Tries a trust and a server certificate before they count: a client in memory shakes hands with them. OpenSSL passes
 * over what it cannot use without a word, so that it took the options proves nothing.
 */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls';
import { codeOf, StartupError } from '../errors.ts';
import type { ServerCertificate } from './server-certificate.ts';
import { tlsOptions } from './tls-options.ts';
import type { Trust } from './trust.ts';

const LIMIT_MS = 5_000;

export interface Proven {
  readonly trust: Trust;
  readonly certificate: Pick<ServerCertificate, 'certPem' | 'keyPem'>;
}

/** @throws {StartupError} when a client would not be shown this certificate, or not be asked for one of this trust */
export async function proveHandshake({ trust, certificate }: Proven): Promise<void> {
  const leaf = new X509Certificate(certificate.certPem).raw;
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { shown, sent } = await shakeHands({ trust, certificate }, version);
    if (!shown.equals(leaf)) throw failed(`a ${version} client was shown another server certificate`);
    // TLS 1.3 sends the names encrypted; they come from the same context.
    if (version === 'TLSv1.2' && trust.mode !== 'off') checkNames(readAuthorities(sent), trust);
  }
}

async function shakeHands({ trust, certificate }: Proven, version: SecureVersion) {
  const [near, far] = duplexPair();
  const sent = record(far);
  const server = createServer(
    tlsOptions({
      trust,
      certificate: certificate.certPem,
      key: certificate.keyPem,
      handshakeTimeoutMs: LIMIT_MS,
    }),
  );
  const refused = Promise.withResolvers<never>();
  server.on('tlsClientError', refused.reject);
  server.on('secureConnection', (socket: TLSSocket) => void socket.on('error', ignore));
  server.emit('connection', near);
  // Whom the client trusts is not what is tried out: the certificate is compared byte for byte.
  const client = connect({
    socket: far,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
  });
  try {
    await Promise.race([
      once(client, 'secureConnect', { signal: AbortSignal.timeout(LIMIT_MS) }),
      refused.promise,
    ]);
    return { shown: client.getPeerX509Certificate()?.raw ?? Buffer.alloc(0), sent: Buffer.concat(sent) };
  } catch (cause) {
    const code = codeOf(cause) ?? 'no answer in time';
    throw failed(`a ${version} client could not connect (${code})`, cause);
  } finally {
    client.on('error', ignore).destroy();
    near.on('error', ignore).destroy();
  }
}

function record(side: Duplex): readonly Buffer[] {
  const chunks: Buffer[] = [];
  side.on('data', (chunk: Buffer) => void chunks.push(chunk));
  return chunks;
}

function checkNames(told: readonly string[], { anchors }: Trust): void {
  const wanted = new Set(
    anchors.map(({ certificate }) => Buffer.from(certificate.subject.raw).toString('hex')),
  );
  const missing = anchors.filter(
    ({ certificate }) => !told.includes(Buffer.from(certificate.subject.raw).toString('hex')),
  );
  const [first] = missing;
  if (first !== undefined) {
    throw failed(`${first.file}:${first.line}: clients are not asked for ${first.certificate.subject.text}`);
  }
  if (told.some((name) => !wanted.has(name))) throw failed('clients are asked for a CA that is not pinned');
}

const HANDSHAKE = 22;
const CERTIFICATE_REQUEST = 13;

/**
 * The names of the certificate authorities a TLS 1.2 server asked for, DER in hex.
 *
 * @param sent what the server sent, from its first byte
 * @see RFC 5246, sections 6.2.1 and 7.4.4
 */
export function readAuthorities(sent: Buffer): string[] {
  const message = findMessage(joinRecords(sent), CERTIFICATE_REQUEST);
  if (message === undefined) return [];
  let at = 1 + message.readUInt8(0); // certificate types
  at += 2 + message.readUInt16BE(at); // signature algorithms
  const end = at + 2 + message.readUInt16BE(at);
  const names: string[] = [];
  for (at += 2; at < end; ) {
    const length = message.readUInt16BE(at);
    names.push(message.toString('hex', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return names;
}

/** The server's first flight is in the clear; what comes after it is of another type first. */
function joinRecords(sent: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= sent.length && sent[at] === HANDSHAKE; ) {
    const end = at + 5 + sent.readUInt16BE(at + 3);
    parts.push(sent.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function findMessage(flight: Buffer, type: number): Buffer | undefined {
  for (let at = 0; at + 4 <= flight.length; ) {
    const end = at + 4 + flight.readUIntBE(at + 1, 3);
    if (flight[at] === type) return flight.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

function failed(what: string, cause?: unknown): StartupError {
  return new StartupError(`a handshake with the new trust and server certificate was tried, and ${what}`, {
    hint: 'run sallyport doctor; if it finds nothing, please report this line',
    ...(cause === undefined ? {} : { cause }),
  });
}

function ignore(): void {}

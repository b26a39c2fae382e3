/**
 * How the receiving port speaks TLS. OpenSSL asks for a certificate and verifies it, but the handshake
 * completes either way: the verdict is ours, before HTTP. (`rejectUnauthorized: true` closes silently and
 * hides who was refused and why.)
 */
import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import type { Trust } from './trust.ts';

/**
 * TLS 1.2 with ECDHE and AEAD only; Node's own list still has RSA key exchange and CBC. TLS 1.3 suites come
 * first.
 */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Also what the certificate request offers; the default offers more than `judgePeer` would take. */
const SIGNATURE_ALGORITHMS = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
].join(':');

/**
 * Options for `tls.createServer`. A later trust takes another server: `setSecureContext` would leave `requestCert` as it
 * was.
 *
 * No session outlives its connection: tickets are off, and Node keeps no session cache of its own unless
 * somebody listens to `newSession` and `resumeSession`. Never pass `ticketKeys`, never call `addContext`:
 * both would carry old trust over a change.
 */
export function tlsOptions({
  trust,
  certificate,
  key,
  handshakeTimeoutMs,
}: {
  readonly trust: Trust;
  /** Our own chain, PEM, leaf first. */
  readonly certificate: string;
  readonly key: string | Buffer;
  readonly handshakeTimeoutMs: number;
}): TlsOptions {
  if (trust.caPem === '') throw new TypeError('an empty trust would let in every public root');
  return {
    cert: certificate,
    key,
    ca: trust.caPem,
    requestCert: trust.mode !== 'off',
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    sigalgs: SIGNATURE_ALGORITHMS,
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384:P-521',
    secureOptions:
      constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeTimeoutMs,
  };
}

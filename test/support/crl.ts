/** Revocation lists for tests, written byte by byte, so that they can be wrong in every way. */
import { sign } from 'node:crypto';
import { readCertificate } from '../../src/trust/certificate.ts';
import type { Minted } from './pki.ts';

export interface CrlOrder {
  readonly issuer: Minted;
  /** Signs instead of the issuer, whose name stays. */
  readonly signer?: Minted;
  /** Serial numbers, hex. */
  readonly revoked?: readonly string[];
  readonly thisUpdate?: Date;
  /** `null`: none. */
  readonly nextUpdate?: Date | null;
  /** Of the list, each as DER, hex. */
  readonly extensions?: readonly string[];
  /** Of every entry, each as DER, hex. */
  readonly entryExtensions?: readonly string[];
  /** 0 is the first version, which has no extensions. */
  readonly version?: number;
  readonly digest?: 'sha1' | 'sha256';
}

/** Extensions to put into a list: an OID's DER, whether it is critical, and a value that nobody reads. */
export const DELTA = extension('551d1b', true);
export const ISSUING_POINT = extension('551d1c', true);
export const NUMBER = extension('551d14', false);
export const REASON = extension('551d15', false, '0a0101');
export const INDIRECT = extension('551d1d', true);
export const UNKNOWN = extension('551d63', true);

export function mintCrl(order: CrlOrder): Buffer {
  const { issuer, signer = issuer, revoked = [], version = 1, digest = 'sha256' } = order;
  const thisUpdate = order.thisUpdate ?? new Date(Date.now() - 3_600_000);
  const nextUpdate =
    order.nextUpdate === undefined ? new Date(Date.now() + 7 * 86_400_000) : order.nextUpdate;
  const entryExtensions = listed(order.entryExtensions);
  const at = time(thisUpdate);
  const entries = revoked.map((serial) =>
    der(0x30, integer(serial), at, ...(entryExtensions === undefined ? [] : [entryExtensions])),
  );
  const extensions = listed(order.extensions);
  const algorithm = algorithmOf(signer, digest);
  const tbs = der(
    0x30,
    ...(version === 0 ? [] : [der(0x02, Buffer.of(version))]),
    algorithm,
    Buffer.from(readCertificate(issuer.der).subject.raw),
    at,
    ...(nextUpdate === null ? [] : [time(nextUpdate)]),
    ...(entries.length === 0 ? [] : [der(0x30, Buffer.concat(entries))]),
    ...(extensions === undefined ? [] : [der(0xa0, extensions)]),
  );
  const hash = signer.privateKey.asymmetricKeyType === 'ed25519' ? null : digest;
  const signature = sign(hash, tbs, signer.privateKey);
  return der(0x30, tbs, algorithm, der(0x03, Buffer.of(0), signature));
}

export function crlPem(list: Buffer): string {
  const lines = list.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const bytes = length.toString(16).padStart(length < 256 ? 2 : length < 65_536 ? 4 : 6, '0');
  const header = length < 128 ? [length] : [0x80 + bytes.length / 2, ...Buffer.from(bytes, 'hex')];
  return Buffer.concat([Buffer.of(tag, ...header), content]);
}

function extension(oid: string, critical: boolean, value = '0500'): string {
  return der(
    0x30,
    der(0x06, Buffer.from(oid, 'hex')),
    ...(critical ? [der(0x01, Buffer.of(0xff))] : []),
    der(0x04, Buffer.from(value, 'hex')),
  ).toString('hex');
}

function listed(extensions: readonly string[] | undefined): Buffer | undefined {
  return extensions === undefined
    ? undefined
    : der(0x30, ...extensions.map((each) => Buffer.from(each, 'hex')));
}

function integer(hex: string): Buffer {
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (bytes[0] ?? 0) >= 0x80 ? der(0x02, Buffer.of(0), bytes) : der(0x02, bytes);
}

function time(at: Date): Buffer {
  const digits = `${at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
  return der(0x18, Buffer.from(digits));
}

function algorithmOf({ privateKey }: Minted, digest: 'sha1' | 'sha256'): Buffer {
  if (privateKey.asymmetricKeyType === 'ed25519') return Buffer.from('300506032b6570', 'hex');
  if (privateKey.asymmetricKeyType === 'ec') return Buffer.from('300a06082a8648ce3d040302', 'hex');
  return Buffer.from(`300d06092a864886f70d0101${digest === 'sha1' ? '05' : '0b'}0500`, 'hex');
}

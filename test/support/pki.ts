/**
 * Certificates for tests, minted in memory. node-forge lays out the fields, node:crypto signs, so that
 * issuers and leafs can have any key. Nothing is written anywhere.
 */
import type { KeyObject } from 'node:crypto';
import { constants, createHash, randomBytes, sign } from 'node:crypto';
import forge from 'node-forge';
import { type KeyKind, keyPair } from './key-pairs.ts';

const { asn1, pki } = forge;
type Asn1 = forge.asn1.Asn1;

/** `sha256-pss` is RSA-PSS with a salt of 32 bytes. */
export type Digest = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sha256-pss';

export interface NamePart {
  /** Dotted OID; common name when left out. */
  readonly oid?: string;
  readonly value: string;
  /** ASN.1 string tag; UTF8String when left out. `value` is then bytes, one per character. */
  readonly tag?: number;
}

export interface MintOrder {
  /** A common name, or parts, each an RDN of its own; an inner list is one RDN of several values. */
  readonly subject: string | readonly (NamePart | readonly NamePart[])[];
  /** Self-signed when left out. */
  readonly issuer?: Minted;
  /** Signs instead of the issuer, whose name stays in the certificate: a forgery. */
  readonly signer?: Minted;
  /** Keys are made once per kind and label, and used again. */
  readonly key?: { readonly kind: KeyKind; readonly label: string };
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Left out: no basic constraints at all. */
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: readonly string[];
  /** Names or dotted OIDs. */
  readonly extendedKeyUsage?: readonly string[];
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  readonly digest?: Digest;
  readonly serial?: string;
  /** Further extensions by OID; the value is an OCTET STRING of these bytes. */
  readonly extensions?: readonly { readonly oid: string; readonly critical: boolean; readonly hex: string }[];
  readonly withoutKeyIds?: boolean;
  /** Changes the fields before they are signed. */
  readonly tamper?: (tbs: Asn1) => void;
}

export interface Minted {
  readonly der: Buffer;
  readonly pem: string;
  readonly keyPem: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly name: Asn1;
}

/** A chain and its key, as TLS options take them. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

const HOUR_MS = 3_600_000;

export function mint(order: MintOrder): Minted {
  const { publicKey, privateKey } = keyPair(order.key ?? { kind: 'rsa-2048', label: 'leaf' });
  const subject = nameAsn1(typeof order.subject === 'string' ? [{ value: order.subject }] : order.subject);
  const signer = order.signer ?? order.issuer;
  const signingKey = signer?.privateKey ?? privateKey;
  const digest = order.digest ?? 'sha256';
  const draft = pki.createCertificate();
  draft.publicKey = pki.publicKeyFromPem(exportSpki(keyPair({ kind: 'rsa-2048', label: 'leaf' }).publicKey));
  draft.serialNumber = order.serial ?? `4${randomBytes(15).toString('hex').slice(1)}`;
  draft.validity.notBefore = order.notBefore ?? new Date(Date.now() - HOUR_MS);
  draft.validity.notAfter = order.notAfter ?? new Date(Date.now() + 240 * HOUR_MS);
  draft.setExtensions(extensionsFor(order, publicKey, order.issuer?.publicKey ?? publicKey));
  draft.siginfo.algorithmOid = '1.2.840.113549.1.1.11';
  draft.signatureOid = '1.2.840.113549.1.1.11';
  const tbs = (pki.certificateToAsn1(draft).value as Asn1[])[0] as Asn1;
  const fields = tbs.value as Asn1[];
  const algorithm = signatureAlgorithm(signingKey, digest);
  fields[2] = algorithm;
  fields[3] = order.issuer?.name ?? subject;
  fields[5] = subject;
  fields[6] = asn1.fromDer(forge.util.createBuffer(spkiDer(publicKey).toString('binary')));
  order.tamper?.(tbs);
  const signature = signWith(signingKey, digest, toDer(tbs));
  const der = toDer(sequence(tbs, algorithm, bitString(signature)));
  return {
    der,
    pem: toPem(der),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    publicKey,
    name: subject,
  };
}

export function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** A certificate authority. */
export function mintCa(commonName: string, overrides: Partial<MintOrder> = {}): Minted {
  return mint({
    subject: [{ oid: '2.5.4.10', value: 'Sallyport tests' }, { value: commonName }],
    key: { kind: 'rsa-2048', label: commonName },
    ca: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...overrides,
  });
}

export interface TestPki {
  readonly root: Minted;
  /** The pinned one. */
  readonly intermediate: Minted;
  /** Of the same root, not pinned. */
  readonly sibling: Minted;
  /** The pinned intermediate alone, as Coupa publishes it. */
  readonly bundlePem: string;
  /** For 127.0.0.1 and localhost, self-signed; `ca` is what a client needs to trust it. */
  readonly server: Identity & { readonly ca: string };
  /** A client of the pinned intermediate; its chain holds leaf and intermediate. */
  client(name: MintOrder['subject'], overrides?: Partial<MintOrder>): Identity;
  /** Likewise, before it is put together. */
  leaf(name: MintOrder['subject'], overrides?: Partial<MintOrder>): Minted;
}

export function createTestPki(): TestPki {
  const root = mintCa('Test Root');
  const intermediate = mintCa('Test Intermediate A', { issuer: root });
  const sibling = mintCa('Test Intermediate B', { issuer: root });
  const server = mint({
    subject: 'localhost',
    key: { kind: 'rsa-2048', label: 'server' },
    dns: ['localhost'],
    ips: ['127.0.0.1'],
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['serverAuth'],
  });
  const leaf: TestPki['leaf'] = (subject, overrides = {}) =>
    mint({
      subject,
      issuer: intermediate,
      ca: false,
      keyUsage: ['digitalSignature', 'keyEncipherment'],
      extendedKeyUsage: ['clientAuth'],
      ...overrides,
    });
  return {
    root,
    intermediate,
    sibling,
    bundlePem: intermediate.pem,
    server: { cert: server.pem, key: server.keyPem, ca: server.pem },
    leaf,
    client(name, overrides) {
      const minted = leaf(name, overrides);
      return { cert: minted.pem + intermediate.pem, key: minted.keyPem };
    },
  };
}

function extensionsFor(order: MintOrder, own: KeyObject, issuers: KeyObject): object[] {
  const flags = (names: readonly string[]): Record<string, boolean> =>
    Object.fromEntries(names.map((name) => [name, true]));
  const list: object[] = [];
  if (order.ca !== undefined) {
    const limit = order.pathLength === undefined ? {} : { pathLenConstraint: order.pathLength };
    list.push({ name: 'basicConstraints', cA: order.ca, critical: true, ...limit });
  }
  if (order.keyUsage !== undefined) list.push({ name: 'keyUsage', critical: true, ...flags(order.keyUsage) });
  if (order.extendedKeyUsage !== undefined) {
    list.push({ name: 'extKeyUsage', ...flags(order.extendedKeyUsage) });
  }
  const altNames = [
    ...(order.dns ?? []).map((value) => ({ type: 2, value })),
    ...(order.ips ?? []).map((ip) => ({ type: 7, ip })),
  ];
  if (altNames.length > 0) list.push({ name: 'subjectAltName', altNames });
  if (order.withoutKeyIds !== true) {
    const id = (tag: string, key: KeyObject): string => `${tag}14${keyId(key)}`;
    list.push(
      rawExtension('2.5.29.14', id('04', own)),
      rawExtension('2.5.29.35', `3016${id('80', issuers)}`),
    );
  }
  for (const { oid, critical, hex } of order.extensions ?? []) list.push(rawExtension(oid, hex, critical));
  return list;
}

function rawExtension(id: string, hex: string, critical = false): object {
  return { id, critical, value: Buffer.from(hex, 'hex').toString('binary') };
}

function nameAsn1(parts: readonly (NamePart | readonly NamePart[])[]): Asn1 {
  const attribute = ({ oid = '2.5.4.3', value, tag }: NamePart): Asn1 => {
    const bytes = tag === undefined ? Buffer.from(value, 'utf8').toString('binary') : value;
    return sequence(oidAsn1(oid), asn1.create(asn1.Class.UNIVERSAL, tag ?? asn1.Type.UTF8, false, bytes));
  };
  const sets = parts.map((part) =>
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, [part].flat().map(attribute)),
  );
  return sequence(...sets);
}

const SHA256 = '300d06096086480165030402010500';
const MGF1_WITH_SHA256 = `301a06092a864886f70d010108${SHA256}`;
const PSS_WITH_SHA256 = `304106092a864886f70d01010a3034a00f${SHA256}a11c${MGF1_WITH_SHA256}a203020120`;

function signatureAlgorithm(key: KeyObject, digest: Digest): Asn1 {
  const rsa = { md5: 4, sha1: 5, sha256: 11, sha384: 12, sha512: 13 };
  const ec = { md5: '1', sha1: '1', sha256: '3.2', sha384: '3.3', sha512: '3.4' };
  if (key.asymmetricKeyType === 'ed25519') return sequence(oidAsn1('1.3.101.112'));
  if (digest === 'sha256-pss') return asn1.fromDer(forge.util.hexToBytes(PSS_WITH_SHA256));
  if (key.asymmetricKeyType === 'ec') return sequence(oidAsn1(`1.2.840.10045.4.${ec[digest]}`));
  return sequence(
    oidAsn1(`1.2.840.113549.1.1.${rsa[digest]}`),
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, ''),
  );
}

function signWith(key: KeyObject, digest: Digest, bytes: Buffer): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sign(null, bytes, key);
  if (digest !== 'sha256-pss') return sign(digest, bytes, key);
  return sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
}

function sequence(...children: Asn1[]): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, children);
}

function oidAsn1(oid: string): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(oid).getBytes());
}

function bitString(bytes: Buffer): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${bytes.toString('binary')}`);
}

function toDer(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'binary');
}

function spkiDer(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function exportSpki(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function keyId(key: KeyObject): string {
  return createHash('sha1').update(spkiDer(key)).digest('hex');
}

/** The extensions of a certificate that decide what it may be used for. */

import type { Der } from './der.ts';
import {
  expectTag,
  readBitString,
  readBoolean,
  readChildren,
  readDer,
  readOid,
  readSmallInteger,
  TAG,
  UnreadableDer,
} from './der.ts';
import { printable } from './distinguished-name.ts';

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

export const EXTENDED_KEY_USAGE = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** In the order of the bits, RFC 5280 4.2.1.3. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

export interface Extensions {
  /** Undefined: the certificate does not say, which means it is no CA. */
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength?: number } | undefined;
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
  /** OIDs. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectAltNames: { readonly dns: readonly string[]; readonly ips: readonly string[] };
  /** Lower-case hex. */
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
  /** Of the issuer's own certificate, as `Certificate.serial`. */
  readonly authoritySerial: string | undefined;
  readonly hasNameConstraints: boolean;
  /** OIDs of every extension marked critical. */
  readonly critical: readonly string[];
}

/** @param list the `[3]` of a TBSCertificate, or undefined when there is none */
export function readExtensions(list: Der | undefined): Extensions {
  const values = new Map<string, Uint8Array>();
  const critical: string[] = [];
  for (const extension of list === undefined ? [] : readChildren(readDer(list.content, TAG.sequence))) {
    const [id, ...rest] = readChildren(expectTag(extension, TAG.sequence));
    const oid = readOid(id);
    if (values.has(oid)) throw new UnreadableDer(`extension ${oid} given twice`);
    // An explicit `critical FALSE` is not DER, but common enough that every reader takes it.
    const flag = rest.length === 2 ? rest.shift() : undefined;
    if (flag !== undefined && readBoolean(flag)) critical.push(oid);
    if (rest.length !== 1) throw new UnreadableDer(`extension ${oid} without one value`);
    values.set(oid, expectTag(rest[0], TAG.octetString).content);
  }
  const read = <T>(oid: string, reader: (value: Der) => T): T | undefined => {
    const value = values.get(oid);
    return value === undefined ? undefined : reader(readDer(value));
  };
  return {
    basicConstraints: read(EXTENSION.basicConstraints, readBasicConstraints),
    keyUsage: read(EXTENSION.keyUsage, readKeyUsage),
    extendedKeyUsage: read(EXTENSION.extendedKeyUsage, readExtendedKeyUsage),
    subjectAltNames: read(EXTENSION.subjectAltName, readSubjectAltNames) ?? { dns: [], ips: [] },
    subjectKeyId: read(EXTENSION.subjectKeyIdentifier, (value) =>
      hex(expectTag(value, TAG.octetString).content),
    ),
    authorityKeyId: read(EXTENSION.authorityKeyIdentifier, (value) => partOfAuthority(value, 0x80)),
    authoritySerial: read(EXTENSION.authorityKeyIdentifier, (value) =>
      partOfAuthority(value, 0x82)?.replace(/^(00)+(?=..)/, ''),
    ),
    hasNameConstraints: values.has(EXTENSION.nameConstraints),
    critical,
  };
}

function readBasicConstraints(value: Der): { ca: boolean; pathLength?: number } {
  const parts = readChildren(expectTag(value, TAG.sequence));
  const ca = parts[0]?.tag === TAG.boolean ? readBoolean(parts.shift()) : false;
  const pathLength = parts.length > 0 ? readSmallInteger(parts.shift()) : undefined;
  if (parts.length > 0) throw new UnreadableDer('basic constraints with more than two parts');
  return pathLength === undefined ? { ca } : { ca, pathLength };
}

function readKeyUsage(value: Der): ReadonlySet<KeyUsage> {
  const { bytes, unusedBits } = readBitString(value);
  const used = bytes.length * 8 - unusedBits;
  return new Set(
    KEY_USAGES.filter((_, bit) => bit < used && ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0),
  );
}

function readExtendedKeyUsage(value: Der): string[] {
  const usages = readChildren(expectTag(value, TAG.sequence)).map(readOid);
  if (usages.length === 0) throw new UnreadableDer('an empty extended key usage');
  return usages;
}

function readSubjectAltNames(value: Der): { dns: string[]; ips: string[] } {
  const dns: string[] = [];
  const ips: string[] = [];
  for (const { tag, content } of readChildren(expectTag(value, TAG.sequence))) {
    if (tag === 0x82) dns.push(printable(Buffer.from(content).toString('latin1'), 255));
    if (tag === 0x87) ips.push(addressText(content));
  }
  return { dns, ips };
}

function partOfAuthority(value: Der, wanted: number): string | undefined {
  const part = readChildren(expectTag(value, TAG.sequence)).find(({ tag }) => tag === wanted);
  return part === undefined ? undefined : hex(part.content);
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  return (hex(bytes).match(/.{1,4}/g) ?? []).join(':');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

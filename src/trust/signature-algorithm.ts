/**
 * Signature algorithms of certificates: the allow-list. SHA-2 with RSA (PKCS #1, PSS), ECDSA, and Ed25519.
 */
import type { Der } from './der.ts';
import { expectTag, readChildren, readDer, readOid, readSmallInteger, TAG, UnreadableDer } from './der.ts';

export interface SignatureAlgorithm {
  readonly oid: string;
  /** Name of an allowed algorithm, like `RSA-SHA256`; undefined when it is not allowed. */
  readonly allowed: string | undefined;
}

const RSA: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'RSA-SHA256',
  '1.2.840.113549.1.1.12': 'RSA-SHA384',
  '1.2.840.113549.1.1.13': 'RSA-SHA512',
};
const WITHOUT_PARAMETERS: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'ECDSA-SHA256',
  '1.2.840.10045.4.3.3': 'ECDSA-SHA384',
  '1.2.840.10045.4.3.4': 'ECDSA-SHA512',
  '1.3.101.112': 'Ed25519',
};
const RSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const DIGESTS: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  '2.16.840.1.101.3.4.2.1': { name: 'SHA256', bytes: 32 },
  '2.16.840.1.101.3.4.2.2': { name: 'SHA384', bytes: 48 },
  '2.16.840.1.101.3.4.2.3': { name: 'SHA512', bytes: 64 },
};

export function readSignatureAlgorithm(algorithm: Der): SignatureAlgorithm {
  const [type, parameters, ...rest] = readChildren(expectTag(algorithm, TAG.sequence));
  if (rest.length > 0) throw new UnreadableDer('a signature algorithm with more than two parts');
  const oid = readOid(type);
  if (oid === RSA_PSS) return { oid, allowed: parameters === undefined ? undefined : readPss(parameters) };
  if (RSA[oid] !== undefined) return { oid, allowed: isNull(parameters) ? RSA[oid] : undefined };
  return { oid, allowed: parameters === undefined ? WITHOUT_PARAMETERS[oid] : undefined };
}

/**
 * RFC 4055 3.1. Left-out fields mean SHA-1, so hash and mask must both be there, agree, and use a salt of the
 * hash's length.
 */
function readPss(parameters: Der): string | undefined {
  const fields = new Map<number, Der>();
  for (const field of readChildren(expectTag(parameters, TAG.sequence))) {
    if (fields.has(field.tag)) throw new UnreadableDer('a signature parameter given twice');
    fields.set(field.tag, readDer(field.content));
  }
  const digest = readDigest(fields.get(0xa0));
  const [maskType, maskHash] = readChildren(fields.get(0xa1) ?? parameters);
  if (digest === undefined || maskType?.tag !== TAG.oid || readOid(maskType) !== MGF1) return undefined;
  const sameHash = readDigest(maskHash)?.name === digest.name;
  const salt = fields.get(0xa2);
  const soundSalt = salt !== undefined && readSmallInteger(salt) === digest.bytes;
  const trailer = fields.get(0xa3);
  const soundTrailer = trailer === undefined || readSmallInteger(trailer) === 1;
  return sameHash && soundSalt && soundTrailer ? `RSA-PSS-${digest.name}` : undefined;
}

function readDigest(
  algorithm: Der | undefined,
): { readonly name: string; readonly bytes: number } | undefined {
  if (algorithm?.tag !== TAG.sequence) return undefined;
  const [type, parameters] = readChildren(algorithm);
  if (parameters !== undefined && !isNull(parameters)) return undefined;
  return DIGESTS[readOid(type)];
}

function isNull(der: Der | undefined): boolean {
  return der?.tag === TAG.null && der.content.length === 0;
}

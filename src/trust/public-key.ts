/** Public keys: what a SubjectPublicKeyInfo says, and which keys are strong enough. */
import type { Der } from './der.ts';
import {
  expectTag,
  readBitString,
  readChildren,
  readDer,
  readOid,
  readUnsigned,
  TAG,
  UnreadableDer,
} from './der.ts';

export type PublicKeyFacts =
  | { readonly type: 'rsa'; readonly bits: number; readonly exponent: bigint }
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'ed25519' }
  | { readonly type: 'other'; readonly oid: string };

const CURVES: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

export function readPublicKey(spki: Der): PublicKeyFacts {
  const [algorithm, key, ...rest] = readChildren(expectTag(spki, TAG.sequence));
  if (rest.length > 0) throw new UnreadableDer('a public key with more than two parts');
  const [type, parameters, ...more] = readChildren(expectTag(algorithm, TAG.sequence));
  if (more.length > 0) throw new UnreadableDer('a key algorithm with more than two parts');
  const oid = readOid(type);
  const { bytes, unusedBits } = readBitString(key);
  if (unusedBits !== 0) throw new UnreadableDer('a public key that is not whole bytes');
  if (oid === '1.2.840.113549.1.1.1') return readRsa(bytes);
  if (oid === '1.2.840.10045.2.1') {
    // A curve spelled out in parameters is never read: only names are compared (RFC 5480 2.1.1 forbids the
    // rest).
    if (parameters?.tag !== TAG.oid) return { type: 'other', oid };
    const curve = readOid(parameters);
    return { type: 'ec', curve: CURVES[curve] ?? curve };
  }
  if (oid === '1.3.101.112' && parameters === undefined && bytes.length === 32) return { type: 'ed25519' };
  return { type: 'other', oid };
}

function readRsa(bytes: Uint8Array): PublicKeyFacts {
  const [modulus, exponent, ...rest] = readChildren(readDer(bytes, TAG.sequence));
  if (rest.length > 0) throw new UnreadableDer('an RSA key with more than two numbers');
  const n = readUnsigned(modulus);
  const bits = n.length * 8 - (Math.clz32(n[0] ?? 0) - 24);
  const e = readUnsigned(exponent);
  return { type: 'rsa', bits, exponent: BigInt(`0x${Buffer.from(e).toString('hex')}`) };
}

const RSA_LEAST_BITS = 2048;
const RSA_MOST_BITS = 8192;
/** FIPS 186-5 5.1 wants an odd exponent above 2^16; OpenSSL itself stops at 64 bits for keys above 3072. */
const LEAST_EXPONENT = 65537n;
const MOST_EXPONENT = 2n ** 64n;

/** What is wrong with a key for our purpose, or undefined. RSA 2048 to 8192, P-256, P-384, P-521, Ed25519. */
export function checkKey(
  key: PublicKeyFacts,
): { readonly reason: 'weak_key' | 'key_type'; readonly detail: string } | undefined {
  switch (key.type) {
    case 'rsa':
      if (key.bits < RSA_LEAST_BITS || key.bits > RSA_MOST_BITS) {
        return { reason: 'weak_key', detail: `an RSA key of ${key.bits} bits; 2048 to 8192 are taken` };
      }
      return isSoundExponent(key.exponent)
        ? undefined
        : { reason: 'weak_key', detail: 'an RSA exponent that is even, below 65537 or above 64 bits' };
    case 'ec':
      return Object.values(CURVES).includes(key.curve)
        ? undefined
        : { reason: 'key_type', detail: `an EC key on curve ${key.curve}; P-256, P-384 and P-521 are taken` };
    case 'ed25519':
      return undefined;
    case 'other':
      return { reason: 'key_type', detail: `a key of type ${key.oid}; RSA, EC and Ed25519 are taken` };
  }
}

/**
 * Whether it is safe to hand the key to the crypto library for checking a signature. Wider than `checkKey`,
 * so that a chain through a weak key is still followed and named for what it is; never so wide that one check
 * could take long.
 */
export function isUsableKey(key: PublicKeyFacts): boolean {
  if (key.type === 'rsa') return key.bits >= 512 && key.bits <= RSA_MOST_BITS && key.exponent < MOST_EXPONENT;
  return checkKey(key) === undefined;
}

function isSoundExponent(exponent: bigint): boolean {
  return exponent >= LEAST_EXPONENT && exponent < MOST_EXPONENT && exponent % 2n === 1n;
}

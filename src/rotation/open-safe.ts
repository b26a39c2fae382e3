/**
 * What a passphrase opens in a PKCS #12 file: its seal, and its encrypted parts. RFC 7292 5 and B, RFC 8018 6.2.
 *
 * Each file says itself how many rounds its keys take, and may come from anybody. They are added up before they are
 * computed, so that one file takes about a second at most.
 */
import { createHmac, pbkdf2Sync } from 'node:crypto';
import forge from 'node-forge';
import { UnreadableDer } from '../trust/der.ts';
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf, tagOf } from './container-asn1.ts';
import { decipher, decipherRc2 } from './safe-ciphers.ts';
import { UnfitFile } from './unfit-file.ts';

/** Opens parts of one file; the rounds of all are added up. */
export interface SafeOpener {
  /** `unknown` when it is sealed in a way that is not read here. */
  checkSeal(macData: Asn1, sealed: Uint8Array): 'sound' | 'broken' | 'unknown';
  /** @returns undefined when the passphrase does not open it */
  decrypt(algorithm: Asn1 | undefined, encrypted: Uint8Array): Buffer | undefined;
}

/**
 * In microseconds, as measured on 2 cores of 2024: PBKDF2 in OpenSSL 0.7 to 1.0 a round, the key derivation of
 * PKCS #12 in forge 2.3 (SHA-1) to 7.4 (SHA-512). Java 8 wants 100,000 rounds for the seal, NSS 600,000 of PBKDF2.
 */
const PBKDF2_COST = 1;
const PKCS12_COST: Readonly<Record<Digest, number>> = { sha1: 2.5, sha256: 3.5, sha384: 8, sha512: 8 };
const COST_LIMIT_MICROSECONDS = 1_000_000;
const SALT_LIMIT_BYTES = 1_024;
const BY_HAND =
  'take the certificates out yourself: openssl pkcs12 -in FILE -nokeys -out FILE.pem, and stage FILE.pem';

type Digest = 'sha1' | 'sha256' | 'sha384' | 'sha512';
const DIGESTS: Readonly<Record<string, Digest>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const DIGEST_BYTES: Readonly<Record<Digest, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };
const HMACS: Readonly<Record<string, Digest>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const CIPHERS: Readonly<
  Record<string, { readonly name: string; readonly key: number; readonly iv: number }>
> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', key: 16, iv: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', key: 24, iv: 16 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', key: 32, iv: 16 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', key: 24, iv: 8 },
};
/** The ciphers of PKCS #12 itself. RC2 with 40 bits is what Windows and OpenSSL 1 use for certificates. */
const OLD_CIPHERS: Readonly<Record<string, { readonly name: 'des-ede3-cbc' | 'rc2'; readonly key: number }>> =
  {
    '1.2.840.113549.1.12.1.3': { name: 'des-ede3-cbc', key: 24 },
    '1.2.840.113549.1.12.1.5': { name: 'rc2', key: 16 },
    '1.2.840.113549.1.12.1.6': { name: 'rc2', key: 5 },
  };
/** What a derived key is for. */
const OLD_KEY = 1;
const OLD_IV = 2;
const OLD_SEAL = 3;

export type Charge = (rounds: number, microsecondsEach: number) => void;

/** Adds up what one file costs, whatever is tried on it. */
export function createCharge(): Charge {
  let cost = 0;
  return (rounds, microsecondsEach) => {
    cost += rounds * microsecondsEach;
    if (rounds >= 1 && cost <= COST_LIMIT_MICROSECONDS) return;
    throw new UnfitFile(`its passphrase is guarded by ${rounds} rounds, which is not computed here`, BY_HAND);
  };
}

/** @param passphrase undefined is "none at all", which some programs tell from an empty one */
export function createSafeOpener(passphrase: string | undefined, charge: Charge): SafeOpener {
  /** RFC 7292 B.2. */
  const deriveOld = (
    purpose: number,
    salt: Buffer,
    rounds: number,
    digest: Digest,
    length: number,
  ): Buffer => {
    charge(rounds, PKCS12_COST[digest] * Math.ceil(length / DIGEST_BYTES[digest]));
    const buffer = forge.util.createBuffer(salt.toString('latin1'));
    const md = forge.md[digest].create();
    const key = forge.pkcs12.generateKey(passphrase, buffer, purpose, rounds, length, md);
    return Buffer.from(key.getBytes(), 'latin1');
  };

  const decryptPbes2 = (parameters: Asn1 | undefined, encrypted: Uint8Array): Buffer | undefined => {
    const [derivation, scheme] = childrenOf(parameters, 0x30);
    const [kdf, settings] = childrenOf(derivation, 0x30);
    const [cipherId, ivValue] = childrenOf(scheme, 0x30);
    const cipher = CIPHERS[oidOf(cipherId)];
    if (oidOf(kdf) !== PBKDF2 || cipher === undefined) throw notRead();
    const [saltValue, count, ...rest] = childrenOf(settings, 0x30);
    const prf = rest.find((each) => tagOf(each) === 0x30);
    const digest = prf === undefined ? 'sha1' : HMACS[oidOf(childrenOf(prf, 0x30)[0])];
    if (digest === undefined) throw notRead();
    const rounds = integerOf(count);
    charge(rounds, PBKDF2_COST);
    const key = pbkdf2Sync(passphrase ?? '', saltOf(saltValue), rounds, cipher.key, digest);
    return decipher(cipher.name, key, ivOf(ivValue, cipher.iv), encrypted);
  };

  const decryptOld = (
    { name, key: length }: { readonly name: string; readonly key: number },
    parameters: Asn1 | undefined,
    encrypted: Uint8Array,
  ): Buffer | undefined => {
    const [saltValue, count] = childrenOf(parameters, 0x30);
    const salt = saltOf(saltValue);
    const rounds = integerOf(count);
    const key = deriveOld(OLD_KEY, salt, rounds, 'sha1', length);
    const iv = deriveOld(OLD_IV, salt, rounds, 'sha1', 8);
    return name === 'rc2' ? decipherRc2(key, iv, encrypted) : decipher(name, key, iv, encrypted);
  };

  return {
    checkSeal(macData, sealed) {
      const [digestInfo, saltValue, count] = childrenOf(macData, 0x30);
      const [algorithm, expected] = childrenOf(digestInfo, 0x30);
      const digest = DIGESTS[oidOf(childrenOf(algorithm, 0x30)[0])];
      if (digest === undefined) return 'unknown';
      const rounds = count === undefined ? 1 : integerOf(count);
      const key = deriveOld(OLD_SEAL, saltOf(saltValue), rounds, digest, DIGEST_BYTES[digest]);
      const seal = createHmac(digest, key).update(sealed).digest();
      return seal.equals(octetsOf(expected)) ? 'sound' : 'broken';
    },

    decrypt(algorithm, encrypted) {
      const [type, parameters] = childrenOf(algorithm, 0x30);
      const oid = oidOf(type);
      if (oid === PBES2) return decryptPbes2(parameters, encrypted);
      const old = OLD_CIPHERS[oid];
      if (old === undefined) throw notRead();
      return decryptOld(old, parameters, encrypted);
    },
  };
}

function saltOf(value: Asn1 | undefined): Buffer {
  const salt = octetsOf(value);
  if (salt.length > SALT_LIMIT_BYTES) throw new UnreadableDer('a salt of more than 1,024 bytes');
  return salt;
}

function ivOf(value: Asn1 | undefined, length: number): Buffer {
  const iv = octetsOf(value);
  if (iv.length !== length) throw new UnreadableDer('an initial vector of the wrong length');
  return iv;
}

function notRead(): UnfitFile {
  return new UnfitFile('it is encrypted in a way that is not read here', BY_HAND);
}

/**
 * A certificate revocation list, read by our own strict reader, in short turns: a list of 50,000 serial numbers
 * must not hold the event loop while orders wait. OpenSSL's own check is not used: one stale list there
 * refuses everybody, and it wants a list for the issuer of the pinned certificate, too.
 */
import type { KeyObject } from 'node:crypto';
import { constants, createHash, verify } from 'node:crypto';
import type { Der } from './der.ts';
import {
  expectTag,
  readBitString,
  readBoolean,
  readChildren,
  readDer,
  readDerAt,
  readOid,
  readSmallInteger,
  readTime,
  TAG,
  UnreadableDer,
} from './der.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { readDistinguishedName } from './distinguished-name.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';
import { readSignatureAlgorithm } from './signature-algorithm.ts';

/** What a list says; not yet that it is true. */
export interface Crl {
  readonly issuer: DistinguishedName;
  readonly thisUpdate: Date;
  /** RFC 5280 5.1.2.5 asks for it; without it nobody could tell when the list has grown old. */
  readonly nextUpdate: Date | undefined;
  /** Lower-case hex, as `Certificate.serial`. */
  readonly serials: ReadonlySet<string>;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** What is signed, and the signature. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Why the list does not say all it seems to say, with the remedy. */
  readonly unfit: { readonly what: string; readonly hint: string } | undefined;
}

const DELTA = '2.5.29.27';
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
/** Below 1 ms of work each, once the code is warm. */
const ENTRIES_A_TURN = 250;
const BYTES_A_TURN = 262_144;

/**
 * @throws {UnreadableDer} when the bytes are not one list in DER with nothing after it
 * @see RFC 5280 5.1
 */
export function* readCrl(der: Uint8Array): Generator<undefined, Crl, void> {
  const [tbs, outerAlgorithm, signature, ...rest] = readChildren(readDer(der, TAG.sequence));
  if (rest.length > 0) throw new UnreadableDer('a revocation list with more than three parts');
  const fields = readChildren(expectTag(tbs, TAG.sequence));
  const version = fields[0]?.tag === TAG.integer ? readSmallInteger(fields.shift()) : 0;
  if (version > 1) throw new UnreadableDer(`a revocation list of version ${version + 1}`);
  const algorithm = expectTag(fields.shift(), TAG.sequence);
  if (!Buffer.from(algorithm.raw).equals(expectTag(outerAlgorithm, TAG.sequence).raw)) {
    throw new UnreadableDer('the signature algorithm inside differs from the one outside');
  }
  const { bytes, unusedBits } = readBitString(signature);
  if (unusedBits !== 0) throw new UnreadableDer('a signature that is not whole bytes');
  const issuer = readDistinguishedName(expectTag(fields.shift(), TAG.sequence));
  const thisUpdate = readTime(fields.shift());
  const isTime = fields[0]?.tag === TAG.utcTime || fields[0]?.tag === TAG.generalizedTime;
  const nextUpdate = isTime ? readTime(fields.shift()) : undefined;
  const entries = fields[0]?.tag === TAG.sequence ? fields.shift() : undefined;
  const extensions = version === 1 && fields[0]?.tag === 0xa0 ? fields.shift() : undefined;
  if (fields.length > 0) throw new UnreadableDer('a revocation list with an unknown part');
  const { serials, critical } = yield* readEntries(entries);
  return {
    issuer,
    thisUpdate,
    nextUpdate,
    serials,
    fingerprint: yield* digest(der),
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
    signed: expectTag(tbs, TAG.sequence).raw,
    signature: bytes,
    unfit: explainUnfit(
      extensions === undefined ? [] : readExtensionIds(readDer(extensions.content)),
      critical,
    ),
  };
}

function* readEntries(
  list: Der | undefined,
): Generator<undefined, { serials: Set<string>; critical: string[] }, void> {
  const serials = new Set<string>();
  const critical = new Set<string>();
  const bytes = list?.content ?? new Uint8Array();
  let count = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const entry = readDerAt(bytes, offset);
    offset += entry.raw.length;
    const [serial, , extensions, ...rest] = readChildren(expectTag(entry, TAG.sequence));
    if (rest.length > 0) throw new UnreadableDer('a revoked certificate with more than three parts');
    serials.add(serialOf(serial));
    if (extensions !== undefined) {
      for (const extension of readExtensionIds(extensions)) {
        if (extension.critical) critical.add(extension.oid);
      }
    }
    count += 1;
    if (count % ENTRIES_A_TURN === 0) yield;
  }
  return { serials, critical: [...critical] };
}

/** Lists of old hold serial numbers that no certificate we read can have; they do no harm. */
function serialOf(der: Der | undefined): string {
  const hex = Buffer.from(expectTag(der, TAG.integer).content).toString('hex');
  return hex.replace(/^(00)+(?=..)/, '');
}

function readExtensionIds(list: Der): { readonly oid: string; readonly critical: boolean }[] {
  return readChildren(expectTag(list, TAG.sequence)).map((extension) => {
    const [id, flag] = readChildren(expectTag(extension, TAG.sequence));
    return { oid: readOid(id), critical: flag?.tag === TAG.boolean && readBoolean(flag) };
  });
}

/** A list that covers a part of an issuer's certificates would be taken for the whole. */
function explainUnfit(
  extensions: readonly { readonly oid: string; readonly critical: boolean }[],
  inEntries: readonly string[],
): Crl['unfit'] {
  const has = (oid: string): boolean => extensions.some((each) => each.oid === oid);
  if (has(DELTA)) {
    return {
      what: 'a delta list: it holds only what changed since another one',
      hint: 'fetch the complete list of this issuer instead',
    };
  }
  if (has(ISSUING_DISTRIBUTION_POINT)) {
    return {
      what: "a partial or indirect list (issuing distribution point): it does not speak for all of its issuer's certificates",
      hint: 'fetch the complete list of this issuer instead; if there is none, revocation cannot be judged from files',
    };
  }
  const [unknown] = [...extensions.filter(({ critical }) => critical).map(({ oid }) => oid), ...inEntries];
  if (unknown === undefined) return undefined;
  return {
    what: `a list with the critical extension ${unknown}, which is not understood here`,
    hint: 'fetch a plain list of this issuer, or take the file out',
  };
}

function* digest(bytes: Uint8Array): Generator<undefined, string, void> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < bytes.length; offset += BYTES_A_TURN) {
    hash.update(bytes.subarray(offset, offset + BYTES_A_TURN));
    yield;
  }
  return hash.digest('hex');
}

/** Whether this key signed the list. Runs beside the event loop, in libuv's threads. */
export function isSignedBy({ signed, signature, signatureAlgorithm }: Crl, key: KeyObject): Promise<boolean> {
  const { allowed } = signatureAlgorithm;
  if (allowed === undefined) return Promise.resolve(false);
  const digestName = /SHA(256|384|512)$/.exec(allowed)?.[0].toLowerCase() ?? null;
  const isPss = allowed.startsWith('RSA-PSS');
  const options = isPss
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { key };
  return new Promise((resolve) => {
    try {
      // A key that does not fit the algorithm is an error, and proves nothing.
      verify(digestName, signed, options, signature, (error, isSound) => resolve(error === null && isSound));
    } catch {
      resolve(false);
    }
  });
}

/** PKCS #7 and PKCS #12 files for tests, written byte by byte, so that they can hold any key and be wrong in every way. */
import { createCipheriv, createHmac, pbkdf2Sync } from 'node:crypto';
import forge from 'node-forge';
import { der } from './crl.ts';

const { asn1 } = forge;

/** Parts of a SEQUENCE, in DER or as Windows and Java may write it: open lengths, octets in pieces. */
interface Form {
  wrap(tag: number, ...parts: readonly Uint8Array[]): Buffer;
  octets(tag: number, bytes: Uint8Array): Buffer;
}

export const DER_FORM: Form = { wrap: der, octets: der };
export const BER_FORM: Form = {
  wrap: (tag, ...parts) => Buffer.concat([Buffer.of(tag, 0x80), ...parts, Buffer.of(0, 0)]),
  octets(tag, bytes) {
    const half = Math.ceil(bytes.length / 2);
    const pieces = [bytes.subarray(0, half), bytes.subarray(half)].map((piece) => der(0x04, piece));
    return BER_FORM.wrap(tag | 0x20, ...pieces);
  },
};

export function oid(dotted: string): Buffer {
  return der(0x06, Buffer.from(asn1.oidToDer(dotted).getBytes(), 'latin1'));
}

const NULL = Buffer.of(0x05, 0x00);
const DATA = '1.2.840.113549.1.7.1';

/** A certs-only SignedData. */
export function pkcs7(
  certificates: readonly Uint8Array[],
  {
    form = DER_FORM,
    type = '1.2.840.113549.1.7.2',
    crls = [],
  }: { form?: Form; type?: string; crls?: readonly Uint8Array[] } = {},
): Buffer {
  const { wrap } = form;
  const signedData = wrap(
    0x30,
    der(0x02, Buffer.of(1)),
    der(0x31),
    wrap(0x30, oid(DATA)),
    wrap(0xa0, ...certificates),
    ...(crls.length === 0 ? [] : [wrap(0xa1, ...crls)]),
    der(0x31),
  );
  return wrap(0x30, oid(type), wrap(0xa0, signedData));
}

export interface Pkcs12Order {
  readonly certificates: readonly Uint8Array[];
  /** Undefined: nothing is encrypted and there is no seal. */
  readonly passphrase?: string;
  readonly form?: Form;
  /** Of the encryption, and of the seal. */
  readonly rounds?: number;
  readonly sealRounds?: number;
  readonly cipher?: 'aes' | 'rc2';
  /** Adds a key bag: `open` among what is not encrypted, `hidden` among what is. */
  readonly key?: 'open' | 'hidden';
}

export function pkcs12(order: Pkcs12Order): Buffer {
  const { form = DER_FORM, passphrase, key } = order;
  const { wrap, octets } = form;
  const content = (bytes: Uint8Array): Buffer => wrap(0x30, oid(DATA), wrap(0xa0, octets(0x04, bytes)));
  const certificateBags = order.certificates.map((certificate) =>
    bag('3', wrap(0x30, oid('1.2.840.113549.1.9.22.1'), wrap(0xa0, octets(0x04, certificate)))),
  );
  const keyBag = bag('2', wrap(0x30, algorithm('1.2.840.113549.1.5.13'), octets(0x04, Buffer.alloc(64))));
  const safe = wrap(0x30, ...certificateBags, ...(key === 'hidden' ? [keyBag] : []));
  const parts = [
    passphrase === undefined ? content(safe) : encrypted(safe, order, form),
    ...(key === 'open' ? [content(wrap(0x30, keyBag))] : []),
  ];
  const sealed = wrap(0x30, ...parts);
  return wrap(
    0x30,
    der(0x02, Buffer.of(3)),
    content(sealed),
    ...(passphrase === undefined ? [] : [sealOf(sealed, passphrase, order.sealRounds ?? 10)]),
  );
}

function bag(kind: string, value: Uint8Array): Buffer {
  return der(0x30, oid(`1.2.840.113549.1.12.10.1.${kind}`), der(0xa0, value));
}

function encrypted(plain: Buffer, { passphrase = '', rounds = 10, cipher }: Pkcs12Order, form: Form): Buffer {
  const salt = Buffer.from('saltsalt');
  const { wrap, octets } = form;
  const [scheme, bytes] =
    cipher === 'rc2' ? withRc2(plain, passphrase, salt, rounds) : withAes(plain, passphrase, salt, rounds);
  const info = wrap(0x30, oid(DATA), scheme, octets(0x80, bytes));
  return wrap(0x30, oid('1.2.840.113549.1.7.6'), wrap(0xa0, wrap(0x30, der(0x02, Buffer.of(0)), info)));
}

function withAes(plain: Buffer, passphrase: string, salt: Buffer, rounds: number): [Buffer, Buffer] {
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv(
    'aes-256-cbc',
    pbkdf2Sync(passphrase, salt, Math.min(rounds, 10_000), 32, 'sha256'),
    iv,
  );
  const prf = der(0x30, oid('1.2.840.113549.2.9'), NULL);
  const derivation = der(
    0x30,
    oid('1.2.840.113549.1.5.12'),
    der(0x30, der(0x04, salt), integer(rounds), prf),
  );
  const scheme = der(0x30, oid('2.16.840.1.101.3.4.1.42'), der(0x04, iv));
  return [
    der(0x30, oid('1.2.840.113549.1.5.13'), der(0x30, derivation, scheme)),
    Buffer.concat([cipher.update(plain), cipher.final()]),
  ];
}

function withRc2(plain: Buffer, passphrase: string, salt: Buffer, rounds: number): [Buffer, Buffer] {
  const derive = (purpose: number, length: number): string =>
    deriveOld(passphrase, salt, purpose, rounds, length);
  const cipher = forge.rc2.createEncryptionCipher(derive(1, 5), 40);
  cipher.start(derive(2, 8));
  cipher.update(forge.util.createBuffer(plain.toString('latin1')));
  cipher.finish();
  return [
    der(0x30, oid('1.2.840.113549.1.12.1.6'), der(0x30, der(0x04, salt), integer(rounds))),
    Buffer.from(cipher.output.getBytes(), 'latin1'),
  ];
}

function sealOf(sealed: Buffer, passphrase: string, rounds: number): Buffer {
  const salt = Buffer.from('seal');
  const key = Buffer.from(deriveOld(passphrase, salt, 3, Math.min(rounds, 1_000), 20), 'latin1');
  const digest = createHmac('sha1', key).update(sealed).digest();
  const info = der(0x30, algorithm('1.3.14.3.2.26'), der(0x04, digest));
  return der(0x30, info, der(0x04, salt), integer(rounds));
}

function deriveOld(
  passphrase: string,
  salt: Buffer,
  purpose: number,
  rounds: number,
  length: number,
): string {
  const buffer = forge.util.createBuffer(salt.toString('latin1'));
  return forge.pkcs12
    .generateKey(passphrase, buffer, purpose, rounds, length, forge.md.sha1.create())
    .getBytes();
}

function algorithm(dotted: string): Buffer {
  return der(0x30, oid(dotted), NULL);
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.from(asn1.integerToDer(value).getBytes(), 'latin1'));
}

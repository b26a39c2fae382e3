/**
 * The certificates in a PKCS #12 file (`.p12`, `.pfx`), RFC 7292 4. One that holds a private key is refused before a
 * passphrase is tried on it, and no key is ever decrypted.
 */
import { UnreadableDer } from '../trust/der.ts';
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf, parseAsn1, tagOf } from './container-asn1.ts';
import { createCharge, createSafeOpener, type SafeOpener } from './open-safe.ts';
import type { Container } from './read-pkcs7.ts';
import { privateKeyFound, refuseTooMany, UnfitFile } from './unfit-file.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const NESTED_BAGS = '1.2.840.113549.1.12.10.1.6';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const PASSPHRASE_LIMIT = 1_024;

/**
 * @throws {UnfitFile} when it holds a private key, or the passphrase does not open it
 * @throws {UnreadableDer}
 */
export function readPkcs12(pfx: Asn1, passphrase = ''): Container {
  if (passphrase.length > PASSPHRASE_LIMIT) throw wrongPassphrase(passphrase);
  const [version, authSafe, macData] = childrenOf(pfx, 0x30);
  if (integerOf(version) !== 3) throw new UnreadableDer('a PKCS #12 file of another version than 3');
  const [type, content] = childrenOf(authSafe, 0x30);
  if (oidOf(type) !== DATA) {
    throw new UnfitFile(
      'this PKCS #12 file is sealed with a certificate, not with a passphrase',
      'ask for the certificates as .pem, .cer or .p7b',
    );
  }
  const sealed = octetsOf(childrenOf(content, 0xa0)[0]);
  const parts = childrenOf(parseAsn1(sealed), 0x30);
  const plain = parts.filter((part) => isOfType(part, DATA)).flatMap(readPlain);
  refuseKeys(plain);
  const { opener, warnings } = unseal(macData, sealed, passphrase);
  const opened = parts
    .filter((part) => !isOfType(part, DATA))
    .flatMap((part) => readEncrypted(part, opener, passphrase));
  refuseKeys(opened);
  const bags = [...plain, ...opened];
  const certificateBags = bags.filter(({ type }) => type === CERTIFICATE_BAG);
  refuseTooMany(certificateBags.length);
  const others = bags.length - certificateBags.length;
  return {
    certificates: certificateBags.map(readCertificateBag),
    warnings: [
      ...warnings,
      ...(others > 0 ? [`${others} entries in it that are no certificates are passed over`] : []),
    ],
  };
}

interface Bag {
  readonly type: string;
  readonly value: Asn1 | undefined;
}

/** An empty passphrase is written in two ways, so both are tried. */
function unseal(
  macData: Asn1 | undefined,
  sealed: Uint8Array,
  passphrase: string,
): { readonly opener: SafeOpener; readonly warnings: readonly string[] } {
  const charge = createCharge();
  const openers = [passphrase, ...(passphrase === '' ? [undefined] : [])].map((each) =>
    createSafeOpener(each, charge),
  );
  const [first] = openers as [SafeOpener];
  if (macData === undefined) {
    return { opener: first, warnings: ['the file has no seal: whether it was altered cannot be told'] };
  }
  for (const opener of openers) {
    const seal = opener.checkSeal(macData, sealed);
    if (seal === 'sound') return { opener, warnings: [] };
    if (seal === 'unknown') {
      return { opener, warnings: ['the seal of the file is of a kind that is not checked here'] };
    }
  }
  throw wrongPassphrase(passphrase);
}

function readPlain(part: Asn1): Bag[] {
  const [, content] = childrenOf(part, 0x30);
  return readBags(parseAsn1(octetsOf(childrenOf(content, 0xa0)[0])));
}

function readEncrypted(part: Asn1, opener: SafeOpener, passphrase: string): Bag[] {
  if (!isOfType(part, ENCRYPTED_DATA)) {
    throw new UnfitFile(
      'a part of this PKCS #12 file is encrypted for the key of a person',
      'ask for the certificates as .pem, .cer or .p7b',
    );
  }
  const [, content] = childrenOf(part, 0x30);
  const [, encrypted] = childrenOf(childrenOf(content, 0xa0)[0], 0x30);
  const [, algorithm, octets] = childrenOf(encrypted, 0x30);
  const plain = opener.decrypt(algorithm, octetsOf(octets, 0x80));
  if (plain === undefined) throw wrongPassphrase(passphrase);
  try {
    return readBags(parseAsn1(plain));
  } catch (error) {
    // One wrong key in 256 leaves a padding that looks sound.
    throw error instanceof UnreadableDer ? wrongPassphrase(passphrase) : error;
  }
}

/** Bags in bags too. They cannot be deeper than the parser goes. */
function readBags(safeContents: Asn1): Bag[] {
  return childrenOf(safeContents, 0x30).flatMap((bag) => {
    const [type, content] = childrenOf(bag, 0x30);
    const [value] = childrenOf(content, 0xa0);
    if (oidOf(type) === NESTED_BAGS && value !== undefined) return readBags(value);
    return [{ type: oidOf(type), value }];
  });
}

function refuseKeys(bags: readonly Bag[]): void {
  if (bags.some(({ type }) => type === KEY_BAG || type === SHROUDED_KEY_BAG)) throw privateKeyFound();
}

function readCertificateBag({ value }: Bag): Buffer {
  const [type, content] = childrenOf(value, 0x30);
  if (oidOf(type) !== X509_CERTIFICATE) throw new UnreadableDer('a certificate that is not X.509');
  return octetsOf(childrenOf(content, 0xa0)[0]);
}

function isOfType(part: Asn1, type: string): boolean {
  return tagOf(part) === 0x30 && oidOf(childrenOf(part, 0x30)[0]) === type;
}

function wrongPassphrase(passphrase: string): UnfitFile {
  return passphrase === ''
    ? new UnfitFile('it needs its passphrase', 'give the passphrase that came with the file')
    : new UnfitFile(
        'the passphrase does not open it, or the file was altered',
        'check the passphrase with whoever sent the file',
      );
}

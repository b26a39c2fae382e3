/** Files that are no certificates, told by what is in them: what people stage by mistake, each by its name. */
import { type Asn1, tagOf } from './container-asn1.ts';
import { ASK_FOR_PEM, FETCH_AGAIN, privateKeyFound, UnfitFile } from './unfit-file.ts';

const REQUEST = (line?: number): UnfitFile =>
  new UnfitFile(
    'this is a certificate signing request, not a certificate: nobody has signed it yet',
    ASK_FOR_PEM,
    line,
  );
const REVOCATION_LIST = (line?: number): UnfitFile =>
  new UnfitFile(
    'this is a certificate revocation list, not a certificate',
    'to judge by it, put it where trust.crls points; to stage a CA, fetch its certificate',
    line,
  );
const PUBLIC_KEY = (line?: number): UnfitFile =>
  new UnfitFile(
    'this is a bare public key, not a certificate: it has no name and no dates',
    ASK_FOR_PEM,
    line,
  );

const MAGIC: readonly { readonly hex: string; readonly what: string; readonly next: string }[] = [
  {
    hex: '504b0304',
    what: 'this is a ZIP archive, not a certificate',
    next: 'unpack it, and stage what is in it',
  },
  {
    hex: '1f8b',
    what: 'this is a gzip archive, not a certificate',
    next: 'unpack it, and stage what is in it',
  },
  { hex: '25504446', what: 'this is a PDF, not a certificate', next: ASK_FOR_PEM },
  ...['feedfeed', 'cececece'].map((hex) => ({
    hex,
    what: 'this is a Java keystore, which is not read here',
    next: 'write the certificate out: keytool -exportcert -rfc -alias ALIAS -keystore FILE -file FILE.pem',
  })),
];

/** @returns undefined when it begins like nothing known */
export function explainBinary(bytes: Uint8Array): UnfitFile | undefined {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const known = MAGIC.find(({ hex }) => start.startsWith(hex));
  return known && new UnfitFile(known.what, known.next);
}

/** A text, by how it begins. */
export function explainText(text: string): UnfitFile | undefined {
  const start = text.trimStart().slice(0, 2_048);
  if (/^(<!doctype html|<html|<head|<body|<\?xml[^>]*>\s*<(!doctype )?html)/i.test(start)) {
    return new UnfitFile(
      'this is a web page, not a certificate',
      'open it in a browser: it may be a sign-in or an error page. Then download the certificate itself',
    );
  }
  if (start.startsWith('<')) return new UnfitFile('this is an XML document, not a certificate', ASK_FOR_PEM);
  if (/^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-|sk-ssh-|---- BEGIN SSH2)/.test(start)) return sshKey();
  if (start.startsWith('PuTTY-User-Key-File')) return privateKeyFound(1);
  return undefined;
}

/** A PEM block by its label. Undefined for one that holds certificates. */
export function explainLabel(label: string, line: number): UnfitFile | undefined {
  if (label.includes('PRIVATE KEY')) return privateKeyFound(line);
  if (label.endsWith('CERTIFICATE REQUEST')) return REQUEST(line);
  if (label.endsWith('CRL')) return REVOCATION_LIST(line);
  if (label.startsWith('SSH2')) return sshKey(line);
  if (label.endsWith('PUBLIC KEY')) return PUBLIC_KEY(line);
  if (label.startsWith('PGP')) {
    return new UnfitFile('this is an OpenPGP message or key, not a certificate', ASK_FOR_PEM, line);
  }
  return undefined;
}

/** Something in DER that is neither a certificate nor a container of some. */
export function explainDer(value: Asn1): UnfitFile {
  const parts = partsOf(value);
  const shape = parts.map(tagOf);
  const [first] = parts;
  const inner = first === undefined ? [] : partsOf(first).map(tagOf);
  if (shape[0] === 0x02 && (shape[1] === 0x02 || shape[1] === 0x04 || shape[2] === 0x04)) {
    return privateKeyFound(); // PKCS #1, SEC 1, PKCS #8
  }
  if (shape[0] === 0x30 && shape[1] === 0x04) return privateKeyFound(); // PKCS #8, encrypted
  if (shape[0] === 0x30 && shape[1] === 0x03 && inner[0] === 0x06) return PUBLIC_KEY();
  if (shape[0] === 0x30 && shape[1] === 0x30 && shape[2] === 0x03) {
    if (inner.includes(0x17) || inner.includes(0x18)) return REVOCATION_LIST();
    if (inner[0] === 0x02 && inner.at(-1) === 0xa0) return REQUEST();
  }
  return new UnfitFile('this is neither a certificate nor a file that holds some', FETCH_AGAIN);
}

function partsOf(value: Asn1): readonly Asn1[] {
  return typeof value.value === 'string' ? [] : value.value;
}

function sshKey(line?: number): UnfitFile {
  return new UnfitFile('this is an SSH key, not a certificate for TLS', ASK_FOR_PEM, line);
}

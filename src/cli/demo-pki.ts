/**
 * A throw-away PKI for `sallyport demo`: a root, an intermediate that stands in for Coupa's, a client
 * certificate with Coupa's name, and a certificate for 127.0.0.1. Not for production, and every certificate
 * says so.
 */
import { createPrivateKey, generateKeyPair, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { Certificate } from '../trust/certificate.ts';
import { isIssuedBy, readCertificate } from '../trust/certificate.ts';
import { parsePemCertificates } from '../trust/pem.ts';

/** Paths of the files. */
export interface DemoPki {
  /** The pinned bundle: the intermediate alone, as Coupa publishes it. */
  readonly bundle: string;
  readonly serverChain: string;
  readonly serverKey: string;
  /** What a client needs to trust the server. */
  readonly serverCa: string;
  readonly clientChain: string;
  readonly clientKey: string;
  readonly clientName: string;
  readonly notAfter: Date;
  /** False when the files of an earlier run were still good. */
  readonly isNew: boolean;
}

const CLIENT_NAME = 'cxml-supplier.coupahost.com';
const ORGANISATION = 'Sallyport demo, NOT for production';
const DAY_MS = 86_400_000;
const VALID_DAYS = 30;
/** Clocks of containers and their hosts differ. */
const BACKDATED_MS = 3_600_000;

const { pki } = forge;
const makeKeyPair = promisify(generateKeyPair);

type FileName = 'bundle' | 'serverChain' | 'serverKey' | 'serverCa' | 'clientChain' | 'clientKey';

interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

interface Issued {
  readonly certificate: forge.pki.Certificate;
  readonly pem: string;
  readonly keyPem: string;
}

/**
 * Writes the files under `dir`, or uses those of an earlier run as long as all of them are valid for another
 * day.
 */
export async function createDemoPki(dir: string, now: Date = new Date()): Promise<DemoPki> {
  const path = (name: string): string => join(dir, name);
  const files = {
    bundle: path('DEMO-intermediate.pem'),
    serverChain: path('DEMO-server.pem'),
    serverKey: path('DEMO-server.key'),
    serverCa: path('DEMO-root.pem'),
    clientChain: path('DEMO-client.pem'),
    clientKey: path('DEMO-client.key'),
  };
  const until = await soundUntil(files);
  if (until !== undefined && until.getTime() > now.getTime() + DAY_MS) {
    return { ...files, clientName: CLIENT_NAME, notAfter: until, isNew: false };
  }
  const [rootKey, intermediateKey, clientKey, serverKey] = await Promise.all([
    newKey(),
    newKey(),
    newKey(),
    newKey(),
  ]);
  const root = issue({ name: 'Sallyport DEMO root', extensions: CA, key: rootKey, now });
  const intermediate = issue({
    name: 'Sallyport DEMO intermediate',
    extensions: CA,
    issuer: root,
    key: intermediateKey,
    now,
  });
  const client = issue({ name: CLIENT_NAME, extensions: CLIENT, issuer: intermediate, key: clientKey, now });
  const server = issue({
    name: 'Sallyport DEMO server',
    extensions: SERVER,
    issuer: root,
    key: serverKey,
    now,
  });
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
  await writeWhole(files.bundle, intermediate.pem, 0o644);
  await writeWhole(files.serverChain, server.pem, 0o644);
  await writeWhole(files.serverKey, server.keyPem, 0o600);
  await writeWhole(files.serverCa, root.pem, 0o644);
  await writeWhole(files.clientChain, client.pem + intermediate.pem, 0o644);
  await writeWhole(files.clientKey, client.keyPem, 0o600);
  const { notAfter } = client.certificate.validity;
  return { ...files, clientName: CLIENT_NAME, notAfter, isNew: true };
}

const CA = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
];
const LEAF = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
];
const CLIENT = [...LEAF, { name: 'extKeyUsage', clientAuth: true }];
const SERVER = [
  ...LEAF,
  { name: 'extKeyUsage', serverAuth: true },
  {
    name: 'subjectAltName',
    altNames: [
      { type: 2, value: 'localhost' },
      { type: 7, ip: '127.0.0.1' },
    ],
  },
];

/**
 * Keys are made by node:crypto: node-forge's own take seconds. Those of root and intermediate are never
 * written.
 */
function newKey(): Promise<KeyPair> {
  return makeKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function issue({
  name,
  extensions,
  issuer,
  key: { publicKey, privateKey },
  now,
}: {
  readonly name: string;
  readonly extensions: readonly object[];
  readonly issuer?: Issued;
  readonly key: KeyPair;
  readonly now: Date;
}): Issued {
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `4${randomBytes(16).toString('hex').slice(1)}`; // positive, 127 bits at most
  certificate.validity.notBefore = new Date(now.getTime() - BACKDATED_MS);
  certificate.validity.notAfter = new Date(now.getTime() + VALID_DAYS * DAY_MS);
  const subject = [
    { name: 'organizationName', value: ORGANISATION },
    { name: 'commonName', value: name },
  ];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer?.certificate.subject.attributes ?? subject);
  certificate.setExtensions([
    ...extensions,
    { name: 'subjectKeyIdentifier' },
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: (issuer?.certificate ?? certificate).generateSubjectKeyIdentifier().getBytes(),
    },
  ]);
  certificate.sign(pki.privateKeyFromPem(issuer?.keyPem ?? privateKey), forge.md.sha256.create());
  return { certificate, pem: pki.certificateToPem(certificate).replaceAll('\r', ''), keyPem: privateKey };
}

/**
 * When the first certificate of an earlier run ends. Undefined when a file is missing or unreadable, or when
 * they do not belong together, as after a run that was cut short.
 */
async function soundUntil(files: Record<FileName, string>): Promise<Date | undefined> {
  try {
    const [root, intermediate, server, client] = await Promise.all(
      [files.serverCa, files.bundle, files.serverChain, files.clientChain].map(readFirst),
    );
    if (root === undefined || intermediate === undefined || server === undefined || client === undefined)
      return undefined;
    const belongTogether =
      isIssuedBy(intermediate, root) &&
      isIssuedBy(client, intermediate) &&
      isIssuedBy(server, root) &&
      client.x509.checkPrivateKey(createPrivateKey(await readFile(files.clientKey))) &&
      server.x509.checkPrivateKey(createPrivateKey(await readFile(files.serverKey)));
    if (!belongTogether) return undefined;
    return new Date(
      Math.min(...[root, intermediate, server, client].map(({ notAfter }) => notAfter.getTime())),
    );
  } catch {
    return undefined; // whatever is wrong with them, they are made again
  }
}

async function readFirst(path: string): Promise<Certificate | undefined> {
  const [block] = parsePemCertificates(await readFile(path)).blocks;
  return block === undefined ? undefined : readCertificate(block.der);
}

/**
 * Beside its place first and then moved, so that a run cut short leaves no half file; the mode is right from
 * the first byte.
 */
async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, text, { mode });
  await chmod(beside, mode);
  await rename(beside, path);
}

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { writePem } from '../../src/trust/pem.ts';
import { createAuthority } from '../support/authority.ts';
import { BER_FORM, DER_FORM, pkcs7, pkcs12 } from '../support/containers.ts';
import { mintCrl } from '../support/crl.ts';
import { needsTool } from '../support/needs.ts';
import { createTestPki, type Minted, mintCa, type TestPki } from '../support/pki.ts';
import { dersOf, open, refusal } from './opening.ts';

const PASSPHRASE = 'pässword';

describe('openCandidate', () => {
  let pki: TestPki;
  let ec: Minted;
  before(() => {
    pki = createTestPki();
    ec = createAuthority('p-256').ca;
  });

  describe('reads', () => {
    it('PEM, with the line of each', () => {
      const text = `Coupa, new issuer\n${pki.intermediate.pem}\n${ec.pem}`;
      const { format, certificates, warnings } = open(text);
      expect(format).to.equal('PEM');
      expect(certificates.map(({ line }) => line)).to.deep.equal([
        2,
        text.split('\n').lastIndexOf('-----BEGIN CERTIFICATE-----') + 1,
      ]);
      expect(warnings).to.deep.equal([]);
    });

    it('PEM as Windows saves it', () => {
      const text = pki.bundlePem.replaceAll('\n', '\r\n');
      const big = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
      for (const bytes of [text, `\ufeff${text}`, Buffer.from(`\ufeff${text}`, 'utf16le'), big]) {
        expect(dersOf(open(Buffer.from(bytes as string)))).to.deep.equal([pki.intermediate.der]);
      }
      for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()]) {
        expect(dersOf(open(bytes))).to.deep.equal([pki.intermediate.der]);
      }
    });

    it('one certificate in DER, of every key', () => {
      for (const kind of ['rsa-2048', 'p-256', 'p-384', 'p-521', 'ed25519'] as const) {
        const { ca } = createAuthority(kind);
        const opened = open(ca.der);
        expect(opened.format).to.equal('DER');
        expect(dersOf(opened), kind).to.deep.equal([ca.der]);
      }
    });

    for (const [name, form] of [
      ['DER', DER_FORM],
      ['BER with open lengths', BER_FORM],
    ] as const) {
      it(`PKCS #7 in ${name}, with RSA and EC certificates, byte for byte`, () => {
        const opened = open(pkcs7([pki.intermediate.der, ec.der, pki.root.der], { form }));
        expect(opened.format).to.equal('PKCS #7');
        expect(dersOf(opened)).to.deep.equal([pki.intermediate.der, ec.der, pki.root.der]);
        expect(opened.warnings).to.deep.equal([]);
      });

      it(`PKCS #12 in ${name}, encrypted and not`, () => {
        const certificates = [pki.intermediate.der, ec.der];
        for (const passphrase of [undefined, '', PASSPHRASE]) {
          for (const cipher of ['aes', 'rc2'] as const) {
            const opened = open(pkcs12({ certificates, form, cipher, passphrase }), passphrase);
            expect(opened.format).to.equal('PKCS #12');
            expect(dersOf(opened), `${cipher} ${passphrase}`).to.deep.equal(certificates);
          }
        }
      });
    }

    it('PKCS #7 in PEM, by its own label or as a certificate', () => {
      for (const label of ['PKCS7', 'CMS', 'CERTIFICATE']) {
        const { format, certificates } = open(writePem(label, pkcs7([ec.der, pki.intermediate.der])));
        expect(format).to.equal('PKCS #7');
        expect(certificates.map(({ line }) => line)).to.deep.equal([1, 1]);
      }
    });

    it('what it can of a file, and says what it cannot', () => {
      const old = mintCa('Version 1', { tamper: (tbs) => (tbs.value as unknown[]).shift() });
      const { certificates, warnings } = open(pkcs7([old.der, pki.intermediate.der]));
      expect(certificates).to.have.length(1);
      expect(warnings.join()).to.match(/certificate 1 cannot be read/);
      const crls = [mintCrl({ issuer: pki.intermediate })];
      expect(open(pkcs7([ec.der], { crls })).warnings.join()).to.match(/revocation lists/);
      expect(open(pkcs12({ certificates: [ec.der] })).warnings.join()).to.match(/no seal/);
    });
  });

  describe('reads what others write', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sallyport-candidate-'));
      await writeFile(join(folder, 'ca.pem'), ec.pem);
      await writeFile(join(folder, 'key.pem'), ec.keyPem);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));
    const run = (tool: string, ...args: readonly string[]) =>
      execFileSync(tool, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    const made = (name: string) => readFile(join(folder, name));

    it('openssl', async function () {
      needsTool(this, 'openssl');
      run('openssl', 'crl2pkcs7', '-nocrl', '-certfile', 'ca.pem', '-outform', 'DER', '-out', 'a.p7b');
      expect(dersOf(open(await made('a.p7b')))).to.deep.equal([ec.der]);
      const exported = (out: string, ...args: readonly string[]) =>
        run('openssl', 'pkcs12', '-export', ...args, '-passout', 'pass:secret', '-in', 'ca.pem', '-out', out);
      exported('new.p12', '-nokeys');
      exported('old.p12', '-nokeys', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha512');
      exported('key.p12', '-inkey', 'key.pem');
      expect(dersOf(open(await made('new.p12'), 'secret'))).to.deep.equal([ec.der]);
      expect(dersOf(open(await made('old.p12'), 'secret'))).to.deep.equal([ec.der]);
      expect(refusal(await made('key.p12'), 'secret').message).to.match(/private key/);
      run('openssl', 'cms', '-sign', '-in', 'ca.pem', '-signer', 'ca.pem', '-inkey', 'key.pem', ...STREAMED);
      const message = open(await made('a.p7m'));
      expect(dersOf(message)).to.deep.equal([ec.der]);
      expect(message.warnings.join()).to.match(/signed message/);
    });

    it('keytool of Java', async function () {
      needsTool(this, 'keytool');
      const store = ['-keystore', 'a.p12', '-storetype', 'PKCS12', '-storepass', 'secret'];
      run('keytool', '-importcert', '-noprompt', '-alias', 'coupa', '-file', 'ca.pem', ...store);
      expect(dersOf(open(await made('a.p12'), 'secret'))).to.deep.equal([ec.der]);
    });
  });
});

const STREAMED = ['-outform', 'DER', '-nodetach', '-stream', '-out', 'a.p7m'];

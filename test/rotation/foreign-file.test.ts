import { expect } from 'chai';
import { writePem } from '../../src/trust/pem.ts';
import { createAuthority } from '../support/authority.ts';
import { oid, pkcs7, pkcs12 } from '../support/containers.ts';
import { crlPem, der, mintCrl } from '../support/crl.ts';
import { keyPair } from '../support/key-pairs.ts';
import { createTestPki, type Minted, mintCa, type TestPki } from '../support/pki.ts';
import { FILE, refusal } from './opening.ts';

describe('openCandidate, of what is no file of certificates', () => {
  let pki: TestPki;
  let ec: Minted;
  before(() => {
    pki = createTestPki();
    ec = createAuthority('p-256').ca;
  });

  describe('refuses', () => {
    const key = () => keyPair({ kind: 'p-256', label: 'secret' }).privateKey;
    const rsaKey = () => keyPair({ kind: 'rsa-2048', label: 'secret' }).privateKey;
    const publicKey = () => keyPair({ kind: 'p-256', label: 'secret' }).publicKey;
    const request = () =>
      der(
        0x30,
        der(
          0x30,
          der(0x02, Buffer.of(0)),
          der(0x30),
          publicKey().export({ type: 'spki', format: 'der' }),
          der(0xa0),
        ),
        der(0x30, oid('1.2.840.10045.4.3.2')),
        der(0x03, Buffer.alloc(70)),
      );
    const cases: readonly [string, () => Uint8Array | string, RegExp][] = [
      ['nothing', () => '', /empty/],
      ['more than 1 MiB', () => Buffer.alloc(1_048_577, 0x20), /1 MiB/],
      ['plain text', () => 'see attachment\n', /no certificate/],
      ['a web page', () => '\n<!DOCTYPE html>\n<html><body>Sign in</body></html>', /web page/],
      ['a web page with dashes in it', () => '<html><!-- ------ --></html>', /web page/],
      ['a web page that shows one', () => `<html><pre>\n${pki.bundlePem}</pre>`, /web page/],
      ['a page in XHTML', () => '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">', /web page/],
      ['an XML document', () => '<cXML/>', /XML/],
      ['a private key in PEM', () => key().export({ type: 'pkcs8', format: 'pem' }), /private key/],
      ['a private key beside certificates', () => pki.bundlePem + ec.keyPem, /private key/],
      ['an EC key in DER', () => key().export({ type: 'sec1', format: 'der' }), /private key/],
      ['a PKCS #8 key in DER', () => key().export({ type: 'pkcs8', format: 'der' }), /private key/],
      ['an RSA key in DER', () => rsaKey().export({ type: 'pkcs1', format: 'der' }), /private key/],
      [
        'an encrypted key in DER',
        () => key().export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'x' }),
        /private key/,
      ],
      ['a PKCS #12 file with a key', () => pkcs12({ certificates: [ec.der], key: 'open' }), /private key/],
      ['an OpenSSH key', () => '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n', /private key/],
      ['a PuTTY key', () => 'PuTTY-User-Key-File-3: ssh-ed25519\n', /private key/],
      ['an SSH public key', () => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here\n', /SSH/],
      ['a request in PEM', () => writePem('CERTIFICATE REQUEST', request()), /signing request/],
      ['a request in DER', request, /signing request/],
      ['a revocation list in PEM', () => crlPem(mintCrl({ issuer: pki.root })), /revocation list/],
      ['a revocation list in DER', () => mintCrl({ issuer: pki.root }), /revocation list/],
      ['a public key in PEM', () => publicKey().export({ type: 'spki', format: 'pem' }), /public key/],
      ['a public key in DER', () => publicKey().export({ type: 'spki', format: 'der' }), /public key/],
      ['a ZIP archive', () => Buffer.from('PK\x03\x04rest'), /ZIP/],
      ['a Java keystore', () => Buffer.from('feedfeed00000002', 'hex'), /keystore/],
      ['PEM that is cut off', () => pki.bundlePem.slice(0, -60), /cut off/],
      ['DER that is cut off', () => pki.intermediate.der.subarray(0, -9), /damaged or cut off/],
      ['PKCS #7 that is cut off', () => pkcs7([ec.der]).subarray(0, -9), /damaged or cut off/],
      ['bytes after DER', () => Buffer.concat([ec.der, ec.der]), /damaged or cut off/],
      ['PKCS #7 without a certificate', () => pkcs7([]), /no certificate/],
      ['an encrypted message', () => pkcs7([ec.der], { type: '1.2.840.113549.1.7.3' }), /PKCS #7 message/],
      ['PKCS #12 in PEM', () => writePem('CERTIFICATE', pkcs12({ certificates: [ec.der] })), /neither/],
      ['another value in DER', () => der(0x30, der(0x0c, Buffer.alloc(200, 65))), /neither/],
      ['a hundred and one certificates', () => pki.bundlePem.repeat(101), /101 certificates/],
      [
        'a hundred and one in PKCS #7',
        () => pkcs7(Array.from({ length: 101 }, () => ec.der)),
        /101 certificates/,
      ],
      [
        'only certificates that cannot be read',
        () =>
          writePem('CERTIFICATE', mintCa('Old', { tamper: (tbs) => (tbs.value as unknown[]).shift() }).der),
        /version 1/,
      ],
    ];
    for (const [what, bytes, message] of cases) {
      it(what, () => {
        const told = refusal(bytes());
        expect(told.message)
          .to.match(new RegExp(`^${FILE}(:\\d+)?: `))
          .and.to.match(message);
        expect(told.meaning).to.not.equal('');
        expect(told.next).to.not.equal('');
      });
    }

    it('without quoting a key', () => {
      const { message, meaning, next } = refusal(pki.bundlePem + ec.keyPem);
      for (const line of ec.keyPem.split('\n').slice(1, -2)) {
        expect(message + meaning + next).to.not.include(line);
      }
    });
  });
});

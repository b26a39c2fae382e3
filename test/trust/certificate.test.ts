import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import forge from 'node-forge';
import { isIssuedBy, readCertificate } from '../../src/trust/certificate.ts';
import { UnreadableDer } from '../../src/trust/der.ts';
import type { MintOrder, TestPki } from '../support/pki.ts';
import { createTestPki, mint } from '../support/pki.ts';

type Asn1 = forge.asn1.Asn1;
const { asn1 } = forge;
const { UNIVERSAL } = asn1.Class;

const read = (order: MintOrder) => readCertificate(mint(order).der);
const fieldsOf = (tbs: Asn1) => tbs.value as Asn1[];

describe('readCertificate', () => {
  it('reads the facts that every reader agrees on', () => {
    const { der } = mint({
      subject: [
        { oid: '2.5.4.6', value: 'US' },
        { oid: '2.5.4.10', value: 'Acme, Inc.' },
        { value: 'a.example' },
      ],
      notBefore: new Date('2026-01-02T03:04:05Z'),
      notAfter: new Date('2051-01-02T03:04:05Z'),
      serial: '00f1e2d3',
    });
    const certificate = readCertificate(der);
    const other = new X509Certificate(der);
    expect(certificate.fingerprint).to.equal(other.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(certificate.serial).to.equal('f1e2d3');
    expect(certificate.notBefore.toISOString()).to.equal('2026-01-02T03:04:05.000Z');
    expect(certificate.notAfter.toISOString()).to.equal('2051-01-02T03:04:05.000Z');
    expect(certificate.subject.text).to.equal('C=US, O=Acme\\, Inc., CN=a.example');
    expect(certificate.subject.commonNames).to.deep.equal(['a.example']);
    expect(certificate.signatureAlgorithm).to.deep.equal({
      oid: '1.2.840.113549.1.1.11',
      allowed: 'RSA-SHA256',
    });
  });

  it('reads what the extensions say', () => {
    const certificate = read({
      subject: 'a.example',
      ca: true,
      pathLength: 3,
      keyUsage: ['digitalSignature', 'cRLSign'],
      extendedKeyUsage: ['clientAuth', '2.5.29.37.0'],
      dns: ['a.example', 'b.example'],
      ips: ['127.0.0.1'],
      extensions: [{ oid: '2.5.29.30', critical: true, hex: '3000' }],
    });
    expect(certificate.basicConstraints).to.deep.equal({ ca: true, pathLength: 3 });
    expect([...(certificate.keyUsage ?? [])]).to.deep.equal(['digitalSignature', 'cRLSign']);
    expect(certificate.extendedKeyUsage).to.deep.equal(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);
    expect(certificate.subjectAltNames).to.deep.equal({
      dns: ['a.example', 'b.example'],
      ips: ['127.0.0.1'],
    });
    expect(certificate.subjectKeyId).to.equal(certificate.authorityKeyId);
    expect(certificate.subjectKeyId).to.match(/^[0-9a-f]{40}$/);
    expect(certificate.hasNameConstraints).to.equal(true);
    expect(certificate.critical).to.deep.equal(['2.5.29.19', '2.5.29.15', '2.5.29.30']);
  });

  it('says nothing that the certificate does not say', () => {
    const certificate = read({ subject: 'a.example', withoutKeyIds: true });
    expect(certificate.basicConstraints).to.equal(undefined);
    expect(certificate.keyUsage).to.equal(undefined);
    expect(certificate.extendedKeyUsage).to.equal(undefined);
    expect(certificate.subjectKeyId).to.equal(undefined);
    expect(certificate.critical).to.deep.equal([]);
  });

  for (const [kind, facts] of [
    ['rsa-2048', { type: 'rsa', bits: 2048, exponent: 65537n }],
    ['rsa-1024', { type: 'rsa', bits: 1024, exponent: 65537n }],
    ['p-256', { type: 'ec', curve: 'P-256' }],
    ['p-384', { type: 'ec', curve: 'P-384' }],
    ['secp256k1', { type: 'ec', curve: '1.3.132.0.10' }],
    ['ed25519', { type: 'ed25519' }],
    ['rsa-pss', { type: 'other', oid: '1.2.840.113549.1.1.10' }],
  ] as const) {
    it(`reads a ${kind} key`, () => {
      const { key } = read({ subject: 'a', key: { kind, label: 'facts' }, issuer: createTestPki().root });
      expect(key).to.deep.equal(facts);
    });
  }

  it('keeps its facts when the buffer it was read from is used again', () => {
    const buffer = Buffer.from(mint({ subject: 'a.example' }).der);
    const certificate = readCertificate(buffer);
    buffer.fill(0);
    expect(Buffer.from(certificate.der).equals(certificate.x509.raw)).to.equal(true);
    expect(certificate.subject.raw[0]).to.equal(0x30);
  });

  describe('refuses', () => {
    const refuses = (what: string, tamper: (tbs: Asn1) => void) => {
      it(what, () => {
        expect(() => read({ subject: 'a', ca: true, tamper })).to.throw(UnreadableDer);
      });
    };
    refuses('version 1', (tbs) => {
      fieldsOf(tbs).shift();
      fieldsOf(tbs).pop();
    });
    refuses('version 2', (tbs) => {
      fieldsOf(tbs)[0] = asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, [
        asn1.create(UNIVERSAL, asn1.Type.INTEGER, false, '\x01'),
      ]);
    });
    refuses('a negative serial number', (tbs) => {
      fieldsOf(tbs)[1] = asn1.create(UNIVERSAL, asn1.Type.INTEGER, false, '\x80');
    });
    refuses('a serial number of 21 bytes', (tbs) => {
      fieldsOf(tbs)[1] = asn1.create(UNIVERSAL, asn1.Type.INTEGER, false, '\x01'.repeat(21));
    });
    refuses('a signature algorithm that differs inside and outside', (tbs) => {
      const [oid, none] = (fieldsOf(tbs)[2] as Asn1).value as Asn1[];
      expect(oid?.type).to.equal(asn1.Type.OID);
      const sha384 = asn1.create(
        UNIVERSAL,
        asn1.Type.OID,
        false,
        asn1.oidToDer('1.2.840.113549.1.1.12').getBytes(),
      );
      fieldsOf(tbs)[2] = asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, [sha384, none as Asn1]);
    });
    refuses('an extension given twice', (tbs) => {
      const list = ((fieldsOf(tbs).at(-1) as Asn1).value as Asn1[])[0]?.value as Asn1[];
      list.push(list[0] as Asn1);
    });
    refuses('an unknown part after the extensions', (tbs) => {
      fieldsOf(tbs).push(asn1.create(asn1.Class.CONTEXT_SPECIFIC, 4, true, []));
    });
    refuses('a third time in the validity', (tbs) => {
      const validity = fieldsOf(tbs)[4]?.value as Asn1[];
      validity.push(validity[0] as Asn1);
    });

    it('bytes after the certificate', () => {
      const { der } = mint({ subject: 'a' });
      expect(() => readCertificate(Buffer.concat([der, Buffer.from([0])]))).to.throw(UnreadableDer);
    });

    it('a malformed extension that decides over use', () => {
      for (const oid of ['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37']) {
        const extensions = [{ oid, critical: false, hex: '0401' }];
        expect(() => read({ subject: 'a', extensions }), oid).to.throw(UnreadableDer);
      }
    });

    it('more bytes than a certificate can need', () => {
      const extensions = [{ oid: '1.2.3.4', critical: false, hex: '00'.repeat(70_000) }];
      expect(() => read({ subject: 'a', extensions })).to.throw(UnreadableDer);
    });

    it('bytes that its two readers understand differently', () => {
      const hex = Buffer.from(`\n${mint({ subject: 'b' }).pem}\n`).toString('hex');
      expect(() => read({ subject: 'a', extensions: [{ oid: '1.2.3.4', critical: false, hex }] })).to.throw(
        UnreadableDer,
      );
    });
  });

  it('answers a damaged certificate with facts or with UnreadableDer, and nothing else', () => {
    const { der } = mint({
      subject: 'a',
      ca: true,
      keyUsage: ['keyCertSign'],
      dns: ['a'],
      ips: ['127.0.0.1'],
    });
    const damage = fc.array(fc.tuple(fc.nat({ max: der.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, fc.nat({ max: der.length }), fc.boolean(), (changes, end, cut) => {
        const damaged = Buffer.from(cut ? der.subarray(0, end) : der);
        for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
        try {
          readCertificate(damaged);
        } catch (error) {
          expect(error).to.be.instanceOf(UnreadableDer);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads deep nesting without going into it', () => {
    let nested = Buffer.alloc(0);
    for (let depth = 0; depth < 10_000; depth += 1) {
      const length =
        nested.length < 0x80
          ? [nested.length]
          : nested.length < 0x100
            ? [0x81, nested.length]
            : [0x82, nested.length >> 8, nested.length & 0xff];
      nested = Buffer.concat([Buffer.from([0x30, ...length]), nested]);
    }
    const extensions = [{ oid: '1.2.3.4', critical: false, hex: nested.toString('hex') }];
    expect(read({ subject: 'deep', extensions }).subject.commonNames).to.deep.equal(['deep']);
  });
});

describe('isIssuedBy', () => {
  let pki: TestPki;
  before(() => {
    pki = createTestPki();
  });

  it('follows a signature', () => {
    expect(isIssuedBy(readCertificate(pki.intermediate.der), readCertificate(pki.root.der))).to.equal(true);
    expect(isIssuedBy(readCertificate(pki.root.der), readCertificate(pki.root.der))).to.equal(true);
  });

  it('does not take a name for a signature', () => {
    const forged = mint({ subject: 'a', issuer: pki.intermediate, signer: pki.sibling });
    expect(isIssuedBy(readCertificate(forged.der), readCertificate(pki.intermediate.der))).to.equal(false);
  });

  it('does not take a signature under another name', () => {
    const renamed = mint({ subject: 'a', issuer: pki.intermediate, signer: pki.sibling });
    expect(isIssuedBy(readCertificate(renamed.der), readCertificate(pki.sibling.der))).to.equal(false);
  });
});

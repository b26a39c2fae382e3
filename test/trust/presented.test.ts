import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { expect } from 'chai';
import type { PeerReason } from '../../src/trust/peer.ts';
import type { Trust } from '../../src/trust/trust.ts';
import { daysFromNow, NAME, reasonsOf, trusting } from '../support/judging.ts';
import type { Identity, Minted, MintOrder, TestPki } from '../support/pki.ts';
import { createTestPki, mint, mintCa } from '../support/pki.ts';
import { startTlsGate } from '../support/tls-gate.ts';

const PAST = { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) };

const identity = (leaf: Minted, ...sent: Minted[]): Identity => ({
  cert: [leaf, ...sent].map(({ pem }) => pem).join(''),
  key: leaf.keyPem,
});

const hex = (der: Uint8Array) => Buffer.from(der).toString('hex');

/** Who knocks, what OpenSSL says to it on its own, and every reason of ours. */
interface Knock {
  readonly who: string;
  readonly as: (pki: TestPki) => Partial<Identity>;
  readonly openssl: string;
  readonly reasons: readonly PeerReason[];
  /** The client's own library would not use such a key. */
  readonly weakClient?: boolean;
}

const leafWith =
  (overrides: Partial<MintOrder>, subject: MintOrder['subject'] = NAME) =>
  (pki: TestPki) =>
    pki.client(subject, overrides);

const KNOCKS: readonly Knock[] = [
  { who: 'nobody', as: () => ({}), openssl: 'UNABLE_TO_GET_ISSUER_CERT', reasons: ['no_certificate'] },
  {
    who: 'a self-signed certificate with the right name',
    as: () => identity(mint({ subject: NAME })),
    openssl: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    reasons: ['untrusted_issuer'],
  },
  {
    who: 'a client of a sibling intermediate',
    as: (pki) => identity(pki.leaf(NAME, { issuer: pki.sibling }), pki.sibling),
    openssl: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    reasons: ['untrusted_issuer'],
  },
  {
    who: 'a client of a sibling intermediate that sends the root too',
    as: (pki) => identity(pki.leaf(NAME, { issuer: pki.sibling }), pki.sibling, pki.root),
    openssl: 'SELF_SIGNED_CERT_IN_CHAIN',
    reasons: ['untrusted_issuer'],
  },
  {
    who: 'a forged issuer of the pinned name, with the forgery attached',
    as: (pki) => {
      const fake = mintCa('Test Intermediate A', { key: { kind: 'rsa-2048', label: 'fake' } });
      return identity(pki.leaf(NAME, { issuer: fake }), fake);
    },
    openssl: 'SELF_SIGNED_CERT_IN_CHAIN',
    reasons: ['bad_signature'],
  },
  {
    who: 'a forged issuer of the pinned name, with the real one attached',
    as: (pki) => identity(pki.leaf(NAME, { signer: pki.sibling }), pki.intermediate),
    openssl: 'CERT_SIGNATURE_FAILURE',
    reasons: ['bad_signature'],
  },
  {
    who: 'a client whose issuer is another client',
    as: (pki) => {
      const client = pki.leaf('client.example', { key: { kind: 'rsa-2048', label: 'client as ca' } });
      return identity(pki.leaf(NAME, { issuer: client }), client, pki.intermediate);
    },
    openssl: 'UNSPECIFIED',
    reasons: ['untrusted_issuer', 'key_usage'],
  },
  { who: 'an expired certificate', as: leafWith(PAST), openssl: 'CERT_HAS_EXPIRED', reasons: ['expired'] },
  {
    who: 'a certificate of tomorrow',
    as: leafWith({ notBefore: daysFromNow(1) }),
    openssl: 'CERT_NOT_YET_VALID',
    reasons: ['not_yet_valid'],
  },
  {
    who: 'a certificate for servers only',
    as: leafWith({ extendedKeyUsage: ['serverAuth'] }),
    openssl: 'INVALID_PURPOSE',
    reasons: ['server_auth_only'],
  },
  {
    who: 'a certificate for anything',
    as: leafWith({ extendedKeyUsage: ['2.5.29.37.0'] }),
    openssl: 'INVALID_PURPOSE',
    reasons: ['extended_key_usage'],
  },
  {
    who: 'a certificate without digitalSignature',
    as: leafWith({ keyUsage: ['keyAgreement'] }),
    openssl: '',
    reasons: ['key_usage'],
  },
  { who: 'another name', as: leafWith({}, 'supplier.example'), openssl: '', reasons: ['name_not_allowed'] },
  {
    who: 'two names',
    as: leafWith({}, [{ value: NAME }, { value: 'b.example' }]),
    openssl: '',
    reasons: ['ambiguous_name'],
  },
  {
    who: 'the name in capitals',
    as: leafWith({}, NAME.toUpperCase()),
    openssl: '',
    reasons: ['name_not_allowed'],
  },
  { who: 'the name and a dot', as: leafWith({}, `${NAME}.`), openssl: '', reasons: ['name_not_allowed'] },
  { who: 'the name and a space', as: leafWith({}, `${NAME} `), openssl: '', reasons: ['name_not_allowed'] },
  { who: 'the name and a NUL', as: leafWith({}, `${NAME}\0`), openssl: '', reasons: ['name_not_allowed'] },
  {
    who: 'the name as a unit only',
    as: leafWith({}, [{ oid: '2.5.4.11', value: `CN=${NAME}` }, { value: 'b.example' }]),
    openssl: '',
    reasons: ['name_not_allowed'],
  },
  {
    who: 'the name as alternative name only',
    as: leafWith({ dns: [NAME] }, [{ oid: '2.5.4.10', value: 'Coupa' }]),
    openssl: '',
    reasons: ['name_not_allowed'],
  },
  { who: 'a CA as a client', as: leafWith({ ca: true }), openssl: '', reasons: ['is_ca'] },
  {
    who: 'an RSA key of 1024 bits',
    as: leafWith({ key: { kind: 'rsa-1024', label: 'weak' } }),
    openssl: 'UNSPECIFIED',
    reasons: ['weak_key'],
    weakClient: true,
  },
  {
    who: 'a certificate signed with SHA-1',
    as: leafWith({ digest: 'sha1' }),
    openssl: 'UNSPECIFIED',
    reasons: ['weak_signature'],
    weakClient: true,
  },
  {
    who: 'an issuer where the pinned one allows none',
    as: (pki) => {
      const sub = mintCa('Sub', { issuer: mintCa('Narrow', { issuer: pki.root, pathLength: 0 }) });
      return identity(pki.leaf(NAME, { issuer: sub }), sub);
    },
    openssl: 'PATH_LENGTH_EXCEEDED',
    reasons: ['path_length'],
  },
  {
    who: 'an unknown critical extension',
    as: leafWith({ extensions: [{ oid: '1.2.3.4', critical: true, hex: '0500' }] }),
    openssl: 'UNSPECIFIED',
    reasons: ['unknown_critical_extension'],
  },
  {
    who: 'two faults of which OpenSSL tells one',
    as: leafWith({ ...PAST, extendedKeyUsage: ['serverAuth'] }),
    openssl: 'CERT_HAS_EXPIRED',
    reasons: ['expired', 'server_auth_only'],
  },
  {
    who: 'twelve issuers between',
    as: (pki) => {
      const issuers = [pki.intermediate];
      for (let depth = 0; depth < 12; depth += 1)
        issuers.unshift(mintCa(`Sub ${depth}`, { issuer: issuers[0] }));
      return identity(pki.leaf(NAME, { issuer: issuers[0] }), ...issuers.slice(0, -1));
    },
    openssl: '',
    reasons: ['depth', 'untrusted_issuer'],
  },
];

describe('readPresented and judgePeer over TLS', () => {
  let pki: TestPki;
  let trust: Trust;
  before(() => {
    pki = createTestPki();
    trust = trusting([pki.intermediate, mintCa('Narrow', { issuer: pki.root, pathLength: 0 })]);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[]) {
    const speaking: ConnectionOptions = { minVersion: version, maxVersion: version };

    describe(version, () => {
      for (const [what, sends, options] of [
        ['with its intermediate', true, {}],
        ['without its intermediate', false, {}],
        ['with its intermediate and a server name', true, { servername: 'localhost' }],
        ['without its intermediate and with a server name', false, { servername: 'localhost' }],
      ] as const) {
        it(`lets the right client in ${what}`, async () => {
          await using gate = await startTlsGate({ trust, pki });
          const leaf = pki.leaf(NAME);
          const sent = sends ? [leaf, pki.intermediate] : [leaf];
          const { verdict, presented } = await gate.judge(identity(leaf, ...sent.slice(1)), {
            ...speaking,
            ...options,
          });
          expect(presented.chain.map(hex)).to.deep.equal(sent.map(({ der }) => hex(der)));
          expect(presented).to.deep.include({
            openssl: { authorized: true },
            resumed: false,
            protocol: version,
          });
          expect(verdict.trusted).to.equal(true);
        });
      }

      it('lets a client in that needs the issuers it sends', async () => {
        const sub = mintCa('Sub', { issuer: pki.intermediate });
        const leaf = pki.leaf(NAME, { issuer: sub });
        await using gate = await startTlsGate({ trust, pki });
        expect(reasonsOf((await gate.judge(identity(leaf, sub), speaking)).verdict)).to.deep.equal([]);
        await using wide = await startTlsGate({ trust: trusting([pki.root]), pki });
        expect(
          reasonsOf((await wide.judge(identity(leaf, sub, pki.intermediate), speaking)).verdict),
        ).to.deep.equal([]);
        expect(reasonsOf((await wide.judge(identity(leaf, sub), speaking)).verdict)).to.deep.equal([
          'untrusted_issuer',
        ]);
      });

      for (const kind of ['p-256', 'p-384', 'ed25519', 'rsa-3072'] as const) {
        it(`lets a client with a ${kind} key in`, async () => {
          await using gate = await startTlsGate({ trust, pki });
          const judged = await gate.judge(pki.client(NAME, { key: { kind, label: 'leaf' } }), speaking);
          expect(reasonsOf(judged.verdict)).to.deep.equal([]);
        });
      }

      for (const { who, as, openssl, reasons, weakClient } of KNOCKS) {
        it(`refuses ${who}`, async () => {
          await using gate = await startTlsGate({ trust, pki });
          const ciphers = weakClient ? 'DEFAULT@SECLEVEL=0' : undefined;
          const judged = await gate.judge(as(pki), {
            ...speaking,
            ...(ciphers === undefined ? {} : { ciphers }),
          });
          expect(reasonsOf(judged.verdict)).to.deep.equal(reasons);
          expect(judged.presented.openssl.error ?? '').to.equal(openssl);
        });
      }

      it('refuses a client whose anchor has ended, which OpenSSL lets in', async () => {
        const ended = mintCa('Ended', { issuer: pki.root, ...PAST });
        const old = trusting([ended], daysFromNow(-2));
        await using gate = await startTlsGate({ trust: old, pki });
        const judged = await gate.judge(pki.client(NAME, { issuer: ended }), speaking);
        expect(judged.presented.openssl.authorized).to.equal(true);
        expect(reasonsOf(judged.verdict)).to.deep.equal(['anchor_expired']);
      });

      it('survives a client with an unusual key', async () => {
        await using gate = await startTlsGate({ trust, pki });
        for (const kind of ['secp256k1', 'rsa-pss'] as const) {
          const odd = pki.client(NAME, { key: { kind, label: 'odd' } });
          const judged = await gate.judge(odd, speaking).catch(() => undefined);
          if (judged !== undefined) expect(judged.verdict.trusted).to.equal(false);
        }
        expect((await gate.judge(pki.client(NAME), speaking)).verdict.trusted).to.equal(true);
      });
    });
  }
});

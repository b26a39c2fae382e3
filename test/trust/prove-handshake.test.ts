import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { parseBundle } from '../../src/trust/bundle.ts';
import { proveHandshake, readAuthorities } from '../../src/trust/prove-handshake.ts';
import { createTrust, type Trust } from '../../src/trust/trust.ts';
import type { KeyKind } from '../support/key-pairs.ts';
import { createTestPki, mint, mintCa } from '../support/pki.ts';

const pki = createTestPki();
const SERVER = { certPem: pki.server.cert, keyPem: Buffer.from(pki.server.key) };

function trustOf(...pems: readonly string[]): Trust {
  const bundle = parseBundle([{ name: 'b.pem', text: Buffer.from(pems.join('')) }], new Date());
  return createTrust({ bundle, names: ['a.example'], generation: 1 });
}

async function failureOf(proof: Promise<void>): Promise<StartupError> {
  const [outcome] = await Promise.allSettled([proof]);
  expect(outcome.status === 'rejected' && outcome.reason).to.be.instanceOf(StartupError);
  return (outcome as PromiseRejectedResult).reason;
}

describe('proveHandshake', () => {
  for (const kind of ['rsa-2048', 'p-256', 'p-384'] satisfies KeyKind[]) {
    it(`is content with a server certificate of ${kind}`, async () => {
      const leaf = mint({ subject: 'localhost', key: { kind, label: 'own' }, dns: ['localhost'] });
      const certificate = { certPem: leaf.pem, keyPem: Buffer.from(leaf.keyPem) };
      await proveHandshake({ trust: trustOf(pki.bundlePem), certificate });
    });
  }

  it('is content with as many anchors as can be pinned', async () => {
    const anchors = Array.from({ length: 100 }, (_, index) =>
      mintCa(
        `${'A long name for a certificate authority, to fill more than one record '.repeat(3)}${index}`,
        {
          key: { kind: 'p-256', label: 'many' },
        },
      ),
    );
    await proveHandshake({ trust: trustOf(...anchors.map(({ pem }) => pem)), certificate: SERVER });
  });

  it('is content when clients are asked for no certificate, where none is wanted', async () => {
    await proveHandshake({ trust: { ...trustOf(pki.bundlePem), mode: 'off' }, certificate: SERVER });
  });

  it('refuses when clients would not be asked for every anchor, and names its line', async () => {
    const { caPem } = trustOf(pki.intermediate.pem);
    const trust = { ...trustOf(pki.intermediate.pem, pki.sibling.pem), caPem };
    const { message } = await failureOf(proveHandshake({ trust, certificate: SERVER }));
    expect(message).to.match(/b\.pem:\d+: clients are not asked for .*Test Intermediate B/);
  });

  it('refuses when clients would be asked for more than is pinned', async () => {
    const { caPem } = trustOf(pki.intermediate.pem, pki.root.pem);
    const trust = { ...trustOf(pki.intermediate.pem), caPem };
    const { message } = await failureOf(proveHandshake({ trust, certificate: SERVER }));
    expect(message).to.include('not pinned');
  });

  it('refuses anchors that OpenSSL passes over in silence', async () => {
    const trust = { ...trustOf(pki.intermediate.pem), caPem: 'no certificate at all' };
    const { message } = await failureOf(proveHandshake({ trust, certificate: SERVER }));
    expect(message).to.match(/not asked for/);
  });

  it('refuses a server certificate no client can shake hands with', async () => {
    const leaf = mint({ subject: 'localhost', key: { kind: 'secp256k1', label: 'own' }, dns: ['localhost'] });
    const certificate = { certPem: leaf.pem, keyPem: Buffer.from(leaf.keyPem) };
    const { message } = await failureOf(proveHandshake({ trust: trustOf(pki.bundlePem), certificate }));
    expect(message).to.match(/client could not connect \(ERR_/);
  });
});

describe('readAuthorities', () => {
  it('finds none where nothing was asked for', () => {
    expect(readAuthorities(Buffer.alloc(0))).to.deep.equal([]);
    expect(readAuthorities(Buffer.from('160303000400000000', 'hex'))).to.deep.equal([]);
  });
});

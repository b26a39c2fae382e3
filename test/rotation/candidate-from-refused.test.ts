import { expect } from 'chai';
import { candidateFromRefused } from '../../src/rotation/candidate-from-refused.ts';
import { createAuthority } from '../support/authority.ts';
import { oid } from '../support/containers.ts';
import { der } from '../support/crl.ts';
import { NAME } from '../support/judging.ts';
import { createTestPki, type Minted, mint, mintCa, toPem } from '../support/pki.ts';
import { refusedHandshake } from './evidence.ts';
import { refusalOf } from './opening.ts';

const namesOf = (chain: readonly Minted[], change = {}) =>
  candidateFromRefused(refusedHandshake(chain, change)).certificates.map(({ subject }) =>
    subject.commonNames.join(),
  );

/** An AuthorityInfoAccess that names these addresses. */
const access = (...urls: readonly string[]) => ({
  oid: '1.3.6.1.5.5.7.1.1',
  critical: false,
  hex: der(
    0x30,
    ...urls.map((url) => der(0x30, oid('1.3.6.1.5.5.7.48.2'), der(0x86, Buffer.from(url)))),
  ).toString('hex'),
});

describe('candidateFromRefused', () => {
  it('takes the issuers that were sent, lowest first, and never the leaf', () => {
    const pki = createTestPki();
    const leaf = pki.leaf(NAME);
    expect(namesOf([leaf, pki.intermediate])).to.deep.equal(['Test Intermediate A']);
    expect(namesOf([leaf, pki.root, pki.intermediate])).to.deep.equal(['Test Intermediate A', 'Test Root']);
  });

  it('takes EC issuers', () => {
    const { ca, leaf } = createAuthority('p-384');
    expect(namesOf([leaf(), ca])).to.deep.equal(['Pinned p-384']);
  });

  it('takes nothing that did not sign, whatever its name', () => {
    const { ca, leaf, forger } = createAuthority('p-256');
    const client = leaf();
    expect(namesOf([client, forger, mintCa('Unrelated'), ca])).to.deep.equal(['Pinned p-256']);
    const { message } = refusalOf(() => candidateFromRefused(refusedHandshake([client, forger])));
    expect(message).to.match(/nothing .* has signed/);
  });

  it('takes no leaf for an issuer, though it signed one', () => {
    const { leaf } = createAuthority('p-256');
    const between = leaf({ subject: 'Leaf that signs', key: { kind: 'p-256', label: 'between' } });
    const client = leaf({ issuer: between });
    refusalOf(() => candidateFromRefused(refusedHandshake([client, between])));
  });

  it('warns that a name proves nothing, and of a name that is not Coupa', () => {
    const pki = createTestPki();
    const chain = [pki.leaf('somebody else'), pki.intermediate];
    expect(candidateFromRefused(refusedHandshake(chain)).warnings.join()).to.match(/fingerprint/);
    const stranger = candidateFromRefused(refusedHandshake(chain, { nearMiss: false }));
    expect(stranger.warnings).to.have.length(2);
  });

  it('says what to ask for when only the leaf was sent', () => {
    const { leaf } = createAuthority('p-256');
    const urls = [
      'http://ca.example/issuer.cer',
      'file:///etc/passwd',
      'http://x/\u001b[31m',
      'ldap://ca.example/x',
    ];
    const record = refusedHandshake([leaf({ extensions: [access(...urls)] })]);
    const { message, meaning, next } = refusalOf(() => candidateFromRefused(record));
    expect(message).to.match(/handshake 17 .* alone/);
    expect(meaning).to.match(/never pinned/);
    expect(next)
      .to.include('CN=Pinned p-256')
      .and.include('http://ca.example/issuer.cer')
      .and.include('ldap://ca.example/x')
      .and.not.include('file:')
      .and.not.include('\u001b');
  });

  it('shows no address when there is none, or none that can be read', () => {
    const { leaf } = createAuthority('p-256');
    for (const hex of ['0500', '3003020105', '30053003020105', '', 'ff']) {
      const extensions = [{ oid: '1.3.6.1.5.5.7.1.1', critical: false, hex }];
      const { next } = refusalOf(() => candidateFromRefused(refusedHandshake([leaf({ extensions })])));
      expect(next)
        .to.match(/ask Coupa/)
        .and.not.include('://');
    }
  });

  it('says that a self-signed client has no issuer', () => {
    const self = mint({ subject: NAME, ca: false });
    const { message } = refusalOf(() => candidateFromRefused(refusedHandshake([self])));
    expect(message).to.match(/signed its certificate itself/);
  });

  it('says when there is no certificate, or none that can be read', () => {
    expect(refusalOf(() => candidateFromRefused(refusedHandshake([]))).message).to.match(/no certificate/);
    const broken = refusedHandshake([], { chainPem: toPem(Buffer.from('3003020105', 'hex')) });
    expect(refusalOf(() => candidateFromRefused(broken)).message).to.match(/cannot be read/);
    const cut = refusedHandshake([], { chainPem: '-----BEGIN CERTIFICATE-----\nMII' });
    expect(refusalOf(() => candidateFromRefused(cut)).message).to.match(/no certificate/);
  });

  it('bounds the work for a chain of many issuers of one name', () => {
    const chain = Array.from({ length: 100 }, (_, index) =>
      mintCa('Alike', {
        key: { kind: 'p-256', label: 'alike' },
        serial: `4${index.toString(16).padStart(5, '0')}`,
      }),
    );
    const leaf = mint({
      subject: NAME,
      issuer: chain[0],
      ca: false,
      key: { kind: 'p-256', label: 'client' },
    });
    const before = performance.now();
    expect(namesOf([leaf, ...chain]).length).to.be.lessThan(20);
    expect(performance.now() - before).to.be.lessThan(2_000);
  });
});

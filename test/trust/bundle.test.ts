import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { loadBundle, parseBundle } from '../../src/trust/bundle.ts';
import type { TestPki } from '../support/pki.ts';
import { createTestPki, mintCa } from '../support/pki.ts';

const NOW = new Date();
const DAY_MS = 86_400_000;
const daysFromNow = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

const parse = (...texts: string[]) =>
  parseBundle(
    texts.map((text, index) => ({ name: `${index + 1}.pem`, text: Buffer.from(text) })),
    NOW,
  );

function refusal(act: () => unknown): StartupError {
  try {
    act();
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
  return expect.fail('it was taken');
}

describe('parseBundle', () => {
  let pki: TestPki;
  before(() => {
    pki = createTestPki();
  });

  it('pins an intermediate by itself', () => {
    const { anchors, warnings, fingerprint } = parse(pki.bundlePem);
    expect(
      anchors.map(({ file, line, certificate }) => [file, line, certificate.subject.commonNames[0]]),
    ).to.deep.equal([['1.pem', 1, 'Test Intermediate A']]);
    expect(warnings).to.deep.equal([]);
    expect(fingerprint).to.match(/^[0-9a-f]{64}$/);
  });

  it('has one fingerprint for one set, in whatever order', () => {
    const { fingerprint } = parse(pki.intermediate.pem + pki.sibling.pem);
    expect(parse(pki.sibling.pem, pki.intermediate.pem).fingerprint).to.equal(fingerprint);
    expect(parse(pki.intermediate.pem).fingerprint).to.not.equal(fingerprint);
  });

  it('notes a certificate given twice and pins it once', () => {
    const { anchors, warnings } = parse(pki.bundlePem, pki.bundlePem);
    expect(anchors).to.have.length(1);
    expect(warnings).to.deep.equal(['2.pem:1: the same certificate as 1.pem:1']);
  });

  it('warns of a root, of tomorrow, and of what only OpenSSL evaluates', () => {
    expect(parse(pki.root.pem).warnings.join()).to.match(/self-signed root/);
    const later = mintCa('Later', { issuer: pki.root, notBefore: daysFromNow(1) });
    expect(parse(later.pem).warnings.join()).to.match(/valid only from/);
    const extensions = [
      { oid: '2.5.29.30', critical: true, hex: '3000' },
      { oid: '2.5.29.36', critical: true, hex: '3003800100' },
    ];
    const { warnings } = parse(mintCa('Odd', { issuer: pki.root, extensions }).pem);
    expect(warnings.join())
      .to.match(/name constraints/)
      .and.to.match(/2\.5\.29\.36/);
  });

  it('takes a root signed with SHA-1, for nobody relies on that signature', () => {
    expect(parse(mintCa('Old root', { digest: 'sha1' }).pem).anchors).to.have.length(1);
  });

  it('tells of one that has expired beside one that has not, and lets it stand in nobody’s way', () => {
    const past = { notBefore: daysFromNow(-9), notAfter: new Date('2026-01-02T00:00:00Z') };
    const ended = mintCa('Ended', { issuer: pki.root, ...past });
    const { anchors, warnings } = parse(ended.pem, pki.bundlePem);
    expect(anchors).to.have.length(2);
    expect(warnings.join()).to.match(
      /^1\.pem:1: .*CN=Ended expired on 2026-01-02: it lets nobody in any more/,
    );
    expect(parse(pki.bundlePem, ended.pem).anchors).to.have.length(2);
    const text = Buffer.from(ended.pem + pki.bundlePem);
    const files = [{ name: 'all.pem', text }];
    expect(parseBundle(files, new Date(), anchors).anchors).to.have.length(2);
    const others = anchors.filter(({ file }) => file !== '1.pem');
    expect(refusal(() => parseBundle(files, new Date(), others)).message).to.match(/^all\.pem:1: .*expired/);
    const { message } = refusal(() => parse(ended.pem, mintCa('Older', past).pem));
    expect(message).to.match(/^1\.pem:1: .*expired.*\n2\.pem:1: .*expired/);
    // Where all have ended already, nothing else waits for it.
    const alone = [{ name: 'all.pem', text: Buffer.from(ended.pem) }];
    const [first] = anchors;
    expect(parseBundle(alone, new Date(), first && [first]).anchors).to.have.length(1);
    expect(refusal(() => parseBundle(alone, new Date(), anchors)).message).to.match(/expired/);
    expect(refusal(() => parse(ended.pem + pki.leaf('a').pem, pki.bundlePem)).message).to.match(/a leaf/);
  });

  it('takes CAs with EC and Ed25519 keys', () => {
    for (const kind of ['p-256', 'p-384', 'ed25519'] as const) {
      expect(parse(mintCa(kind, { key: { kind, label: 'ca' } }).pem).anchors, kind).to.have.length(1);
    }
  });

  describe('refuses', () => {
    const refuses = (what: string, order: (pki: TestPki) => string, message: RegExp) => {
      it(what, () => {
        const { message: told, hint } = refusal(() => parse(order(pki)));
        expect(told)
          .to.match(/^1\.pem:1: /)
          .and.to.match(message);
        expect(hint).to.not.equal('');
      });
    };
    refuses('a leaf', ({ leaf }) => leaf('cxml-supplier.coupahost.com').pem, /this is a leaf, not a CA/);
    refuses(
      'a CA that may not sign certificates',
      () => mintCa('A', { keyUsage: ['cRLSign'] }).pem,
      /not a CA/,
    );
    refuses('a CA without basic constraints', () => mintCa('A', { ca: undefined }).pem, /not a CA/);
    refuses(
      'an expired CA, with its date',
      () => mintCa('A', { notBefore: daysFromNow(-9), notAfter: new Date('2026-01-02T00:00:00Z') }).pem,
      /expired on 2026-01-02/,
    );
    refuses(
      'a CA of RSA with 1024 bits',
      () => mintCa('A', { key: { kind: 'rsa-1024', label: 'ca' } }).pem,
      /1024 bits/,
    );
    refuses(
      'a CA on an unusual curve',
      () => mintCa('A', { key: { kind: 'secp256k1', label: 'ca' } }).pem,
      /curve/,
    );
    refuses(
      'an intermediate signed with SHA-1',
      (p) => mintCa('A', { issuer: p.root, digest: 'sha1' }).pem,
      /signed with/,
    );
    refuses(
      'a CA for servers only',
      () => mintCa('A', { extendedKeyUsage: ['serverAuth'] }).pem,
      /clientAuth/,
    );
    // With any of these OpenSSL refuses every client of the anchor: a lock-out if it were pinned.
    for (const [what, oid, hex] of [
      ['nobody knows', '1.2.3.4', '0500'],
      ['that identifies a key', '2.5.29.14', '040100'],
    ] as const) {
      refuses(
        `a CA with a critical extension ${what}`,
        () => mintCa('A', { withoutKeyIds: true, extensions: [{ oid, critical: true, hex }] }).pem,
        new RegExp(`critical extension ${oid.replaceAll('.', '\\.')}`),
      );
    }
    refuses('a file without a certificate', () => 'nothing here\n', /no certificate/);
    refuses(
      'a block that is no certificate',
      () => '-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n',
      /not a readable certificate/,
    );
    refuses('a certificate and half of another', (p) => p.bundlePem.slice(0, -40), /END/);

    it('a sound certificate beside a broken one', () => {
      const broken = pki.sibling.pem.slice(0, -40);
      expect(refusal(() => parse(pki.bundlePem + broken)).message).to.match(/^1\.pem:\d\d: /);
      expect(refusal(() => parse(pki.bundlePem, broken)).message).to.match(/^2\.pem:1: /);
    });

    it('every mistake at once', () => {
      const lines = refusal(() => parse(pki.leaf('a').pem + pki.leaf('b').pem, 'nothing')).message.split(
        '\n',
      );
      expect(lines).to.have.length(3);
      expect(lines[1]).to.match(/^1\.pem:\d\d: /);
      expect(lines[2]).to.match(/^2\.pem:1: /);
    });

    it('a private key, without quoting it', () => {
      const key = pki.intermediate.keyPem;
      const { message, hint } = refusal(() => parse(pki.bundlePem + key));
      expect(message).to.include('PRIVATE KEY');
      for (const line of key.split('\n').slice(1, -2)) expect(message + hint).to.not.include(line);
    });

    it('a leaf, naming its file and the remedy', () => {
      const text = Buffer.from(pki.leaf('cxml-supplier.coupahost.com').pem);
      const files = [{ name: 'certs/coupa/cxml-supplier.coupahost.com.pem', text }];
      const { message, hint } = refusal(() => parseBundle(files, NOW));
      expect(message).to.include('certs/coupa/cxml-supplier.coupahost.com.pem:1: ');
      expect(hint).to.include('intermediate.pem').and.to.include('move cxml-supplier.coupahost.com.pem');
    });

    it('nothing at all', () => {
      expect(refusal(() => parse()).message).to.match(/no certificate to pin/);
    });

    it('more than a hundred certificates', () => {
      expect(refusal(() => parse(pki.bundlePem.repeat(101))).message).to.match(/101 certificates/);
      expect(parse(pki.bundlePem.repeat(100)).anchors).to.have.length(1);
    });
  });
});

describe('loadBundle', () => {
  let pki: TestPki;
  let folder: string;
  beforeEach(async () => {
    pki = createTestPki();
    folder = await mkdtemp(join(tmpdir(), 'sallyport-bundle-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const refusalOf = async (path: string): Promise<StartupError> => {
    const [outcome] = await Promise.allSettled([loadBundle(path, NOW)]);
    if (outcome.status === 'fulfilled') return expect.fail('it was taken');
    expect(outcome.reason).to.be.instanceOf(StartupError);
    return outcome.reason as StartupError;
  };

  it('reads one file', async () => {
    await write('intermediate.pem', pki.bundlePem);
    const { anchors } = await loadBundle(join(folder, 'intermediate.pem'), NOW);
    expect(anchors).to.have.length(1);
  });

  it('reads every *.pem and *.crt of a folder, in order of name, and nothing else', async () => {
    await write('b.crt', pki.sibling.pem);
    await write('a.pem', pki.intermediate.pem);
    await write('README.md', 'which files these are');
    await write('.hidden.pem', 'not read');
    await mkdir(join(folder, 'older.pem'));
    const { anchors, warnings } = await loadBundle(folder, NOW);
    expect(anchors.map(({ file }) => file)).to.deep.equal([join(folder, 'a.pem'), join(folder, 'b.crt')]);
    expect(warnings).to.deep.equal([]);
  });

  it('follows symbolic links, as mounted secrets have them', async () => {
    await mkdir(join(folder, '..data'));
    await write('..data/intermediate.pem', pki.bundlePem);
    await symlink(join('..data', 'intermediate.pem'), join(folder, 'intermediate.pem'));
    expect((await loadBundle(folder, NOW)).anchors).to.have.length(1);
  });

  it('says which files it did not read, though they look like certificates', async () => {
    await write('intermediate.pem', pki.bundlePem);
    await write('other.cer', 'x');
    expect((await loadBundle(folder, NOW)).warnings).to.deep.equal([
      `${join(folder, 'other.cer')}: not read; only *.pem and *.crt are`,
    ]);
  });

  it('refuses a path that is not there, an empty folder and a file that is too large', async () => {
    expect((await refusalOf(join(folder, 'missing'))).message).to.match(/ENOENT/);
    expect((await refusalOf(folder)).message).to.match(/no certificate to pin/);
    await write('huge.pem', 'x'.repeat(1_048_577));
    expect((await refusalOf(folder)).message).to.match(/larger than 1 MiB/);
  });
});

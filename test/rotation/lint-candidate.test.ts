import { expect } from 'chai';
import { type Lint, lintCandidate } from '../../src/rotation/lint-candidate.ts';
import type { Check } from '../../src/rotation/rotation.ts';
import { type Certificate, readCertificate } from '../../src/trust/certificate.ts';
import { drain } from '../../src/turns.ts';
import { createAuthority } from '../support/authority.ts';
import { daysFromNow, NAME, NOW } from '../support/judging.ts';
import { createTestPki, type Minted, type MintOrder, mint, mintCa } from '../support/pki.ts';
import { mintAuthority } from './authorities.ts';
import { refusalOf } from './opening.ts';

const read = (minted: readonly Minted[]): Certificate[] => minted.map(({ der }) => readCertificate(der));

const SHARED = { kind: 'p-256', label: 'shared' } as const;

interface Around {
  readonly active?: readonly Minted[];
  readonly staged?: readonly Minted[];
  readonly seen?: readonly Minted[];
}

function lint(file: readonly Minted[], { active = [], staged = [], seen = [] }: Around = {}): Lint {
  const steps = lintCandidate({
    certificates: read(file),
    active: read(active),
    staged: read(staged),
    seen: read(seen),
    names: [NAME],
    now: NOW,
  });
  return drain(steps);
}

const stagedOf = ({ staged }: Lint) =>
  staged.map(({ certificate }) => certificate.subject.commonNames.join());
const whyOf = ({ leftOut }: Lint) => leftOut.map(({ why }) => why);
const told = (file: readonly Minted[], around: Around = {}): string =>
  (lint(file, around).staged[0]?.checks ?? []).map(({ state, text }) => `${state}: ${text}`).join('\n');
const statesOf = (checks: readonly Check[] = []) => new Set(checks.map(({ state }) => state));

describe('lintCandidate', () => {
  it('has nothing against a sound intermediate, and says what it changes', () => {
    const { staged, leftOut, warnings } = lint([mintAuthority('Coupa A')]);
    expect(staged.map(({ change }) => change)).to.deep.equal(['added']);
    expect(statesOf(staged[0]?.checks)).to.deep.equal(new Set(['warn', 'yes']));
    expect(leftOut).to.deep.equal([]);
    expect(warnings).to.deep.equal([]);
    const sound = mintAuthority('Coupa A', { notAfter: daysFromNow(900), pathLength: 0 });
    expect(told([sound])).to.not.match(/^(warn|no)/m);
    expect(told([sound]))
      .to.match(/EC P-256/)
      .and.match(/path length 0/)
      .and.match(/CertificateRequest/);
  });

  describe('leaves out', () => {
    it('a root when its intermediate is in the file, and the leaf', () => {
      const { root, intermediate, leaf } = createTestPki();
      const found = lint([leaf(NAME), intermediate, root]);
      expect(stagedOf(found)).to.deep.equal(['Test Intermediate A']);
      expect(whyOf(found)[0]).to.match(/leaf, not a CA: .*client cxml.*staged from the same file/);
      expect(whyOf(found)[1]).to.match(/stands above .*Test Intermediate A/);
    });

    it('everything above the lowest CA, of three levels', () => {
      const root = mintCa('Root');
      const policy = mintCa('Policy', { issuer: root });
      const issuing = mintCa('Issuing', { issuer: policy });
      expect(stagedOf(lint([root, policy, issuing]))).to.deep.equal(['Issuing']);
    });

    it('a root when its intermediate is active', () => {
      const { root, intermediate } = createTestPki();
      const found = lint([intermediate, root], { active: [intermediate] });
      expect(stagedOf(found)).to.deep.equal([]);
      expect(whyOf(found).join())
        .to.match(/active already/)
        .and.match(/stands above/);
    });

    it('no root below which nothing usable is left', () => {
      const root = mintCa('Root');
      const servers = mintCa('Servers', { issuer: root, extendedKeyUsage: ['serverAuth'] });
      expect(stagedOf(lint([servers, root]))).to.deep.equal(['Servers', 'Root']);
    });

    it('no CA because of another of its own key, or of one that it signed in turn', () => {
      const key = { kind: 'p-256', label: 'crossed' } as const;
      const root = mintCa('Crossed', { key });
      const crossed = mintCa('Crossed', { key, issuer: mintCa('Elsewhere') });
      expect(stagedOf(lint([root, crossed]))).to.have.length(2);
      const one = mintCa('One');
      const two = mintCa('Two', { issuer: one });
      const oneByTwo = mintCa('One', { key: { kind: 'rsa-2048', label: 'One' }, issuer: two });
      expect(stagedOf(lint([oneByTwo, two]))).to.have.length(2);
    });

    it('what stands in the file twice', () => {
      const ca = mintAuthority('Coupa A');
      const found = lint([ca, ca]);
      expect(stagedOf(found)).to.deep.equal(['Coupa A']);
      expect(whyOf(found)).to.deep.equal(['it stands in the file more than once']);
    });

    it('an expired CA beside a sound one, and a CA that may not sign', () => {
      const old = mintAuthority('Old', { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
      const mute = mintAuthority('Mute', { keyUsage: ['cRLSign'] });
      const found = lint([old, mute, mintAuthority('New')]);
      expect(stagedOf(found)).to.deep.equal(['New']);
      expect(whyOf(found).join())
        .to.match(/expired on/)
        .and.match(/keyCertSign/);
    });

    it('a leaf, saying where its issuer is', () => {
      const { ca, leaf } = createAuthority('p-256');
      const other = mintAuthority('Coupa A');
      expect(whyOf(lint([leaf(), other], { active: [ca] })).join()).to.match(/issuer is active already/);
      expect(whyOf(lint([leaf(), other])).join()).to.match(/to stage: .*CN=Pinned p-256/);
      const self = mint({ subject: 'Self', ca: false });
      expect(whyOf(lint([self, other])).join()).to.match(/self-signed/);
    });
  });

  describe('throws', () => {
    it('when there is only a leaf, or only what expired', () => {
      const { leaf } = createAuthority('p-256');
      expect(refusalOf(() => lint([leaf()])).message).to.match(/leaf, not a CA/);
      const old = mintAuthority('Old', { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
      expect(refusalOf(() => lint([old, leaf()])).message).to.match(/expired.*and 1 more/);
      expect(refusalOf(() => lint([])).message).to.match(/no certificate/);
    });

    it('when the bundle could not hold them all', () => {
      const many = (length: number, label: string) =>
        Array.from({ length }, (_, index) => mintAuthority(`${label} ${index}`, { key: SHARED }));
      const active = many(60, 'Active');
      const staged = many(39, 'Staged');
      const one = mintAuthority('New 1', { key: SHARED });
      const two = mintAuthority('New 2', { key: SHARED });
      expect(lint([one], { active, staged }).staged).to.have.length(1);
      expect(refusalOf(() => lint([one, two], { active, staged })).message).to.match(/101 pinned/);
    });

    it('when a hundred of one name would cost too many proofs', () => {
      const alike = Array.from({ length: 100 }, (_, index) =>
        mintCa('Alike', { key: { kind: 'p-521', label: `alike ${index % 10}` }, pathLength: index }),
      );
      const before = performance.now();
      expect(refusalOf(() => lint(alike)).message).to.match(/same name/);
      expect(performance.now() - before).to.be.lessThan(2_000);
    });
  });

  describe('finds `no` in', () => {
    const cases: readonly [string, Partial<MintOrder>, RegExp][] = [
      ['a weak key', { key: { kind: 'rsa-1024', label: 'weak' } }, /no: .*1024 bits/],
      ['an unusual curve', { key: { kind: 'secp256k1', label: 'odd' } }, /no: .*curve/],
      ['a signature with SHA-1', { issuer: mintCa('Rsa root'), digest: 'sha1' }, /no: .*signed with/],
      ['a CA for servers', { extendedKeyUsage: ['serverAuth'] }, /no: for web servers only.*2026/],
      ['a CA for signing code', { extendedKeyUsage: ['codeSigning'] }, /no: .*clientAuth/],
      [
        'an unknown critical extension',
        { extensions: [{ oid: '1.2.3.4', critical: true, hex: '0500' }] },
        /no: .*critical extension 1\.2\.3\.4/,
      ],
    ];
    for (const [what, change, text] of cases) {
      it(what, () => {
        expect(told([mintAuthority('Coupa A', change)])).to.match(text);
      });
    }

    it('everything that is wrong at once', () => {
      const order: Partial<MintOrder> = {
        key: { kind: 'rsa-1024', label: 'weak' },
        extendedKeyUsage: ['serverAuth'],
      };
      expect(told([mintAuthority('Coupa A', order)]).match(/^no/gm)).to.have.length(2);
    });
  });

  describe('warns of', () => {
    const far = daysFromNow(900);
    const cases: readonly [string, () => Minted, RegExp][] = [
      ['a root', () => mintCa('Root', { notAfter: far }), /warn: this is a root/],
      [
        'tomorrow',
        () => mintAuthority('A', { notBefore: daysFromNow(3), notAfter: far }),
        /warn: not yet valid.*before 20/,
      ],
      [
        'an end that is near',
        () => mintAuthority('A', { notAfter: daysFromNow(20.5) }),
        /warn: .*20 days.*successor/,
      ],
      [
        'name constraints',
        () =>
          mintAuthority('A', {
            notAfter: far,
            extensions: [{ oid: '2.5.29.30', critical: true, hex: '3000' }],
          }),
        /warn: .*name constraints/,
      ],
      [
        'critical extensions that harm nobody',
        () =>
          mintAuthority('A', {
            notAfter: far,
            extensions: [{ oid: '2.5.29.36', critical: true, hex: '3003800100' }],
          }),
        /warn: .*nobody evaluates: 2\.5\.29\.36/,
      ],
    ];
    for (const [what, order, text] of cases) {
      it(what, () => {
        expect(told([order()]))
          .to.match(text)
          .and.not.match(/^no/m);
      });
    }

    it('many at once', () => {
      const roots = Array.from({ length: 5 }, (_, index) => mintCa(`Public root ${index}`));
      expect(lint(roots).warnings.join()).to.match(/5 CAs at once/);
    });
  });

  describe('beside the active set', () => {
    const change = (file: Minted, around: Around) => lint([file], around).staged[0]?.change;
    const active = mintAuthority('Coupa A', { notAfter: daysFromNow(100) });

    it('tells a renewed one: the same key, later dates', () => {
      const renewed = mintAuthority('Coupa A', { notAfter: daysFromNow(900) });
      expect(change(renewed, { active: [active] })).to.equal('renewed');
      expect(told([renewed], { active: [active] }))
        .to.match(/yes: renewed/)
        .and.not.match(/^warn/m);
    });

    it('tells one that expires sooner than the one it replaces', () => {
      const sooner = mintAuthority('Coupa A', { notAfter: daysFromNow(90) });
      expect(told([sooner], { active: [active] })).to.match(/warn: expires on .*sooner/);
    });

    it('tells a cross-signed one', () => {
      const crossed = mintAuthority('Coupa A', { issuer: mintCa('Other root') });
      expect(change(crossed, { active: [active] })).to.equal('renewed');
      expect(told([crossed], { active: [active] })).to.match(/cross-signed/);
    });

    it('tells a rekeyed one, and of clients that could not tell the keys apart', () => {
      const rekeyed = mintAuthority('Coupa A', {
        key: { kind: 'p-256', label: 'new' },
        notAfter: daysFromNow(900),
      });
      expect(change(rekeyed, { active: [active] })).to.equal('rekeyed');
      expect(told([rekeyed], { active: [active] })).to.match(/warn: rekeyed/);
      const client = (withoutKeyIds: boolean) =>
        mint({ subject: NAME, issuer: active, ca: false, withoutKeyIds });
      const seen = [client(true), client(false)];
      expect(told([rekeyed], { active: [active], seen })).to.match(/warn: rekeyed.* 1 of the clients seen/);
    });

    it('tells a key that comes under another name', () => {
      const renamed = mintAuthority('Coupa B', { key: { kind: 'p-256', label: 'Coupa A' } });
      expect(change(renamed, { active: [active] })).to.equal('added');
      expect(told([renamed], { active: [active] })).to.match(/warn: .*another name/);
    });

    it('tells what is staged already, and another of a staged key', () => {
      const staged = mintAuthority('Coupa B');
      expect(change(staged, { staged: [staged] })).to.equal('known');
      const again = mintAuthority('Coupa B', { notAfter: daysFromNow(900) });
      expect(told([again], { staged: [staged] })).to.match(/warn: another certificate of the same key/);
    });

    it('tells who signed whom', () => {
      const root = mintCa('Root', { notAfter: daysFromNow(900) });
      const policy = mintCa('Policy', { issuer: root, notAfter: daysFromNow(900) });
      const issuing = mintCa('Issuing', { issuer: policy, notAfter: daysFromNow(900) });
      expect(told([issuing])).to.match(/issued by .*CN=Policy, which need not be pinned/);
      expect(told([issuing], { active: [policy] })).to.match(/issued by pin .*CN=Policy\), which is active/);
      expect(told([policy], { active: [issuing] })).to.match(
        /warn: it stands above .*CN=Issuing\), which is active/,
      );
      expect(told([policy], { staged: [issuing] })).to.match(/warn: it stands above .*which is staged/);
    });
  });
});

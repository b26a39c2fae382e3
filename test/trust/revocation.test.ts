import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { readCertificate } from '../../src/trust/certificate.ts';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { Verdict } from '../../src/trust/peer.ts';
import { type Revocation, RevocationList } from '../../src/trust/revocation.ts';
import {
  daysFromNow,
  NAME,
  NOW,
  present,
  reasonsOf,
  reportedOf,
  spkiOf,
  trusting,
} from '../support/judging.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';

const pki = createTestPki();
const leaf = pki.leaf(NAME, { serial: '4abc' });

function listOf(issuer: Minted, serials: readonly string[], days = 7): RevocationList {
  const { subject } = readCertificate(issuer.der);
  const facts = {
    issuer: subject.text,
    file: 'a.crl',
    issuerName: Buffer.from(subject.raw).toString('hex'),
    signer: spkiOf(issuer),
    thisUpdate: daysFromNow(-7),
    nextUpdate: daysFromNow(days),
    fingerprint: serials.join(),
  };
  return new RevocationList(facts, new Set(serials));
}

interface Judging {
  readonly chain?: readonly Minted[];
  readonly anchors?: readonly Minted[];
  readonly policy?: Revocation['policy'];
  readonly onTrial?: boolean;
}

function judge(
  lists: readonly RevocationList[],
  { chain = [leaf], anchors = [pki.intermediate], policy = 'hard', onTrial = false }: Judging = {},
): Verdict {
  const revocation = { policy, lists };
  const reportOnly = onTrial ? (['crl'] as const) : [];
  return judgePeer(present(chain), trusting(anchors, NOW, { revocation, reportOnly }), NOW);
}

describe('revocation, as judgePeer uses it', () => {
  it('refuses a client on the list of its issuer, under either policy, and no other', () => {
    for (const policy of ['hard', 'soft'] as const) {
      const verdict = judge([listOf(pki.intermediate, ['01', '4abc'])], { policy });
      expect(reasonsOf(verdict), policy).to.deep.equal(['revoked']);
      expect(verdict.trusted || verdict.refusal.findings[0]?.detail).to.match(
        /revoked by O=Sallyport .*, as of [\d-]{10} \d\d:\d\dZ$/,
      );
      const other = judge([listOf(pki.intermediate, ['01'])], { policy });
      expect(reasonsOf(other), policy).to.deep.equal([]);
      expect(reportedOf(other), policy).to.deep.equal([]);
    }
  });

  it('takes no serial number from the list of another issuer', () => {
    const lists = [listOf(pki.sibling, ['4abc']), listOf(pki.intermediate, [])];
    expect(reasonsOf(judge(lists, { anchors: [pki.intermediate, pki.sibling] }))).to.deep.equal([]);
  });

  it('lets nobody in without a current list when hard, and reports it when soft', () => {
    for (const lists of [[], [listOf(pki.intermediate, [], -1)], [listOf(pki.sibling, [])]]) {
      expect(reasonsOf(judge(lists))).to.deep.equal(['revocation_unknown']);
      const soft = judge(lists, { policy: 'soft' });
      expect(reasonsOf(soft)).to.deep.equal([]);
      expect(reportedOf(soft)).to.deep.equal(['revocation_unknown']);
    }
  });

  it('keeps refusing whom a list named that has grown stale', () => {
    const stale = listOf(pki.intermediate, ['4abc'], -1);
    expect(reasonsOf(judge([stale], { policy: 'soft' }))).to.deep.equal(['revoked']);
  });

  it('refuses a client below a revoked issuer', () => {
    const upper = mintCa('Upper', { issuer: pki.intermediate, serial: '4def' });
    const below = pki.leaf(NAME, { issuer: upper });
    const lists = [listOf(pki.intermediate, ['4def'])];
    expect(reasonsOf(judge(lists, { chain: [below, upper], policy: 'soft' }))).to.deep.equal(['revoked']);
  });

  it('does not know about a client whose issuer is not pinned itself', () => {
    const upper = mintCa('Upper', { issuer: pki.intermediate });
    const below = pki.leaf(NAME, { issuer: upper });
    const chain = [below, upper];
    expect(reasonsOf(judge([listOf(pki.intermediate, [])], { chain }))).to.deep.equal(['revocation_unknown']);
  });

  it('heeds a list of the new key for clients of the old one, but does not call them unrevoked by it', () => {
    const renewed = mintCa('Test Intermediate A', {
      issuer: pki.root,
      key: { kind: 'rsa-2048', label: 'A renewed' },
    });
    const anchors = [pki.intermediate, renewed];
    expect(reasonsOf(judge([listOf(renewed, ['4abc'])], { anchors }))).to.deep.equal(['revoked']);
    expect(reasonsOf(judge([listOf(renewed, [])], { anchors }))).to.deep.equal(['revocation_unknown']);
  });

  it('is told and not enforced while on trial', () => {
    const verdict = judge([listOf(pki.intermediate, ['4abc'])], { onTrial: true });
    expect(reasonsOf(verdict)).to.deep.equal([]);
    expect(reportedOf(verdict)).to.deep.equal(['revoked']);
    expect(reportedOf(judge([], { onTrial: true }))).to.deep.equal(['revocation_unknown']);
  });

  it('does not turn to a refused way because another is unknown only', () => {
    const revoked = mintCa('Twice', { issuer: pki.intermediate, serial: '4def' });
    const sound = mintCa('Twice', { issuer: pki.intermediate });
    const chain = [pki.leaf(NAME, { issuer: sound }), revoked, sound];
    const verdict = judge([listOf(pki.intermediate, ['4def'])], { chain, policy: 'soft' });
    expect(reasonsOf(verdict)).to.deep.equal([]);
    expect(reportedOf(verdict)).to.deep.equal(['revocation_unknown']);
  });
});

describe('a revocation list', () => {
  it('is the same as another exactly when it was read from the same bytes', () => {
    const list = listOf(pki.intermediate, ['01']);
    expect(isDeepStrictEqual(list, listOf(pki.intermediate, ['01']))).to.equal(true);
    expect(isDeepStrictEqual(list, listOf(pki.intermediate, ['02']))).to.equal(false);
  });
});

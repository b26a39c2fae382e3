import { expect } from 'chai';
import { judgePeer } from '../../src/trust/judge-peer.ts';
import type { Trust } from '../../src/trust/trust.ts';
import { NAME, NOW, present, reasonsOf, reportedOf, trusting } from '../support/judging.ts';
import { createTestPki, type Minted, mintCa } from '../support/pki.ts';

const pki = createTestPki();
const { intermediate, sibling, root } = pki;
const leaf = pki.leaf(NAME);
/** Another certificate of the same name and key. */
const renewed = mintCa('Test Intermediate A', { issuer: root });

/** A chain that OpenSSL accepted by `before`, judged by `after`. */
function judge(chain: readonly Minted[], before: Trust, after: Trust) {
  return judgePeer(present(chain, { judgedUnder: before.anchors }), after, NOW);
}

describe('the verdict of OpenSSL, once the trust was replaced', () => {
  const old = trusting([intermediate]);

  it('does not speak for an anchor that came after it', () => {
    expect(reasonsOf(judge([leaf], old, trusting([renewed])))).to.deep.equal(['openssl']);
  });

  it('does not stand for a way that may have led to the anchor that left', () => {
    const both = trusting([intermediate, renewed]);
    expect(reasonsOf(judge([leaf], both, trusting([renewed])))).to.deep.equal(['openssl']);
    const byRoot = trusting([root]);
    expect(reasonsOf(judge([leaf, intermediate], byRoot, old))).to.deep.equal(['openssl']);
  });

  it('holds while anchors are added, are read again, or leave that could not have vouched', () => {
    for (const [before, after] of [
      [[intermediate], [intermediate]],
      [[intermediate], [intermediate, renewed, sibling]],
      [[intermediate, sibling], [intermediate]],
    ]) {
      expect(judge([leaf], trusting(before ?? []), trusting(after ?? [])).trusted).to.equal(true);
    }
  });

  it('adds nothing where our own verdict refuses already', () => {
    expect(reasonsOf(judge([leaf], old, trusting([sibling])))).to.deep.equal(['untrusted_issuer']);
  });

  it('leaves a client unproven where certificates are only requested', () => {
    const verdict = judge([leaf], old, trusting([renewed], NOW, { mode: 'requested' }));
    expect(verdict.trusted && verdict.peer.proven).to.equal(false);
    expect(reportedOf(verdict)).to.deep.equal(['openssl']);
  });
});

import { expect } from 'chai';
import { ANSWERS } from '../../src/http/answer.ts';
import { explainRecord, explainRefusal } from '../../src/trust/explain-refusal.ts';
import { PEER_REASONS, type PeerReason } from '../../src/trust/peer.ts';
import type { ExplainedRefusal } from '../../src/trust/reason-words.ts';

const NEAR_MISS: ExplainedRefusal = {
  findings: [],
  nearMiss: true,
  enforced: true,
  reference: '00c0ffee00',
  handle: '17',
  showedIssuer: true,
  leaf: {
    names: ['cxml-supplier.coupahost.com'],
    fingerprint: 'ab',
    issuer: 'CN=Issuer',
    serial: '0abc',
    notAfter: new Date(0),
  },
};

function explain(reasons: readonly PeerReason[], change: Partial<ExplainedRefusal> = {}) {
  const findings = reasons.map((reason) => ({ reason, detail: `detail of ${reason}` }));
  return explainRefusal({ ...NEAR_MISS, findings, ...change });
}

describe('explainRefusal', () => {
  for (const reason of PEER_REASONS) {
    it(`says of ${reason} what it means and one thing to do, and nothing like any other reason`, () => {
      const { headline, meaning, next } = explain([reason]);
      expect(meaning).to.have.length(1);
      expect(meaning[0]).to.match(/^[A-Z].*\. Here: detail of /);
      expect(next).to.match(/^[A-Z]/);
      expect(next).not.to.match(/undefined|\[object/);
      const others = PEER_REASONS.filter((each) => each !== reason).map((each) => explain([each]));
      expect(others.map((each) => each.headline)).not.to.include(headline);
      expect(others.map((each) => each.meaning[0]?.split(' Here: ')[0])).not.to.include(
        meaning[0]?.split(' Here: ')[0],
      );
    });
  }

  it('stages the issuer of a near miss from its own chain, by the number or reference', () => {
    expect(explain(['untrusted_issuer']).next).to.include('sallyport trust stage --from-refused 17');
  });

  it('asks for the issuer when none was shown', () => {
    const { next } = explain(['untrusted_issuer'], { showedIssuer: false });
    expect(next).not.to.include('--from-refused');
    expect(next).to.include("Coupa's page");
  });

  it('never proposes to stage the issuer of a stranger', () => {
    for (const reason of PEER_REASONS.filter((each) => each !== 'untrusted_issuer')) {
      expect(explain([reason, 'name_not_allowed'], { nearMiss: false }).next, reason).not.to.include('stage');
    }
    expect(explain(['untrusted_issuer'], { nearMiss: false }).next).not.to.include('stage');
    expect(explain(['untrusted_issuer', 'name_not_allowed'], { nearMiss: false }).next).not.to.include(
      'stage',
    );
  });

  for (const [first, ...others] of [
    ['deny_listed', 'untrusted_issuer', 'expired'],
    ['revoked', 'expired'],
    ['expired', 'untrusted_issuer'],
    ['server_auth_only', 'untrusted_issuer'],
    ['address_not_allowed', 'untrusted_issuer'],
    ['untrusted_issuer', 'pin_mismatch'],
    ['untrusted_issuer', 'revocation_unknown', 'openssl'],
  ] as const) {
    it(`takes ${first} for more telling than ${others.join(' and ')}`, () => {
      const both = explain([...others, first]);
      expect(both.next).to.equal(explain([first]).next);
      expect(both.headline).to.equal(explain([first]).headline);
      expect(both.reasons).to.have.members([first, ...others]);
      expect(both.reasons[0]).to.equal(first);
      expect(both.meaning).to.have.length(1 + others.length);
      expect(both.meaning[0]).to.include(`detail of ${first}`);
    });
  }

  for (const [code, nearMiss] of [
    ['peer-near-miss', true],
    ['peer-refused', false],
  ] as const) {
    it(`tells what Coupa is answered as the table of answers has it: ${code}`, () => {
      const { status, http } = ANSWERS[code];
      const { seenByBuyer } = explain(['untrusted_issuer'], { nearMiss });
      expect(seenByBuyer).to.include(`HTTP ${http.envelope} `);
      expect(seenByBuyer).to.include(`cXML Status ${status.code} “${status.text}”`);
      expect(seenByBuyer).to.include('00c0ffee00');
      expect(seenByBuyer.includes('repeats the order 5 times, an hour apart')).to.equal(nearMiss);
      expect(seenByBuyer.includes('never repeats')).to.equal(!nearMiss);
    });
  }

  it('says of a check on trial that orders are taken', () => {
    const { headline, seenByBuyer } = explain(['pin_mismatch'], { enforced: false });
    expect(headline).to.include('let in');
    expect(seenByBuyer).not.to.include('503');
  });
});

describe('explainRecord', () => {
  const record = {
    ...NEAR_MISS,
    id: 4,
    firstAt: new Date(0),
    lastAt: new Date(0),
    times: 1,
    remoteAddress: '192.0.2.1',
    protocol: 'TLSv1.3',
    opensslError: null,
    findings: [{ reason: 'untrusted_issuer', detail: 'the issuer CN=Issuer is not pinned' }] as const,
  };
  const block = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';

  it('reads from the chain whether there is an issuer to stage', () => {
    expect(explainRecord({ ...record, chainPem: block + block }).next).to.include('--from-refused 4');
    expect(explainRecord({ ...record, chainPem: block }).next).not.to.include('--from-refused');
  });
});

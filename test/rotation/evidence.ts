/** Evidence for tests, as the recorder writes it: of chains that were let in, and of handshakes that were refused. */
import { createHash } from 'node:crypto';
import { readCertificate } from '../../src/trust/certificate.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../../src/trust/evidence.ts';
import type { PeerReason } from '../../src/trust/peer.ts';
import { daysFromNow, NOW, spkiOf } from '../support/judging.ts';
import type { Minted } from '../support/pki.ts';

/**
 * @param chain as sent, leaf first
 * @param anchor that vouched for it
 */
export function seenChain(
  chain: readonly Minted[],
  anchor: Minted,
  change: Partial<SeenChain> = {},
): SeenChain {
  const [leaf] = chain;
  if (leaf === undefined) throw new Error('a chain begins with a leaf');
  const { fingerprint, spki, subject, issuer, serial, notBefore, notAfter } = readCertificate(leaf.der);
  const lastSeen = change.lastSeen ?? daysFromNow(-1);
  const handshakes = change.handshakes ?? 4;
  return {
    id: 1,
    chainDigest: digestOf(chain),
    fingerprint,
    name: subject.commonNames.join(),
    spki,
    subject: subject.text,
    issuer: issuer.text,
    serial,
    notBefore,
    notAfter,
    chainPem: chain.map(({ pem }) => pem).join(''),
    anchor: spkiOf(anchor),
    protocol: 'TLSv1.3',
    remoteAddress: '192.0.2.7',
    firstSeen: daysFromNow(-9),
    lastSeen,
    handshakes,
    days: [{ day: lastSeen.toISOString().slice(0, 10), anchor: spkiOf(anchor), handshakes }],
    lastOrder: null,
    ...change,
  };
}

export function refusedHandshake(
  chain: readonly Minted[],
  change: Partial<Omit<RefusedHandshakeRecord, 'findings'>> & {
    readonly reasons?: readonly PeerReason[];
  } = {},
): RefusedHandshakeRecord {
  const { reasons = ['untrusted_issuer'], ...further } = change;
  const [leaf] = chain;
  const facts = leaf === undefined ? undefined : readCertificate(leaf.der);
  return {
    id: 17,
    reference: '0badcafe',
    enforced: true,
    firstAt: daysFromNow(-2),
    lastAt: NOW,
    remoteAddress: '192.0.2.7',
    protocol: 'TLSv1.3',
    nearMiss: true,
    findings: reasons.map((reason) => ({ reason, detail: `it was ${reason}` })),
    opensslError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    leaf:
      facts === undefined
        ? undefined
        : {
            names: facts.subject.commonNames,
            fingerprint: facts.fingerprint,
            issuer: facts.issuer.text,
            serial: facts.serial,
            notAfter: facts.notAfter,
          },
    chainPem: chain.map(({ pem }) => pem).join(''),
    times: 1,
    ...further,
  };
}

function digestOf(chain: readonly Minted[]): string {
  const hash = createHash('sha256');
  for (const { der } of chain) hash.update(der);
  return hash.digest('hex');
}

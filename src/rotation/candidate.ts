/** Another set of anchors in the place of those in force, and what the gate saw, to be judged by it once more. */
import { type Anchor, fingerprintOf } from '../trust/bundle.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import type { Presented } from '../trust/peer.ts';
import { readChain } from '../trust/sent-chain.ts';
import { createTrust, type Trust } from '../trust/trust.ts';

/**
 * Everything but the anchors stays: names, pins, lists, addresses.
 *
 * @throws {StartupError} for no anchor at all
 */
export function withAnchors(trust: Trust, anchors: readonly Anchor[]): Trust {
  const set = distinct(anchors);
  return createTrust({
    ...trust,
    pins: [...trust.pins],
    reportOnly: [...trust.reportOnly],
    bundle: { anchors: set, warnings: [], fingerprint: fingerprintOf(set) },
  });
}

/** Where a certificate need not be shown nobody is refused for one, so nothing could be learnt about those that are. */
export function asRequired(trust: Trust): Trust {
  return trust.mode === 'required' ? trust : { ...trust, mode: 'required' };
}

/** The first of those with the same bytes. */
function distinct(anchors: readonly Anchor[]): Anchor[] {
  const seen = new Map<string, Anchor>();
  for (const anchor of anchors) {
    const { fingerprint } = anchor.certificate;
    if (!seen.has(fingerprint)) seen.set(fingerprint, anchor);
  }
  return [...seen.values()];
}

/** `anchors` without those whose bytes are among `gone`. */
export function without(anchors: readonly Anchor[], gone: readonly Anchor[]): Anchor[] {
  const prints = new Set(gone.map(({ certificate }) => certificate.fingerprint));
  return anchors.filter(({ certificate }) => !prints.has(certificate.fingerprint));
}

/**
 * OpenSSL's verdict cannot be asked for again without the client's key. It accepted this chain once, and is taken to do
 * so again.
 */
export function presentSeen({
  chainPem,
  protocol,
  remoteAddress,
}: Pick<SeenChain, 'chainPem' | 'protocol' | 'remoteAddress'>): Presented {
  return {
    chain: readChain(chainPem),
    openssl: { authorized: true },
    resumed: false,
    protocol,
    remoteAddress,
  };
}

/**
 * OpenSSL's code is kept only where it alone refused: beside other findings it spoke of the same fault, and another
 * set of anchors may mend that.
 */
export function presentRefused(record: RefusedHandshakeRecord): Presented {
  const { chainPem, protocol, remoteAddress, findings, opensslError } = record;
  const alone = findings.length > 0 && findings.every(({ reason }) => reason === 'openssl');
  return {
    chain: readChain(chainPem),
    openssl: alone
      ? { authorized: false, ...(opensslError === null ? {} : { error: opensslError }) }
      : { authorized: true },
    resumed: findings.some(({ reason }) => reason === 'resumed'),
    protocol,
    remoteAddress,
  };
}

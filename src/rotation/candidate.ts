/** Another set of anchors in the place of those in force, and what the gate saw, to be judged by it once more. */
import { type Anchor, fingerprintOf } from '../trust/bundle.ts';
import { type Certificate, readOrSkip } from '../trust/certificate.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import { judgePeer } from '../trust/judge-peer.ts';
import type { Presented, Verdict } from '../trust/peer.ts';
import { readChain } from '../trust/sent-chain.ts';
import { createTrust, type Trust } from '../trust/trust.ts';
import { foreseeOpenssl } from './foresee-openssl.ts';

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

/** Whether some anchor that is left can vouch for anybody, or none of those that go could. */
export function leavesEnough(left: readonly Anchor[], gone: readonly Anchor[], now: Date): boolean {
  const isLive = ({ certificate }: Anchor): boolean => now <= certificate.notAfter;
  return left.some(isLive) || (left.length > 0 && !gone.some(isLive));
}

/** A chain of the evidence, to be judged by one set after the other. */
export interface Replayed {
  readonly presented: Presented;
  /** What of it can be read. */
  readonly certificates: readonly Certificate[];
}

/**
 * OpenSSL's verdict cannot be asked for again without the client's key. It accepted this chain once, and is taken to do
 * so again, unless it can be foreseen that it would not.
 */
export function replaySeen({
  chainPem,
  protocol,
  remoteAddress,
}: Pick<SeenChain, 'chainPem' | 'protocol' | 'remoteAddress'>): Replayed {
  return replay(chainPem, { openssl: { authorized: true }, resumed: false, protocol, remoteAddress });
}

/**
 * OpenSSL's code is kept only where it alone refused: beside other findings it spoke of the same fault, and another
 * set of anchors may mend that.
 */
export function replayRefused(record: RefusedHandshakeRecord): Replayed {
  const { chainPem, protocol, remoteAddress, findings, opensslError } = record;
  const alone = findings.length > 0 && findings.every(({ reason }) => reason === 'openssl');
  return replay(chainPem, {
    openssl: alone
      ? { authorized: false, ...(opensslError === null ? {} : { error: opensslError }) }
      : { authorized: true },
    resumed: findings.some(({ reason }) => reason === 'resumed'),
    protocol,
    remoteAddress,
  });
}

function replay(chainPem: string, presented: Omit<Presented, 'chain'>): Replayed {
  const chain = readChain(chainPem);
  const certificates = chain.map(readOrSkip).filter((each) => each !== undefined);
  return { presented: { ...presented, chain }, certificates };
}

/** @param before the anchors in force */
export function judgeReplayed(
  { presented, certificates }: Replayed,
  trust: Trust,
  { before, at }: { readonly before: readonly Anchor[]; readonly at: Date },
): Verdict {
  const against = foreseeOpenssl(certificates, {
    anchors: trust.anchors.map(({ certificate }) => certificate),
    before: before.map(({ certificate }) => certificate),
    at,
  });
  const openssl = against === undefined ? presented.openssl : { authorized: false, error: against };
  return judgePeer({ ...presented, openssl }, trust, at);
}

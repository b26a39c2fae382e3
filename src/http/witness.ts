/**
 * What the gate tells of a client: the metric, the line in the log, and the record. Never: judges. Whatever goes
 * wrong here stops neither an order nor a refusal.
 */
import { randomBytes } from 'node:crypto';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Evidence } from '../trust/evidence.ts';
import { explainRefusal } from '../trust/explain-refusal.ts';
import type { Peer, PeerReason, PeerRefusal, Presented, Verdict } from '../trust/peer.ts';
import type { QuietLog } from './quiet-log.ts';

export interface Seen {
  readonly presented: Presented;
  readonly remoteAddress: string;
  readonly at: Date;
}

export type Admitted = Extract<Verdict, { readonly trusted: true }>;

export interface Witness {
  /** A handshake was let in. */
  accepted(peer: Peer, seen: Seen): void;
  /** A request of a client that was let in before. */
  used(peer: Peer, seen: Pick<Seen, 'remoteAddress' | 'at'>): void;
  /** It was let in, and something speaks against it that is told and not enforced. */
  wouldRefuse(admitted: Admitted, seen: Seen): void;
  /** @returns the reference to tell the client */
  refused(refusal: PeerRefusal, seen: Seen, message: string): string;
  /** A handshake that did not come to its end. There is no chain, so that it is counted and logged alone. */
  failed(error: NodeJS.ErrnoException, remoteAddress: string): void;
}

export function createWitness({
  evidence,
  quietLog,
  metrics,
}: {
  readonly evidence: Evidence;
  readonly quietLog: QuietLog;
  readonly metrics: Metrics;
}): Witness {
  const safely = <Told>(tell: () => Told, otherwise: () => Told): Told => {
    try {
      return tell();
    } catch (error) {
      quietLog.warn({ err: error }, 'client not recorded');
      return otherwise();
    }
  };
  const record = (refusal: PeerRefusal, seen: Seen, enforced: boolean, message: string): string => {
    const { presented, remoteAddress } = seen;
    const { reference, recorded, isNew } = safely(
      () => evidence.refused({ ...seen, refusal, enforced }),
      () => ({ reference: randomBytes(5).toString('hex'), recorded: false, isNew: false }),
    );
    const { findings, nearMiss, leaf } = refusal;
    const showedIssuer = presented.chain.length > 1;
    const { next } = explainRefusal({
      findings,
      nearMiss,
      leaf,
      enforced,
      reference,
      handle: reference,
      showedIssuer,
    });
    quietLog.warn(
      {
        reference,
        remoteAddress,
        ...(enforced ? { nearMiss } : {}),
        findings,
        ...leaf,
        protocol: presented.protocol,
        // The step may name the record, which is not there then.
        ...(recorded ? { next } : { recorded }),
      },
      message,
      kindOf(refusal, { message, isNew }),
    );
    return reference;
  };

  return {
    accepted(peer, { remoteAddress, at }) {
      if (!peer.proven) return metrics.handshake({ outcome: 'accepted', reason: 'none' });
      metrics.handshake({ outcome: 'accepted', reason: 'none', vouched: { spki: peer.anchor, at } });
      safely(() => evidence.accepted(peer, { remoteAddress, at }), ignore);
    },

    used(peer, { remoteAddress, at }) {
      if (peer.proven) safely(() => evidence.used(peer, { remoteAddress, at }), ignore);
    },

    wouldRefuse({ peer, wouldRefuse: findings, unproven }, seen) {
      if (findings.length === 0) return;
      for (const { reason } of findings) metrics.wouldRefuse(reason);
      const { name, fingerprint, issuer, serial, notAfter } = peer;
      const leaf = { names: [name], fingerprint, issuer, serial, notAfter };
      record(unproven ?? { findings, nearMiss: true, leaf }, seen, false, 'client would be refused');
    },

    refused: (refusal, seen, message) => record(refusal, seen, true, message),

    failed(error, remoteAddress) {
      const reason: PeerReason = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'timeout' : 'protocol';
      metrics.handshake({ outcome: 'refused', reason });
      quietLog.warn({ remoteAddress, reason, code: error.code }, 'handshake failed');
    },
  };
}

/**
 * What shares one rate in the log. Strangers must not hide a near miss, and whoever forges near misses by the thousand
 * must not hide the first line about another one: the recorder lets an address have only so many of those.
 */
function kindOf(
  { nearMiss }: PeerRefusal,
  { message, isNew }: { readonly message: string; readonly isNew: boolean },
): string {
  if (!nearMiss) return message;
  return isNew ? `${message}, a new near miss` : `${message}, a near miss`;
}

function ignore(): void {}

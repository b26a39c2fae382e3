/**
 * The gate: a client is judged once its TLS handshake is done and before the HTTP parser sees a byte. Whoever is
 * refused gets one fixed answer and is never read. Never: HTTP, beyond that answer.
 */
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../errors.ts';
import type { ReplyIdentity } from '../intake/reply-identity.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { isCostly } from '../trust/costly-chain.ts';
import type { Evidence } from '../trust/evidence.ts';
import { judgePeer } from '../trust/judge-peer.ts';
import type { PeerReason, PeerRefusal, Presented, Verdict } from '../trust/peer.ts';
import { readPresented } from '../trust/presented.ts';
import type { Trust } from '../trust/trust.ts';
import { answerRefusal } from './answer.ts';
import type { Guest } from './exchange.ts';
import { linger } from './linger.ts';
import type { QuietLog } from './quiet-log.ts';
import { writeBare } from './replies.ts';
import { createWitness } from './witness.ts';

/** For strangers: enough for an order of usual size that is already on its way. */
const STRANGER_LINGER = { limitBytes: 1024 * 1024, limitMs: 2_000 };

/** Anchors expire too, and a kept-alive connection can outlive one. */
const JUDGED_AGAIN_AFTER_MS = 60_000;

export interface GateParts {
  readonly trust: () => Trust;
  readonly replyIdentity: () => ReplyIdentity;
  /** Told of everybody who comes. It may fail, the judgement may not. */
  readonly evidence: Evidence;
  readonly log: Log;
  readonly quietLog: QuietLog;
  readonly metrics: Metrics;
  readonly now: () => Date;
  /** Told of whoever proved nothing with a chain that cost much. */
  readonly onCostly: (remoteAddress: string) => void;
}

export interface Gate {
  /**
   * @param judgedUnder the anchors by which the handshake was made; left out: those in force
   * @returns undefined when the client was refused; it has been answered then, and its connection is ending
   */
  admit(socket: TLSSocket, remoteAddress: string, judgedUnder?: Trust['anchors']): Guest | undefined;
  /** A request of a guest has come: judged again, and if it is still let in, counted as a use of its certificate. */
  judgeRequest(guest: Guest): Refusal | undefined;
  /** Judges a guest by the trust now in force. Cheap when nothing changed since the last time. */
  judgeAgain(guest: Guest): Refusal | undefined;
  /** A handshake that did not come to its end. */
  reportFailure(error: NodeJS.ErrnoException, remoteAddress: string): void;
}

export function createGate(parts: GateParts): Gate {
  const { trust, replyIdentity, metrics, now } = parts;
  const witness = createWitness(parts);
  const judgeAgain = (guest: Guest, at: Date): Refusal | undefined => {
    const inForce = trust();
    const age = Math.abs(at.getTime() - guest.judgedAt);
    const fresh = guest.generation === inForce.generation && age < JUDGED_AGAIN_AFTER_MS;
    if (fresh && at <= guest.peer.notAfter) return undefined;
    const { presented, remoteAddress } = guest;
    const verdict = judge(presented, inForce, at, parts.log);
    if (!verdict.trusted) {
      const seen = { presented, remoteAddress, at };
      return tell(
        verdict.refusal,
        witness.refused(verdict.refusal, seen, 'client refused on an open connection'),
      );
    }
    // Once for each trust: by the minute, one kept-alive connection would fill the log.
    if (guest.generation !== inForce.generation) {
      witness.wouldRefuse(verdict, { presented, remoteAddress, at });
    }
    guest.peer = verdict.peer;
    guest.generation = inForce.generation;
    guest.judgedAt = at.getTime();
    return undefined;
  };
  return {
    admit(socket, remoteAddress, judgedUnder = trust().anchors) {
      const inForce = trust();
      const at = now();
      const presented = { ...readOrNothing(socket, parts.log), remoteAddress, judgedUnder };
      const seen = { presented, remoteAddress, at };
      const verdict = judge(presented, inForce, at, parts.log);
      const isProven = verdict.trusted && verdict.peer.proven;
      if (!isProven && isCostly(presented.chain)) parts.onCostly(remoteAddress);
      if (verdict.trusted) {
        const { peer } = verdict;
        witness.accepted(peer, seen);
        witness.wouldRefuse(verdict, seen);
        const { generation } = inForce;
        const judgedAt = at.getTime();
        return {
          socket,
          remoteAddress,
          presented,
          peer,
          generation,
          judgedAt,
          used: false,
          open: new Set(),
          broken: false,
          closing: false,
        };
      }
      metrics.handshake({ outcome: 'refused', reason: firstReason(verdict.refusal) });
      const reference = witness.refused(verdict.refusal, seen, 'client refused');
      writeBare(socket, answerRefusal(tell(verdict.refusal, reference), 'envelope', replyIdentity()));
      linger(socket, STRANGER_LINGER, () => socket.destroy());
      return undefined;
    },

    judgeRequest(guest) {
      const at = now();
      const refusal = judgeAgain(guest, at);
      if (refusal === undefined) witness.used(guest.peer, { remoteAddress: guest.remoteAddress, at });
      return refusal;
    },

    judgeAgain: (guest) => judgeAgain(guest, now()),

    reportFailure: witness.failed,
  };
}

/** Fails closed: what cannot be read was not presented. */
function readOrNothing(socket: TLSSocket, log: Log): Presented {
  try {
    return readPresented(socket);
  } catch (error) {
    log.error({ err: error }, 'client certificate could not be read');
    return { chain: [], openssl: { authorized: false }, resumed: false, protocol: 'unknown' };
  }
}

/** Fails closed: a certificate that breaks the judge is a certificate that is refused. */
function judge(presented: Presented, trust: Trust, at: Date, log: Log): Verdict {
  try {
    return judgePeer(presented, trust, at);
  } catch (error) {
    log.error({ err: error }, 'client certificate could not be judged');
    const detail = 'the receiver failed while it judged this certificate';
    return {
      trusted: false,
      refusal: { nearMiss: false, findings: [{ reason: 'unreadable_certificate', detail }] },
    };
  }
}

/** Says nothing of the reasons: whoever is entitled to them finds them by the reference. */
function tell({ nearMiss }: PeerRefusal, reference: string): Refusal {
  return new Refusal(
    nearMiss ? 'peer-near-miss' : 'peer-refused',
    `This client certificate is not accepted here. Ask the supplier about reference ${reference}.`,
  );
}

function firstReason({ findings }: PeerRefusal): PeerReason {
  return findings[0]?.reason ?? 'openssl';
}

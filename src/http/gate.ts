/**
 * The gate: a client is judged once its TLS handshake is done and before the HTTP parser sees a byte. Whoever is
 * refused gets one fixed answer and is never read. Never: HTTP, beyond that answer.
 */
import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../errors.ts';
import type { ReplyIdentity } from '../intake/reply-identity.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { judgePeer } from '../trust/judge-peer.ts';
import type { Peer, PeerFinding, PeerReason, PeerRefusal, Presented, Verdict } from '../trust/peer.ts';
import { readPresented } from '../trust/presented.ts';
import type { Trust } from '../trust/trust.ts';
import { answerRefusal } from './answer.ts';
import type { Guest } from './exchange.ts';
import { linger } from './linger.ts';
import type { QuietLog } from './quiet-log.ts';
import { writeBare } from './replies.ts';

/** For strangers: enough for an order of usual size that is already on its way. */
const STRANGER_LINGER = { limitBytes: 1024 * 1024, limitMs: 2_000 };

/** Anchors expire too, and a kept-alive connection can outlive one. */
const JUDGED_AGAIN_AFTER_MS = 60_000;

export interface GateParts {
  readonly trust: () => Trust;
  readonly replyIdentity: () => ReplyIdentity;
  readonly log: Log;
  readonly quietLog: QuietLog;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

export interface Gate {
  /** @returns undefined when the client was refused; it has been answered then, and its connection is ending */
  admit(socket: TLSSocket, remoteAddress: string): Guest | undefined;
  /** Judges a guest by the trust now in force. Cheap when nothing changed since the last time. */
  judgeAgain(guest: Guest): Refusal | undefined;
  /** A handshake that did not come to its end. */
  reportFailure(error: NodeJS.ErrnoException, remoteAddress: string): void;
}

export function createGate(parts: GateParts): Gate {
  const { trust, replyIdentity, quietLog, metrics, now } = parts;
  const reportTrial = (findings: readonly PeerFinding[], peer: Peer, remoteAddress: string): void => {
    if (findings.length === 0) return;
    for (const { reason } of findings) metrics.wouldRefuse(reason);
    const { name, fingerprint, issuer, serial, notAfter, protocol } = peer;
    quietLog.warn(
      { remoteAddress, findings, names: [name], fingerprint, issuer, serial, notAfter, protocol },
      'client would be refused',
    );
  };
  return {
    admit(socket, remoteAddress) {
      const inForce = trust();
      const at = now();
      const presented = { ...readOrNothing(socket, parts.log), remoteAddress };
      const verdict = judge(presented, inForce, at, parts.log);
      if (verdict.trusted) {
        metrics.handshake({
          outcome: 'accepted',
          reason: 'none',
          vouched: { spki: verdict.peer.anchor, at },
        });
        reportTrial(verdict.wouldRefuse, verdict.peer, remoteAddress);
        const { generation } = inForce;
        const judgedAt = at.getTime();
        return {
          socket,
          remoteAddress,
          presented,
          peer: verdict.peer,
          generation,
          judgedAt,
          used: false,
          open: new Set(),
          broken: false,
          closing: false,
        };
      }
      metrics.handshake({ outcome: 'refused', reason: firstReason(verdict.refusal) });
      const reference = randomBytes(5).toString('hex');
      quietLog.warn(
        describe({ refusal: verdict.refusal, presented, reference, remoteAddress }),
        'client refused',
      );
      writeBare(socket, answerRefusal(tell(verdict.refusal, reference), 'envelope', replyIdentity()));
      linger(socket, STRANGER_LINGER, () => socket.destroy());
      return undefined;
    },

    judgeAgain(guest) {
      const inForce = trust();
      const at = now();
      const age = Math.abs(at.getTime() - guest.judgedAt);
      const fresh = guest.generation === inForce.generation && age < JUDGED_AGAIN_AFTER_MS;
      if (fresh && at <= guest.peer.notAfter) return undefined;
      const { presented, remoteAddress } = guest;
      const verdict = judge(presented, inForce, at, parts.log);
      if (verdict.trusted) {
        // Once for each trust: by the minute, one kept-alive connection would fill the log.
        if (guest.generation !== inForce.generation) {
          reportTrial(verdict.wouldRefuse, verdict.peer, remoteAddress);
        }
        guest.peer = verdict.peer;
        guest.generation = inForce.generation;
        guest.judgedAt = at.getTime();
        return undefined;
      }
      const reference = randomBytes(5).toString('hex');
      quietLog.warn(
        describe({ refusal: verdict.refusal, presented, reference, remoteAddress }),
        'client refused on an open connection',
      );
      return tell(verdict.refusal, reference);
    },

    reportFailure(error, remoteAddress) {
      const reason: PeerReason = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'timeout' : 'protocol';
      metrics.handshake({ outcome: 'refused', reason });
      quietLog.warn({ remoteAddress, reason, code: error.code }, 'handshake failed');
    },
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

/** Says nothing of the reasons: whoever is entitled to them finds them in the log, by the reference. */
function tell({ nearMiss }: PeerRefusal, reference: string): Refusal {
  return new Refusal(
    nearMiss ? 'peer-near-miss' : 'peer-refused',
    `This client certificate is not accepted here. Ask the supplier about reference ${reference}.`,
  );
}

function describe({
  refusal: { findings, nearMiss, leaf },
  presented: { protocol },
  reference,
  remoteAddress,
}: {
  refusal: PeerRefusal;
  presented: Presented;
  reference: string;
  remoteAddress: string;
}): object {
  return { reference, remoteAddress, nearMiss, findings, ...leaf, protocol };
}

function firstReason({ findings }: PeerRefusal): PeerReason {
  return findings[0]?.reason ?? 'openssl';
}

/**
 * The receiving port: mutual TLS outside, one route inside. Hostile peers reach this room first. It reads bytes within
 * limits and writes answers. Never: SQL, business rules, cXML beyond the answer's own.
 */
import { createServer } from 'node:tls';
import type { Intake } from '../intake/intake.ts';
import type { ReplyIdentity } from '../intake/reply-identity.ts';
import type { Spool } from '../intake/spool.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Evidence } from '../trust/evidence.ts';
import { keepSentChains } from '../trust/presented.ts';
import { tlsOptions } from '../trust/tls-options.ts';
import type { Trust } from '../trust/trust.ts';
import type { AnswerStyle } from './answer.ts';
import { createApp } from './app.ts';
import { createFront } from './front.ts';
import { createGate } from './gate.ts';
import { createHttpServer } from './http-server.ts';
import type { Limits } from './limits.ts';
import { createQuietLog } from './quiet-log.ts';
import { createReceiveOrder } from './receive-order.ts';
import { createReplies } from './replies.ts';
import { createShutOut, SHUT_OUT_MS } from './shut-out.ts';

/** Our own chain and its key, PEM, leaf first. Immutable: another one is another object. */
export interface Shown {
  readonly certPem: string;
  readonly keyPem: Buffer;
}

export interface ListenerParts {
  readonly listen: { readonly host: string; readonly port: number; readonly path: string };
  /** The trust in force, asked at every connection and every request. */
  readonly trust: () => Trust;
  /** What we show, asked at every connection. */
  readonly certificate: () => Shown;
  readonly limits: Limits;
  readonly intake: Pick<Intake, 'receive'>;
  /** Where attachments wait on disk. */
  readonly spool: Spool;
  /** How a buyer wants refusals; undefined is a buyer that is not known. */
  readonly answers: (buyer: string | undefined) => AnswerStyle;
  readonly replyIdentity: () => ReplyIdentity;
  /** Told of every client that was let in or refused. */
  readonly evidence: Evidence;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: () => Date;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  /** Below the 60 s that Coupa waits for an answer. */
  readonly answerTimeoutMs?: number;
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** To be called when the trust was replaced: ends the connections of clients that are no longer let in. */
  closeRefused(): Promise<void>;
}

/** Time for a request that is on its way when the receiver stops; it is then told to come again. */
const LAST_REQUESTS_MS = 1_000;

/**
 * Disposing stops accepting, lets requests in flight end within `shutdown_ms`, and closes every connection.
 *
 * @throws {StartupError} when the address cannot be listened on
 */
export async function startListener(parts: ListenerParts): Promise<Listener> {
  const { limits, trust, certificate, log, clock } = parts;
  const quietLog = createQuietLog({ log, clock });
  const replies = createReplies({ ...parts, styleOf: parts.answers, log: quietLog });
  const shutOut = createShutOut(clock);
  const gate = createGate({
    ...parts,
    quietLog,
    onCostly(remoteAddress) {
      if (!shutOut.add(remoteAddress)) return;
      quietLog.warn({ remoteAddress, forMs: SHUT_OUT_MS }, 'address shut out');
    },
  });
  const receiveOrder = createReceiveOrder({ ...parts, gate, replies });
  const app = createApp({ path: parts.listen.path, receiveOrder, replies, log });
  const http = createHttpServer({
    limits,
    gate,
    app,
    replies,
    log,
    answerTimeoutMs: parts.answerTimeoutMs ?? 45_000,
  });

  const optionsFor = (trusted: Trust, { certPem, keyPem }: Shown) =>
    tlsOptions({
      trust: trusted,
      certificate: certPem,
      key: keyPem,
      handshakeTimeoutMs: limits.handshake_timeout_ms,
    });
  let asked = trust();
  let shown = certificate();
  const openTls = () => {
    const { anchors } = asked;
    const tls = createServer(optionsFor(asked, shown));
    keepSentChains(tls);
    tls.on('secureConnection', (socket) => {
      socket.on('error', ignore); // a reset; what it cuts short hears of it as a close
      const guest = gate.admit(socket, front.addressOf(socket), anchors);
      if (guest === undefined) return;
      if (guest.peer.proven) shutOut.spare(guest.remoteAddress);
      front.welcome(socket);
      http.welcome(guest);
    });
    tls.on('tlsClientError', (error, socket) => {
      gate.reportFailure(error, front.addressOf(socket));
      socket.destroy(); // nothing else closes it
    });
    return tls;
  };
  let tls = openTls();
  // Another server, not `setSecureContext`: that would leave whether a certificate is asked for as it was. It listens on
  // nothing, so the one before ends with its last connection.
  const renewTls = (): void => {
    if (trust() === asked && certificate() === shown) return;
    asked = trust();
    shown = certificate();
    tls = openTls();
  };
  const front = createFront({
    limits,
    shutOut,
    log: quietLog,
    onConnection(raw) {
      renewTls();
      tls.emit('connection', raw);
    },
  });
  const port = await front.listen(parts.listen).catch((error: unknown) => {
    http.stop();
    throw error;
  });
  log.info({ host: parts.listen.host, port, path: parts.listen.path }, 'receiving port opened');

  return {
    port,
    closeRefused: () => http.closeRefused(),
    async [Symbol.asyncDispose]() {
      const closed = front.close();
      http.drain();
      const lastRequests = setTimeout(() => front.destroyAllBut(http.busy()), LAST_REQUESTS_MS);
      const deadline = setTimeout(() => front.destroyAllBut(new Set()), limits.shutdown_ms);
      await closed;
      clearTimeout(lastRequests);
      clearTimeout(deadline);
      http.stop();
      quietLog[Symbol.dispose]();
      log.info({ port }, 'receiving port closed');
    },
  };
}

function ignore(): void {}

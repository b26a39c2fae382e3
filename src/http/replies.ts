/** Sends answers and counts them: one answer for each request, one metric for each answer. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Refusal } from '../errors.ts';
import type { Receipt } from '../intake/intake.ts';
import type { ReplyIdentity } from '../intake/reply-identity.ts';
import type { Metrics, RequestOutcome } from '../telemetry/metrics.ts';
import { type AnswerStyle, answerReceipt, answerRefusal, type WireAnswer } from './answer.ts';
import type { Exchange, Guest } from './exchange.ts';
import { linger } from './linger.ts';
import type { QuietLog } from './quiet-log.ts';

/** For a client with a good certificate: an order far over the limit is read to its end, so that it learns why. */
const GUEST_LINGER = { limitBytes: 64 * 1024 * 1024, limitMs: 5_000 };
/** For one that was too slow already. */
const SLOW_LINGER = { limitBytes: 64 * 1024, limitMs: 500 };

export interface RepliesParts {
  /** How a buyer wants refusals; undefined is a buyer that is not known. */
  readonly styleOf: (buyer: string | undefined) => AnswerStyle;
  readonly replyIdentity: () => ReplyIdentity;
  readonly log: QuietLog;
  readonly metrics: Metrics;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

export interface Replies {
  start(guest: Guest, req: IncomingMessage, res: ServerResponse): Exchange;
  /** Each of these does nothing when the request has its answer already. */
  sendReceipt(exchange: Exchange, receipt: Receipt): void;
  sendRefusal(exchange: Exchange, refusal: Refusal): void;
  /** The client left before it could be answered. */
  dismiss(exchange: Exchange): void;
  /** The last words to a client whose request never became one, or never ended; then its connection ends. */
  sendLast(guest: Guest, refusal: Refusal): void;
}

export function createReplies({ styleOf, replyIdentity, log, metrics, clock }: RepliesParts): Replies {
  const word = (refusal: Refusal): WireAnswer =>
    answerRefusal(refusal, styleOf(refusal.party.buyer), replyIdentity());

  const countRefusal = (
    refusal: Refusal,
    { statusClass }: WireAnswer,
    { startedAt, wireBytes }: Pick<Exchange, 'startedAt' | 'wireBytes'>,
  ): void =>
    metrics.requestFinished({
      buyer: refusal.party.buyer ?? 'unknown',
      requestType: requestTypeOf(refusal),
      outcome: statusClass === '5xx' ? 'failed' : 'refused',
      reason: refusal.code,
      statusClass,
      seconds: (clock() - startedAt) / 1000,
      bytes: wireBytes,
    });

  const note = (guest: Guest, refusal: Refusal): void => {
    const { remoteAddress, peer } = guest;
    log.warn(
      {
        code: refusal.code,
        detail: refusal.message,
        // Of ours: what the disk or the store said, which the buyer is not told.
        ...(refusal.cause === undefined ? {} : { cause: refusal.cause }),
        remoteAddress,
        peer: peer.name,
        fingerprint: peer.fingerprint,
      },
      'request refused',
    );
  };

  return {
    start(guest, req, res) {
      metrics.requestStarted();
      const exchange: Exchange = {
        req,
        res,
        guest,
        startedAt: clock(),
        wireBytes: 0,
        handedOn: false,
        answered: false,
      };
      guest.used = true;
      guest.open.add(exchange);
      res.once('close', () => guest.open.delete(exchange));
      req.on('error', ignore); // a client that leaves mid-body; `readBody` hears it as a close
      res.on('error', ignore);
      return exchange;
    },

    sendReceipt(exchange, receipt) {
      if (exchange.answered) return;
      const writingAt = clock();
      const answer = answerReceipt(receipt);
      exchange.answered = true;
      exchange.res.writeHead(answer.httpStatus, answer.headers).end(answer.body);
      const finishedAt = clock();
      metrics.stage('reply', (finishedAt - writingAt) / 1000);
      metrics.requestFinished({
        buyer: receipt.buyer,
        requestType: receipt.outcome === 'profile' ? 'ProfileRequest' : 'OrderRequest',
        outcome: outcomeOf(receipt),
        reason: 'none',
        statusClass: answer.statusClass,
        seconds: (finishedAt - exchange.startedAt) / 1000,
        bytes: exchange.wireBytes,
      });
    },

    sendRefusal(exchange, refusal) {
      if (exchange.answered) return;
      const answer = word(refusal);
      exchange.answered = true;
      write(exchange, answer);
      countRefusal(refusal, answer, exchange);
      // The intake and the gate have written a line of their own.
      if (!exchange.handedOn && !refusal.code.startsWith('peer-')) note(exchange.guest, refusal);
    },

    dismiss(exchange) {
      if (exchange.answered) return;
      exchange.answered = true;
      metrics.requestFinished({
        buyer: 'unknown',
        requestType: 'none',
        outcome: 'failed',
        reason: 'none',
        statusClass: 'none',
        seconds: (clock() - exchange.startedAt) / 1000,
        bytes: exchange.wireBytes,
      });
    },

    sendLast(guest, refusal) {
      const unfinished = [...guest.open].find(({ answered, req }) => !answered && !req.complete);
      if (unfinished === undefined) metrics.requestStarted();
      else unfinished.answered = true;
      const answer = word(refusal);
      writeBare(guest.socket, answer);
      guest.socket.removeAllListeners('data'); // the parser's: what comes now is only thrown away
      const limits = refusal.code === 'request-timeout' ? SLOW_LINGER : GUEST_LINGER;
      linger(guest.socket, limits, () => guest.socket.destroy());
      countRefusal(refusal, answer, unfinished ?? { startedAt: clock(), wireBytes: 0 });
      note(guest, refusal);
    },
  };
}

/** A refusal with the body unread ends the connection, but only once the client had its chance to read the answer. */
function write({ req, res, guest }: Exchange, { httpStatus, headers, body, ends }: WireAnswer): void {
  const unread = !req.complete && hasBody(req);
  if (ends || unread) {
    guest.closing = true;
    res.setHeader('Connection', 'close');
  }
  res.writeHead(httpStatus, headers);
  if (!unread) {
    res.end(body);
    return;
  }
  // Content-Length tells the client that the answer is complete; `end` would close at once.
  res.write(body);
  linger(req, GUEST_LINGER, () => res.end());
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** For a connection that has no response object. The writing side ends; reading and destroying are the caller's. */
export function writeBare(socket: Socket, { httpStatus, headers, body }: WireAnswer): void {
  if (!socket.writable) return;
  const all = { ...headers, Date: new Date().toUTCString(), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus] ?? ''}\r\n${lines.join('')}\r\n`;
  socket.end(Buffer.concat([Buffer.from(head, 'latin1'), body]));
}

function outcomeOf({ outcome }: Receipt): RequestOutcome {
  return outcome === 'replayed' ? 'replayed' : 'accepted';
}

function requestTypeOf({ party: { requestType } }: Refusal) {
  if (requestType === undefined) return 'none';
  return requestType === 'OrderRequest' || requestType === 'ProfileRequest' ? requestType : 'other';
}

function ignore(): void {}

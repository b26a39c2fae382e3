/**
 * HTTP for guests: Node's parser on the sockets the gate let in, with every limit set, and an answer of ours for
 * everything Node would answer or drop by itself.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { checkRequest } from './check-request.ts';
import type { App, Guest } from './exchange.ts';
import type { Gate } from './gate.ts';
import { endWith, refusalOf } from './last-words.ts';
import type { Limits } from './limits.ts';
import type { Replies } from './replies.ts';

export interface HttpServer {
  welcome(guest: Guest): void;
  /** Lets requests in flight end, closes idle connections, refuses what comes now. */
  drain(): void;
  /**
   * Judges every guest by the trust now in force. Whoever is no longer let in goes: at once when idle, else with the
   * answer that is under way.
   */
  closeRefused(): Promise<void>;
  /** The sockets with a request in flight. */
  busy(): ReadonlySet<TLSSocket>;
  stop(): void;
}

export interface HttpServerParts {
  readonly limits: Limits;
  /** An exchange in which no byte moves for this long is over. */
  readonly answerTimeoutMs: number;
  readonly gate: Gate;
  readonly app: App;
  readonly replies: Replies;
  readonly log: Log;
}

/** Judging verifies signatures, and a thousand guests must not hold up an order. */
const JUDGED_IN_A_TURN = 16;

export function createHttpServer(parts: HttpServerParts): HttpServer {
  const { limits, gate, app, replies } = parts;
  const guests = new Map<Socket, Guest>();
  let draining = false;

  const server = createServer({
    maxHeaderSize: limits.header_bytes,
    headersTimeout: Math.min(limits.headers_timeout_ms, limits.request_timeout_ms),
    requestTimeout: limits.request_timeout_ms,
    keepAliveTimeout: limits.idle_timeout_ms,
    connectionsCheckingInterval: 500, // Node's own is 30 s: a limit of 3 s then took 29.5 s to close
    requireHostHeader: false, // `checkRequest` does, with an answer
    insecureHTTPParser: false, // also when Node is started with --insecure-http-parser
  });
  server.maxHeadersCount = 0; // Node would cut off silently; `checkRequest` refuses
  server.timeout = parts.answerTimeoutMs;

  const receive = (req: IncomingMessage, res: ServerResponse, alreadyRefused?: Refusal): void => {
    const guest = guests.get(req.socket);
    if (guest === undefined) return void req.socket.destroy(); // it left
    if (guest.closing) return;
    const exchange = replies.start(guest, req, res);
    const refusal =
      (draining ? shuttingDown() : undefined) ??
      gate.judgeRequest(guest) ??
      checkRequest(req, limits.headers_count) ??
      alreadyRefused;
    if (refusal === undefined) app(exchange);
    else replies.sendRefusal(exchange, refusal);
  };

  server.on('request', (req, res) => receive(req, res));
  server.on('checkContinue', (req, res) => receive(req, res));
  server.on('checkExpectation', (req, res) =>
    receive(
      req,
      res,
      new Refusal('expectation-unsupported', 'The only expectation met here is 100-continue.'),
    ),
  );
  server.on('connect', (_req, socket) => {
    const guest = guests.get(socket as Socket);
    if (guest === undefined) return void socket.destroy();
    endWith(guest, new Refusal('method-unsupported', 'Orders are taken by POST; this is CONNECT.'), replies);
  });
  server.on('clientError', (error, socket) => {
    const guest = guests.get(socket as Socket);
    const refusal = refusalOf(error);
    if (guest === undefined || refusal === undefined) return void socket.destroy();
    endWith(guest, refusal, replies);
  });
  server.on('timeout', (socket) => {
    const guest = guests.get(socket);
    if (guest === undefined) return void socket.destroy();
    endSilence(guest, parts);
  });
  // Node starts its timeout checks when a server listens. This one never does: its sockets come from the gate.
  server.emit('listening');

  return {
    welcome(guest) {
      guests.set(guest.socket, guest);
      guest.socket.once('close', () => guests.delete(guest.socket));
      server.emit('connection', guest.socket);
    },
    drain() {
      draining = true;
      for (const { open, used, socket } of guests.values()) {
        for (const { res } of open) if (!res.headersSent) res.setHeader('Connection', 'close');
        // One on which nothing was asked yet has a moment more: its request may be on the way, and gets an answer.
        // `closeIdleConnections` spares those on Node 24 and closes them on Node 26.
        if (used && open.size === 0) socket.end();
      }
    },
    async closeRefused() {
      let count = 0;
      for (const guest of guests.values()) {
        if (!guest.broken && !guest.closing && gate.judgeAgain(guest) !== undefined) sendAway(guest);
        count += 1;
        if (count % JUDGED_IN_A_TURN === 0) await nextTurn();
      }
    },
    busy: () => new Set([...guests.values()].filter(({ open }) => open.size > 0).map(({ socket }) => socket)),
    stop: () => void server.close(),
  };
}

/** What it asked while it was let in gets its answer; what comes behind that is not taken. */
function sendAway(guest: Guest): void {
  const last = [...guest.open].at(-1);
  if (last === undefined) {
    guest.socket.destroy();
  } else if (!last.res.headersSent) {
    last.res.setHeader('Connection', 'close');
    guest.closing = true;
  }
}

/** No byte has moved for long: an idle connection, a client that does not read its answers, or an answer that does not come. */
function endSilence(guest: Guest, { replies, log }: HttpServerParts): void {
  const { socket, open, remoteAddress } = guest;
  const waiting = [...open].filter(({ answered, req }) => !answered && req.complete);
  if (waiting.length === 0 || socket.writableLength > 0) {
    socket.destroy();
    return;
  }
  log.error({ remoteAddress, requests: waiting.length }, 'answer took too long');
  guest.closing = true;
  for (const exchange of waiting) {
    exchange.res.setHeader('Connection', 'close');
    replies.sendRefusal(
      exchange,
      new Refusal('overloaded', 'The receiver did not finish with this message in time.'),
    );
  }
}

function shuttingDown(): Refusal {
  return new Refusal('shutting-down', 'The receiver is being stopped.');
}

/**
 * The admin port's one part that changes something: the steps of a rotation and the release of refused messages, for
 * commands of this machine. Only with the token that this start made, and never for a browser. Never: decides what a
 * step may do, or logs what it was given.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type RequestHandler, type Response, type Router } from 'express';
import { RotationError } from '../rotation/rotation.ts';
import { NOTHING_CHANGED } from '../rotation/words.ts';
import type { Log } from '../telemetry/log.ts';
import { type Controlled, isStep, readStep, UnfitRequest } from './control-input.ts';
import { proveToken } from './control-token.ts';

export interface ControlParts extends Controlled {
  /** As `createControlToken` made it, and `openControl` wrote it down. */
  readonly token: string;
  /** Of this process. */
  readonly pid?: number;
  /** Milliseconds, monotonic. */
  readonly clock?: () => number;
}

/** As in every answer that is not `{ report }`. */
export type ControlError = Pick<RotationError, 'message' | 'meaning' | 'next' | 'forceable'>;

/** 1 MiB of certificates is 1.4 MiB of base64. */
const BODY_LIMIT = '2mb';
const QUIET_MS = 10_000;
const ASK_A_COMMAND = 'use the sallyport command of this version: sallyport --help';

export function createControl({
  rotation,
  releases,
  token,
  pid = process.pid,
  clock = () => performance.now(),
  log,
}: ControlParts & { readonly log: Log }): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const refusals = countRefusals(log, clock);
  const json = express.json({ limit: BODY_LIMIT, inflate: false, type: () => true });
  // Each shows the other that it has the token, before a command tells it to whoever listens here.
  router.post('/control/trust/hello', noBrowser(refusals), ({ headers }, response) => {
    const [, nonce, proof = ''] = HELLO.exec(headers.authorization ?? '') ?? [];
    if (nonce === undefined || !isSame(proof, proveToken(token, 'command', nonce))) {
      return turnAway(response, refusals);
    }
    response.json({ report: { pid, proof: proveToken(token, 'receiver', nonce) } });
  });
  router.post('/control/:room/:step', noBrowser(refusals), onlyWith(token, refusals));
  router.post('/control/:room/:step', onlySteps, onlyJson, json, async (request, response) => {
    const step = readStep(nameOf(request.params), request.body);
    response.json({ report: await step({ rotation, releases }) });
  });
  router.use(answerError(log));
  return router;
}

/** A page elsewhere can make a browser send a request, but not without these headers. */
function noBrowser(refusals: Refusals): RequestHandler {
  return ({ headers }, response, next) => {
    const isBrowser = Object.keys(headers).some((name) => name === 'origin' || name.startsWith('sec-fetch-'));
    if (!isBrowser) return next();
    refusals.tell('browser');
    response.status(403).set('connection', 'close').end();
  };
}

const HELLO = /^Hello ([A-Za-z0-9_-]{43}) ([A-Za-z0-9_-]{43})$/;

/** Before the body is read. */
function onlyWith(token: string, refusals: Refusals): RequestHandler {
  return ({ headers }, response, next) => {
    const [, given = ''] = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(headers.authorization ?? '') ?? [];
    if (isSame(given, token)) return next();
    turnAway(response, refusals);
  };
}

function turnAway(response: Response, refusals: Refusals): void {
  refusals.tell('token');
  response.status(401).set({ connection: 'close', 'www-authenticate': 'Bearer' }).end();
}

/** Hashed first, so that the time it takes tells nothing, the length included. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Example: `trust/promote` */
function nameOf({ room, step }: Readonly<Record<string, unknown>>): string {
  return `${String(room)}/${String(step)}`;
}

const onlySteps: RequestHandler = ({ params }, response, next) => {
  if (isStep(nameOf(params))) return next();
  answer(response, 404, { message: 'this receiver knows no such step', next: ASK_A_COMMAND });
};

const onlyJson: RequestHandler = (request, response, next) => {
  if (request.is('application/json') !== false) return next();
  answer(response, 415, { message: 'the request must be JSON', next: ASK_A_COMMAND });
};

const AFTER_TRUST = {
  meaning: 'orders are not affected; whether the step was taken is in the journal',
  next: 'see the log of the receiver, and sallyport audit show',
};
const AFTER_RELEASE = {
  meaning: 'the message stays refused, unless sallyport refused list has it no more: then it was taken',
  next: 'see the log of the receiver, which has the fault whole, and report it',
};

/** Four parameters make it an error handler. */
function answerError(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof RotationError) return answer(response, 409, error);
    if (error instanceof UnfitRequest) {
      return answer(response, 400, { message: error.message, next: ASK_A_COMMAND });
    }
    const status: unknown = error?.status;
    if (status === 413) {
      const message = 'the request is too large: at most 1 MiB can be staged';
      return answer(response, 413, { message, next: 'stage the intermediate alone' });
    }
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return answer(response, 400, { message: 'the request cannot be read as JSON', next: ASK_A_COMMAND });
    }
    log.error({ err: error, path: request.path }, 'command failed');
    answer(response, 500, {
      message: 'this step failed by a fault in Sallyport itself',
      ...(request.path.startsWith('/control/trust/') ? AFTER_TRUST : AFTER_RELEASE),
    });
  };
}

function answer(
  response: Parameters<RequestHandler>[1],
  status: number,
  { message, meaning = NOTHING_CHANGED, next, forceable = false }: Partial<ControlError>,
): void {
  response.status(status).json({ error: { message, meaning, next, forceable } });
}

interface Refusals {
  tell(why: 'browser' | 'token'): void;
}

/** One line for many: whoever guesses tokens must not fill the log. */
function countRefusals(log: Log, clock: () => number): Refusals {
  let toldAt = Number.NEGATIVE_INFINITY;
  let refused = 0;
  return {
    tell(why) {
      refused += 1;
      if (clock() - toldAt < QUIET_MS) return;
      toldAt = clock();
      log.warn({ why, refused }, 'commands refused');
    },
  };
}

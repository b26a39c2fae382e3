/** The route: a request becomes bytes, the bytes become a receipt or a refusal, and that becomes the answer. */
import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../errors.ts';
import type { Intake, Receipt } from '../intake/intake.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type BodyBudget, createBodyBudget, overloaded } from './body-budget.ts';
import { readContentType } from './content-type.ts';
import type { Exchange } from './exchange.ts';
import type { Limits } from './limits.ts';
import { ClientGone, readBody } from './read-body.ts';
import type { Replies } from './replies.ts';

export interface ReceiveOrderParts {
  readonly intake: Intake;
  readonly replies: Replies;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly now: () => Date;
  readonly clock: () => number;
}

/** @returns a handler that answers every request it is given; what it throws is a bug */
export function createReceiveOrder(parts: ReceiveOrderParts): (exchange: Exchange) => Promise<void> {
  const { replies, limits } = parts;
  const budget = createBodyBudget(limits.buffered_bytes);
  let inFlight = 0;
  return async (exchange) => {
    if (inFlight >= limits.requests_in_flight) {
      replies.sendRefusal(exchange, overloaded());
      return;
    }
    inFlight += 1;
    try {
      replies.sendReceipt(exchange, await take(exchange, budget, parts));
    } catch (error) {
      if (error instanceof Refusal) replies.sendRefusal(exchange, error);
      else if (error instanceof ClientGone) replies.dismiss(exchange);
      else throw error;
    } finally {
      inFlight -= 1;
    }
  };
}

async function take(
  exchange: Exchange,
  budget: BodyBudget,
  { intake, limits, metrics, now, clock }: ReceiveOrderParts,
): Promise<Receipt> {
  const { req, res, guest } = exchange;
  const contentType = req.headers['content-type'];
  const { charset } = readContentType(contentType);
  // Any other expectation was refused; HTTP/1.0 knows none.
  const waits = req.headers.expect !== undefined && req.httpVersion === '1.1';
  using body = await readBody(req, {
    limits,
    budget,
    ...(waits ? { onWanted: () => res.writeContinue() } : {}),
  });
  exchange.wireBytes = body.wireBytes;
  metrics.stage('read', (clock() - exchange.startedAt) / 1000);
  exchange.handedOn = true;
  return await intake.receive({
    bytes: body.bytes,
    contentType: contentType ?? '',
    charset,
    headers: maskHeaders(req.headers),
    peer: guest.peer,
    remoteAddress: guest.remoteAddress,
    receivedAt: now(),
  });
}

const MASKED = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** The request headers as they may be kept. */
export function maskHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const masked: Record<string, string> = Object.create(null); // a header may be named `__proto__`
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    masked[name] = MASKED.has(name) ? '***' : Array.isArray(value) ? value.join(', ') : value;
  }
  return masked;
}

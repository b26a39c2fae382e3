/** The route: a request becomes bytes, the bytes become a receipt or a refusal, and that becomes the answer. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Refusal } from '../errors.ts';
import type { ArrivedAttachment, Intake, Receipt } from '../intake/intake.ts';
import type { Spool } from '../intake/spool.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type BodyBudget, createBodyBudget, overloaded } from './body-budget.ts';
import type { Part } from './collect-parts.ts';
import { readContentType } from './content-type.ts';
import type { Exchange } from './exchange.ts';
import type { Gate } from './gate.ts';
import { readParameters } from './header-parameters.ts';
import type { Limits } from './limits.ts';
import { ClientGone, readBody } from './read-body.ts';
import { readForm } from './read-form.ts';
import { receiveParts } from './receive-parts.ts';
import type { Replies } from './replies.ts';

export interface ReceiveOrderParts {
  readonly intake: Pick<Intake, 'receive'>;
  readonly gate: Pick<Gate, 'judgeAgain'>;
  readonly replies: Replies;
  readonly limits: Limits;
  readonly spool: Spool;
  readonly metrics: Metrics;
  readonly now: () => Date;
  readonly clock: () => number;
}

/** @returns a handler that answers every request it is given; what it throws is a bug */
export function createReceiveOrder(parts: ReceiveOrderParts): (exchange: Exchange) => Promise<void> {
  const { replies, limits } = parts;
  const budgets = {
    budget: createBodyBudget(limits.buffered_bytes),
    spoolBudget: createBodyBudget(limits.spooled_bytes),
  };
  let inFlight = 0;
  return async (exchange) => {
    if (inFlight >= limits.requests_in_flight) {
      replies.sendRefusal(exchange, overloaded());
      return;
    }
    inFlight += 1;
    try {
      replies.sendReceipt(exchange, await take(exchange, budgets, parts));
    } catch (error) {
      if (error instanceof Refusal) replies.sendRefusal(exchange, error);
      else if (error instanceof ClientGone) replies.dismiss(exchange);
      else throw error;
    } finally {
      inFlight -= 1;
    }
  };
}

interface Budgets {
  readonly budget: BodyBudget;
  readonly spoolBudget: BodyBudget;
}

async function take(exchange: Exchange, budgets: Budgets, parts: ReceiveOrderParts): Promise<Receipt> {
  const { req, res, guest } = exchange;
  const { intake, gate, metrics, now, clock } = parts;
  // Any other expectation was refused; HTTP/1.0 knows none.
  const waits = req.headers.expect !== undefined && req.httpVersion === '1.1';
  const onWanted = waits ? { onWanted: () => res.writeContinue() } : {};
  await using document = await readDocument(req, { ...budgets, ...parts, ...onWanted });
  exchange.wireBytes = document.wireBytes;
  metrics.stage('read', (clock() - exchange.startedAt) / 1000);
  // A message can take half a minute to come, and the client may have been thrown out meanwhile.
  const refusal = gate.judgeAgain(guest);
  if (refusal !== undefined) throw refusal;
  exchange.handedOn = true;
  const { bytes, contentType, charset, attachments, problem } = document;
  return await intake.receive({
    bytes,
    contentType,
    charset,
    attachments: attachments.map(attachmentOf),
    problem,
    headers: maskHeaders(req.headers),
    authorization: () => req.headers.authorization,
    peer: guest.peer,
    remoteAddress: guest.remoteAddress,
    receivedAt: now(),
  });
}

/** The cXML document, however it was wrapped, and the files beside it. Disposing lets go of both. */
interface Document extends AsyncDisposable {
  readonly bytes: Uint8Array;
  /** Of the document itself, as sent. */
  readonly contentType: string;
  readonly charset?: string | undefined;
  readonly attachments: readonly Part[];
  /** It could not be taken apart to its end. */
  readonly problem?: Refusal | undefined;
  readonly wireBytes: number;
}

async function readDocument(
  req: IncomingMessage,
  place: Budgets & Pick<ReceiveOrderParts, 'limits' | 'spool'> & { readonly onWanted?: () => void },
): Promise<Document> {
  const sent = req.headers['content-type'] ?? '';
  const { charset, multipart, form } = readContentType(sent);
  if (multipart !== undefined) {
    const received = await receiveParts(req, multipart, place);
    const { order, attachments, problem, wireBytes } = received;
    return {
      ...order,
      charset: charsetOf(order.contentType),
      attachments,
      problem,
      wireBytes,
      [Symbol.asyncDispose]: () => received[Symbol.asyncDispose](),
    };
  }
  const body = await readBody(req, place);
  const rest = {
    attachments: [],
    wireBytes: body.wireBytes,
    async [Symbol.asyncDispose]() {
      body[Symbol.dispose]();
    },
  };
  if (form === undefined) return { ...rest, bytes: body.bytes, contentType: sent, charset };
  try {
    return { ...rest, bytes: await readForm(body.bytes), contentType: 'text/xml' };
  } catch (error) {
    body[Symbol.dispose]();
    throw error;
  }
}

/** A part may call itself anything; what it is shows when it is read. */
function charsetOf(contentType: string): string | undefined {
  return readParameters(contentType).get('charset')?.toLowerCase();
}

/** As it is kept, for people: a row of the store should not be as long as a header may be. */
const LONGEST_TYPE = 255;

function attachmentOf({ headers, path, size, sha256, sniffedType }: Part): ArrivedAttachment {
  const { contentId = null, contentType, fileName = null, description = null } = headers;
  const mediaType = contentType.slice(0, LONGEST_TYPE);
  return { path, size, sha256, sniffedType, contentId, mediaType, fileName, description };
}

/** Those that HTTP has for secrets, and what gateways call theirs: `x-api-key`, `x-auth-token`. */
const MASKED =
  /^(?:cookie|set-cookie)$|authori[sz]ation|authentication|secret|passw|token|api-?key|credential/;

/** The request headers as they may be kept. */
export function maskHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const masked: Record<string, string> = Object.create(null); // a header may be named `__proto__`
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    masked[name] = MASKED.test(name) ? '***' : Array.isArray(value) ? value.join(', ') : value;
  }
  return masked;
}

/** The one route of the receiving port, and what every other request is told. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Response } from 'express';
import { Refusal } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import type { App, Exchange } from './exchange.ts';
import type { Replies } from './replies.ts';

interface Locals extends Record<string, unknown> {
  exchange: Exchange;
}

type OnExchange = Response<unknown, Locals>;
type OnError = ErrorRequestHandler<Record<string, string>, unknown, unknown, unknown, Locals>;

export function createApp({
  path,
  receiveOrder,
  replies,
  log,
}: {
  path: string;
  receiveOrder: (exchange: Exchange) => Promise<void>;
  replies: Replies;
  log: Log;
}): App {
  const route = literally(path);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.enable('case sensitive routing');
  app.enable('strict routing');

  app.post(route, (_req, { locals }: OnExchange) => receiveOrder(locals.exchange));
  app.all(route, ({ method }, { locals }: OnExchange) => {
    const refusal = new Refusal('method-unsupported', `Orders are taken by POST; this is ${method}.`);
    replies.sendRefusal(locals.exchange, refusal);
  });
  const refusePath = (exchange: Exchange): void =>
    replies.sendRefusal(exchange, new Refusal('path-unknown', 'No orders are taken under this path.'));
  app.use((_req, { locals }: OnExchange) => refusePath(locals.exchange));
  // Four parameters make it Express' error handler, instead of its own HTML page with a stack.
  const fail: OnError = (error, _req, { locals }, _next) => {
    log.error({ err: error }, 'request failed');
    replies.sendRefusal(locals.exchange, new Refusal('internal', 'The receiver failed on this message.'));
  };
  app.use(fail);

  // Its third parameter, which the types leave out: without it Express ends what it cannot route with a page of its own,
  // and a target like `http://[` never comes as far as a route.
  const handle = app as unknown as (req: IncomingMessage, res: ServerResponse, last: () => void) => void;
  return (exchange) => {
    const res = Object.assign(exchange.res, { locals: { exchange } });
    handle(exchange.req, res, () => refusePath(exchange));
  };
}

/** Express reads patterns; a configured path is none. */
function literally(path: string): string {
  return path.replaceAll(/[{}()[\]+?!:*\\]/g, '\\$&');
}

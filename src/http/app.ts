/** The one route of the receiving port, and what every other request is told. */
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
  app.use((_req, { locals }: OnExchange) => {
    replies.sendRefusal(locals.exchange, new Refusal('path-unknown', 'No orders are taken under this path.'));
  });
  // Four parameters make it Express' error handler, instead of its own HTML page with a stack.
  const fail: OnError = (error, _req, { locals }, _next) => {
    log.error({ err: error }, 'request failed');
    replies.sendRefusal(locals.exchange, new Refusal('internal', 'The receiver failed on this message.'));
  };
  app.use(fail);

  return (exchange) => app(exchange.req, Object.assign(exchange.res, { locals: { exchange } }));
}

/** Express reads patterns; a configured path is none. */
function literally(path: string): string {
  return path.replaceAll(/[{}()[\]+?!:*\\]/g, '\\$&');
}

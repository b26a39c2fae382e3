/**
 * The admin port's few pages: metrics and health, to read only, and with a token the steps of a rotation. Never: changes
 * anything else, or answers to another site's script (no CORS, and only under names that are ours).
 */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Log } from '../telemetry/log.ts';
import type { PrometheusMetrics } from '../telemetry/prometheus.ts';
import { type ControlParts, createControl } from './control.ts';
import { isOwnName } from './own-names.ts';
import type { Readiness } from './readiness.ts';

export interface AdminParts {
  readonly version: string;
  /** Host names, besides localhost and addresses, under which the port may be asked. */
  readonly names: readonly string[];
  readonly metrics: Pick<PrometheusMetrics, 'scrape'>;
  readonly readiness: Readiness;
  /** Left out: nothing can be changed from here. */
  readonly control?: ControlParts | undefined;
  readonly log: Log;
}

export function createAdminApp({ version, names, metrics, readiness, control, log }: AdminParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').set('query parser', false);
  app.use(headers(), onlyOwnNames(names));
  if (control !== undefined) app.use(createControl({ ...control, log }));
  app.use(onlyReading);

  app.get('/', (_request, response) => {
    response
      .type('text/plain')
      .send(
        [
          `Sallyport ${version}`,
          '',
          '/metrics   measurements, for Prometheus',
          '/livez     200 while the process runs',
          '/readyz    200 when orders can be taken; 503, and what is wrong, when not',
          '',
        ].join('\n'),
      );
  });

  app.get('/metrics', async (_request, response) => {
    const { contentType, body } = await metrics.scrape();
    response.set('content-type', contentType).send(body);
  });

  // About the process alone: whoever restarts on this must not do so because a disk is full.
  app.get('/livez', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });

  app.get('/readyz', async (_request, response) => {
    const report = await readiness.report();
    response
      .status(report.ready ? 200 : 503)
      .type('json')
      .send(`${JSON.stringify(report, null, 2)}\n`);
  });

  app.use((_request, response) => {
    response.status(404).type('text/plain').send('Not here. See /\n');
  });
  app.use(internalError(log));
  return app;
}

function headers(): RequestHandler {
  const nothing = ["'none'"];
  const secure = helmet({
    // Without `useDefaults: false` helmet adds `https:` and 'unsafe-inline' for styles.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: nothing, frameAncestors: nothing, baseUri: nothing, formAction: nothing },
    },
    strictTransportSecurity: false, // this port speaks plain HTTP
  });
  return (request, response, next) => {
    response.set('cache-control', 'no-store');
    secure(request, response, next);
  };
}

function onlyOwnNames(names: readonly string[]): RequestHandler {
  return (request, response, next) => {
    if (isOwnName(request.headers.host, names)) return next();
    response
      .status(421)
      .type('text/plain')
      .send('This port does not answer under that host name. Add it to admin.names if it should.\n');
  };
}

const onlyReading: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next();
  response
    .status(405)
    .set('allow', 'GET, HEAD')
    .type('text/plain')
    .send('Only GET and HEAD are answered here.\n');
};

/** Four parameters make it an error handler; Express's own would show the stack. */
function internalError(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const isTheirs = error instanceof URIError || (typeof error?.status === 'number' && error.status < 500);
    if (!isTheirs) log.error({ err: error, path: request.path }, 'admin request failed');
    response
      .status(isTheirs ? 400 : 500)
      .type('text/plain')
      .send(
        isTheirs
          ? 'This request cannot be read.\n'
          : 'This failed; the log says why. Orders are not affected.\n',
      );
  };
}

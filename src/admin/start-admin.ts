/** The admin port: plain HTTP, by default for this machine alone. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { codeOf, StartupError } from '../errors.ts';
import { type AdminParts, createAdminApp } from './app.ts';

export interface Admin extends AsyncDisposable {
  readonly port: number;
  /** Example: `http://127.0.0.1:8080` */
  readonly url: string;
}

/** Few and quick: a scraper, an orchestrator, a person. */
const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const MAX_CONNECTIONS = 64;
const MAX_HEADERS = 50;
const CLOSE_GRACE_MS = 1_000;

/** @throws {StartupError} when the address cannot be listened on */
export async function startAdmin({
  host,
  port,
  ...parts
}: AdminParts & { readonly host: string; readonly port: number }): Promise<Admin> {
  const server = createServer(LIMITS, createAdminApp(parts));
  server.maxConnections = MAX_CONNECTIONS;
  server.maxHeadersCount = MAX_HEADERS;
  await listen(server, host, port);
  const { address, port: bound } = server.address() as AddressInfo;
  const url = `http://${isIP(address) === 6 ? `[${address}]` : address}:${bound}`;
  if (isLoopback(address)) parts.log.info({ url }, 'admin port opened');
  else parts.log.warn({ url }, 'admin port opened beyond this machine, without a password');
  return { port: bound, url, [Symbol.asyncDispose]: () => close(server) };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, exclusive: true }, resolve);
  try {
    await listening;
  } catch (cause) {
    const code = codeOf(cause);
    const why = code === 'EADDRINUSE' ? 'something else listens there' : String(code);
    throw new StartupError(
      `the admin port ${host}:${port} cannot be opened: ${why}; no orders are taken yet`,
      {
        hint: 'Stop what uses it, or choose another admin.host or admin.port in the configuration.',
        cause,
      },
    );
  }
  server.off('error', reject);
  // accept() without a descriptor or memory to spare. The next may succeed, and unheard it would end the process.
  server.on('error', () => {});
}

async function close(server: Server): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

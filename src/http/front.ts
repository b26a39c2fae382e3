/** The raw sockets: how many at once, how many from one address, and where each came from. */
import { createServer, type Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { StartupError } from '../errors.ts';
import { networkOf } from '../trust/network.ts';
import type { Limits } from './limits.ts';
import type { QuietLog } from './quiet-log.ts';

export interface Front {
  /** @returns the port */
  listen(where: { readonly host: string; readonly port: number }): Promise<number>;
  /** The address a secured socket came from, also when it is already gone. */
  addressOf(secured: TLSSocket): string;
  /** Stops accepting. Resolves when the last connection is closed. */
  close(): Promise<void>;
  destroyAllBut(spared: ReadonlySet<TLSSocket>): void;
}

/** An IPv4 address as a socket that listens on `::` shows it. */
const MAPPED = /^::ffff:(?=\d+\.)/;

export function createFront({
  limits,
  log,
  onConnection,
}: {
  limits: Pick<Limits, 'connections' | 'connections_per_address'>;
  log: QuietLog;
  onConnection: (raw: Socket) => void;
}): Front {
  const addresses = new Map<Socket, string>();
  const remembered = new WeakMap<Socket, string>();
  const counts = new Map<string, number>();

  const overLimit = (address: string): keyof typeof limits | undefined => {
    if (addresses.size >= limits.connections) return 'connections';
    if ((counts.get(networkOf(address)) ?? 0) >= limits.connections_per_address)
      return 'connections_per_address';
    return undefined;
  };

  const server = createServer({ noDelay: true }, (raw) => {
    raw.on('error', ignore);
    const remoteAddress = raw.remoteAddress?.replace(MAPPED, '');
    if (remoteAddress === undefined) return void raw.destroy(); // it left before we looked
    const limit = overLimit(remoteAddress);
    if (limit !== undefined) {
      raw.destroy();
      log.warn({ remoteAddress, limit }, 'connection dropped');
      return;
    }
    addresses.set(raw, remoteAddress);
    remembered.set(raw, remoteAddress);
    const network = networkOf(remoteAddress);
    counts.set(network, (counts.get(network) ?? 0) + 1);
    raw.once('close', () => {
      addresses.delete(raw);
      const left = (counts.get(network) ?? 1) - 1;
      if (left === 0) counts.delete(network);
      else counts.set(network, left);
    });
    onConnection(raw);
  });

  return {
    listen: (where) => listen(server, where),
    addressOf(secured) {
      const raw = rawOf(secured);
      return (raw && remembered.get(raw)) ?? secured.remoteAddress ?? 'unknown';
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
    destroyAllBut(spared) {
      const raws = new Set([...spared].map(rawOf));
      for (const raw of addresses.keys()) {
        if (!raws.has(raw)) raw.destroy();
      }
    },
  };
}

/** Node keeps the raw socket here and offers no other way: by `tlsClientError` the secured one has lost its address. */
function rawOf(secured: TLSSocket): Socket | undefined {
  const raw: unknown = Reflect.get(secured, '_parent');
  return raw instanceof Socket ? raw : undefined;
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void =>
      reject(
        new StartupError(
          `the receiving port cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`,
          {
            hint: 'stop whatever holds that port, or change listen.host and listen.port',
            cause,
          },
        ),
      );
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      server.on('error', ignore); // accept() out of descriptors: the next one may succeed
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function ignore(): void {}

/** The raw sockets: how many at once, how many from one address, and where each came from. */
import { createServer, type Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { StartupError } from '../errors.ts';
import { networkOf } from '../trust/network.ts';
import type { Limits } from './limits.ts';
import type { QuietLog } from './quiet-log.ts';
import type { ShutOut } from './shut-out.ts';

export interface Front {
  /** @returns the port */
  listen(where: { readonly host: string; readonly port: number }): Promise<number>;
  /** The address a secured socket came from, also when it is already gone. */
  addressOf(secured: TLSSocket): string;
  /** The gate let it in: from here on its place is its own. */
  welcome(secured: TLSSocket): void;
  /** Stops accepting. Resolves when the last connection is closed. */
  close(): Promise<void>;
  destroyAllBut(spared: ReadonlySet<TLSSocket>): void;
}

/** An IPv4 address as a socket that listens on `::` shows it. */
const MAPPED = /^::ffff:(?=\d+\.)/;

export function createFront({
  limits,
  shutOut,
  log,
  onConnection,
}: {
  limits: Pick<Limits, 'connections' | 'connections_per_address'>;
  shutOut: Pick<ShutOut, 'has'>;
  log: QuietLog;
  onConnection: (raw: Socket) => void;
}): Front {
  const held = new Map<Socket, { readonly remoteAddress: string; readonly network: string }>();
  const remembered = new WeakMap<Socket, string>();
  const counts = new Map<string, number>();
  /** Neither let in nor gone, the one that came first at the front. */
  const waiting = new Set<Socket>();

  const forget = (raw: Socket): void => {
    waiting.delete(raw);
    const place = held.get(raw);
    if (place === undefined) return;
    held.delete(raw);
    const { network } = place;
    const left = (counts.get(network) ?? 1) - 1;
    if (left === 0) counts.delete(network);
    else counts.set(network, left);
  };
  const drop = (raw: Socket, remoteAddress: string, limit: keyof typeof limits | 'shut out'): void => {
    forget(raw);
    raw.destroy();
    log.warn({ remoteAddress, limit }, 'connection dropped');
  };
  const overLimit = (network: string): keyof typeof limits | undefined => {
    if ((counts.get(network) ?? 0) >= limits.connections_per_address) return 'connections_per_address';
    return held.size >= limits.connections ? 'connections' : undefined;
  };
  const oldestWaiting = (network: string | undefined): Socket | undefined => {
    for (const raw of waiting) if (network === undefined || held.get(raw)?.network === network) return raw;
    return undefined;
  };
  /**
   * Whoever has waited longest at the door gives way. Ten addresses could otherwise hold every place with sockets that say
   * nothing, and Coupa would find none; a handshake of Coupa's is done long before its turn to give way comes.
   *
   * @returns the limit that is reached, by guests alone; undefined when there is a place
   */
  const makePlace = (network: string): keyof typeof limits | undefined => {
    for (let limit = overLimit(network); limit !== undefined; limit = overLimit(network)) {
      const oldest = oldestWaiting(limit === 'connections' ? undefined : network);
      if (oldest === undefined) return limit;
      drop(oldest, held.get(oldest)?.remoteAddress ?? 'unknown', limit);
    }
    return undefined;
  };

  const server = createServer({ noDelay: true }, (raw) => {
    raw.on('error', ignore);
    const remoteAddress = raw.remoteAddress?.replace(MAPPED, '');
    if (remoteAddress === undefined) return void raw.destroy(); // it left before we looked
    const network = networkOf(remoteAddress);
    const limit = shutOut.has(remoteAddress) ? 'shut out' : makePlace(network);
    if (limit !== undefined) return drop(raw, remoteAddress, limit);
    held.set(raw, { remoteAddress, network });
    remembered.set(raw, remoteAddress);
    waiting.add(raw);
    counts.set(network, (counts.get(network) ?? 0) + 1);
    raw.once('close', () => forget(raw));
    onConnection(raw);
  });

  return {
    listen: (where) => listen(server, where),
    addressOf(secured) {
      const raw = rawOf(secured);
      return (raw && remembered.get(raw)) ?? secured.remoteAddress ?? 'unknown';
    },
    welcome(secured) {
      const raw = rawOf(secured);
      if (raw !== undefined) waiting.delete(raw);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
    destroyAllBut(spared) {
      const raws = new Set([...spared].map(rawOf));
      for (const raw of held.keys()) {
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

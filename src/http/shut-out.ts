/**
 * Addresses that are kept off the port for a while. OpenSSL checks the signatures of whatever chain a client sends, on the
 * thread that serves orders, and Node cannot make it stop earlier: a few such handshakes a second, and nobody else is
 * served (0.4 s each, measured with Node 24.21). So whoever was refused with such a chain once does not get another.
 */
import { BlockList } from 'node:net';
import { networkOf } from '../trust/network.ts';

export interface ShutOut {
  /** @returns whether it is shut out from here on */
  add(remoteAddress: string): boolean;
  /** A client from there was let in: whoever else comes from there, it is never shut out. */
  spare(remoteAddress: string): void;
  has(remoteAddress: string): boolean;
}

export const SHUT_OUT_MS = 60_000;
/** Of each kind; the one noted longest ago goes first. */
const REMEMBERED_LIMIT = 1_000;

/** @param clock milliseconds, monotonic */
export function createShutOut(clock: () => number): ShutOut {
  const until = new Map<string, number>();
  const spared = new Map<string, true>();
  return {
    add(remoteAddress) {
      const network = networkOf(remoteAddress);
      if (spared.has(network) || isShared(remoteAddress)) return false;
      note(until, network, clock() + SHUT_OUT_MS);
      return true;
    },
    spare(remoteAddress) {
      const network = networkOf(remoteAddress);
      note(spared, network, true);
      until.delete(network);
    },
    has: (remoteAddress) => (until.get(networkOf(remoteAddress)) ?? 0) > clock(),
  };
}

function note<T>(map: Map<string, T>, network: string, value: T): void {
  map.delete(network);
  map.set(network, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED_LIMIT && oldest !== undefined) map.delete(oldest);
}

const SHARED = new BlockList();
for (const [prefix, length] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  SHARED.addSubnet(prefix, length, 'ipv4');
}
for (const [prefix, length] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  SHARED.addSubnet(prefix, length, 'ipv6');
}

/** Not of the Internet: most likely a balancer, behind which everybody comes from one address, Coupa too. */
function isShared(remoteAddress: string): boolean {
  const address = remoteAddress.replace(/%.*$/, '');
  return SHARED.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

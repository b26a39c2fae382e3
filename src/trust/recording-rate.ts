/**
 * How many distinct refusals a second are written down. Whoever makes a certificate for each knock could otherwise push
 * out of the store what a person has to see.
 */
import { networkOf } from './network.ts';

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Rotation on Coupa's side makes one or two distinct refusals; a busy day of the Internet's scanners some hundred. */
export const RECORDING_RATE = {
  all: { perSecond: 10, burst: 100 },
  /** Of one address: a single machine with a thousand forgeries must leave places for Coupa. */
  network: { perSecond: 1, burst: 40 },
} as const satisfies Record<string, Rate>;

const NETWORKS_LIMIT = 1_000;

interface Bucket {
  left: number;
  filledAt: number;
}

/**
 * Near misses, and whoever was let in all the same, have buckets of their own, so that strangers cannot starve them; and so
 * has each of them from where a client was let in before, so that nobody can who forges Coupa's name from many addresses.
 *
 * @param clock milliseconds, monotonic
 * @returns whether one more may be written down; it is counted then
 */
export function createRecordingRate(clock: () => number): (who: {
  readonly remoteAddress: string;
  readonly nearMiss: boolean;
  readonly enforced: boolean;
  /** A client was let in from there. */
  readonly isKnown: boolean;
}) => boolean {
  const full = ({ burst }: Rate): Bucket => ({ left: burst, filledAt: clock() });
  const all = new Map<string, Bucket>();
  const networks = new Map<string, Bucket>();
  return ({ remoteAddress, nearMiss, enforced, isKnown }) => {
    const kind = `${nearMiss} ${enforced} ${isKnown}`;
    const name = `${kind} ${networkOf(remoteAddress)}`;
    const network = networks.get(name) ?? full(RECORDING_RATE.network);
    networks.delete(name);
    networks.set(name, network); // the one used last stands last
    const [oldest] = networks.keys();
    if (networks.size > NETWORKS_LIMIT && oldest !== undefined) networks.delete(oldest);
    const shared = all.get(kind) ?? full(RECORDING_RATE.all);
    all.set(kind, shared);
    refill(network, RECORDING_RATE.network, clock());
    refill(shared, RECORDING_RATE.all, clock());
    if (network.left < 1 || shared.left < 1) return false;
    network.left -= 1;
    shared.left -= 1;
    return true;
  };
}

function refill(bucket: Bucket, { perSecond, burst }: Rate, at: number): void {
  bucket.left = Math.min(burst, bucket.left + ((at - bucket.filledAt) / 1_000) * perSecond);
  bucket.filledAt = at;
}

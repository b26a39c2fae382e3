/**
 * Refusals on their way to the store. The same client refused for the same reasons is one record with a count; how many
 * distinct ones there are is bounded, in memory and in time.
 */
import { randomBytes } from 'node:crypto';
import type { Evidence, RefusedHandshake } from './evidence.ts';
import { networkOf } from './network.ts';
import { createRecordingRate } from './recording-rate.ts';
import { digestOf, writeChain } from './sent-chain.ts';

/** Refusals that wait for the store at once; at 64 KiB each they take 16 MiB at most. */
export const WAITING_LIMIT = 256;
/** References remembered, as many as the store keeps, and networks. */
const REMEMBERED_LIMIT = 1_000;

export type Refused = Parameters<Evidence['refused']>[0];

export interface RefusedHandshakes {
  readonly size: number;
  /** `isNew`: the first of its kind that is recorded. */
  /** A client was let in from there. */
  know(remoteAddress: string): void;
  note(refused: Refused): { readonly reference: string; readonly recorded: boolean; readonly isNew: boolean };
  take(): readonly RefusedHandshake[];
  /** What was taken and could not be written. */
  giveBack(refused: readonly RefusedHandshake[]): void;
}

type Waiting = { -readonly [Key in keyof RefusedHandshake]: RefusedHandshake[Key] };

/**
 * @param onDropped so many refusals will never be written down
 * @param clock milliseconds, monotonic
 */
export function createRefusedHandshakes({
  onDropped,
  clock,
}: {
  readonly onDropped: (count: number) => void;
  readonly clock: () => number;
}): RefusedHandshakes {
  /** By reference. */
  const waiting = new Map<string, Waiting>();
  /** By client and reasons. */
  const references = new Map<string, string>();
  const mayRecord = createRecordingRate(clock);
  /** Networks from which a client was let in. */
  const known = new Set<string>();

  const remember = (kind: string, reference: string): void => {
    references.delete(kind);
    references.set(kind, reference); // the one seen last stands last
    const [oldest] = references.keys();
    if (references.size > REMEMBERED_LIMIT && oldest !== undefined) references.delete(oldest);
  };
  /** For a near miss a stranger gives way, the oldest: the store may be out of order for hours. */
  const makePlace = (nearMiss: boolean): boolean => {
    if (waiting.size < WAITING_LIMIT) return true;
    const stranger = nearMiss ? [...waiting.values()].find((each) => !each.nearMiss) : undefined;
    if (stranger === undefined) return false;
    waiting.delete(stranger.reference);
    onDropped(stranger.times);
    return true;
  };

  return {
    get size() {
      return waiting.size;
    },

    know(remoteAddress) {
      const network = networkOf(remoteAddress);
      known.delete(network);
      known.add(network); // the one seen last stands last
      const [oldest] = known;
      if (known.size > REMEMBERED_LIMIT && oldest !== undefined) known.delete(oldest);
    },

    note(refused) {
      const { refusal, remoteAddress, at, enforced } = refused;
      const { nearMiss } = refusal;
      const kind = kindOf(refused);
      const told = references.get(kind);
      const reference = told ?? randomBytes(5).toString('hex');
      const before = waiting.get(reference);
      if (before !== undefined) {
        before.times += 1;
        before.at = at;
        before.remoteAddress = remoteAddress;
        return { reference, recorded: true, isNew: false };
      }
      const isKnown = known.has(networkOf(remoteAddress));
      const isTaken = told !== undefined || mayRecord({ remoteAddress, nearMiss, enforced, isKnown });
      if (!isTaken || !makePlace(nearMiss)) {
        onDropped(1);
        return { reference, recorded: false, isNew: false };
      }
      remember(kind, reference);
      waiting.set(reference, describe(refused, reference));
      return { reference, recorded: true, isNew: told === undefined };
    },

    take() {
      const taken = [...waiting.values()];
      waiting.clear();
      return taken;
    },

    giveBack(refused) {
      for (const each of refused) {
        const later = waiting.get(each.reference);
        if (later !== undefined) later.times += each.times;
        else if (makePlace(each.nearMiss)) waiting.set(each.reference, { ...each });
        else onDropped(each.times);
      }
    },
  };
}

/**
 * What makes two refusals one: the chain, or for want of one the address, the reasons, and where it came from. An
 * address is what `networkOf` counts as one: a host may have a whole /64 to knock from, while a wider piece of IPv4
 * would put strangers who have nothing to do with each other under one number.
 */
function kindOf({ refusal: { findings, nearMiss }, presented, remoteAddress, enforced }: Refused): string {
  const reasons = [...new Set(findings.map(({ reason }) => reason))].sort();
  const chain = presented.chain.length === 0 ? 'none' : digestOf(presented.chain);
  return [networkOf(remoteAddress), chain, enforced, nearMiss, ...reasons].join(' ');
}

function describe(
  { refusal, presented, remoteAddress, at, enforced }: Refused,
  reference: string,
): RefusedHandshake {
  const { findings, nearMiss, leaf } = refusal;
  const { protocol, openssl, chain } = presented;
  return {
    reference,
    enforced,
    at,
    remoteAddress,
    protocol,
    nearMiss,
    findings,
    opensslError: openssl.authorized ? null : (openssl.error ?? null),
    leaf,
    chainPem: writeChain(chain),
    times: 1,
  };
}

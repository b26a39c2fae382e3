/** Counts how often each chain was used, until it is written down: a map operation for each request. */
import type { ChainUse } from './evidence.ts';
import type { Peer } from './peer.ts';
import { digestOf, readChain, writeChain } from './sent-chain.ts';

/** Distinct counts held at once, and chains remembered as known. Coupa shows one or two. */
export const CHAIN_USES_LIMIT = 1_000;

export interface ChainUses {
  readonly size: number;
  /** @returns `new` for a chain that was not seen since the start; `dropped` when there is no place */
  count(
    peer: Peer,
    seen: { readonly remoteAddress: string; readonly at: Date },
    handshakes: 0 | 1,
  ): 'new' | 'known' | 'dropped';
  /** What is counted so far; it is counted from nothing then. */
  take(): readonly ChainUse[];
  /** What was taken and could not be written. @returns how many found no place */
  giveBack(uses: readonly ChainUse[]): number;
}

type Counting = { -readonly [Key in keyof ChainUse]: ChainUse[Key] };

const DAY_MS = 86_400_000;

export function createChainUses(): ChainUses {
  const waiting = new Map<string, Counting>();
  const known = new Set<string>();
  const digests = new WeakMap<Peer, string>();

  const digestFor = (peer: Peer): string => {
    const before = digests.get(peer);
    if (before !== undefined) return before;
    const digest = digestOf(readChain(peer.chainPem));
    digests.set(peer, digest);
    return digest;
  };
  const isNew = (digest: string): boolean => {
    if (known.has(digest)) return false;
    const [oldest] = known;
    if (known.size >= CHAIN_USES_LIMIT && oldest !== undefined) known.delete(oldest);
    known.add(digest);
    return true;
  };

  return {
    get size() {
      return waiting.size;
    },

    count(peer, { remoteAddress, at }, handshakes) {
      if (peer.chainPem === '') return 'known'; // let in without a certificate: nothing to tell again
      const chainDigest = digestFor(peer);
      const key = keyOf(chainDigest, at, peer.anchor);
      const counted = waiting.get(key);
      if (counted !== undefined) {
        counted.handshakes += handshakes;
        counted.remoteAddress = remoteAddress;
        counted.protocol = peer.protocol;
        if (at > counted.lastAt) counted.lastAt = at;
        if (at < counted.firstAt) counted.firstAt = at; // the clock was set back
        return 'known';
      }
      if (waiting.size >= CHAIN_USES_LIMIT) return 'dropped';
      waiting.set(key, { ...factsOf(peer), chainDigest, remoteAddress, firstAt: at, lastAt: at, handshakes });
      return isNew(chainDigest) ? 'new' : 'known';
    },

    take() {
      const taken = [...waiting.values()];
      waiting.clear();
      return taken;
    },

    giveBack(uses) {
      let dropped = 0;
      for (const use of uses) {
        const key = keyOf(use.chainDigest, use.lastAt, use.anchor);
        const later = waiting.get(key);
        if (later !== undefined) {
          later.handshakes += use.handshakes;
          if (use.firstAt < later.firstAt) later.firstAt = use.firstAt;
          if (use.lastAt > later.lastAt) later.lastAt = use.lastAt;
        } else if (waiting.size < CHAIN_USES_LIMIT) {
          waiting.set(key, { ...use });
        } else {
          dropped += 1;
        }
      }
      return dropped;
    },
  };
}

/** One count for each chain, day (UTC) and anchor. */
function keyOf(chainDigest: string, at: Date, anchor: string): string {
  return `${chainDigest} ${Math.floor(at.getTime() / DAY_MS)} ${anchor}`;
}

function factsOf({ proven: _proven, ...facts }: Peer): Omit<Peer, 'proven'> {
  return { ...facts, chainPem: writeChain(readChain(facts.chainPem)) };
}

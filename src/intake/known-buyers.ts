/** The buyers of the configuration, made ready to be compared with what a document says. */
import type { Buyer } from '../config.ts';
import type { Credential } from '../cxml/message.ts';
import { StartupError } from '../errors.ts';
import { createProver, type Prover } from './prove-sender.ts';
import type { Compare } from './secret-slots.ts';

/** Its credentials as `keyOf` writes them. */
export interface KnownBuyer {
  readonly key: string;
  readonly sender: ReadonlySet<string>;
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string> | undefined;
  readonly names: readonly string[] | undefined;
  readonly prover: Prover;
}

/** @throws {StartupError} when two of them could not be told apart */
export function readBuyers(buyers: readonly Buyer[], compare: Compare): readonly KnownBuyer[] {
  const known = buyers.map((buyer) => readBuyer(buyer, compare));
  refuseTwins(known);
  return known;
}

function readBuyer(buyer: Buyer, compare: Compare): KnownBuyer {
  return {
    key: buyer.key,
    from: new Set(buyer.from.map(keyOf)),
    sender: new Set(buyer.sender.map(keyOf)),
    to: buyer.to === undefined ? undefined : new Set(buyer.to.map(keyOf)),
    names: buyer.names,
    prover: createProver(buyer, compare),
  };
}

/** Domains are compared case-blind (they vary even inside one genuine document), identities exactly. */
export function keyOf({ domain, identity }: { readonly domain: string; readonly identity?: string }): string {
  return JSON.stringify([domain.trim().toLowerCase(), identity]);
}

/** A Credential without an Identity names nobody. */
export function named<T extends Credential>(credentials: readonly T[]): T[] {
  return credentials.filter((each) => each.identity !== undefined && each.identity !== '');
}

function refuseTwins(known: readonly KnownBuyer[]): void {
  for (const [index, one] of known.entries()) {
    for (const other of known.slice(index + 1)) {
      if (overlaps(one.sender, other.sender) && overlaps(one.from, other.from)) {
        throw new StartupError(
          `buyers "${one.key}" and "${other.key}" share a sender and a from: nobody could tell them apart`,
          { hint: 'Give each buyer its own `from` or `sender` credentials.' },
        );
      }
    }
  }
}

function overlaps(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const key of one) if (other.has(key)) return true;
  return false;
}

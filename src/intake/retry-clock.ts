/**
 * How long the sender will still come back. After a 5xx Coupa sends a message five times more, an hour apart, and then
 * never again by itself (its own documentation of order responses). Counted in memory: whoever answers 5xx often cannot
 * write anything down just then. `watch-retries.ts` has it kept as soon as it can be.
 */

import type { RefusalCode } from '../errors.ts';

/** What is answered 5xx, of all that a message from a trusted client can meet. */
export const REPEATED: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'request-timeout',
  'store-unavailable',
  'overloaded',
  'shutting-down',
  'internal',
]);

/** In all. */
export const ATTEMPTS = 6;
export const STEP_MS = 3_600_000;
/** A queue at the sender's side, clocks that differ. */
const GRACE_MS = 900_000;
const MOST_WAITING = 10_000;

/** What a message is known by; the more is known, the surer it is recognised when it comes again. */
export interface Attempted {
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  readonly payloadId?: string | undefined;
  readonly buyer?: string | undefined;
  readonly orderId?: string | undefined;
}

export interface Attempt {
  /** From 1; attempts that never reached us count, too. */
  readonly number: number;
  readonly of: typeof ATTEMPTS;
  /** About when; undefined when this was the last. */
  readonly nextAt: Date | undefined;
  readonly finalAt: Date;
}

/** A message that was answered 5xx and has not come again so far. */
export interface Waiting extends Attempted {
  readonly firstAt: Date;
  readonly finalAt: Date;
}

export interface RetryClock {
  /** It was answered 5xx. */
  failed(message: Attempted, at: Date): Attempt;
  /** It was taken, or refused for good: nobody waits for it any more. */
  settled(message: Attempted): void;
  waiting(): readonly Waiting[];
  /** Those whose last attempt is over by now; each is given once. A person must ask the sender for them. */
  takeLost(now: Date): readonly Waiting[];
  /** Goes on from what was waited for before a restart; what has come since counts. */
  resume(waiting: readonly (Attempted & Pick<Waiting, 'firstAt'>)[]): void;
  /** Another number after every change of what is waited for. */
  version(): number;
}

export function createRetryClock(): RetryClock {
  let version = 0;
  /** By every key a message is known by; oldest first. */
  const byKey = new Map<string, Waiting>();
  const all = new Set<Waiting>();

  const find = (message: Attempted): Waiting | undefined =>
    keysOf(message)
      .map((key) => byKey.get(key))
      .find((found) => found !== undefined && isOfOne(found, message));
  const forget = (waiting: Waiting): void => {
    version += 1;
    all.delete(waiting);
    for (const key of keysOf(waiting)) if (byKey.get(key) === waiting) byKey.delete(key);
  };
  const remember = (waiting: Waiting): void => {
    const [oldest] = all;
    if (all.size >= MOST_WAITING && oldest !== undefined) forget(oldest);
    version += 1;
    all.add(waiting);
    for (const key of keysOf(waiting)) byKey.set(key, waiting);
  };

  return {
    failed(message, at) {
      const known = find(message);
      // A first attempt of a later time was noted by a clock that has been put right since.
      const firstAt = known === undefined || known.firstAt > at ? at : known.firstAt;
      const finalAt = finalAfter(firstAt);
      if (known !== undefined) forget(known);
      // What was learned before is kept: an attempt may fail before its order number is read.
      remember({ ...known, ...defined(message), sha256: message.sha256, firstAt, finalAt });
      const number = Math.min(ATTEMPTS, 1 + Math.round((at.getTime() - firstAt.getTime()) / STEP_MS));
      const nextAt = number === ATTEMPTS ? undefined : new Date(firstAt.getTime() + number * STEP_MS);
      return { number, of: ATTEMPTS, nextAt, finalAt };
    },
    settled(message) {
      for (let known = find(message); known !== undefined; known = find(message)) forget(known);
    },
    waiting: () => [...all],
    takeLost(now) {
      const lost = [...all].filter(({ finalAt }) => now.getTime() > finalAt.getTime() + GRACE_MS);
      for (const each of lost) forget(each);
      return lost;
    },
    resume(waiting) {
      for (const each of waiting) remember({ ...each, finalAt: finalAfter(each.firstAt) });
    },
    version: () => version,
  };
}

function finalAfter(firstAt: Date): Date {
  return new Date(firstAt.getTime() + (ATTEMPTS - 1) * STEP_MS);
}

/** A payloadID is unique with its sender only, and another buyer must not end the wait for this one's order. */
function isOfOne({ buyer }: Attempted, other: Attempted): boolean {
  return buyer === undefined || other.buyer === undefined || buyer === other.buyer;
}

/** Nobody has shown that a repeat keeps its payloadID, so bytes and order number are looked at as well. */
function keysOf({ sha256, payloadId, buyer, orderId }: Attempted): string[] {
  const keys = [`bytes ${sha256}`];
  if (payloadId !== undefined) keys.push(`payload ${payloadId}`);
  if (buyer !== undefined && orderId !== undefined) keys.push(`order ${JSON.stringify([buyer, orderId])}`);
  return keys;
}

function defined(message: Attempted): Partial<Attempted> {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}

/** Whom a change would lock out: clients that were seen, let in today, and refused from then on. */
import { minuteOf } from '../trust/check-certificate.ts';
import type { SeenChain } from '../trust/evidence.ts';
import type { Trust } from '../trust/trust.ts';
import { asRequired, judgeReplayed, replaySeen } from './candidate.ts';
import { listed } from './words.ts';

export interface Losses {
  readonly lost: readonly SeenChain[];
  /** Let in by both. */
  readonly kept: readonly SeenChain[];
}

/** In turns, as `rehearse`. */
export function* findLosses({
  before,
  after,
  seen,
  now,
}: {
  readonly before: Trust;
  readonly after: Trust;
  readonly seen: readonly SeenChain[];
  readonly now: Date;
}): Generator<undefined, Losses, void> {
  const lost: SeenChain[] = [];
  const kept: SeenChain[] = [];
  for (const chain of seen) {
    const replayed = replaySeen(chain);
    const around = { before: before.anchors, at: now };
    if (judgeReplayed(replayed, asRequired(before), around).trusted) {
      (judgeReplayed(replayed, asRequired(after), around).trusted ? kept : lost).push(chain);
    }
    yield;
  }
  return { lost, kept };
}

/** For the report of the step that locks them out, or that could not tell whom. */
export function warnOfLosses(lost: readonly SeenChain[], problem: string | null): string[] {
  return [
    ...(lost.length === 0 ? [] : [`refused from now on: ${nameClients(lost)}`]),
    ...(problem === null ? [] : [problem]),
  ];
}

/** Example: `cxml-supplier.coupahost.com, certificate 9f86…, last 2026-11-21 08:00Z, last order PO-7`. */
export function nameClients(chains: readonly SeenChain[]): string {
  const latest = new Map<string, SeenChain>();
  for (const chain of chains.toSorted((one, other) => one.lastSeen.getTime() - other.lastSeen.getTime())) {
    latest.set(chain.fingerprint, chain);
  }
  const names = [...latest.values()].reverse().map(({ name, fingerprint, lastSeen, lastOrder }) => {
    const order = lastOrder === null ? 'no order yet' : `last order ${lastOrder.orderId}`;
    return `${name}, certificate ${fingerprint.slice(0, 12)}, last ${minuteOf(lastSeen)}, ${order}`;
  });
  return listed(names, 3, '; ');
}

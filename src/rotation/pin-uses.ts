/** When each pin vouched for clients, and for whom: the evidence, added up for reports. */
import type { SeenChain } from '../trust/evidence.ts';
import { daysUntil, type PinUse } from './pin-report.ts';
import { handshakesSince } from './rehearse.ts';
import type { ClientReport } from './rotation.ts';
import { DAY_MS, pinOf } from './words.ts';

/**
 * By SPKI of the pin. Counts are kept by the day: "24 h" is today and yesterday (UTC), so rather too many than too few.
 */
export function usesOfPins(seen: readonly SeenChain[], now: Date): ReadonlyMap<string, PinUse> {
  const anchors = new Set(seen.flatMap(({ anchor, days }) => [anchor, ...days.map((each) => each.anchor)]));
  return new Map([...anchors].map((anchor) => [anchor, useOf(anchor, seen, now)]));
}

function useOf(anchor: string, seen: readonly SeenChain[], now: Date): PinUse {
  const firsts: Date[] = [];
  const lasts: Date[] = [];
  let [handshakes24h, handshakes30d] = [0, 0];
  for (const chain of seen) {
    const days = chain.days.filter((each) => each.anchor === anchor);
    if (chain.anchor === anchor) lasts.push(chain.lastSeen);
    if (chain.anchor === anchor && days.length === chain.days.length) firsts.push(chain.firstSeen);
    // Of a chain that another pin vouched for as well only the day is known.
    else firsts.push(...days.map(({ day }) => new Date(day)));
    lasts.push(...days.map(({ day }) => new Date(day)));
    handshakes24h += handshakesSince({ days }, new Date(now.getTime() - DAY_MS));
    handshakes30d += handshakesSince({ days }, new Date(now.getTime() - 30 * DAY_MS));
  }
  const times = (dates: readonly Date[]): number[] => dates.map((date) => date.getTime());
  return {
    firstSeen: firsts.length === 0 ? null : new Date(Math.min(...times(firsts))),
    lastSeen: lasts.length === 0 ? null : new Date(Math.max(...times(lasts))),
    handshakes24h,
    handshakes30d,
  };
}

/** One for each certificate, the one seen last first. */
export function describeClients(seen: readonly SeenChain[], now: Date): ClientReport[] {
  const clients = new Map<string, SeenChain[]>();
  for (const chain of seen.toSorted((one, other) => other.lastSeen.getTime() - one.lastSeen.getTime())) {
    clients.set(chain.fingerprint, [...(clients.get(chain.fingerprint) ?? []), chain]);
  }
  return [...clients.values()].flatMap((chains) => {
    const [latest] = chains;
    if (latest === undefined) return [];
    const { fingerprint, name, issuer, serial, anchor, notAfter, lastSeen, lastOrder } = latest;
    const since = new Date(now.getTime() - 30 * DAY_MS);
    return [
      {
        fingerprint,
        name,
        issuer,
        serial,
        pin: pinOf({ spki: anchor }),
        notAfter: notAfter.toISOString(),
        daysLeft: daysUntil(notAfter, now),
        firstSeen: new Date(Math.min(...chains.map((each) => each.firstSeen.getTime()))).toISOString(),
        lastSeen: lastSeen.toISOString(),
        handshakes30d: chains.reduce((sum, chain) => sum + handshakesSince(chain, since), 0),
        lastOrder: lastOrder?.orderId ?? null,
      },
    ];
  });
}

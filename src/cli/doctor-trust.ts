/** What narrows the trust beyond the bundle and the names, for `doctor`. */
import { daysLeftOf } from '../trust/server-auth-only.ts';
import { isOnTrial } from '../trust/trial.ts';
import type { Trust } from '../trust/trust.ts';
import { type Check, judgeDays } from './doctor-check.ts';
import { harmless } from './harmless.ts';
import { count } from './print-order.ts';

const about = 'trust';

export function describeNarrower(trust: Trust, at: Date): Check[] {
  const { pins, deny, addresses, serverAuthOnly, reportOnly } = trust;
  const checks: Check[] = [];
  const say = (text: string): void => void checks.push({ state: 'yes', about, text });
  if (pins.size > 0) {
    say(`${count(pins.size, 'pinned client key')}: no other client is let in\n${[...pins].join('\n')}`);
  }
  if (deny.length > 0) {
    say(count(deny.length, 'deny-list row'));
  }
  if (addresses !== undefined) {
    say(`clients may come from ${count(addresses.ranges.length, 'address range')} alone`);
  }
  checks.push(...describeRevocation(trust, at));
  const days = serverAuthOnly === undefined ? 0 : daysLeftOf(serverAuthOnly, at);
  if (serverAuthOnly !== undefined && days > 0) {
    const { until, spki } = serverAuthOnly;
    checks.push({
      state: judgeDays(days) === 'no' ? 'no' : 'warn',
      about,
      text: `certificates for servers only are let in for ${count(spki.size, 'key')}, ${count(days, 'day')} left (${until})\n${[...spki].join('\n')}`,
      remedy: 'ask Coupa for the chain that follows: this exception ends, and orders with it',
    });
  }
  if (reportOnly.size > 0) {
    checks.push({
      state: 'warn',
      about,
      text: `only reported, not enforced: ${[...reportOnly].join(', ')}`,
      remedy: 'once sallyport_tls_would_refuse_total stands still, take it out of trust.report_only',
    });
  }
  return checks;
}

/** A stale list and an issuer without one are among the warnings of loading; here is what it means. */
function describeRevocation(trust: Trust, at: Date): Check[] {
  const { revocation } = trust;
  if (revocation === undefined) return [];
  const unknown = { reason: 'revocation_unknown', detail: '' } as const;
  const isLenient = isOnTrial(unknown, trust);
  const meaning = isLenient
    ? 'without a current list a client is let in and reported'
    : 'without a current list a client is refused';
  return [
    { state: 'yes', about, text: `revocation is judged from files: ${meaning}` },
    ...revocation.lists.map((list): Check => {
      const { issuer, file, nextUpdate } = list.facts;
      const left = describeTimeLeft(nextUpdate, at);
      const text = `${harmless(issuer)}\n${count(list.size, 'serial number')}, ${left}, ${harmless(file)}`;
      if (!list.isStale(at)) return { state: 'yes', about: 'revocation', text };
      const state = isLenient ? 'warn' : 'no';
      return { state, about: 'revocation', text, remedy: 'fetch the current list of this issuer' };
    }),
  ];
}

/** Lists live for days, some for hours. */
function describeTimeLeft(nextUpdate: Date, at: Date): string {
  const hours = Math.floor((nextUpdate.getTime() - at.getTime()) / 3_600_000);
  const until = `${nextUpdate.toISOString().slice(0, 16)}Z`;
  if (hours < 0) return `stale since ${until}`;
  return `${hours < 48 ? count(hours, 'hour') : count(Math.floor(hours / 24), 'day')} left (${until})`;
}

/** What narrows the trust beyond the bundle and the names, for `doctor`. */
import type { Trust } from '../trust/trust.ts';
import type { Check } from './doctor.ts';
import { count } from './print-order.ts';

const about = 'trust';

export function describeNarrower({ pins, deny, addresses, reportOnly }: Trust): Check[] {
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

/** What every part of `doctor` shares: a check as it is told, and how days that are left are judged. */
import { StartupError } from '../errors.ts';
import { daysUntil } from '../rotation/pin-report.ts';
import { count } from './print-order.ts';

export interface Check {
  readonly state: 'yes' | 'warn' | 'no';
  readonly about: string;
  readonly text: string;
  readonly remedy?: string;
}

/** Time to have a certificate issued, approved and rolled out. */
const SOON_DAYS = 30;
/** Whoever waits longer does it on the day itself. */
const URGENT_DAYS = 7;

/** Of what the operator alone can renew, and orders stop without. */
export function judgeDays(days: number): Check['state'] {
  if (days > SOON_DAYS) return 'yes';
  return days > URGENT_DAYS ? 'warn' : 'no';
}

/** Example: `88 days left (2027-02-18)`. */
export function describeDays(notAfter: Date, at: Date): string {
  const date = notAfter.toISOString().slice(0, 10);
  const days = daysUntil(notAfter, at);
  return days < 0 ? `expired on ${date}` : `${count(days, 'day')} left (${date})`;
}

/** Runs one step; what it throws for the operator becomes a failed check. */
export async function attempt<T>(
  checks: Check[],
  about: string,
  step: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    checks.push({ state: 'no', about, text: error.message, remedy: error.hint });
    return undefined;
  }
}

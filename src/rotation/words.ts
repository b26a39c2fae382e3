/** How pins, days and counts are written in reports and errors. */
import type { Anchor } from '../trust/bundle.ts';
import type { Certificate } from '../trust/certificate.ts';

export const NOTHING_CHANGED = 'nothing was changed; the same clients are let in as before';
export const DAY_MS = 86_400_000;

/** The name of a pin: the first 12 hex digits of the SHA-256 of its key. */
export function pinOf({ spki }: Pick<Certificate, 'spki'>): string {
  return spki.slice(0, 12);
}

/** Example: `pin 9f86d081884c (CN=Coupa CA)`. */
export function namePin({ certificate }: Pick<Anchor, 'certificate'>): string {
  return `pin ${pinOf(certificate)} (${certificate.subject.text})`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** UTC. Example: `2026-11-21`. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

export function listed(items: readonly string[], most = 5, between = ', '): string {
  const shown = items.slice(0, most).join(between);
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}

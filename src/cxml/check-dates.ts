/** The rules about days on which goods are wanted: the header has one, and every line may have its own. */
import type { Order } from './order.ts';
import { quoted, type RuleWords } from './rule.ts';
import { readInstant, zoneForm } from './when.ts';

export const UNREADABLE_DELIVERY: RuleWords = {
  id: 'N-DELIVERY-001',
  trait: 'a requestedDeliveryDate is no ISO 8601 date',
  remedy: 'Ask the buyer for the day; do not let a later step guess it.',
};

export function isUnreadable(date: string | undefined): boolean {
  return date !== undefined && date.trim() !== '' && zoneForm(date) === 'unreadable';
}

export function sayUnreadable(date = ''): string {
  return `requestedDeliveryDate ${quoted(date)} is no ISO 8601 date; it is kept as it is.`;
}

export const EARLY_DELIVERY: RuleWords = {
  id: 'N-DELIVERY-002',
  trait: 'a new order wants goods on a day before its orderDate',
  remedy: 'Ask the buyer for the day, unless the goods were delivered before they were ordered.',
};

/** Of a change or a cancellation it says nothing: what was wanted may have come long ago. */
export function isEarly(date: string | undefined, { operation, orderDate }: Order): boolean {
  return operation === 'new' && isBefore(date, orderDate);
}

export function sayEarly(date = '', { orderDate = '' }: Order): string {
  return `requestedDeliveryDate ${quoted(date)} is before the orderDate ${quoted(orderDate)}.`;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** By the calendar as written and by the clock: a zone that one of them leaves out may be worth most of a day. */
export function isBefore(early: string | undefined, late: string | undefined): boolean {
  const [from, to] = [readInstant(early), readInstant(late)];
  if (from === null || to === null) return false;
  return dayOf(early) < dayOf(late) && to.getTime() - from.getTime() >= DAY_MS;
}

function dayOf(date = ''): string {
  return date.trim().slice(0, '2026-01-01'.length);
}

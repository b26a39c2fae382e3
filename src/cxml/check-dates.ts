/** The rule about days on which goods are wanted: the header has one, and every line may have its own. */
import { quoted, type RuleWords } from './rule.ts';
import { zoneForm } from './when.ts';

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

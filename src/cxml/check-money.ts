/** Rules about amounts: what is no decimal, and what is empty. */
import { DIGITS_LIMIT, isDecimal } from './money.ts';
import type { Money } from './order.ts';
import { quoted, type Rule, type Where } from './rule.ts';

/** One place where an amount may stand. */
export interface Amount<Subject> {
  readonly name: string;
  readonly money: (subject: Subject) => Money | undefined;
  readonly where: (subject: Subject) => Where;
}

/** The same rules for every amount. */
export function moneyRules<Subject>(amounts: readonly Amount<Subject>[]): Rule<Subject>[] {
  return amounts.flatMap(({ name, money, where }): Rule<Subject>[] => [
    {
      id: 'W-MONEY-001',
      trait: 'an amount is no decimal number',
      when: (subject) => {
        const amount = money(subject)?.amount ?? null;
        return amount !== null && !isDecimal(amount);
      },
      where,
      value: (subject) => money(subject)?.amount,
      say: (subject) =>
        `${name} ${quoted(money(subject)?.amount ?? '')} is no decimal amount; it is kept as it is.`,
      remedy: 'A decimal has a point and no other separator. Ask the buyer for the amount.',
    },
    {
      id: 'N-MONEY-002',
      trait: 'a Money is there and empty',
      when: (subject) => money(subject)?.amount === null,
      where,
      say: () => `${name} is there, and its Money is empty; that is unknown, not zero.`,
      remedy: 'Ask the buyer for the amount before invoicing.',
    },
    {
      id: 'N-MONEY-003',
      trait: 'a Money names no currency',
      when: (subject) => {
        const value = money(subject);
        return value !== undefined && value.amount !== null && !value.currency;
      },
      where,
      value: (subject) => money(subject)?.amount,
      say: () => `${name} names no currency.`,
      remedy: 'Ask the buyer for the currency; do not take that of the Total for granted.',
    },
    {
      id: 'W-MONEY-004',
      trait: 'an amount has more than 100 digits',
      when: (subject) => isOverlong(money(subject)?.amount),
      where,
      value: (subject) => money(subject)?.amount,
      say: (subject) =>
        `${name} has ${money(subject)?.amount?.length} digits; it is kept as it is and nothing is computed from it.`,
      remedy: 'No amount is that long. Ask the buyer what was meant.',
    },
  ]);
}

/** A decimal with which nothing is computed. */
export function isOverlong(text: string | null | undefined): boolean {
  return text != null && text.length > DIGITS_LIMIT && isDecimal(text);
}

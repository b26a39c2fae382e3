/** Rules about amounts: what is no decimal, what is empty, and sums that do not add up. */
import { add, compare, decimals, isDecimal, multiply } from './money.ts';
import type { Money, Order } from './order.ts';
import { isBlanket, quoted, type Rule, type RuleId, type Where } from './rule.ts';

/** One place where an amount may stand. */
export interface Amount<Subject> {
  readonly name: string;
  readonly money: (subject: Subject) => Money | undefined;
  readonly where: (subject: Subject) => Where;
}

export const MONEY_RULE_IDS: readonly RuleId[] = ['W-MONEY-001', 'N-MONEY-002', 'N-MONEY-003'];

/** The same three rules for every amount. */
export function moneyRules<Subject>(amounts: readonly Amount<Subject>[]): Rule<Subject>[] {
  return amounts.flatMap(({ name, money, where }): Rule<Subject>[] => [
    {
      id: 'W-MONEY-001',
      when: (subject) => {
        const amount = money(subject)?.amount ?? null;
        return amount !== null && !isDecimal(amount);
      },
      where,
      say: (subject) =>
        `${name} ${quoted(money(subject)?.amount ?? '')} is no decimal amount; it is kept as it is.`,
      remedy: 'A decimal has a point and no other separator. Ask the buyer for the amount.',
    },
    {
      id: 'N-MONEY-002',
      when: (subject) => money(subject)?.amount === null,
      where,
      say: () => `${name} is there, and its Money is empty; that is unknown, not zero.`,
    },
    {
      id: 'N-MONEY-003',
      when: (subject) => {
        const value = money(subject);
        return value !== undefined && value.amount !== null && !value.currency;
      },
      where,
      say: () => `${name} names no currency.`,
    },
  ]);
}

/**
 * What the lines add up to, when that is not the Total. Undefined when they agree, or when it cannot be known. A
 * difference that rounding each line to the cent explains is none: Total is rounded, the products are not.
 */
export function otherSum(order: Order): string | undefined {
  const { total, lines } = order;
  if (!total?.amount || !isDecimal(total.amount) || lines.length === 0 || isBlanket(order)) return undefined;
  let sum: string | null = '0';
  for (const { lineTotal } of lines) {
    if (lineTotal?.amount == null || lineTotal.currency !== total.currency || sum === null) return undefined;
    sum = add(sum, lineTotal.amount);
  }
  if (sum === null) return undefined;
  const difference = add(sum, negated(total.amount));
  const halfUnit = `0.${'0'.repeat(Math.max(2, decimals(total.amount)))}5`;
  const allowed = multiply(halfUnit, String(lines.length));
  if (difference === null || allowed === null) return undefined;
  const size = difference.startsWith('-') ? difference.slice(1) : difference;
  return (compare(size, allowed) ?? 0) > 0 ? sum : undefined;
}

function negated(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

/** What the lines of an order add up to, beside its Total. */
import { add, compare, decimals, isDecimal, isSameCurrency, multiply, readInteger } from './money.ts';
import type { Line, Money, Order } from './order.ts';
import { isBlanket } from './rule.ts';

/** How often a line counts: a part of a priced group and a withdrawn line do not, a returned one is taken off. */
type Weigh = (line: Line) => -1 | 0 | 1;

/** What the lines make, and which charges beside them would explain the Total. */
export interface OtherSum {
  readonly sum: string;
  readonly explainedBy: readonly string[];
}

/**
 * What the lines add up to, when that is not the Total. Undefined when they agree, or when it cannot be known. A
 * difference that rounding each line to the cent explains is none: Total is rounded, the products are not.
 */
export function otherSum(order: Order): OtherSum | undefined {
  const { total, lines } = order;
  const amount = total?.amount;
  if (!amount || !isDecimal(amount) || lines.length === 0 || isBlanket(order)) return undefined;
  const halfUnit = `0.${'0'.repeat(Math.max(2, decimals(amount)))}5`;
  const allowed = multiply(halfUnit, String(lines.length));
  if (allowed === null) return undefined;
  const all = sumOf(order, AS_THEY_STAND);
  const ways = waysToCount(lines).map((weigh) => sumOf(order, weigh));
  const sum = ways.length === 0 ? all : ways.at(-1);
  if (sum === undefined || ways.includes(undefined)) return undefined;
  const net = modified(order);
  if (net === undefined) return undefined;
  const makesTotal = (each: string | undefined): boolean =>
    each !== undefined && [each, add(each, net) ?? each].some((made) => isNear(made, amount, allowed));
  if ([all, ...ways].some(makesTotal)) return undefined;
  const charges = chargesOf(order).find(({ charge }) => {
    const more = add(sum, charge);
    return more !== null && isNear(more, amount, allowed);
  });
  return { sum, explainedBy: charges?.names ?? [] };
}

function isNear(sum: string, amount: string, allowed: string): boolean {
  const difference = add(sum, negated(amount));
  if (difference === null) return true; // nothing can be said of it
  return (compare(difference.replace('-', ''), allowed) ?? 0) <= 0;
}

/**
 * What the modifications of the Total come to; it is the amount after them (cXML.dtd has that of UnitPrice). Undefined
 * when one of them is in percent only: of what is not said.
 */
function modified({ modifications = [] }: Order): string | undefined {
  let net: string | null = '0';
  for (const { costAmount, deductionAmount } of modifications) {
    const [cost, deduction] = [costAmount?.amount, deductionAmount?.amount];
    const change = cost ?? (deduction == null ? null : negated(deduction));
    net = change === null ? null : add(net, change);
    if (net === null) return undefined;
  }
  return net;
}

/** Undefined when a line that counts has no total, or one in another currency. */
function sumOf({ total, lines }: Order, weigh: Weigh): string | undefined {
  let sum: string | null = '0';
  for (const line of lines) {
    const weight = weigh(line);
    if (weight === 0) continue;
    const { lineTotal } = line;
    if (lineTotal?.amount == null || !isSameCurrency(lineTotal.currency, total?.currency)) return undefined;
    sum = add(sum, weight < 0 ? negated(lineTotal.amount) : lineTotal.amount);
    if (sum === null) return undefined;
  }
  return sum;
}

const AS_THEY_STAND: Weigh = () => 1;

/**
 * How lines may make the Total when not each of them counts once; it has to be the sum by one of these ways.
 * `compositeItemType` says whether a group has the price or its parts have; a group that does not say may be either.
 */
function waysToCount(lines: readonly Line[]): Weigh[] {
  if (!lines.some(isSpecial)) return []; // almost every order
  const parents = new Set(lines.map(parentOf).filter((parent) => parent !== undefined));
  const groups = new Map(
    lines.flatMap((line) => {
      const number = numberOf(line.lineNumberText ?? String(line.lineNumber));
      return parents.has(number) ? [[number, line] as const] : [];
    }),
  );
  const isGroup = new Set(groups.values());
  const countBy =
    (fallback: 'groupLevel' | 'itemLevel'): Weigh =>
    (line) => {
      if (isWithdrawn(line)) return 0;
      const levelOf = ({ compositeItemType, lineTotal }: Line): string =>
        compositeItemType ?? (lineTotal === undefined ? 'itemLevel' : fallback);
      const group = groups.get(parentOf(line) ?? '');
      if (group !== undefined && levelOf(group) === 'groupLevel') return 0;
      if (isGroup.has(line) && levelOf(line) === 'itemLevel') return 0;
      return line.isReturn && !line.quantity?.startsWith('-') ? -1 : 1;
    };
  return [countBy('itemLevel'), countBy('groupLevel')];
}

function isSpecial({ parentLineNumber, operation, isReturn }: Line): boolean {
  return parentLineNumber !== undefined || operation !== undefined || isReturn === true;
}

function parentOf({ parentLineNumber }: Line): string | undefined {
  return parentLineNumber === undefined ? undefined : numberOf(parentLineNumber) || undefined;
}

/** `00010` and `10` are one line. */
function numberOf(sent: string): string {
  return String(readInteger(sent).integer ?? sent.trim());
}

function isWithdrawn({ operation }: Line): boolean {
  return operation?.trim().toLowerCase() === 'delete';
}

/** Shipping, Tax, and both, where the header has them. The guide leaves them out of the Total, senders put them in. */
function chargesOf({ shipping, tax }: Order): { charge: string; names: readonly string[] }[] {
  const known = Object.entries({ Shipping: shipping?.amount, Tax: tax?.amount }).flatMap(([name, money]) =>
    isKnown(money) ? [{ charge: money.amount, names: [name] }] : [],
  );
  const [first, second] = known;
  if (first === undefined || second === undefined) return known;
  const both = add(first.charge, second.charge);
  return both === null ? known : [...known, { charge: both, names: [...first.names, ...second.names] }];
}

function isKnown(money: Money | undefined): money is Money & { readonly amount: string } {
  return money?.amount != null && isDecimal(money.amount);
}

function negated(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

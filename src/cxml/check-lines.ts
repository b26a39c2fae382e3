/** Rules about the lines together. */
import { otherSum } from './add-lines.ts';
import { atHeader, atPath, type OrderSubject, orderPath } from './check-header-place.ts';
import { isSameCurrency } from './money.ts';
import type { Line, Order, Unmapped } from './order.ts';
import { quoted, type Rule, type Where } from './rule.ts';

const atTotal = atHeader('Total');

const atOrder = ({ message, header }: OrderSubject): Where => ({
  element: message.request?.element ?? header,
  path: orderPath(message),
});

/** About the lines together, so that a trait all of them share is told once. */
export const LINES_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'W-LINES-001',
    trait: 'the order has no lines (ItemOut), and is no cancellation',
    when: ({ order }) => order.lines.length === 0 && order.operation !== 'cancel',
    where: atOrder,
    say: () => 'The order has no lines (ItemOut).',
    remedy: 'Ask the buyer what is ordered.',
  },
  {
    id: 'N-LINES-002',
    trait: 'a line has no lineNumber, or one that is no whole number',
    when: ({ order }) => order.lines.some(unnumbered),
    where: atOrder,
    value: ({ order }) => order.lines.find(unnumbered)?.lineNumberText,
    say: ({ order: { lines } }) =>
      `${lines.filter(unnumbered).length} of ${lines.length} lines have no lineNumber that is a whole number; their order of appearance counts.`,
    remedy: 'Nothing to do here; lines are told apart by their order of appearance.',
  },
  {
    id: 'W-LINES-003',
    trait: 'several lines have the same lineNumber',
    when: ({ order }) => repeated(order).length > 0,
    where: atOrder,
    value: ({ order }) => String(repeated(order)[0]),
    say: ({ order }) => `Several lines have the same lineNumber: ${repeated(order).slice(0, 5).join(', ')}.`,
    remedy: 'Tell lines apart by their position.',
  },
  {
    id: 'N-LINES-004',
    trait: 'the line numbers do not rise',
    when: ({ order }) => isShuffled(order),
    where: atOrder,
    say: () => 'The line numbers do not rise; the lines are kept in the order in which they stand.',
    remedy: 'Nothing to do here; confirm and invoice by lineNumber.',
  },
  {
    id: 'W-LINES-005',
    trait: 'an ItemOut, or what must be meant for one, stands where no line is read',
    when: ({ order }) => stray(order) !== undefined,
    where: ({ message, order }) => atPath(message, stray(order)?.path ?? ''),
    value: ({ order }) => stray(order)?.path,
    say: ({ order }) =>
      `${quoted(stray(order)?.path ?? '')} is or holds a line that stands where none is read.`,
    remedy: 'Look at "unmapped" in the JSON, and ask the buyer whether it is ordered.',
  },
  {
    id: 'W-TOTAL-001',
    trait: 'the Total is not the sum of quantity times price',
    when: ({ order }) => otherSum(order) !== undefined,
    where: atTotal,
    value: ({ order }) => order.total?.amount,
    say: ({ order }) => {
      const { sum, explainedBy } = otherSum(order) ?? { sum: '', explainedBy: [] };
      const reason = explainedBy.length === 0 ? '' : `; the difference is ${explainedBy.join(' and ')}`;
      return `Total is ${order.total?.amount}, but quantity times price of the lines makes ${sum}${reason}.`;
    },
    remedy: 'Compare with the quotation before invoicing; a Total may include tax or freight by mistake.',
  },
  {
    id: 'N-CURRENCY-001',
    trait: 'a line has another currency than the Total',
    when: ({ order }) => foreign(order) !== undefined,
    where: atTotal,
    value: ({ order }) => foreign(order),
    say: ({ order }) =>
      `Total is in ${quoted(order.total?.currency ?? '')}, and a line has its price in ${quoted(foreign(order) ?? '')}.`,
    remedy: 'Invoice each line in its own currency, or ask the buyer.',
  },
  {
    id: 'N-CURRENCY-002',
    trait: 'a currency is not written as three capital letters',
    when: ({ order }) => oddCurrency(order) !== undefined,
    where: atTotal,
    value: ({ order }) => oddCurrency(order),
    say: ({ order }) =>
      `The currency ${quoted(oddCurrency(order) ?? '')} is no code of ISO 4217 as cXML has it.`,
    remedy: 'Make sure which currency is meant before invoicing.',
  },
];

/** `ItemIn` is a line of a shopping cart. Observed: a hub's sample order has it. */
const LINE_START = /<(?:[^\s<>/]+:)?item(?:out|in)[\s/>]/i;

/** The first thing without a place in the model that has a line in it: in another line, in the header, in a list. */
function stray({ unmapped, lines }: Order): Unmapped | undefined {
  const isLine = ({ xml }: Unmapped): boolean => LINE_START.test(xml);
  const found = unmapped.find(isLine);
  if (found !== undefined) return found;
  for (const line of lines) {
    const inside = line.unmapped.find(isLine);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function unnumbered({ lineNumber }: Line): boolean {
  return lineNumber === null;
}

function repeated({ lines }: Order): number[] {
  const seen = new Set<number>();
  const twice = new Set<number>();
  for (const { lineNumber } of lines) {
    if (lineNumber === null) continue;
    if (seen.has(lineNumber)) twice.add(lineNumber);
    seen.add(lineNumber);
  }
  return [...twice];
}

function isShuffled({ lines }: Order): boolean {
  const numbers = lines.flatMap(({ lineNumber }) => (lineNumber === null ? [] : [lineNumber]));
  return numbers.some((number, index) => index > 0 && number < (numbers[index - 1] ?? 0));
}

function foreign({ total, lines }: Order): string | undefined {
  const own = total?.currency;
  if (!own) return undefined;
  return lines.find(({ unitPrice }) => unitPrice?.currency && !isSameCurrency(unitPrice.currency, own))
    ?.unitPrice?.currency;
}

/** The first currency that is written otherwise than ISO 4217 writes them. */
function oddCurrency({ total, lines }: Order): string | undefined {
  const isOdd = (each = ''): boolean => each !== '' && !/^[A-Z]{3}$/.test(each);
  return isOdd(total?.currency)
    ? total?.currency
    : lines.find(({ unitPrice }) => isOdd(unitPrice?.currency))?.unitPrice?.currency;
}

/** Rules about the lines: all of them together, and each by itself. */

import { HEADER_PATH, type OrderSubject } from './check-header-place.ts';
import { moneyRules, otherSum } from './check-money.ts';
import { attribute, child, type Element } from './element.ts';
import { isDecimal } from './money.ts';
import type { Line, Order } from './order.ts';
import { quoted, type Rule, type Where } from './rule.ts';

export interface LineSubject {
  readonly order: Order;
  readonly line: Line;
  /** The ItemOut. */
  readonly element: Element;
}

const atTotal = ({ header }: OrderSubject): Where => {
  const total = child(header, 'Total');
  return total === undefined
    ? { element: header, path: HEADER_PATH }
    : { element: total, path: `${HEADER_PATH}/Total` };
};

const atOrder = ({ message, header }: OrderSubject): Where => ({
  element: message.request?.element ?? header,
  path: 'cXML/Request/OrderRequest',
});

/** About the lines together, so that a trait all of them share is told once. */
export const LINES_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'W-LINES-001',
    when: ({ order }) => order.lines.length === 0 && order.operation !== 'cancel',
    where: atOrder,
    say: () => 'The order has no lines (ItemOut).',
    remedy: 'Ask the buyer what is ordered.',
  },
  {
    id: 'N-LINES-002',
    when: ({ order }) => order.lines.some(unnumbered),
    where: atOrder,
    say: ({ order: { lines } }) =>
      `${lines.filter(unnumbered).length} of ${lines.length} lines have no lineNumber that is a whole number; their order of appearance counts.`,
  },
  {
    id: 'W-LINES-003',
    when: ({ order }) => repeated(order).length > 0,
    where: atOrder,
    say: ({ order }) => `Several lines have the same lineNumber: ${repeated(order).slice(0, 5).join(', ')}.`,
    remedy: 'Tell lines apart by their position.',
  },
  {
    id: 'N-LINES-004',
    when: ({ order }) => isShuffled(order),
    where: atOrder,
    say: () => 'The line numbers do not rise; the lines are kept in the order in which they stand.',
  },
  {
    id: 'W-TOTAL-001',
    when: ({ order }) => otherSum(order) !== undefined,
    where: atTotal,
    say: ({ order }) =>
      `Total is ${order.total?.amount}, but quantity times price of all lines makes ${otherSum(order)}.`,
    remedy: 'Compare with the quotation before invoicing; a Total may include tax or freight by mistake.',
  },
  {
    id: 'N-CURRENCY-001',
    when: ({ order }) => foreign(order) !== undefined,
    where: atTotal,
    say: ({ order }) =>
      `Total is in ${quoted(order.total?.currency ?? '')}, and a line has its price in ${quoted(foreign(order) ?? '')}.`,
  },
];

/** The ItemOut, or the way down to one of its elements as far as it is there. */
function atLine(...names: readonly string[]): (subject: LineSubject) => Where {
  return ({ line, element: itemOut }) => {
    let element = itemOut;
    let path = line.place.path ?? '';
    for (const name of names) {
      if (name.startsWith('@')) return { element, path: `${path}/${name}` };
      const next = child(element, name);
      if (next === undefined) break;
      element = next;
      path += `/${name}`;
    }
    return { element, path };
  };
}

export const LINE_RULES: readonly Rule<LineSubject>[] = [
  {
    id: 'W-QUANTITY-001',
    when: ({ line }) => line.quantity === null || !isDecimal(line.quantity),
    where: atLine('@quantity'),
    say: ({ line }) =>
      line.quantity === null
        ? `Line ${line.position} has no quantity.`
        : `Line ${line.position}: quantity ${quoted(line.quantity)} is no decimal; it is kept as it is.`,
    remedy: 'Ask the buyer how many are ordered.',
  },
  {
    id: 'W-QUANTITY-002',
    when: ({ line }) => line.quantity !== null && /^(?:-.*|0*\.?0*)$/.test(line.quantity),
    where: atLine('@quantity'),
    say: ({ line }) => `Line ${line.position}: quantity ${line.quantity} is not above zero.`,
  },
  {
    id: 'W-OPERATION-001',
    when: ({ element }) => attribute(element, 'operation') !== undefined,
    where: atLine('@operation'),
    say: ({ line, element }) =>
      `Line ${line.position} is sent with operation ${quoted(attribute(element, 'operation') ?? '')}: it may be withdrawn.`,
    remedy: 'Do not ship this line before you know.',
  },
  {
    id: 'N-DETAIL-001',
    when: ({ element }) =>
      child(element, 'ItemDetail') === undefined && child(element, 'BlanketItemDetail') === undefined,
    where: atLine(),
    say: ({ line }) => `Line ${line.position} has no ItemDetail.`,
  },
  {
    id: 'N-PART-001',
    when: ({ line }) => !line.supplierPartId,
    where: atLine('ItemID'),
    say: ({ line }) => `Line ${line.position} has no SupplierPartID.`,
  },
  {
    id: 'W-PRICE-001',
    when: ({ line }) => line.unitPrice === undefined,
    where: atLine('ItemDetail'),
    say: ({ line }) => `Line ${line.position} has no UnitPrice.`,
    remedy: 'A buyer may hide prices; agree on the price before invoicing.',
  },
  {
    id: 'N-UNIT-001',
    when: ({ line }) => !line.unitOfMeasure,
    where: atLine('ItemDetail'),
    say: ({ line }) => `Line ${line.position} has no UnitOfMeasure.`,
  },
  ...moneyRules<LineSubject>([
    {
      name: 'UnitPrice',
      money: ({ line }) => line.unitPrice,
      where: atLine('ItemDetail', 'UnitPrice', 'Money'),
    },
    { name: 'Shipping', money: ({ line }) => line.shipping?.amount, where: atLine('Shipping', 'Money') },
    { name: 'Tax', money: ({ line }) => line.tax?.amount, where: atLine('Tax', 'Money') },
    {
      name: 'Charge',
      money: ({ line }) =>
        line.accounting.find(({ charge }) => charge !== undefined && !isPlain(charge))?.charge,
      where: atLine('Distribution', 'Charge', 'Money'),
    },
  ]),
];

function isPlain({ amount, currency }: NonNullable<Line['unitPrice']>): boolean {
  return amount !== null && isDecimal(amount) && Boolean(currency);
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
  return lines.find(({ unitPrice }) => unitPrice?.currency && unitPrice.currency !== own)?.unitPrice
    ?.currency;
}

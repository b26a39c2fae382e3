/** Rules about each line by itself. */
import {
  EARLY_DELIVERY,
  isEarly,
  isUnreadable,
  sayEarly,
  sayUnreadable,
  UNREADABLE_DELIVERY,
} from './check-dates.ts';
import { wayDown } from './check-header-place.ts';
import { isOverlong, moneyRules } from './check-money.ts';
import { attribute, child, type Element } from './element.ts';
import { isDecimal } from './money.ts';
import type { Line, Order } from './order.ts';
import { isBlanket, quoted, type Rule, type Where } from './rule.ts';

export interface LineSubject {
  readonly order: Order;
  readonly line: Line;
  /** The ItemOut. */
  readonly element: Element;
}

/** The ItemOut, or the way down to one of its elements as far as it is there. */
function atLine(...names: readonly string[]): (subject: LineSubject) => Where {
  return ({ line, element }) => wayDown({ element, path: line.place.path ?? '' }, names);
}

/** The same from the ItemDetail, or from the BlanketItemDetail in its place. */
function atDetail(...names: readonly string[]): (subject: LineSubject) => Where {
  const [item, blanket] = [atLine('ItemDetail', ...names), atLine('BlanketItemDetail', ...names)];
  return (subject) => (child(subject.element, 'BlanketItemDetail') === undefined ? item : blanket)(subject);
}

/** What may stand in the place of a price. */
const LIMITS = [
  ['MaxAmount', 'maxAmount'],
  ['OverallLimit', 'overallLimit'],
  ['ExpectedLimit', 'expectedLimit'],
] as const;

export const LINE_RULES: readonly Rule<LineSubject>[] = [
  {
    id: 'W-QUANTITY-001',
    trait: 'a quantity is missing or no decimal number',
    when: ({ line }) => line.quantity === null || !isDecimal(line.quantity),
    where: atLine('@quantity'),
    value: ({ line }) => line.quantity,
    say: ({ line }) =>
      line.quantity === null
        ? `Line ${line.position} has no quantity.`
        : `Line ${line.position}: quantity ${quoted(line.quantity)} is no decimal; it is kept as it is.`,
    remedy: 'Ask the buyer how many are ordered.',
  },
  {
    id: 'W-QUANTITY-002',
    trait: 'a quantity is zero or less, and nothing is sent back',
    when: ({ line: { quantity, isReturn } }) =>
      quantity !== null && isDecimal(quantity) && (isReturn ? /^[-.0]*$/ : /^[-.0]*$|^-/).test(quantity),
    where: atLine('@quantity'),
    value: ({ line }) => line.quantity,
    say: ({ line }) => `Line ${line.position}: quantity ${quoted(line.quantity ?? '')} is not above zero.`,
    remedy: 'Ask the buyer whether the line is withdrawn or something is sent back.',
  },
  {
    id: 'W-QUANTITY-003',
    trait: 'a quantity has more than 100 digits',
    when: ({ line }) => isOverlong(line.quantity),
    where: atLine('@quantity'),
    value: ({ line }) => line.quantity,
    say: ({ line }) =>
      `Line ${line.position}: quantity has ${line.quantity?.length} digits; it is kept as it is and nothing is computed from it.`,
    remedy: 'No quantity is that long. Ask the buyer what was meant.',
  },
  {
    ...UNREADABLE_DELIVERY,
    when: ({ line }) => isUnreadable(line.requestedDeliveryDate),
    where: atLine('@requestedDeliveryDate'),
    value: ({ line }) => line.requestedDeliveryDate,
    say: ({ line }) => `Line ${line.position}: ${sayUnreadable(line.requestedDeliveryDate)}`,
  },
  {
    ...EARLY_DELIVERY,
    when: ({ order, line }) => isEarly(line.requestedDeliveryDate, order),
    where: atLine('@requestedDeliveryDate'),
    value: ({ line }) => line.requestedDeliveryDate,
    say: ({ order, line }) => `Line ${line.position}: ${sayEarly(line.requestedDeliveryDate, order)}`,
  },
  {
    id: 'W-OPERATION-001',
    trait: 'a line has an operation such as delete',
    when: ({ element }) => attribute(element, 'operation') !== undefined,
    where: atLine('@operation'),
    value: ({ element }) => attribute(element, 'operation'),
    say: ({ line, element }) =>
      `Line ${line.position} is sent with operation ${quoted(attribute(element, 'operation') ?? '')}: it may be withdrawn.`,
    remedy: 'Do not ship this line before you know.',
  },
  {
    id: 'N-DETAIL-001',
    trait: 'a line has no ItemDetail',
    when: ({ element }) =>
      child(element, 'ItemDetail') === undefined && child(element, 'BlanketItemDetail') === undefined,
    where: atLine(),
    say: ({ line }) => `Line ${line.position} has no ItemDetail.`,
    remedy: 'Find the item by its part number.',
  },
  {
    id: 'N-PART-001',
    trait: 'a line has no SupplierPartID',
    when: ({ line }) => !line.supplierPartId,
    where: atLine('ItemID'),
    say: ({ line }) => `Line ${line.position} has no SupplierPartID.`,
    remedy: 'Find the item by its description, or ask the buyer.',
  },
  {
    id: 'W-PRICE-001',
    trait: 'a line has no UnitPrice, and neither a limit nor parts in its place',
    when: (subject) => subject.line.unitPrice === undefined && !isByAmount(subject),
    where: atDetail(),
    say: ({ line }) => `Line ${line.position} has no UnitPrice.`,
    remedy: 'A buyer may hide prices; agree on the price before invoicing.',
  },
  {
    id: 'N-UNIT-001',
    trait: 'a line has no UnitOfMeasure',
    when: (subject) => !subject.line.unitOfMeasure && !isByAmount(subject),
    where: atDetail(),
    say: ({ line }) => `Line ${line.position} has no UnitOfMeasure.`,
    remedy: 'Ask the buyer which unit is meant, unless the item has only one.',
  },
  ...moneyRules<LineSubject>([
    {
      name: 'UnitPrice',
      money: ({ line }) => line.unitPrice,
      where: atDetail('UnitPrice', 'Money'),
    },
    ...LIMITS.map(([name, key]) => ({
      name,
      money: ({ line }: LineSubject) => line[key],
      where: atDetail(name, 'Money'),
    })),
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

/**
 * Ordered up to an amount, and not by the piece: neither a price nor a unit belongs there (cXML.dtd, BlanketItemDetail;
 * a limit line of SAP). The lines of a blanket order may leave the amount to the Total, and a group to its parts, as
 * the groups that SAP S/4HANA sends do.
 */
function isByAmount({ order, line }: LineSubject): boolean {
  const isElsewhere = line.itemType === 'composite' || isBlanket(order);
  return line.unitPrice === undefined && (isElsewhere || LIMITS.some(([, key]) => line[key] !== undefined));
}

function isPlain({ amount, currency }: NonNullable<Line['unitPrice']>): boolean {
  return amount !== null && isDecimal(amount) && Boolean(currency);
}

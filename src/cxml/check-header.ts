/** Rules about the order as a whole. */
import { ATTACHMENT_RULES } from './check-attachments.ts';
import {
  EARLY_DELIVERY,
  isBefore,
  isEarly,
  isUnreadable,
  sayEarly,
  sayUnreadable,
  UNREADABLE_DELIVERY,
} from './check-dates.ts';
import { atHeader, atPath, type OrderSubject } from './check-header-place.ts';
import { moneyRules } from './check-money.ts';
import type { Element } from './element.ts';
import type { Order, Unmapped } from './order.ts';
import { quoted, type Rule } from './rule.ts';
import { type ZoneForm, zoneForm } from './when.ts';

const dateIs =
  (...forms: readonly ZoneForm[]) =>
  ({ order: { orderDate } }: OrderSubject): boolean =>
    orderDate !== undefined && forms.includes(zoneForm(orderDate));

export const HEADER_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'N-DATE-001',
    trait: 'the order has no orderDate',
    when: ({ order }) => order.orderDate === undefined,
    where: atHeader('@orderDate'),
    say: () => 'The order has no orderDate.',
    remedy: 'Take the timestamp of the message if a date is needed.',
  },
  {
    id: 'N-DATE-002',
    trait: 'the orderDate ends in Z',
    when: dateIs('zulu'),
    where: atHeader('@orderDate'),
    value: ({ order }) => order.orderDate,
    say: ({ order }) =>
      `orderDate ${quoted(order.orderDate ?? '')} ends in Z, where cXML asks for an offset.`,
    remedy: 'Nothing to do here; by the cXML guide the sender writes +00:00 instead.',
  },
  {
    id: 'N-DATE-003',
    trait: 'the orderDate has a time and names no time zone',
    when: dateIs('none'),
    where: atHeader('@orderDate'),
    value: ({ order }) => order.orderDate,
    say: ({ order }) => `orderDate ${quoted(order.orderDate ?? '')} names no time zone; it is kept as it is.`,
    remedy: 'Do not compare it with other times; the sender should add its offset.',
  },
  {
    id: 'N-DATE-004',
    trait: 'the orderDate is no ISO 8601 date',
    when: dateIs('unreadable'),
    where: atHeader('@orderDate'),
    value: ({ order }) => order.orderDate,
    say: ({ order }) =>
      `orderDate ${quoted(order.orderDate ?? '')} is no ISO 8601 date; it is kept as it is.`,
    remedy: 'Do not let a later step guess the day.',
  },
  {
    ...UNREADABLE_DELIVERY,
    when: ({ order }) => isUnreadable(order.requestedDeliveryDate),
    where: atHeader('@requestedDeliveryDate'),
    value: ({ order }) => order.requestedDeliveryDate,
    say: ({ order }) => sayUnreadable(order.requestedDeliveryDate),
  },
  {
    ...EARLY_DELIVERY,
    when: ({ order }) => isEarly(order.requestedDeliveryDate, order),
    where: atHeader('@requestedDeliveryDate'),
    value: ({ order }) => order.requestedDeliveryDate,
    say: ({ order }) => sayEarly(order.requestedDeliveryDate, order),
  },
  {
    id: 'N-DATE-005',
    trait: 'the expirationDate is before the effectiveDate',
    when: ({ order }) => isBefore(order.expirationDate, order.effectiveDate),
    where: atHeader('@expirationDate'),
    value: ({ order }) => order.expirationDate,
    say: ({ order }) =>
      `expirationDate ${quoted(order.expirationDate ?? '')} is before effectiveDate ${quoted(order.effectiveDate ?? '')}.`,
    remedy: 'Ask the buyer how long the order is in force.',
  },
  {
    id: 'W-TYPE-001',
    trait: 'the type is none of new, update and delete',
    when: ({ header }) => !/^\s*(new|update|delete)?\s*$/i.test(typeOf(header)),
    where: atHeader('@type'),
    value: ({ header }) => typeOf(header),
    say: ({ header }) => `type ${quoted(typeOf(header))} is none that cXML has; the order is taken as new.`,
    remedy: 'Ask the buyer what it means before the order is acted on.',
  },
  {
    id: 'N-REFERENCE-001',
    trait: 'an update or delete has no DocumentReference',
    when: ({ order }) => order.operation !== 'new' && !order.documentReference,
    where: atHeader('DocumentReference'),
    say: ({ order }) =>
      `This ${order.operation} has no DocumentReference; the order it changes is found by its orderID.`,
    remedy: 'Nothing to do here; the sender should name the payloadID of the order it changes.',
  },
  {
    id: 'N-VERSION-001',
    trait: 'the orderVersion is no whole number',
    when: ({ order }) => order.orderVersion !== undefined && order.revision === null,
    where: atHeader('@orderVersion'),
    value: ({ order }) => order.orderVersion,
    say: ({ order }) =>
      `orderVersion ${quoted(order.orderVersion ?? '')} is no whole number and orders nothing.`,
    remedy: 'Tell revisions apart by when they came; the sender should count them 1, 2, 3.',
  },
  {
    id: 'N-BILLTO-001',
    trait: 'the header has no BillTo',
    when: ({ order }) => order.billTo === undefined,
    where: atHeader(),
    say: () => 'The header has no BillTo.',
    remedy: 'Ask the buyer where the invoice goes.',
  },
  {
    id: 'N-SHIPTO-001',
    trait: 'neither the header nor every line has a ShipTo',
    when: ({ order }) =>
      order.shipTo === undefined &&
      (order.lines.length === 0 || order.lines.some(({ shipTo }) => shipTo === undefined)),
    where: atHeader(),
    say: () => 'Neither the header nor every line has a ShipTo.',
    remedy: 'Ask the buyer where the goods go.',
  },
  {
    id: 'N-TOTAL-002',
    trait: 'the header has no Total',
    when: ({ order }) => order.total === undefined,
    where: atHeader(),
    say: () => 'The header has no Total.',
    remedy: 'Add up the lines, and tell the buyer what they come to.',
  },
  ...moneyRules<OrderSubject>([
    { money: ({ order }) => order.total, where: atHeader('Total', 'Money'), name: 'Total' },
    { money: ({ order }) => order.shipping?.amount, where: atHeader('Shipping', 'Money'), name: 'Shipping' },
    { money: ({ order }) => order.tax?.amount, where: atHeader('Tax', 'Money'), name: 'Tax' },
  ]),
  {
    id: 'N-CARD-001',
    trait: 'the order carries a payment card',
    when: ({ order }) => order.payment?.method === 'pcard',
    where: atHeader('Payment', 'PCard'),
    value: ({ order }) => `****${order.payment?.cardLast4 ?? ''}`,
    say: () => 'The order carries a payment card. Its number is in the original document only.',
    remedy: 'Keep copies of the original where card data may be.',
  },
  ...ATTACHMENT_RULES,
  {
    id: 'N-UNMAPPED-001',
    trait: "an element or attribute has no place in the order's model",
    when: ({ order }) => order.unmapped.length > 0 || order.lines.some(({ unmapped }) => unmapped.length > 0),
    where: (subject) => atPath(subject.message, unmappedOf(subject.order)[0]?.path ?? ''),
    value: ({ order }) => unmappedOf(order)[0]?.path,
    say: ({ order }) => {
      const all = unmappedOf(order);
      const more = all.length > 1 ? ` and ${all.length - 1} more` : '';
      return `The order has no place for ${quoted(all[0]?.path ?? '')}${more}; it is kept as "unmapped".`;
    },
    remedy: 'Look at "unmapped" in the JSON if a later step needs it.',
  },
];

function unmappedOf({ unmapped, lines }: Order): Unmapped[] {
  return [...unmapped, ...lines.flatMap((line) => line.unmapped)];
}

function typeOf(header: Element): string {
  return header.attributes.find(({ name }) => name === 'type')?.value ?? '';
}

/** Rules about the order as a whole. */
import { ATTACHMENT_RULES } from './check-attachments.ts';
import { atHeader, type OrderSubject } from './check-header-place.ts';
import { moneyRules } from './check-money.ts';
import type { Element } from './element.ts';
import { quoted, type Rule } from './rule.ts';
import { type ZoneForm, zoneForm } from './when.ts';

const dateIs =
  (...forms: readonly ZoneForm[]) =>
  ({ order: { orderDate } }: OrderSubject): boolean =>
    orderDate !== undefined && forms.includes(zoneForm(orderDate));

export const HEADER_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'N-DATE-001',
    when: ({ order }) => order.orderDate === undefined,
    where: atHeader('@orderDate'),
    say: () => 'The order has no orderDate.',
  },
  {
    id: 'N-DATE-002',
    when: dateIs('zulu'),
    where: atHeader('@orderDate'),
    say: ({ order }) =>
      `orderDate ${quoted(order.orderDate ?? '')} ends in Z, where cXML asks for an offset.`,
  },
  {
    id: 'N-DATE-003',
    when: dateIs('none'),
    where: atHeader('@orderDate'),
    say: ({ order }) => `orderDate ${quoted(order.orderDate ?? '')} names no time zone; it is kept as it is.`,
  },
  {
    id: 'N-DATE-004',
    when: dateIs('unreadable'),
    where: atHeader('@orderDate'),
    say: ({ order }) =>
      `orderDate ${quoted(order.orderDate ?? '')} is no ISO 8601 date; it is kept as it is.`,
    remedy: 'Do not let a later step guess the day.',
  },
  {
    id: 'W-TYPE-001',
    when: ({ header }) => !/^\s*(new|update|delete)?\s*$/i.test(typeOf(header)),
    where: atHeader('@type'),
    say: ({ header }) => `type ${quoted(typeOf(header))} is none that cXML has; the order is taken as new.`,
    remedy: 'Ask the buyer what it means before the order is acted on.',
  },
  {
    id: 'N-REFERENCE-001',
    when: ({ order }) => order.operation !== 'new' && !order.documentReference,
    where: atHeader('DocumentReference'),
    say: ({ order }) =>
      `This ${order.operation} has no DocumentReference; the order it changes is found by its orderID.`,
  },
  {
    id: 'N-VERSION-001',
    when: ({ order }) => order.orderVersion !== undefined && order.revision === null,
    where: atHeader('@orderVersion'),
    say: ({ order }) =>
      `orderVersion ${quoted(order.orderVersion ?? '')} is no whole number and orders nothing.`,
  },
  {
    id: 'N-BILLTO-001',
    when: ({ order }) => order.billTo === undefined,
    where: atHeader(),
    say: () => 'The header has no BillTo.',
  },
  {
    id: 'N-SHIPTO-001',
    when: ({ order }) =>
      order.shipTo === undefined &&
      (order.lines.length === 0 || order.lines.some(({ shipTo }) => shipTo === undefined)),
    where: atHeader(),
    say: () => 'Neither the header nor every line has a ShipTo.',
    remedy: 'Ask the buyer where the goods go.',
  },
  {
    id: 'N-TOTAL-002',
    when: ({ order }) => order.total === undefined,
    where: atHeader(),
    say: () => 'The header has no Total.',
  },
  ...moneyRules<OrderSubject>([
    { money: ({ order }) => order.total, where: atHeader('Total', 'Money'), name: 'Total' },
    { money: ({ order }) => order.shipping?.amount, where: atHeader('Shipping', 'Money'), name: 'Shipping' },
    { money: ({ order }) => order.tax?.amount, where: atHeader('Tax', 'Money'), name: 'Tax' },
  ]),
  {
    id: 'N-CARD-001',
    when: ({ order }) => order.payment?.method === 'pcard',
    where: atHeader('Payment', 'PCard'),
    say: () => 'The order carries a payment card. Its number is in the original document only.',
    remedy: 'Keep copies of the original where card data may be.',
  },
  ...ATTACHMENT_RULES,
  {
    id: 'N-UNMAPPED-001',
    when: ({ order }) => order.unmapped.length > 0 || order.lines.some(({ unmapped }) => unmapped.length > 0),
    where: atHeader(),
    say: ({ order }) => {
      const all = [...order.unmapped, ...order.lines.flatMap(({ unmapped }) => unmapped)];
      return `${all.length} elements or attributes have no place in the order and are kept as "unmapped", first ${quoted(all[0]?.path ?? '')}.`;
    },
  },
];

function typeOf(header: Element): string {
  return header.attributes.find(({ name }) => name === 'type')?.value ?? '';
}

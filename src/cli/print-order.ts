/** An order for a person: one page, everything that decides, nothing that a document could use to fool a terminal. */
import type { Address, Contact, Finding, Line, Money, Order, Party } from '../cxml/order.ts';
import type { Place } from '../errors.ts';
import { harmless, shorten } from './harmless.ts';
import { type Column, indent, layPairs, layTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** More lines than this are counted, not shown. */
const MAX_LINES = 200;

const COLUMNS: readonly Column[] = [
  { title: 'line', align: 'right' },
  { title: 'quantity', align: 'right' },
  { title: 'unit' },
  { title: 'part' },
  { title: 'description' },
  { title: 'unit price', align: 'right' },
  { title: 'amount', align: 'right' },
  { title: 'needed by' },
];

/** `PO 4711, new, 3 lines, 2015.0 SEK` */
export function summarise(order: Order): string {
  const { purchaseOrderNumber, operation, lines, total, environment } = order;
  const parts = [
    `PO ${shorten(purchaseOrderNumber, 60)}`,
    operation,
    environment === 'test' ? 'test' : '',
    count(lines.length, 'line'),
    nameMoney(total),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

export function describeOrder(order: Order, { bold, dim }: Terminal): string[] {
  const { lines } = order;
  const pairs: (readonly [string, string | undefined])[] = [
    ['ordered', order.orderDate],
    ['version', order.orderVersion],
    ['changes', order.documentReference],
    ['buyer', nameParty(order.buyer)],
    ['supplier', nameParty(order.supplier)],
    ['ship to', nameAddress(order.shipTo)],
    ['bill to', nameAddress(order.billTo)],
    ...order.contacts.map((contact) => ['contact', nameContact(contact)] as const),
    ['shipping', nameMoney(order.shipping?.amount)],
    ['tax', nameMoney(order.tax?.amount)],
    [
      'terms',
      order.paymentTerms.map((term) => `pay in ${term.payInDays ?? term.payInDaysText} days`).join(', '),
    ],
    ['card', order.payment?.cardLast4 === undefined ? undefined : `ends in ${order.payment.cardLast4}`],
    ...order.comments.map(({ text }) => ['comment', text] as const),
    ...order.extrinsics
      .filter(({ value }) => value !== '')
      .map(({ name, value }) => [shorten(name, 24), value] as const),
  ];
  const shown = lines.slice(0, MAX_LINES).map((line) => describeLine(line, order.currency));
  const used = COLUMNS.map(({ title }, at) => ({ title, at })).filter(
    ({ at }) => at < 6 || shown.some((row) => row[at] !== ''),
  );
  const table = layTable(
    used.flatMap(({ at }) => COLUMNS[at] ?? []),
    shown.map((row) => used.map(({ at }) => row[at] ?? '')),
    dim,
  );
  return [
    bold(summarise(order)),
    ...layPairs(
      pairs.map(([name, value]) => [name, value === undefined ? undefined : shorten(value, 160)] as const),
      dim,
    ).map(indent),
    ...(lines.length === 0 ? [] : ['', ...table.map(indent)]),
    ...(lines.length > MAX_LINES ? [`  … and ${lines.length - MAX_LINES} more lines`] : []),
  ];
}

/** One finding with where it stands: `file:line:column` can be clicked in most terminals. */
export function describeFinding(finding: Finding, terminal: Terminal, file?: string): string[] {
  const { id, severity, place, message, remedy } = finding;
  const { mark, dim, cyan } = terminal;
  const sign = severity === 'error' ? mark.no : severity === 'warning' ? mark.warn : dim('·');
  const where = [namePlace(place, file), harmless(place.path ?? '')].filter((part) => part !== '');
  return [
    `  ${sign} ${id}  ${shorten(message, 400)}`,
    ...(where.length === 0 ? [] : [`      ${dim(where.join('  '))}`]),
    ...(remedy === undefined ? [] : [`      ${cyan('→')} ${shorten(remedy, 300)}`]),
  ];
}

export function namePlace({ line, column, offset }: Place, file?: string): string {
  const at = line === undefined ? [] : [line, column ?? 1];
  if (file === undefined) return at.length === 0 ? '' : `line ${line}, column ${column ?? 1}`;
  const byte = line === undefined && offset !== undefined ? ` byte ${offset}` : '';
  return [harmless(file), ...at].join(':') + byte;
}

export function count(number: number, what: string, many = `${what}s`): string {
  return `${number} ${number === 1 ? what : many}`;
}

function describeLine(line: Line, currency: string | undefined): string[] {
  // A currency that every line shares is said once, with the total.
  const price = (money: Money | undefined): string =>
    money?.currency === currency ? shorten(money?.amount ?? '', 20) : nameMoney(money);
  return [
    line.lineNumberText ?? (line.lineNumber === null ? '–' : String(line.lineNumber)),
    line.quantity ?? '–',
    line.unitOfMeasure ?? '',
    line.supplierPartId ?? '',
    line.description ?? '',
    price(line.unitPrice),
    price(line.lineTotal),
    line.requestedDeliveryDate?.slice(0, 10) ?? '',
  ].map((cell) => shorten(cell, 48));
}

function nameMoney(money: Money | undefined): string {
  if (money === undefined) return '';
  return shorten(`${money.amount ?? '(empty)'} ${money.currency ?? ''}`, 40);
}

function nameParty({ name, identifiers }: Party): string {
  const ids = identifiers.map(({ domain, value }) => `${domain} ${value}`).join(', ');
  return name === undefined ? ids : `${name} (${ids})`;
}

function nameAddress(address: Address | undefined): string | undefined {
  if (address === undefined) return undefined;
  const { name, deliverTo, street, postalCode, city, region, country, countryName } = address;
  return [name, ...deliverTo, ...street, [postalCode, city].filter(Boolean).join(' '), region]
    .concat(country ?? countryName)
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
}

function nameContact({ name, role, email, phone }: Contact): string {
  const who = role === undefined ? (name ?? '') : `${name ?? ''} (${role})`;
  return [who, email, phone?.number].filter((part) => part !== undefined && part !== '').join(', ');
}

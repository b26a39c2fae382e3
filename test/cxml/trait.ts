/** Documents with one trait each, and what the receiver makes of them. */
import { expect } from 'chai';
import { type Reading, readDocument } from '../../src/cli/read-document.ts';
import type { Order } from '../../src/cxml/order.ts';
import type { Refusal } from '../../src/errors.ts';
import { asJson } from './reading.ts';

export interface Parts {
  /** Before the root. */
  readonly prologue: string;
  readonly root: string;
  /** The content of Header; null for no Header at all. */
  readonly header: string | null;
  readonly request: string;
  /** Attributes of the OrderRequestHeader. */
  readonly order: string;
  /** Its content. */
  readonly details: string;
  readonly lines: string;
  /** Behind the Request. */
  readonly after: string;
}

export const FROM = '<From><Credential domain="DUNS"><Identity>1</Identity></Credential></From>';
export const TO = '<To><Credential domain="DUNS"><Identity>2</Identity></Credential></To>';
export const SENDER =
  '<Sender><Credential domain="DUNS"><Identity>1</Identity><SharedSecret>s</SharedSecret></Credential><UserAgent>u</UserAgent></Sender>';
export const CREDENTIALS_OTHER =
  '<Credential domain="AribaNetworkUserId"><Identity>a@b.example</Identity></Credential>';
export const TOTAL = '<Total><Money currency="EUR">10.00</Money></Total>';
export const ADDRESS = '<Address><Name xml:lang="en">n</Name></Address>';
export const SHIP_TO = `<ShipTo>${ADDRESS}</ShipTo>`;
export const BILL_TO = `<BillTo>${ADDRESS}</BillTo>`;
export const UNIT_PRICE = '<UnitPrice><Money currency="EUR">5.00</Money></UnitPrice>';
export const UNIT = '<UnitOfMeasure>EA</UnitOfMeasure>';
export const CLASSIFICATION = '<Classification domain="UNSPSC">43211503</Classification>';
export const DESCRIPTION = '<Description xml:lang="en">d</Description>';
export const ITEM_ID = '<ItemID><SupplierPartID>P</SupplierPartID></ItemID>';
export const DETAIL = `${UNIT_PRICE}${DESCRIPTION}${UNIT}${CLASSIFICATION}`;

/** A line; the default is one as it should be. */
export function line({
  attributes = 'quantity="2" lineNumber="1"',
  id = ITEM_ID,
  detail = `<ItemDetail>${DETAIL}</ItemDetail>`,
  rest = '',
} = {}): string {
  return `<ItemOut ${attributes}>${id}${detail}${rest}</ItemOut>`;
}

/** A line with that price and quantity. */
export function priced(price: string, quantity = '1', attributes = 'lineNumber="1"'): string {
  const money = `<UnitPrice><Money currency="EUR">${price}</Money></UnitPrice>`;
  return line({
    attributes: `quantity="${quantity}" ${attributes}`,
    detail: `<ItemDetail>${DETAIL.replace(UNIT_PRICE, money)}</ItemDetail>`,
  });
}

const GOOD: Parts = {
  prologue: '<?xml version="1.0" encoding="UTF-8"?>',
  root: 'payloadID="1@b" timestamp="2026-01-01T00:00:00+00:00"',
  header: FROM + TO + SENDER,
  request: '',
  order: 'orderID="PO-1" orderDate="2026-01-01T00:00:00+00:00"',
  details: TOTAL + SHIP_TO + BILL_TO,
  lines: line(),
  after: '',
};

/** A document as it should be, but for these parts. */
export function documentWith(parts: Partial<Parts> = {}): string {
  const { prologue, root, header, request, order, details, lines, after } = { ...GOOD, ...parts };
  return (
    `${prologue}<cXML ${root}>${header === null ? '' : `<Header>${header}</Header>`}` +
    `<Request ${request}><OrderRequest><OrderRequestHeader ${order}>${details}</OrderRequestHeader>${lines}` +
    `</OrderRequest></Request>${after}</cXML>`
  );
}

export interface Taken extends Reading {
  readonly order: Order;
  readonly ids: readonly string[];
}

export function read(document: string | Uint8Array): Reading {
  return readDocument(typeof document === 'string' ? new TextEncoder().encode(document) : document);
}

/** The order that is kept of this document, as it is printed, and the ids of what is found. */
export function kept(document: string | Uint8Array | Partial<Parts>): Taken {
  const whole =
    typeof document === 'string' || document instanceof Uint8Array ? document : documentWith(document);
  const reading = read(whole);
  expect(reading.refusal?.message).to.equal(undefined);
  const { order, findings } = reading;
  if (order === undefined) throw new Error('no order was read');
  return { ...reading, order: asJson(order) as Order, ids: findings.map(({ id }) => id) };
}

export function refused(document: string | Uint8Array | Partial<Parts>): Refusal {
  const whole =
    typeof document === 'string' || document instanceof Uint8Array ? document : documentWith(document);
  const { refusal } = read(whole);
  if (refusal === undefined) throw new Error('it was not refused');
  return refusal;
}

/** Says in `unmapped` what the model does not name. */
export function unmapped({ order }: Taken): readonly string[] {
  return [...order.unmapped, ...order.lines.flatMap((each) => each.unmapped)].map(({ xml }) => xml);
}

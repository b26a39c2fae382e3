/**
 * The OrderRequest becomes an Order. Elements are found by name, never by position, and what the model does not name
 * is kept. Only what leaves no order at all is refused; everything else that is odd is for `check-order.ts`.
 */
import { Refusal } from '../errors.ts';
import {
  attribute,
  child,
  childElements,
  childrenNamed,
  type Element,
  misspelt,
  placeOf,
} from './element.ts';
import type { Message } from './message.ts';
import { LINE } from './model-line.ts';
import { ORDER, PARTY } from './model-order.ts';
import type { Line, Order, Party } from './order.ts';
import {
  below,
  createBasket,
  keepAttributes,
  keepElement,
  keepText,
  pathOf,
  type Recorder,
  type Spot,
  spotAt,
  UNMAPPED_LIMIT,
} from './spot.ts';
import { shown } from './text-place.ts';
import { orderVersionNumber } from './when.ts';

/** About a millisecond's work. */
const LINES_PER_TURN = 200;

const ROOT_ATTRIBUTES = ['payloadID', 'timestamp', 'version', 'xml:lang', 'signatureVersion'];
const REQUEST_ATTRIBUTES = ['deploymentMode'];
const NONE: readonly string[] = [];

/**
 * Yields while many lines are read, so that the caller can serve others in between.
 *
 * @param recorder is told where every value stands; see `places.ts`
 * @throws {Refusal} `order-invalid` when there is no OrderRequestHeader, no orderID, or more than one order
 */
export function* readOrder(message: Message, recorder?: Recorder): Generator<undefined, Order, void> {
  const budget = { left: UNMAPPED_LIMIT, uncounted: 0 };
  const basket = createBasket(0, budget, recorder);
  const root = spotAt(message.root, basket);
  const { holder, order } = findOrder(message, root);
  const headerSpot = findHeader(order);
  const envelope = child(message.root, 'Header');
  const inRoot = holder ?? order;
  keepBefore(root, inRoot.element, ROOT_ATTRIBUTES, envelope);
  if (holder !== undefined) keepBefore(holder, order.element, REQUEST_ATTRIBUTES);
  keepAttributes(order, NONE);
  let read: Writable<Order> | undefined;
  const lines: Line[] = [];
  for (const each of order.element.children) {
    if (each === headerSpot.element) {
      read = ORDER.read(headerSpot);
    } else if (typeof each === 'string' || each.name !== 'ItemOut') {
      keepChild(order, each);
    } else {
      const line = LINE.read(spotAt(each, createBasket(lines.length + 1, budget, recorder), order));
      if (line !== undefined) lines.push(line);
      if (lines.length % LINES_PER_TURN === 0) yield;
    }
  }
  if (holder !== undefined) keepAfter(holder, order.element);
  keepAfter(root, inRoot.element, envelope);
  if (budget.uncounted > 0) {
    basket.unmapped.push({
      path: pathOf(order),
      xml: `<!-- ${budget.uncounted} more that have no place here; the original document has them -->`,
    });
  }
  if (read === undefined) throw new Error('the header was found and not read');
  read.revision = orderVersionNumber(read.orderVersion);
  read.revisionSource = read.revision === null ? null : 'cxml';
  read.environment = message.request?.deploymentMode ?? 'production';
  read.environmentText = message.request?.deploymentModeText;
  read.currency = read.total?.currency;
  // Coupa names the buying company in BillTo and nowhere else.
  const buyer: Writable<Party> = readParty(root, envelope, 'From');
  buyer.name ??= read.billTo?.name || undefined;
  read.buyer = buyer;
  read.supplier = readParty(root, envelope, 'To');
  read.confirmation ??= confirmationOf(lines);
  read.lines = lines;
  read.attachmentReferences = basket.attachments;
  read.unmapped = basket.unmapped;
  return read;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The OrderRequest. A message with two orders would have one answer for both, so neither is taken. */
function findOrder({ root, request }: Message, at: Spot): { holder?: Spot; order: Spot } {
  const holders = [...childrenNamed(root, 'Request'), root];
  const orders = holders.flatMap((each) => childrenNamed(each, 'OrderRequest'));
  const element = orders[0];
  const holder = holders.find(({ children }) => children.includes(element ?? ''));
  if (holder === undefined || element === undefined) {
    const place = placeOf(request?.element ?? root, request === undefined ? 'cXML' : 'cXML/Request');
    throw new Refusal('order-invalid', 'There is no OrderRequest in this document.', { place });
  }
  const second = orders[1];
  if (second !== undefined) {
    throw new Refusal(
      'order-invalid',
      'There are two OrderRequests in one message, and one answer cannot speak for both. Send each by itself.',
      { place: placeOf(second, 'cXML/Request/OrderRequest[2]') },
    );
  }
  if (holder === root) return { order: below(at, element) };
  const spot = below(at, holder);
  return { holder: spot, order: below(spot, element) };
}

function findHeader(order: Spot): Spot {
  const element = child(order.element, 'OrderRequestHeader');
  if (element === undefined) {
    const hint = butFor(childElements(order.element), 'OrderRequestHeader');
    throw new Refusal(
      'order-invalid',
      `There is no OrderRequestHeader, so nothing says which order this is.${hint}`,
      { place: placeOf(order.element, pathOf(order)) },
    );
  }
  const header = below(order, element);
  const orderId = attribute(element, 'orderID');
  if (orderId !== undefined && orderId.trim() !== '') return header;
  const fault = orderId === undefined ? 'has no orderID' : 'has an empty orderID';
  const hint = butFor(element.attributes, 'orderID');
  throw new Refusal(
    'order-invalid',
    `OrderRequestHeader ${fault}, so nothing says which order this is.${hint}`,
    {
      place: placeOf(element, `${pathOf(header)}/@orderID`),
    },
  );
}

/** What of these was probably meant. */
function butFor(named: readonly { readonly name: string }[], wanted: string): string {
  const found = misspelt(
    named.map(({ name }) => name),
    wanted,
  );
  return found === undefined ? '' : ` There is ${shown(found)}, but capitals count in XML.`;
}

/** What stands around the order, before it and behind it. The Header of the envelope is not of the order. */
function keepBefore(at: Spot, inner: Element, taken: readonly string[], envelope?: Element): void {
  keepAttributes(at, taken);
  const { children } = at.element;
  for (const each of children.slice(0, children.indexOf(inner))) if (each !== envelope) keepChild(at, each);
}

function keepAfter(at: Spot, inner: Element, envelope?: Element): void {
  const { children } = at.element;
  for (const each of children.slice(children.indexOf(inner) + 1)) if (each !== envelope) keepChild(at, each);
}

function keepChild(at: Spot, each: Element | string): void {
  if (typeof each === 'string') keepText(at, each);
  else keepElement(at, each);
}

/** What of the envelope has no key is not kept: it is the message's, not the order's. */
function readParty({ element, basket }: Spot, envelope: Element | undefined, name: 'From' | 'To'): Party {
  const party = child(envelope, name);
  if (envelope === undefined || party === undefined) return { identifiers: [] };
  const aside = createBasket(0, { left: 0, uncounted: 0 }, basket.recorder);
  return PARTY.read(below(below(spotAt(element, aside), envelope), party)) ?? { identifiers: [] };
}

/** Instructions on the lines make line-level confirmation the order's: allowed when it is for any line. */
function confirmationOf(lines: readonly Line[]): Order['confirmation'] {
  const given = lines.flatMap(({ confirmation }) => (confirmation === undefined ? [] : [confirmation]));
  return given.find(({ allowed }) => allowed) ?? given[0];
}

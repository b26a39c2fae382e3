/**
 * The OrderRequest becomes an Order. Elements are found by name, never by position, and what the model does not name
 * is kept. Only what leaves no order at all is refused; everything else that is odd is for `check-order.ts`.
 */
import { Refusal } from '../errors.ts';
import { attribute, child, childElements, childrenNamed, type Element, placeOf } from './element.ts';
import type { Message } from './message.ts';
import { type Confirmation, type Line, type Operation, type Order, SCHEMA_VERSION } from './order.ts';
import { readLine } from './read-line.ts';
import { readOrderHeader } from './read-order-header.ts';
import { readParties } from './read-parties.ts';
import {
  type Budget,
  below,
  createBasket,
  elementsOf,
  keepElement,
  keepOtherAttributes,
  pathOf,
  type Spot,
  spotAt,
  UNMAPPED_LIMIT,
} from './spot.ts';
import { orderVersionNumber } from './when.ts';

/** About a millisecond's work. */
const LINES_PER_TURN = 200;

/**
 * Yields while many lines are read, so that the caller can serve others in between.
 *
 * @throws {Refusal} `order-invalid` when there is no OrderRequestHeader, no orderID, or more than one order
 */
export function* readOrder(message: Message): Generator<undefined, Order, void> {
  const budget: Budget = { left: UNMAPPED_LIMIT, uncounted: 0 };
  const basket = createBasket(budget);
  const root = spotAt(message.root, basket);
  const { request, order } = findOrder(message, root);
  const headerElement = child(order.element, 'OrderRequestHeader');
  if (headerElement === undefined) {
    throw new Refusal(
      'order-invalid',
      'There is no OrderRequestHeader, so nothing says which order this is.',
      {
        place: placeOf(order.element, pathOf(order)),
      },
    );
  }
  const headerSpot = below(order, headerElement);
  const orderId = readOrderId(headerSpot);
  const header = readOrderHeader(headerSpot);
  const lines: Line[] = [];
  for (const each of elementsOf(order)) {
    if (each === headerElement) continue;
    if (each.name !== 'ItemOut') {
      keepElement(order, each);
      continue;
    }
    lines.push(readLine(spotAt(each, createBasket(budget), order), lines.length + 1));
    if (lines.length % LINES_PER_TURN === 0) yield;
  }
  keepOtherAttributes(order);
  keepSurroundings(message, root, request);
  if (budget.uncounted > 0) {
    basket.unmapped.push({
      path: pathOf(order),
      xml: `<!-- ${budget.uncounted} more that have no place here; the original document has them -->`,
    });
  }
  const { orderVersion, type, ...rest } = header;
  const revision = orderVersionNumber(orderVersion);
  const { buyer, supplier } = readParties(message, header.billTo);
  return {
    schemaVersion: SCHEMA_VERSION,
    purchaseOrderNumber: orderId,
    revision,
    revisionSource: revision === null ? null : 'cxml',
    orderVersion,
    operation: operationOf(type),
    environment: message.request?.deploymentMode ?? 'production',
    currency: header.total?.currency,
    buyer,
    supplier,
    ...rest,
    confirmation: header.confirmation ?? confirmationOf(lines),
    lines,
    attachmentReferences: basket.attachments,
    extrinsics: basket.extrinsics,
    unmapped: basket.unmapped,
  };
}

/** The OrderRequest. A message with two orders would have one answer for both, so neither is taken. */
function findOrder({ root, request }: Message, at: Spot): { request: Spot; order: Spot } {
  const orders = childrenNamed(root, 'Request').flatMap((each) => childrenNamed(each, 'OrderRequest'));
  const element = orders[0];
  const holder = child(root, 'Request');
  if (request === undefined || holder === undefined || element === undefined || request.element !== element) {
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
  const spot = below(at, holder);
  return { request: spot, order: below(spot, element) };
}

function readOrderId(header: Spot): string {
  const orderId = attribute(header.element, 'orderID');
  if (orderId !== undefined && orderId.trim() !== '') return orderId;
  const fault = orderId === undefined ? 'has no orderID' : 'has an empty orderID';
  throw new Refusal('order-invalid', `OrderRequestHeader ${fault}, so nothing says which order this is.`, {
    place: placeOf(header.element, `${pathOf(header)}/@orderID`),
  });
}

const ROOT_ATTRIBUTES = ['payloadID', 'timestamp', 'version', 'xml:lang', 'signatureVersion'];
const REQUEST_ATTRIBUTES = ['deploymentMode'];

/** What stands around the order: beside it in the Request, beside the Request, on the root. The Header is not of the order. */
function keepSurroundings({ request, root: element }: Message, root: Spot, holder: Spot): void {
  for (const each of elementsOf(holder)) if (each !== request?.element) keepElement(holder, each);
  keepOtherAttributes(holder, REQUEST_ATTRIBUTES);
  const header: Element | undefined = child(element, 'Header');
  for (const each of childElements(element)) {
    if (each !== header && each !== holder.element) keepElement(root, each);
  }
  keepOtherAttributes(root, ROOT_ATTRIBUTES);
}

/** What the DTD does not list counts as new; a finding says so, and the word stays in `unmapped`. */
function operationOf(type: string | undefined): Operation {
  switch (type?.trim().toLowerCase()) {
    case 'update':
      return 'update';
    case 'delete':
      return 'cancel';
    default:
      return 'new';
  }
}

/** Instructions on the lines make line-level confirmation the order's: allowed when it is for any line. */
function confirmationOf(lines: readonly Line[]): Confirmation | undefined {
  const given = lines.flatMap(({ confirmation }) => (confirmation === undefined ? [] : [confirmation]));
  return given.find(({ allowed }) => allowed) ?? given[0];
}

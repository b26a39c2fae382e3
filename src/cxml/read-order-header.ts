/** Reads the OrderRequestHeader. */
import { attribute, type Element } from './element.ts';
import { readMoneyWithin } from './money.ts';
import type { Address, Charge, Comment, Confirmation, Contact, Money, Order, PaymentTerm } from './order.ts';
import { readAddressWithin, readContact } from './read-address.ts';
import { readComment, readExtrinsic } from './read-extrinsic.ts';
import { readCharge, readConfirmation, readPayment, readPaymentTerm } from './read-terms.ts';
import { below, elementsOf, first, keepElement, keepOtherAttributes, readText, type Spot } from './spot.ts';

export interface OrderHeader
  extends Pick<
    Order,
    | 'orderVersion'
    | 'orderType'
    | 'orderDate'
    | 'requestedDeliveryDate'
    | 'requisitionId'
    | 'agreementId'
    | 'total'
    | 'shipTo'
    | 'billTo'
    | 'contacts'
    | 'shipping'
    | 'tax'
    | 'payment'
    | 'paymentTerms'
    | 'comments'
    | 'confirmation'
    | 'documentReference'
  > {
  /** As sent. */
  readonly type?: string;
}

const HEADER_ATTRIBUTES = [
  'orderID',
  'orderDate',
  'orderType',
  'orderVersion',
  'requestedDeliveryDate',
  'requisitionID',
  'agreementID',
  'type',
];
const HEADER_ATTRIBUTES_WITHOUT_TYPE = HEADER_ATTRIBUTES.slice(0, -1);

export function readOrderHeader(at: Spot): OrderHeader {
  const { element } = at;
  const contacts: Contact[] = [];
  const paymentTerms: PaymentTerm[] = [];
  const comments: Comment[] = [];
  let total: Money | undefined;
  let shipTo: Address | undefined;
  let billTo: Address | undefined;
  let shipping: Charge | undefined;
  let tax: Charge | undefined;
  let payment: Order['payment'];
  let confirmation: Confirmation | undefined;
  let reference: Element | undefined;
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'Total':
        if (total === undefined) total = readMoneyWithin(below(at, each));
        else keepElement(at, each);
        break;
      case 'ShipTo':
        if (shipTo === undefined) shipTo = readAddressWithin(below(at, each));
        else keepElement(at, each);
        break;
      case 'BillTo':
        if (billTo === undefined) billTo = readAddressWithin(below(at, each));
        else keepElement(at, each);
        break;
      case 'Contact':
        contacts.push(readContact(below(at, each)));
        break;
      case 'Shipping':
        shipping = first(shipping, readCharge, at, each);
        break;
      case 'Tax':
        tax = first(tax, readCharge, at, each);
        break;
      case 'Payment':
        payment = first(payment, readPayment, at, each);
        break;
      case 'PaymentTerm':
        paymentTerms.push(readPaymentTerm(below(at, each)));
        break;
      case 'Comments': {
        const comment = readComment(below(at, each));
        if (comment !== undefined) comments.push(comment);
        break;
      }
      case 'ControlKeys':
        if (confirmation === undefined) confirmation = readConfirmation(below(at, each), 'header');
        else keepElement(at, each);
        break;
      case 'DocumentReference':
        if (reference === undefined) {
          reference = each;
          readText(below(at, each), PAYLOAD_ID);
        } else {
          keepElement(at, each);
        }
        break;
      case 'Extrinsic':
        at.basket.extrinsics.push(readExtrinsic(below(at, each)));
        break;
      default:
        keepElement(at, each);
    }
  }
  const type = attribute(element, 'type');
  const understood = type === undefined || /^(new|update|delete)$/i.test(type.trim());
  keepOtherAttributes(at, understood ? HEADER_ATTRIBUTES : HEADER_ATTRIBUTES_WITHOUT_TYPE);
  return {
    orderVersion: attribute(element, 'orderVersion'),
    type,
    orderType: attribute(element, 'orderType') || 'regular',
    orderDate: attribute(element, 'orderDate'),
    requestedDeliveryDate: attribute(element, 'requestedDeliveryDate'),
    requisitionId: attribute(element, 'requisitionID'),
    agreementId: attribute(element, 'agreementID'),
    total,
    shipTo,
    billTo,
    contacts,
    shipping,
    tax,
    payment,
    paymentTerms,
    comments,
    confirmation,
    documentReference: attribute(reference, 'payloadID'),
  };
}

const PAYLOAD_ID = ['payloadID'];

/** Reads one ItemOut. */
import { attribute } from './element.ts';
import { decimals, divide, multiply, readInteger, shorten } from './money.ts';
import type { Accounting, Address, Charge, Comment, Confirmation, Line, Money } from './order.ts';
import { readDistribution } from './read-accounting.ts';
import { readAddressWithin } from './read-address.ts';
import { readComment, readExtrinsic } from './read-extrinsic.ts';
import { type ItemDetail, type ItemIds, readItemDetail, readItemId } from './read-item.ts';
import { readCharge, readConfirmation } from './read-terms.ts';
import { below, elementsOf, first, keepElement, keepOtherAttributes, pathOf, type Spot } from './spot.ts';

const LINE_ATTRIBUTES = ['quantity', 'lineNumber', 'requestedDeliveryDate', 'confirmationDueDate'];

/** @param position from 1, in order of appearance: the one thing that always tells two lines apart */
export function readLine(at: Spot, position: number): Line {
  const { element, basket } = at;
  const comments: Comment[] = [];
  const accounting: Accounting[] = [];
  let ids: ItemIds | undefined;
  let detail: ItemDetail | undefined;
  let shipTo: Address | undefined;
  let shipping: Charge | undefined;
  let tax: Charge | undefined;
  let confirmation: Confirmation | undefined;
  const takeComment = (comment: Spot): void => {
    const read = readComment(comment);
    if (read !== undefined) comments.push(read);
  };
  const readDetail = (spot: Spot): ItemDetail => readItemDetail(spot, takeComment);
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'ItemID':
        ids = first(ids, readItemId, at, each);
        break;
      case 'ItemDetail':
      case 'BlanketItemDetail':
        detail = first(detail, readDetail, at, each);
        break;
      case 'ShipTo':
        if (shipTo === undefined) shipTo = readAddressWithin(below(at, each));
        else keepElement(at, each);
        break;
      case 'Shipping':
        shipping = first(shipping, readCharge, at, each);
        break;
      case 'Tax':
        tax = first(tax, readCharge, at, each);
        break;
      case 'Distribution':
        accounting.push(readDistribution(below(at, each)));
        break;
      case 'Comments':
        takeComment(below(at, each));
        break;
      case 'ControlKeys':
        if (confirmation === undefined) confirmation = readConfirmation(below(at, each), 'line');
        else keepElement(at, each);
        break;
      case 'Extrinsic':
        basket.extrinsics.push(readExtrinsic(below(at, each)));
        break;
      default:
        keepElement(at, each);
    }
  }
  keepOtherAttributes(at, LINE_ATTRIBUTES);
  const quantity = attribute(element, 'quantity')?.trim() || null;
  const lineNumber = readInteger(attribute(element, 'lineNumber'));
  return {
    lineNumber: lineNumber.integer,
    lineNumberText: lineNumber.text,
    position,
    quantity,
    unitOfMeasure: detail?.unitOfMeasure,
    supplierPartId: ids?.supplierPartId,
    supplierPartAuxiliaryId: ids?.supplierPartAuxiliaryId ?? null,
    buyerPartId: ids?.buyerPartId,
    manufacturerPartId: detail?.manufacturerPartId,
    manufacturerName: detail?.manufacturerName,
    description: detail?.description,
    descriptionLang: detail?.descriptionLang,
    url: detail?.url,
    unitPrice: detail?.unitPrice,
    priceBasis: detail?.priceBasis,
    lineTotal: lineTotal(quantity, detail),
    requestedDeliveryDate: attribute(element, 'requestedDeliveryDate'),
    confirmationDueDate: attribute(element, 'confirmationDueDate'),
    confirmation,
    classifications: detail?.classifications ?? [],
    accounting,
    shipTo,
    shipping,
    tax,
    comments,
    attachmentReferences: basket.attachments,
    extrinsics: basket.extrinsics,
    unmapped: basket.unmapped,
    place: { line: element.line, column: element.column, path: pathOf(at) },
  };
}

/**
 * Quantity × unit price, for a price basis × its conversion factor ÷ its quantity (guide, "PriceBasisQuantity"). Not
 * rounded: as many decimals as the price has, more only where they are not zero.
 */
function lineTotal(quantity: string | null, detail: ItemDetail | undefined): Money | undefined {
  const price = detail?.unitPrice;
  if (quantity === null || price === undefined || price.amount === null) return undefined;
  const basis = detail?.priceBasis;
  let total = multiply(quantity, price.amount);
  if (total !== null && basis?.conversionFactor !== undefined)
    total = multiply(total, basis.conversionFactor.trim());
  if (total !== null && basis?.quantity !== undefined) total = divide(total, basis.quantity.trim());
  if (total === null) return undefined;
  return { amount: shorten(total, decimals(price.amount)), currency: price.currency, derived: true };
}

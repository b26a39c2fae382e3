/** Reads which thing is ordered: ItemID and ItemDetail, or BlanketItemDetail. */
import { attribute, text } from './element.ts';
import { readMoneyWithin } from './money.ts';
import type { Classification, Line, Money } from './order.ts';
import { readExtrinsic } from './read-extrinsic.ts';
import { below, elementsOf, first, keepElement, keepOtherAttributes, readText, type Spot } from './spot.ts';

export interface ItemIds {
  readonly supplierPartId?: string;
  readonly supplierPartAuxiliaryId?: string;
  readonly buyerPartId?: string;
}

export function readItemId(at: Spot): ItemIds {
  let supplierPartId: string | undefined;
  let supplierPartAuxiliaryId: string | undefined;
  let buyerPartId: string | undefined;
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'SupplierPartID':
        supplierPartId = first(supplierPartId, readText, at, each);
        break;
      case 'SupplierPartAuxiliaryID':
        supplierPartAuxiliaryId = first(supplierPartAuxiliaryId, readText, at, each);
        break;
      case 'BuyerPartID':
        buyerPartId = first(buyerPartId, readText, at, each);
        break;
      default:
        keepElement(at, each);
    }
  }
  keepOtherAttributes(at);
  return { supplierPartId, supplierPartAuxiliaryId, buyerPartId };
}

export interface ItemDetail
  extends Pick<
    Line,
    | 'unitOfMeasure'
    | 'manufacturerPartId'
    | 'manufacturerName'
    | 'description'
    | 'descriptionLang'
    | 'url'
    | 'priceBasis'
    | 'classifications'
  > {
  readonly unitPrice?: Money;
}

/** Observed: an order has Comments in here, where no DTD has them; they are taken as the line's. */
export function readItemDetail(at: Spot, takeComment: (at: Spot) => void): ItemDetail {
  const classifications: Classification[] = [];
  let unitPrice: Money | undefined;
  let unitOfMeasure: string | undefined;
  let description: string | undefined;
  let descriptionLang: string | undefined;
  let priceBasis: Line['priceBasis'];
  let manufacturerPartId: string | undefined;
  let manufacturerName: string | undefined;
  let url: string | undefined;
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'UnitPrice':
        if (unitPrice === undefined) unitPrice = readMoneyWithin(below(at, each));
        else keepElement(at, each);
        break;
      case 'Description':
        if (description === undefined) descriptionLang = attribute(each, 'xml:lang');
        description = first(description, readText, at, each);
        break;
      case 'UnitOfMeasure':
        unitOfMeasure = first(unitOfMeasure, readText, at, each);
        break;
      case 'PriceBasisQuantity':
        priceBasis = first(priceBasis, readPriceBasis, at, each);
        break;
      case 'Classification':
        classifications.push(readClassification(below(at, each)));
        break;
      case 'ManufacturerPartID':
        manufacturerPartId = first(manufacturerPartId, readText, at, each);
        break;
      case 'ManufacturerName':
        manufacturerName = first(manufacturerName, readText, at, each);
        break;
      case 'URL':
        url = first(url, readText, at, each);
        break;
      case 'Comments':
        takeComment(below(at, each));
        break;
      case 'Extrinsic':
        at.basket.extrinsics.push(readExtrinsic(below(at, each)));
        break;
      default:
        keepElement(at, each);
    }
  }
  keepOtherAttributes(at);
  return {
    unitPrice,
    unitOfMeasure,
    description,
    descriptionLang,
    priceBasis,
    manufacturerPartId,
    manufacturerName,
    url,
    classifications,
  };
}

const BASIS_ATTRIBUTES = ['quantity', 'conversionFactor'];

function readPriceBasis(at: Spot): NonNullable<Line['priceBasis']> {
  let unitOfMeasure: string | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'UnitOfMeasure') unitOfMeasure = first(unitOfMeasure, readText, at, each);
    else keepElement(at, each);
  }
  keepOtherAttributes(at, BASIS_ATTRIBUTES);
  return {
    quantity: attribute(at.element, 'quantity'),
    conversionFactor: attribute(at.element, 'conversionFactor'),
    unitOfMeasure,
  };
}

const CLASSIFICATION_ATTRIBUTES = ['domain', 'code'];

/** The code is the text; newer senders repeat it as an attribute, some give only that. */
function readClassification(at: Spot): Classification {
  const { element } = at;
  const repeated = attribute(element, 'code');
  const words = text(element) ?? '';
  const code = words === '' ? (repeated ?? '') : words;
  readText(at, repeated === code ? CLASSIFICATION_ATTRIBUTES : DOMAIN);
  return { domain: attribute(element, 'domain'), code };
}

const DOMAIN = ['domain'];

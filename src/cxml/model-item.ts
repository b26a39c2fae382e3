/** Which thing is ordered: ItemID and ItemDetail, or BlanketItemDetail. */
import { ID_REFERENCE, MONEY, TEXT_IN_LANGUAGE } from './model-basics.ts';
import { MODIFICATION } from './model-charges.ts';
import { table } from './read-table.ts';
import { always, date, decimal, flag, part, parts, rest, text, within } from './table.ts';

const empty = (): string => '';

export const ITEM_ID = within('ItemID', {
  supplierPartId: text('SupplierPartID', "The supplier's number of the thing."),
  supplierPartRevision: text('SupplierPartID/@revisionID', 'Revision of it.'),
  supplierPartAuxiliaryId: always<string | null>(
    text(
      'SupplierPartAuxiliaryID',
      "More of the supplier's number, as its shop gave it; null when none was sent.",
    ),
    () => null,
  ),
  buyerPartId: text('BuyerPartID', "The buyer's number of the thing."),
  itemReferences: parts(ID_REFERENCE, 'IdReference', 'Other numbers of the thing.'),
});

const CLASSIFICATION = table(
  'Classification',
  'What kind of thing it is, in one of many systems.',
  {
    domain: text('@domain', 'The system: `UNSPSC`, …'),
    code: always(text('text()', 'The kind; senders write words like `unknown` here too.'), empty),
    otherCode: text('@code', 'A code beside the text, where it says something else.'),
  },
  (draft) => {
    if (draft.code === '') draft.code = draft.otherCode ?? '';
    if (draft.otherCode === draft.code) draft.otherCode = undefined;
    return true;
  },
);

export const PRICE_BASIS = table('PriceBasis', 'The price is for this many of that unit.', {
  quantity: decimal('@quantity', 'How many.'),
  conversionFactor: decimal('@conversionFactor', 'How many of that unit make one of the unit ordered in.'),
  unitOfMeasure: text('UnitOfMeasure', 'The unit.'),
  description: text('Description', 'The same in words.'),
});

export const DIMENSION = table('Dimension', 'One measure of the thing or its package.', {
  type: text('@type', 'What is measured: `length`, `width`, `height`, `weight`, `volume`, …'),
  quantity: decimal('@quantity', 'How much.'),
  unitOfMeasure: text('UnitOfMeasure', 'Of what.'),
});

const STORED_FILE = table('StoredAttachment', 'A file about the thing that a network keeps.', {
  name: text('Name', 'Name of the file.'),
  description: text('Description', 'What it is.'),
  internalId: text('InternalID', "The network's number of it."),
  internalIdDomain: text('InternalID/@domain', 'Whose number that is.'),
  url: text('URL', 'Where it can be had.'),
  length: decimal('@length', 'Its size in bytes.'),
  version: text('@version', 'Its version.'),
});

export const CHARACTERISTIC = table('Characteristic', 'One property of the thing.', {
  domain: text('@domain', 'What property it is.'),
  value: text('@value', 'Its value.'),
  code: text('@code', 'Unit or code of the value.'),
});

const CONDITION_VALUE = table('ConditionValue', 'An amount or a percentage.', {
  amount: part(MONEY, 'Money', 'As an amount.'),
  percent: decimal('Percentage/@percent', 'In percent.'),
});

const SCALE = table('PriceScale', 'What applies to a range of quantities.', {
  from: decimal('@from', 'The least quantity.'),
  to: decimal('@to', 'The greatest quantity.'),
  values: parts(CONDITION_VALUE, 'CostTermValue', 'What applies.'),
});

const CONDITION = table('PriceCondition', 'One part of a price.', {
  name: text('@name', 'What it is: `price`, `discount`, …'),
  amount: part(MONEY, 'CostTermValue/Money', 'As an amount.'),
  percent: decimal('CostTermValue/Percentage/@percent', 'In percent.'),
  scaleType: text('Scales/@scaleType', 'How the scales are meant: `From`, `To`, `Graduated`.'),
  scaleBasis: text('Scales/@scaleBasis', 'What the scales go by: `quantity`.'),
  scales: parts(SCALE, 'Scales/Scale', 'Prices by quantity.'),
});

const PRICE_PERIOD = table('PricePeriod', 'What a price is made of in a time.', {
  from: date('@from', 'The first day.'),
  to: date('@to', 'The last day.'),
  conditions: parts(CONDITION, 'ConditionTypes/ConditionType', 'The parts of the price.'),
});

/** Either element; a blanket order has the second. */
export const DETAIL = 'ItemDetail|BlanketItemDetail';

export const ITEM_DETAIL = within(DETAIL, {
  unitOfMeasure: text('UnitOfMeasure', 'Unit of the quantity, as a rule a UN/CEFACT code.'),
  manufacturerPartId: text('ManufacturerPartID', "The manufacturer's number of the thing."),
  manufacturerName: text('ManufacturerName', 'The manufacturer.'),
  description: text('Description', 'What is ordered, in words.'),
  descriptionLang: text('Description/@xml:lang', 'Language of the description.'),
  descriptionType: text('Description/@type', 'What kind of description it is.'),
  shortName: text('Description/ShortName', 'The description, shorter.'),
  moreDescriptions: rest(
    TEXT_IN_LANGUAGE,
    'Description',
    'Further descriptions, as a rule in other languages.',
  ),
  url: text('URL', 'Where to read more.'),
  urlName: text('URL/@name', 'What is to be read there.'),
  unitPrice: part(MONEY, 'UnitPrice/Money', 'Price of one unit, or of one price basis.'),
  modifications: parts(
    MODIFICATION,
    'UnitPrice/Modifications/Modification',
    'Surcharges and discounts on the price.',
  ),
  priceConditions: parts(
    PRICE_PERIOD,
    'UnitPrice/PricingConditions/ValidityPeriods/ValidityPeriod',
    'What the price is made of, and when.',
  ),
  priceBasis: part(PRICE_BASIS, 'PriceBasisQuantity', 'What the price is for, when it is not one unit.'),
  overallLimit: part(MONEY, 'OverallLimit/Money', 'The most that may be spent on the line.'),
  expectedLimit: part(MONEY, 'ExpectedLimit/Money', 'What is expected to be spent on the line.'),
  minAmount: part(MONEY, 'MinAmount/Money', 'The least that will be ordered under the blanket order.'),
  maxAmount: part(MONEY, 'MaxAmount/Money', 'The most that may be ordered under the blanket order.'),
  maxContractAmount: part(MONEY, 'MaxContractAmount/Money', 'The most of it that may go by contracts.'),
  maxAdhocAmount: part(MONEY, 'MaxAdhocAmount/Money', 'The most of it that may go without a contract.'),
  minQuantity: decimal('MinQuantity', 'The least quantity under the blanket order.'),
  maxQuantity: decimal('MaxQuantity', 'The greatest quantity under the blanket order.'),
  leadTime: text('LeadTime', 'Days the supplier needs.'),
  plannedAcceptanceDays: text('PlannedAcceptanceDays', 'Days the buyer needs to accept what arrived.'),
  dimensions: parts(DIMENSION, 'Dimension', 'Measures of the thing.'),
  isConfigurableMaterial: flag(
    'ItemDetailIndustry/@isConfigurableMaterial',
    'The thing is configured for the order.',
  ),
  eanId: text('ItemDetailIndustry/ItemDetailRetail/EANID', 'EAN of the thing.'),
  europeanWasteCatalogId: text(
    'ItemDetailIndustry/ItemDetailRetail/EuropeanWasteCatalogID',
    'Its number in the European waste catalogue.',
  ),
  characteristics: parts(
    CHARACTERISTIC,
    'ItemDetailIndustry/ItemDetailRetail/Characteristic',
    'Colour, size and the like.',
  ),
  storedAttachments: parts(STORED_FILE, 'AttachmentReference', 'Files about the thing that a network keeps.'),
  classifications: always(parts(CLASSIFICATION, 'Classification', 'What kind of thing it is.'), () => []),
});

/** One ItemOut. */
import { placeOf } from './element.ts';
import { ADDRESSED_PARTY, CONTACT, TERMS_OF_DELIVERY } from './model-address.ts';
import { ATTACHMENT, comments, extrinsics, MONEY, UNMAPPED } from './model-basics.ts';
import { DISTRIBUTION, SHIPPING, TAX } from './model-charges.ts';
import { LINE_INDUSTRY } from './model-industry.ts';
import { DETAIL, ITEM_DETAIL, ITEM_ID, type PRICE_BASIS } from './model-item.ts';
import { SPEND } from './model-spend.ts';
import { DOMAIN_VALUE, ROUTE_NODE, SUPPLIER } from './model-suppliers.ts';
import { BATCH, PACKAGING, RELEASE, SCHEDULE_LINE } from './model-supply.ts';
import { CONTROL_KEYS, MASTER_AGREEMENT, numbered, TOLERANCES } from './model-terms.ts';
import { decimals, divide, multiply, readInteger, shorten } from './money.ts';
import { table } from './read-table.ts';
import { pathOf } from './spot.ts';
import { always, amount, date, filled, flag, type Infer, made, part, parts, text } from './table.ts';

const none = (): readonly never[] => [];
const LINE_NUMBER = numbered('@lineNumber', 'Number of the line;');

const INDICATOR = table('Indicator', 'Something the buyer warns about.', {
  text: always(text('text()', 'The words.'), String),
  type: text('@type', 'What kind of thing it is.'),
  level: text('@level', '`warning` or `error`.'),
});

const PLACE = table('Place', 'Where something stands in the document as it was sent.', {
  line: made<number>('Line, from 1.', { type: 'integer' }),
  column: made<number>('Column, from 1, in characters.', { type: 'integer' }),
  path: made<string>('Local names from the root, numbered among namesakes.', { type: 'string' }),
  offset: made<number>('Bytes from the start.', { type: 'integer' }),
});

export const LINE = table(
  'Line',
  'One line of the order.',
  {
    lineNumber: LINE_NUMBER.number,
    lineNumberText: LINE_NUMBER.text,
    position: filled(
      made<number>('From 1, in order of appearance: it always tells two lines apart.', { type: 'integer' }),
    ),
    quantity: always(amount('@quantity', 'How much is ordered; null when nothing is said.'), () => null),
    itemType: text(
      '@itemType',
      '`composite` has parts, `item` is one; `lean` is a service without a specification.',
    ),
    compositeItemType: text('@compositeItemType', 'Whether prices are `groupLevel` or `itemLevel`.'),
    parentLineNumber: text('@parentLineNumber', 'lineNumber of the composite line it is a part of, as sent.'),
    itemClassification: text('@itemClassification', '`material` or `service`.'),
    itemCategory: text('@itemCategory', '`consignment`, `subcontract`, `thirdParty`, `limit`, …'),
    operation: text('@operation', '`delete` or `block`: the line is withdrawn or held.'),
    ...ITEM_ID,
    ...ITEM_DETAIL,
    lineTotal: part(
      MONEY,
      [],
      'Quantity × unit price (÷ price basis), exact; absent when one of them is no decimal.',
    ),
    requestedDeliveryDate: date('@requestedDeliveryDate', 'When the goods are wanted.'),
    requestedShipmentDate: date('@requestedShipmentDate', 'When the goods should leave.'),
    confirmationDueDate: date('@confirmationDueDate', 'Until when a confirmation is wanted.'),
    ...CONTROL_KEYS,
    requisitionId: text('@requisitionID', "The buyer's requisition."),
    agreementItemNumber: text('@agreementItemNumber', 'Line of the agreement.'),
    masterAgreement: part(
      MASTER_AGREEMENT,
      'MasterAgreementReference|MasterAgreementIDInfo',
      'The agreement it is ordered under.',
    ),
    accounting: always(parts(DISTRIBUTION, 'Distribution', 'Who is charged for it.'), none),
    shipTo: part(ADDRESSED_PARTY, 'ShipTo', 'Where it goes, if not where the order goes.'),
    shipping: part(SHIPPING, 'Shipping', 'What transport costs.'),
    tax: part(TAX, 'Tax', 'Tax on it.'),
    termsOfDelivery: part(TERMS_OF_DELIVERY, 'TermsOfDelivery', 'Who pays and bears the risk of transport.'),
    tolerances: part(TOLERANCES, 'Tolerances', 'How far a delivery may differ.'),
    scheduleLines: parts(SCHEDULE_LINE, 'ScheduleLine', 'When which part of it is wanted.'),
    release: part(RELEASE, 'ReleaseInfo', 'How far a scheduling agreement has been used.'),
    packaging: parts(PACKAGING, 'Packaging', 'How it is or must be packed.'),
    batch: part(BATCH, 'Batch', 'The batch it is from.'),
    spend: part(SPEND, 'SpendDetail', 'Fee, labour or travel.'),
    industry: part(LINE_INDUSTRY, 'ItemOutIndustry', 'What single industries add.'),
    supplier: part(DOMAIN_VALUE, 'SupplierID', 'Who is to supply it.'),
    suppliers: parts(SUPPLIER, 'SupplierList/Supplier', 'Who could supply it.'),
    route: parts(ROUTE_NODE, 'Path/Node', 'Systems that it goes through.'),
    contacts: parts(CONTACT, 'Contact', 'Whom to ask about it.'),
    indicators: parts(INDICATOR, 'Indicator', 'What the buyer warns about.'),
    isAdHoc: flag('@isAdHoc', 'It is from no catalogue.'),
    isReturn: flag('@isReturn', 'Goods go back to the supplier.'),
    returnAuthorizationNumber: text('@returnAuthorizationNumber', "The supplier's leave to send them back."),
    isItemChanged: flag('@isItemChanged', 'The line differs from the version before.'),
    isDeliveryCompleted: flag('@isDeliveryCompleted', 'Nothing more is expected.'),
    unlimitedDelivery: flag('@unlimitedDelivery', 'More than ordered may come.'),
    isKanban: flag('@isKanban', 'It is ordered by kanban.'),
    requiresServiceEntry: flag('@requiresServiceEntry', 'A service entry sheet is wanted.'),
    subcontractingType: text('@subcontractingType', 'Kind of subcontracting.'),
    stockTransferType: text('@stockTransferType', '`intra` or `inter`: within one company or between two.'),
    stoDelivery: text('@stoDelivery', 'Stock transfer: `full` or `partial` delivery.'),
    stoOrderCombination: flag('@stoOrderCombination', 'Stock transfer: orders may be delivered together.'),
    stoFinalDelivery: flag('@stoFinalDelivery', 'Stock transfer: this delivery is the last.'),
    // Observed: an order has Comments in its ItemDetail, where no DTD has them; they are taken as the line's.
    comments: always(comments(['Comments', `${DETAIL}/Comments`]), none),
    attachmentReferences: filled(parts(ATTACHMENT, [], 'Files that comments of the line point to.')),
    extrinsics: always(extrinsics(['Extrinsic', `${DETAIL}/Extrinsic`]), none),
    unmapped: filled(parts(UNMAPPED, [], 'What of the line the model does not name, in order.')),
    place: filled(part(PLACE, [], 'Where the ItemOut starts in the document as sent.')),
  },
  (draft, at) => {
    const { basket, element } = at;
    const number = readInteger(draft.lineNumberText);
    draft.lineNumber = number.integer;
    draft.lineNumberText = number.text;
    draft.position = basket.position;
    draft.lineTotal = lineTotal(draft);
    draft.attachmentReferences = basket.attachments;
    draft.unmapped = basket.unmapped;
    draft.place = placeOf(element, pathOf(at));
    return true;
  },
);

interface Priced {
  readonly quantity: string | null;
  readonly unitPrice?: Infer<typeof MONEY.fields>;
  readonly priceBasis?: Infer<typeof PRICE_BASIS.fields>;
}

/**
 * Quantity × unit price, for a price basis × its conversion factor ÷ its quantity (guide, "PriceBasisQuantity"). Not
 * rounded: as many decimals as the price has, more only where they are not zero.
 */
function lineTotal({ quantity, unitPrice: price, priceBasis: basis }: Priced) {
  if (quantity === null || price === undefined || price.amount === null) return undefined;
  let total = multiply(quantity, price.amount);
  if (total !== null && basis?.conversionFactor !== undefined)
    total = multiply(total, basis.conversionFactor);
  if (total !== null && basis?.quantity !== undefined) total = divide(total, basis.quantity);
  if (total === null) return undefined;
  return { amount: shorten(total, decimals(price.amount)), currency: price.currency, derived: true as const };
}

/** The order as a whole: its header, its parties, its lines. */
import { childElements, type Element } from './element.ts';
import { ADDRESSED_PARTY, BUSINESS_PARTNER, CONTACT, TERMS_OF_DELIVERY } from './model-address.ts';
import { ATTACHMENT, comments, extrinsics, ID_REFERENCE, MONEY, PERIOD, UNMAPPED } from './model-basics.ts';
import { MODIFICATION, SHIPPING, TAX } from './model-charges.ts';
import { ORDER_INDUSTRY } from './model-industry.ts';
import { LINE } from './model-line.ts';
import { CONTROL_KEYS, PAYMENT, PAYMENT_TERM } from './model-terms.ts';
import { type Environment, type Operation, SCHEMA_VERSION } from './order.ts';
import { table } from './read-table.ts';
import {
  always,
  converted,
  date,
  filled,
  flag,
  type Infer,
  made,
  part,
  parts,
  type Readable,
  text,
} from './table.ts';

const TEXT = { type: 'string' };
const none = (): readonly never[] => [];

interface Identified {
  readonly domain: string;
  readonly value: string;
}

const IDENTIFIER: Readable<Identified> = {
  name: 'Identifier',
  says: 'A number of a party.',
  fields: {
    domain: filled(made('Whose number it is, as sent; compare case-blind.', TEXT, ['@domain'])),
    value: filled(made('The number; compare exactly.', TEXT, ['Identity'])),
  },
  /** An Identity may hold anything (content model ANY): the text of all that is inside. */
  read({ element }) {
    const identity = childElements(element).find(({ name }) => name === 'Identity');
    if (identity === undefined) return undefined;
    const domain = element.attributes.find(({ name }) => name === 'domain')?.value ?? '';
    return { domain, value: allText(identity).trim() };
  },
};

function allText(element: Element): string {
  return element.children.map((each) => (typeof each === 'string' ? each : allText(each))).join('');
}

export const PARTY = table('Party', 'Buyer or supplier, as the envelope says.', {
  name: converted<string>('Correspondent/Contact/Name', 'Name, where the document tells it.', {
    schema: TEXT,
    convert: (sent) => sent || undefined,
    dropped: true,
  }),
  identifiers: always(
    parts(IDENTIFIER, 'Credential', 'Its numbers; several are aliases of one party.'),
    none,
  ),
});

const nobody = (): Infer<typeof PARTY.fields> => ({ identifiers: [] });

/** Read at the OrderRequestHeader; `read-order.ts` fills in what stands around it. */
export const ORDER = table('Order', 'A purchase order.', {
  schemaVersion: always(
    made<typeof SCHEMA_VERSION>('Version of this schema.', { const: SCHEMA_VERSION }),
    () => SCHEMA_VERSION,
  ),
  purchaseOrderNumber: always(text('@orderID', 'The number of the order, exactly.'), String),
  revision: always(
    made<number | null>(
      "orderVersion as a number, else the receiver's own count; null when there is neither.",
      {
        type: ['integer', 'null'],
      },
    ),
    () => null,
  ),
  revisionSource: always(
    made<'cxml' | 'receiver' | null>('Who counted the revision.', { enum: ['cxml', 'receiver', null] }),
    () => null,
  ),
  orderVersion: text('@orderVersion', 'Version of the order as sent.'),
  operation: always<Operation>(
    converted<Operation>('@type', 'What to do: a new order, a change of one, or its end.', {
      schema: { enum: ['new', 'update', 'cancel'] },
      convert: operationOf,
    }),
    () => 'new',
  ),
  environment: always<Environment>(
    made<Environment>('What the order is meant for.', { enum: ['production', 'test'] }, [
      '/cXML/Request/@deploymentMode',
    ]),
    () => 'production',
  ),
  environmentText: made<string>('deploymentMode as sent, when it is neither of the two words.', TEXT, [
    '/cXML/Request/@deploymentMode',
  ]),
  currency: made<string>('Currency of the total.', TEXT, ['Total/Money/@currency']),
  buyer: always(part(PARTY, '/cXML/Header/From', 'Who buys.'), nobody),
  supplier: always(part(PARTY, '/cXML/Header/To', 'Who is to deliver.'), nobody),
  orderType: always(
    converted<string>(
      '@orderType',
      '`regular`, `release`, `blanket`, `stockTransport`, `stockTransportRelease`.',
      {
        schema: TEXT,
        convert: (sent) => sent || 'regular',
      },
    ),
    () => 'regular',
  ),
  orderDate: date('@orderDate', 'When the order was made.'),
  requestedDeliveryDate: date('@requestedDeliveryDate', 'When the goods are wanted.'),
  pickUpDate: date('@pickUpDate', 'When the goods are picked up.'),
  effectiveDate: date('@effectiveDate', 'From when a blanket order is in force.'),
  expirationDate: date('@expirationDate', 'Until when a blanket order is in force.'),
  requisitionId: text('@requisitionID', "The buyer's requisition."),
  agreementId: text('@agreementID', 'The agreement or blanket order that this one is a release of.'),
  agreementPayloadId: text('@agreementPayloadID', 'payloadID of the message that brought that agreement.'),
  parentAgreementId: text('@parentAgreementID', 'The agreement above that agreement.'),
  parentAgreementPayloadId: text('@parentAgreementPayloadID', 'payloadID of the message that brought it.'),
  releaseRequired: flag('@releaseRequired', 'The blanket order is used by releases only.'),
  isInternalVersion: flag('@isInternalVersion', 'This version changes nothing for the supplier.'),
  shipComplete: flag('@shipComplete', 'The buyer wants all of it at once.'),
  isStockTransportOutbound: flag('@isSTOOutbound', 'A stock transport order that leaves the plant.'),
  total: part(
    MONEY,
    'Total/Money',
    'All lines without tax and shipping; of a blanket order the most that may be spent.',
  ),
  modifications: parts(
    MODIFICATION,
    'Total/Modifications/Modification',
    'Surcharges and discounts on the total.',
  ),
  shipTo: part(ADDRESSED_PARTY, 'ShipTo', 'Where the goods go.'),
  billTo: part(ADDRESSED_PARTY, 'BillTo', 'Where the bill goes.'),
  businessPartners: parts(
    BUSINESS_PARTNER,
    'BusinessPartner',
    'Other parties that have a part in the order.',
  ),
  legalEntity: part(ID_REFERENCE, 'LegalEntity/IdReference', 'The legal entity that buys.'),
  organizationalUnits: parts(
    ID_REFERENCE,
    'OrganizationalUnit*/IdReference',
    'Units of the buyer that the order is for.',
  ),
  contacts: always(parts(CONTACT, 'Contact', 'Whom to ask about the order.'), none),
  shipping: part(SHIPPING, 'Shipping', 'What transport costs.'),
  tax: part(TAX, 'Tax', 'Tax on the order.'),
  payment: part(PAYMENT, 'Payment', 'How it is paid.'),
  paymentTerms: always(parts(PAYMENT_TERM, 'PaymentTerm', 'When to pay.'), none),
  termsOfDelivery: part(TERMS_OF_DELIVERY, 'TermsOfDelivery', 'Who pays and bears the risk of transport.'),
  deliveryPeriod: part(PERIOD, 'DeliveryPeriod/Period', 'In what time to deliver.'),
  ...CONTROL_KEYS,
  documentReference: text(
    'DocumentReference/@payloadID',
    'payloadID of the message that an update or cancel is about.',
  ),
  supplierOrderId: text('SupplierOrderInfo/@orderID', "The supplier's own number of the order."),
  supplierOrderDate: date('SupplierOrderInfo/@orderDate', 'Its date.'),
  followUpUrl: text('Followup/URL', 'Where to send what follows.'),
  references: parts(ID_REFERENCE, 'IdReference', "The buyer's other numbers of the order."),
  industry: part(ORDER_INDUSTRY, 'OrderRequestHeaderIndustry', 'What single industries add.'),
  comments: always(comments(), none),
  lines: always(
    parts(LINE, '/cXML/Request/OrderRequest/ItemOut', 'The lines, in order of appearance.'),
    none,
  ),
  attachmentReferences: filled(parts(ATTACHMENT, [], 'Files that comments of the header point to.')),
  extrinsics: always(extrinsics(), none),
  unmapped: filled(parts(UNMAPPED, [], 'What outside the lines the model does not name, in order.')),
});

/** What the DTD does not list counts as new; a finding says so, and the word stays in `unmapped`. */
function operationOf(type: string): Operation | undefined {
  const word = type.trim().toLowerCase();
  if (word === 'delete') return 'cancel';
  return word === 'new' || word === 'update' ? word : undefined;
}

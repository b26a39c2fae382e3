/**
 * Writes an OrderRequest as Coupa sends it: DTD 1.2.014 over http, `Coupa Procurement 1.0`, shipping of `0.0` with an
 * empty description, `LineType` on every line, UNSPSC `unknown`, blank custom fields as empty Extrinsics, accounting
 * in the buyer's own segments. For the simulator, the demo and the tests; nothing here is on the path of an answer.
 */
import { create } from 'xmlbuilder2';
import { cleanAttribute, cleanText } from './clean-text.ts';

export interface SampleCredential {
  readonly domain: string;
  readonly identity: string;
}

export interface SampleAddress {
  readonly addressId: string;
  readonly name: string;
  readonly deliverTo: readonly string[];
  readonly street: readonly string[];
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly country: { readonly code: string; readonly name: string };
  readonly email: string;
}

export interface SampleLine {
  readonly lineNumber: number;
  readonly quantity: string;
  readonly partId: string;
  readonly partAuxiliaryId?: string;
  readonly description: string;
  readonly unitOfMeasure: string;
  readonly unitPrice: string;
  /** Quantity × unit price, what the line charges to its account. */
  readonly charge: string;
  readonly manufacturer?: { readonly partId: string; readonly name: string };
  readonly requestedDeliveryDate?: string;
  readonly account: { readonly name: string; readonly segments: readonly SampleSegment[] };
  readonly comment?: string;
  /** `cid:…` or any other URL. */
  readonly attachments?: readonly string[];
  readonly confirmation?: Confirmation;
  readonly confirmationDueDate?: string;
}

/** Of `OCInstruction`: does the buyer want the order confirmed? In the header it is for all or nothing. */
export type Confirmation = 'allowed' | 'notAllowed';

export interface SampleSegment {
  readonly type: string;
  readonly id: string;
  readonly description: string;
}

export interface OrderSample {
  readonly payloadId: string;
  readonly timestamp: string;
  /** As cXML spells it. */
  readonly type: 'new' | 'update' | 'delete';
  readonly orderId: string;
  readonly orderDate: string;
  readonly from: SampleCredential;
  readonly to: SampleCredential;
  readonly sender: SampleCredential;
  /** Left out when none was agreed, as Coupa does. */
  readonly secret?: string;
  /** Coupa leaves it out as a rule; the DTD's default is production. */
  readonly deploymentMode?: 'production' | 'test';
  readonly orderVersion?: string;
  /** payloadID of the order that an update or delete is about. */
  readonly documentReference?: string;
  readonly currency: string;
  readonly total: string;
  readonly shipTo: SampleAddress;
  readonly billTo: SampleAddress;
  readonly contact: { readonly name: string; readonly email: string };
  readonly payInDays: number;
  readonly comment?: string;
  /** `cid:…` or any other URL. */
  readonly attachments?: readonly string[];
  readonly confirmation?: Confirmation;
  /** Makes it a blanket order: every line says what may be spent on it. Newer than DTD 1.2.014. */
  readonly blanket?: { readonly effectiveDate: string; readonly expirationDate: string };
  /** orderID of the blanket order; makes it a release. */
  readonly agreementId?: string;
  /** Default 1.2.014. Coupa names 1.2.056 once a supplier is to confirm orders. */
  readonly dtdVersion?: string;
  readonly lines: readonly SampleLine[];
}

type Builder = ReturnType<typeof create>;
type Attributes = Readonly<Record<string, string | undefined>>;

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

export function writeOrder(sample: OrderSample): string {
  const document = create({ version: '1.0', encoding: 'UTF-8' });
  const root = document.ele('cXML').att(XML_NAMESPACE, 'xml:lang', 'en-US');
  setAttributes(root, { payloadID: sample.payloadId, timestamp: sample.timestamp });
  addHeader(root, sample);
  const order = add(root, 'Request', { deploymentMode: sample.deploymentMode }).ele('OrderRequest');
  addOrderHeader(order, sample);
  for (const line of sample.lines) addLine(order, line, sample);
  const { dtdVersion = '1.2.014' } = sample;
  document.dtd({ name: 'cXML', sysID: `http://xml.cxml.org/schemas/cXML/${dtdVersion}/cXML.dtd` });
  return `${document.end({ prettyPrint: true })}\n`;
}

function addHeader(root: Builder, { from, to, sender, secret }: OrderSample): void {
  const header = root.ele('Header');
  addCredential(header.ele('From'), from);
  addCredential(header.ele('To'), to);
  const party = header.ele('Sender');
  addCredential(party, sender, secret);
  add(party, 'UserAgent', {}, 'Coupa Procurement 1.0');
}

function addCredential(party: Builder, { domain, identity }: SampleCredential, secret?: string): void {
  const credential = add(party, 'Credential', { domain });
  add(credential, 'Identity', {}, identity);
  if (secret !== undefined) add(credential, 'SharedSecret', {}, secret);
}

function addOrderHeader(order: Builder, sample: OrderSample): void {
  const { currency } = sample;
  const header = add(order, 'OrderRequestHeader', {
    orderID: sample.orderId,
    orderDate: sample.orderDate,
    type: sample.type,
    orderVersion: sample.orderVersion,
    orderType: sample.blanket ? 'blanket' : sample.agreementId && 'release',
    agreementID: sample.agreementId,
    ...sample.blanket,
  });
  addMoney(header.ele('Total'), sample.total, currency);
  addAddress(header.ele('ShipTo'), sample.shipTo);
  addAddress(header.ele('BillTo'), sample.billTo);
  const shipping = header.ele('Shipping');
  addMoney(shipping, '0.0', currency);
  addText(shipping, 'Description', '', 'en-US');
  add(header, 'PaymentTerm', { payInNumberOfDays: String(sample.payInDays) });
  const contact = add(header, 'Contact', { role: 'endUser' });
  addText(contact, 'Name', sample.contact.name, 'en');
  add(contact, 'Email', { name: 'default' }, sample.contact.email);
  addComments(header, sample);
  addControlKeys(header, sample);
  if (sample.documentReference !== undefined) {
    add(header, 'DocumentReference', { payloadID: sample.documentReference });
  }
  add(header, 'Extrinsic', { name: 'requisition_reason' }, '');
}

function addAddress(parent: Builder, sample: SampleAddress): void {
  const { country } = sample;
  const address = add(parent, 'Address', { isoCountryCode: country.code, addressID: sample.addressId });
  addText(address, 'Name', sample.name, 'en');
  const postal = add(address, 'PostalAddress', { name: 'default' });
  for (const line of sample.deliverTo) add(postal, 'DeliverTo', {}, line);
  for (const line of sample.street) add(postal, 'Street', {}, line);
  add(postal, 'City', {}, sample.city);
  add(postal, 'State', {}, sample.state);
  add(postal, 'PostalCode', {}, sample.postalCode);
  add(postal, 'Country', { isoCountryCode: country.code }, country.name);
  add(address, 'Email', { name: 'default' }, sample.email);
}

/** The text first, then what is attached to it: mixed content. */
function addComments(
  parent: Builder,
  { comment, attachments = [] }: Pick<SampleLine, 'comment' | 'attachments'>,
): void {
  if (comment === undefined && attachments.length === 0) return;
  const comments = addText(parent, 'Comments', comment ?? '', 'en');
  for (const url of attachments) add(comments.ele('Attachment'), 'URL', {}, url);
}

function addControlKeys(parent: Builder, { confirmation }: Pick<SampleLine, 'confirmation'>): void {
  if (confirmation !== undefined) add(parent.ele('ControlKeys'), 'OCInstruction', { value: confirmation });
}

function addLine(order: Builder, line: SampleLine, { currency, blanket }: OrderSample): void {
  const item = add(order, 'ItemOut', {
    quantity: line.quantity,
    lineNumber: String(line.lineNumber),
    requestedDeliveryDate: line.requestedDeliveryDate,
    confirmationDueDate: line.confirmationDueDate,
  });
  const ids = item.ele('ItemID');
  add(ids, 'SupplierPartID', {}, line.partId);
  if (line.partAuxiliaryId !== undefined) add(ids, 'SupplierPartAuxiliaryID', {}, line.partAuxiliaryId);
  if (blanket) addBlanketDetail(item, line, currency);
  else addDetail(item, line, currency);
  const distribution = item.ele('Distribution');
  const accounting = add(distribution, 'Accounting', { name: line.account.name });
  for (const { type, id, description } of line.account.segments) {
    add(accounting, 'Segment', { type, id, description });
  }
  addMoney(distribution.ele('Charge'), line.charge, currency);
  addComments(item, line);
  addControlKeys(item, line);
}

function addDetail(item: Builder, line: SampleLine, currency: string): void {
  const detail = item.ele('ItemDetail');
  addMoney(detail.ele('UnitPrice'), line.unitPrice, currency);
  addText(detail, 'Description', line.description, 'en');
  add(detail, 'UnitOfMeasure', {}, line.unitOfMeasure);
  add(detail, 'Classification', { domain: 'UNSPSC' }, 'unknown');
  if (line.manufacturer !== undefined) {
    add(detail, 'ManufacturerPartID', {}, line.manufacturer.partId);
    addText(detail, 'ManufacturerName', line.manufacturer.name, 'en');
  }
  add(detail, 'Extrinsic', { name: 'sales_quote_number' }, '');
  add(detail, 'Extrinsic', { name: 'LineType' }, 'Quantity');
}

function addBlanketDetail(item: Builder, line: SampleLine, currency: string): void {
  const detail = item.ele('BlanketItemDetail');
  addText(detail, 'Description', line.description, 'en');
  addMoney(detail.ele('MaxAmount'), line.charge, currency);
  addMoney(detail.ele('UnitPrice'), line.unitPrice, currency);
  add(detail, 'UnitOfMeasure', {}, line.unitOfMeasure);
  add(detail, 'Classification', { domain: 'UNSPSC' }, 'unknown');
}

function addMoney(parent: Builder, amount: string, currency: string): void {
  add(parent, 'Money', { currency }, amount);
}

function addText(parent: Builder, name: string, text: string, language: string): Builder {
  return parent.ele(name).att(XML_NAMESPACE, 'xml:lang', language).txt(cleanText(text));
}

function add(parent: Builder, name: string, attributes: Attributes, text?: string): Builder {
  const element = setAttributes(parent.ele(name), attributes);
  return text === undefined ? element : element.txt(cleanText(text));
}

function setAttributes(element: Builder, attributes: Attributes): Builder {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.att(name, cleanAttribute(value));
  }
  return element;
}

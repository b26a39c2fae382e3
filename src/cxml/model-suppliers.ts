/** Who supplies: numbers of a supplier, suppliers to choose from, and the way of an order through networks. */
import { ADDRESS, CONTACT, PHONE } from './model-address.ts';
import { comments } from './model-basics.ts';
import { table } from './read-table.ts';
import { always, flag, part, parts, text, within } from './table.ts';

const empty = (): string => '';

export const DOMAIN_VALUE = table('SupplierNumber', 'A number of a supplier.', {
  domain: text('@domain', 'Whose number it is.'),
  value: always(text('text()', 'The number.'), empty),
});

const ORDER_METHOD = table('OrderMethod', 'A way to order from a supplier.', {
  ...within('OrderTarget', {
    phone: part(PHONE, 'Phone', 'By telephone.'),
    email: text('Email', 'By e-mail.'),
    fax: part(PHONE, 'Fax', 'By fax.'),
    url: text('URL', 'At a URL.'),
    other: text('OtherOrderTarget', 'In another way.'),
    otherName: text('OtherOrderTarget/@name', 'Name of that way.'),
  }),
  protocol: text('OrderProtocol', 'How: `cXML`, …'),
});

const LOCATION = table('SupplierLocation', 'A place of a supplier.', {
  address: part(ADDRESS, 'Address', 'Where it is.'),
  orderMethods: parts(ORDER_METHOD, 'OrderMethods/OrderMethod', 'How to order there.'),
  contact: part(CONTACT, 'OrderMethods/Contact', 'Whom to ask.'),
});

export const SUPPLIER = table('Supplier', 'A supplier of the thing.', {
  name: text('Name', 'Its name.'),
  corporateUrl: text('@corporateURL', 'Its web address.'),
  storeFrontUrl: text('@storeFrontURL', 'Its shop.'),
  identifiers: parts(DOMAIN_VALUE, 'SupplierID', 'Numbers of it.'),
  comments: comments(),
  locations: parts(LOCATION, 'SupplierLocation', 'Its places.'),
});

const ROUTE_CREDENTIAL = table('RouteCredential', 'Who a node is.', {
  domain: text('@domain', 'Whose number it is.'),
  type: text('@type', '`marketplace`.'),
  value: text('Identity', 'The number.'),
});

export const ROUTE_NODE = table('RouteNode', 'A system that the order goes through, or gets a copy.', {
  type: text('@type', '`copy` or `route`.'),
  itemDetailsRequired: flag('@itemDetailsRequired', 'It wants the details of the items.'),
  identifiers: parts(ROUTE_CREDENTIAL, 'Credential', 'Who it is.'),
});

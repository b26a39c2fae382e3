/**
 * The second reader: fast-xml-parser reads the key facts of an order on its own, so that a misreading by the strict
 * reader shows as a disagreement. It gives evidence to `check` and to the tests, never a verdict: it accepts 132 of
 * 239 malformed documents of the W3C suite.
 */
import { EntityDecoder } from '@nodable/entities';
import { XMLParser } from 'fast-xml-parser';
import { messageOf } from '../errors.ts';

/** White space is collapsed everywhere. What the document does not say is the empty string. */
export interface KeyFacts {
  readonly payloadId: string;
  readonly timestamp: string;
  /** `domain identity`, in order. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly orderId: string;
  readonly orderDate: string;
  /** As the model names it. */
  readonly operation: string;
  readonly orderVersion: string;
  readonly total: string;
  readonly currency: string;
  readonly lines: readonly LineFacts[];
}

export interface LineFacts {
  readonly number: string;
  readonly quantity: string;
  readonly partId: string;
  readonly unitPrice: string;
  readonly unitOfMeasure: string;
  readonly description: string;
}

export type SecondReading = { readonly facts: KeyFacts } | { readonly reason: string };

/** What fast-xml-parser makes of an element: its bare text, or its parts. Every child is a list. */
type Node = string | { readonly [name: string]: string | readonly Node[] };

/** What cXML does not have counts as new, and is told as W-TYPE-001. */
const OPERATIONS: Readonly<Record<string, string>> = { update: 'update', delete: 'cancel' };

/**
 * @param text the decoded document
 * @returns the facts, or the reason why this reader cannot say anything
 */
export function readKeyFacts(text: string): SecondReading {
  let document: Node;
  try {
    document = parse(text);
  } catch (error) {
    return { reason: messageOf(error) };
  }
  const root = first(document, 'cXML');
  const inRequests = all(root, 'Request').flatMap((request) => all(request, 'OrderRequest'));
  const order = inRequests[0] ?? first(root, 'OrderRequest');
  if (order === undefined) return { reason: 'it finds no OrderRequest' };
  return { facts: pickFacts(root, order) };
}

/** A DOCTYPE that this reader cannot take, such as one with a parameter entity, is left out: no fact stands in it. */
function parse(text: string): Node {
  try {
    return createParser().parse(text);
  } catch (error) {
    const rest = text.replace(/<!DOCTYPE[^[>]*(?:\[[^\]]*\]\s*)?>/, '');
    if (rest === text) throw error;
    return createParser().parse(rest);
  }
}

/** New for each document: the parser and its entity decoder keep state. */
function createParser(): XMLParser {
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    // Otherwise 007 becomes 7, 1.10 becomes 1.1, 1e5 becomes 100000 and 0x1F becomes 31.
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    // A single ItemOut must look like many.
    isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
    // Without a decoder of its own, numeric references such as &#233; stay as they are.
    entityDecoder: new EntityDecoder({ namedEntities: {} }),
    maxNestedTags: 1_000,
  });
}

function pickFacts(root: Node | undefined, order: Node): KeyFacts {
  const header = first(root, 'Header');
  const details = first(order, 'OrderRequestHeader');
  const total = first(first(details, 'Total'), 'Money');
  const type = attributeOf(details, 'type').toLowerCase();
  return {
    payloadId: attributeOf(root, 'payloadID'),
    timestamp: attributeOf(root, 'timestamp'),
    from: pickCredentials(first(header, 'From')),
    to: pickCredentials(first(header, 'To')),
    orderId: attributeOf(details, 'orderID'),
    orderDate: attributeOf(details, 'orderDate'),
    operation: OPERATIONS[type] ?? 'new',
    orderVersion: attributeOf(details, 'orderVersion'),
    total: textOf(total),
    currency: attributeOf(total, 'currency'),
    lines: all(order, 'ItemOut').map(pickLine),
  };
}

function pickCredentials(party: Node | undefined): string[] {
  return all(party, 'Credential').map((credential) =>
    `${attributeOf(credential, 'domain')} ${textOf(first(credential, 'Identity'))}`.trim(),
  );
}

function pickLine(item: Node): LineFacts {
  const detail = first(item, 'ItemDetail') ?? first(item, 'BlanketItemDetail');
  return {
    number: attributeOf(item, 'lineNumber'),
    quantity: attributeOf(item, 'quantity'),
    partId: textOf(first(first(item, 'ItemID'), 'SupplierPartID')),
    unitPrice: textOf(first(first(detail, 'UnitPrice'), 'Money')),
    unitOfMeasure: textOf(first(detail, 'UnitOfMeasure')),
    description: textOf(first(detail, 'Description')),
  };
}

function all(node: Node | undefined, name: string): readonly Node[] {
  if (node === undefined || typeof node === 'string') return [];
  const children = node[name];
  return typeof children === 'object' ? children : [];
}

function first(node: Node | undefined, name: string): Node | undefined {
  return all(node, name)[0];
}

function textOf(node: Node | undefined): string {
  if (node === undefined || typeof node === 'string') return collapse(node);
  const own = node['#text'];
  return collapse(typeof own === 'string' ? own : own?.join(''));
}

function attributeOf(node: Node | undefined, name: string): string {
  const value = node === undefined || typeof node === 'string' ? undefined : node[`@${name}`];
  return collapse(typeof value === 'string' ? value : undefined);
}

/** White space is not compared: the readers normalise it differently in attributes, and no fact hangs on it. */
export function collapse(value: string | null | undefined): string {
  return (value ?? '').replace(/\s+/g, ' ').trim();
}

/** Reading from end to end, the way the receiver does, for tests. */
import { checkOrder } from '../../src/cxml/check-order.ts';
import type { Message } from '../../src/cxml/message.ts';
import type { Finding, Order } from '../../src/cxml/order.ts';
import { parseMessage } from '../../src/cxml/parse-message.ts';
import {
  DEFAULT_XML_LIMITS,
  type ParsedDocument,
  parseTree,
  type XmlLimits,
} from '../../src/cxml/parse-tree.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import { Refusal } from '../../src/errors.ts';
import { drain } from '../../src/turns.ts';

export function tree(text: string, limits: Partial<XmlLimits> = {}): ParsedDocument {
  return drain(parseTree(text, { ...DEFAULT_XML_LIMITS, ...limits }));
}

export function message(document: string | Uint8Array, charset?: string): Message {
  const bytes = typeof document === 'string' ? new TextEncoder().encode(document) : document;
  return drain(parseMessage(bytes, { charset, limits: DEFAULT_XML_LIMITS }));
}

export function order(document: string | Uint8Array): Order {
  return drain(readOrder(message(document)));
}

export function findings(document: string | Uint8Array): readonly Finding[] {
  const read = message(document);
  return drain(checkOrder(read, drain(readOrder(read))));
}

/** Only what JSON keeps: keys without a value are gone. */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The refusal that `act` ends in. */
export function refusal(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** An order around `header` and `rest`: what stands in the OrderRequestHeader, and what behind it. */
export function orderDocument(header: string, rest = '', attributes = 'orderID="PO-1"'): string {
  return (
    '<cXML payloadID="1@buyer.example" timestamp="2026-01-01T00:00:00+00:00"><Header>' +
    '<From><Credential domain="DUNS"><Identity>1</Identity></Credential></From>' +
    '<To><Credential domain="DUNS"><Identity>2</Identity></Credential></To>' +
    '<Sender><Credential domain="DUNS"><Identity>1</Identity></Credential><UserAgent>test</UserAgent></Sender>' +
    `</Header><Request><OrderRequest><OrderRequestHeader ${attributes}>${header}</OrderRequestHeader>${rest}` +
    '</OrderRequest></Request></cXML>'
  );
}

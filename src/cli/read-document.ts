/** Reads a document as the receiver would, without a configuration: everything but who the buyer is. */
import type { ArrivedPart } from '../cxml/check-header-place.ts';
import { checkOrder } from '../cxml/check-order.ts';
import { compareReadings } from '../cxml/compare-readings.ts';
import { decode } from '../cxml/decode.ts';
import type { Message } from '../cxml/message.ts';
import type { Finding, Order } from '../cxml/order.ts';
import { refuseOtherRequests } from '../cxml/other-request.ts';
import { parseMessage } from '../cxml/parse-message.ts';
import { DEFAULT_XML_LIMITS, type XmlLimits } from '../cxml/parse-tree.ts';
import { readOrder } from '../cxml/read-order.ts';
import { readKeyFacts } from '../cxml/second-reader.ts';
import { Refusal } from '../errors.ts';
import { drain } from '../turns.ts';

export interface Reading {
  /** `answered`: no order, but a question that gets its answer. */
  readonly verdict: 'kept' | 'answered' | 'refused';
  /** As far as reading came. */
  readonly message?: Message;
  readonly order?: Order;
  readonly findings: readonly Finding[];
  /** Of `refused`. */
  readonly refusal?: Refusal;
}

export interface Circumstances {
  /** `charset` of the Content-Type it came with. */
  readonly charset?: string | undefined;
  /** What came beside it. */
  readonly parts?: readonly ArrivedPart[];
  readonly limits?: XmlLimits;
}

/**
 * @returns a verdict whatever the bytes are; throws only for a fault of ours
 */
export function readDocument(
  bytes: Uint8Array,
  { charset, parts = [], limits = DEFAULT_XML_LIMITS }: Circumstances = {},
): Reading {
  let message: Message | undefined;
  let order: Order | undefined;
  let findings: readonly Finding[] = [];
  try {
    message = drain(parseMessage(bytes, { charset, limits }));
    refuseAnonymous(message);
    if (message.request?.kind === 'ProfileRequest') return { verdict: 'answered', message, findings };
    refuseOtherRequests(message);
    order = drain(readOrder(message));
    const { text } = decode(bytes, charset);
    findings = [
      ...drain(checkOrder(message, order, parts)),
      ...compareReadings(order, message, readKeyFacts(text)),
    ];
    const worst = findings.find(({ severity }) => severity === 'error');
    if (worst !== undefined) throw new Refusal('order-invalid', worst.message, { place: worst.place });
    return { verdict: 'kept', message, order, findings };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { verdict: 'refused', message, order, findings, refusal };
  }
}

/** Which buyers are known is configured; that a document names its sender is not. */
function refuseAnonymous({ header, root }: Message): void {
  if (header?.sender.some(({ identity }) => identity !== undefined && identity !== '')) return;
  const missing = header === undefined ? 'There is no Header' : 'Header/Sender holds no Identity';
  throw new Refusal('sender-unknown', `${missing}, so nobody can tell who sent this.`, {
    place: { line: root.line, column: root.column, path: header === undefined ? 'cXML' : 'cXML/Header' },
  });
}

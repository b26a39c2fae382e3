/** Where the strict reader and the second one see an order differently: a misreading made visible. */
import type { Place } from '../errors.ts';
import { placeOf } from './element.ts';
import type { Credential, Message } from './message.ts';
import type { Finding, Line, Order } from './order.ts';
import { type RuleWords, severityOf } from './rule.ts';
import { collapse, type KeyFacts, type LineFacts, type SecondReading } from './second-reader.ts';

export const READER_RULE: RuleWords = {
  id: 'W-READER-001',
  trait: 'a second parser reads a key fact differently, or cannot read the document',
  remedy: 'Compare the value with the document by eye, and report it: one of the two readers is wrong.',
};

/** A finding for every key fact that the two readers see differently. `message` and `order` are the strict reader's. */
export function compareReadings(order: Order, message: Message, second: SecondReading): Finding[] {
  const whole = placeOf(message.root, 'cXML');
  if ('reason' in second) {
    return [createFinding(whole, `the second reader cannot read this document: ${second.reason}`)];
  }
  const { lines: theirLines, ...theirs } = second.facts;
  const { lines: ourLines, ...ours } = factsOf(order, message);
  const findings = compareFacts('', whole, ours, theirs);
  if (ourLines.length !== theirLines.length) {
    findings.push(disagree('number of lines', whole, String(ourLines.length), String(theirLines.length)));
    return findings;
  }
  for (const [index, line] of order.lines.entries()) {
    const [our, their] = [ourLines[index], theirLines[index]];
    if (our && their) findings.push(...compareFacts(`line ${index + 1} `, line.place, our, their));
  }
  return findings;
}

/** The strict reader's values in the same words. */
function factsOf(order: Order, message: Message): KeyFacts {
  return {
    payloadId: collapse(message.payloadId),
    timestamp: collapse(message.timestamp),
    from: (message.header?.from ?? []).map(nameCredential),
    to: (message.header?.to ?? []).map(nameCredential),
    orderId: collapse(order.purchaseOrderNumber),
    orderDate: collapse(order.orderDate),
    operation: order.operation,
    orderVersion: collapse(order.orderVersion),
    total: collapse(order.total?.amount),
    currency: collapse(order.total?.currency),
    lines: order.lines.map(nameLine),
  };
}

function nameCredential({ domain, identity }: Credential): string {
  return collapse(`${domain} ${identity ?? ''}`);
}

function nameLine(line: Line): LineFacts {
  return {
    number: line.lineNumberText ?? (line.lineNumber === null ? '' : String(line.lineNumber)),
    quantity: collapse(line.quantity),
    partId: collapse(line.supplierPartId),
    unitPrice: collapse(line.unitPrice?.amount),
    unitOfMeasure: collapse(line.unitOfMeasure),
    description: collapse(line.description),
  };
}

type Facts = Readonly<Record<string, string | readonly string[]>>;

function compareFacts(prefix: string, place: Place, ours: object, theirs: object): Finding[] {
  const findings: Finding[] = [];
  for (const [name, value] of Object.entries(ours as Facts)) {
    const our = [value].flat().join(', ');
    const their = [(theirs as Facts)[name] ?? ''].flat().join(', ');
    if (our !== their) findings.push(disagree(`${prefix}${name}`, place, our, their));
  }
  return findings;
}

function disagree(what: string, place: Place, ours: string, theirs: string): Finding {
  return createFinding(place, `${what}: the readers disagree: "${mask(ours)}" and "${mask(theirs)}"`);
}

function createFinding(place: Place, message: string): Finding {
  const { id, remedy } = READER_RULE;
  return { id, severity: severityOf(id), place, message, remedy };
}

/** A card number can stand in any text: of a long row of digits only the last four are shown. */
function mask(value: string): string {
  const masked = value.replace(/\d(?:[ -]?\d){12,}/g, (digits) => `…${digits.slice(-4)}`);
  return masked.length > 80 ? `${masked.slice(0, 80)}…` : masked;
}

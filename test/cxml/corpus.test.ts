/** Every order of the corpus, read by the strict reader and by a few regular expressions that know nothing of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { canonicalOrder } from '../../src/cxml/canonical.ts';
import { checkOrder } from '../../src/cxml/check-order.ts';
import type { Order } from '../../src/cxml/order.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import { drain } from '../../src/turns.ts';
import { needsShared } from '../support/needs.ts';
import { message, refusal } from './reading.ts';

/** Where each malformed document has its first fault. */
const MALFORMED: Record<string, number> = { '080': 20, '093': 92 };
/** What leaves no order: one has no OrderRequestHeader, one no orderID. */
const NO_ORDER = ['011', '074'];

function plain(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .trim();
}

/** Facts by pattern, from the text without its comments. */
function quickFacts(xml: string) {
  const text = xml.replace(/<!--[\s\S]*?-->/g, '');
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => plain(found));
  const header =
    /<OrderRequestHeader[\s\S]*?<\/OrderRequestHeader>|<OrderRequestHeader[^>]*\/>/.exec(text)?.[0] ?? '';
  return {
    payloadId: all(/<cXML[^>]*\spayloadID="([^"]*)"/g)[0],
    orderId: all(/<OrderRequestHeader[^>]*\sorderID="([^"]*)"/g)[0],
    orderDate: all(/<OrderRequestHeader[^>]*\sorderDate="([^"]*)"/g)[0],
    total: /<Total>\s*<Money[^>]*>([^<]*)</.exec(header)?.[1]?.trim(),
    lines: all(/<(ItemOut)[\s>]/g).length,
    quantities: all(/<ItemOut[^>]*\squantity="([^"]*)"/g),
    parts: all(/<SupplierPartID>([^<]*)</g),
    prices: all(/<UnitPrice>\s*<Money[^>]*>([^<]*)</g),
    units: all(/<UnitOfMeasure>([^<]*)</g),
    extrinsics: all(/<Extrinsic\s+name="([^"]*)"/g),
    streets: all(/<Street>([^<]*)</g).sort(),
    segments: all(/<Segment[^>]*\sid="([^"]*)"/g),
  };
}

function factsOf(order: Order, payloadId: string | undefined, xml: string) {
  const { lines } = order;
  const defined = (values: readonly (string | null | undefined)[]) => values.filter((each) => each != null);
  const nested = (each: { readonly xml: string }) =>
    [...each.xml.matchAll(/<Extrinsic\s+name="([^"]*)"/g)].map(([, name]) => name);
  const addresses = [order.shipTo, order.billTo, ...order.contacts, ...lines.map(({ shipTo }) => shipTo)];
  const extrinsics = [
    ...addresses.flatMap((each) => each?.extrinsics ?? []),
    ...order.extrinsics,
    ...lines.flatMap((line) => line.extrinsics),
  ];
  const left = [...order.unmapped, ...lines.flatMap(({ unmapped }) => unmapped)]
    .map((each) => each.xml)
    .join('');
  return {
    payloadId,
    orderId: order.purchaseOrderNumber,
    orderDate: order.orderDate,
    total: order.total?.amount ?? (/<Total>/.test(xml) ? '' : undefined),
    lines: lines.length,
    quantities: defined(lines.map(({ quantity }) => quantity)),
    parts: defined(lines.map(({ supplierPartId }) => supplierPartId)),
    prices: defined(lines.map(({ unitPrice }) => unitPrice?.amount)),
    units: defined(lines.map(({ unitOfMeasure }) => unitOfMeasure)),
    extrinsics: extrinsics.flatMap(({ name, children = [] }) => [name, ...children.flatMap(nested)]),
    streets: [...addresses.flatMap((each) => each?.street ?? []), ...quickFacts(left).streets].sort(),
    segments: lines.flatMap(({ accounting }) =>
      accounting.flatMap(({ segments }) => segments.map(({ id }) => id)),
    ),
  };
}

describe('the corpus', () => {
  let folder: string;
  let files: string[];

  before(function () {
    folder = needsShared(this, 'corpus/orders');
    files = readdirSync(folder).filter((file) => file.endsWith('.xml'));
  });

  const bytesOf = (file: string): Uint8Array => readFileSync(join(folder, file));
  const wellFormed = (): string[] => files.filter((file) => MALFORMED[file.slice(0, 3)] === undefined);
  const orders = (): string[] => wellFormed().filter((file) => !NO_ORDER.includes(file.slice(0, 3)));

  it('has 46 documents that parse', () => {
    expect(files).to.have.length(48);
    for (const file of wellFormed())
      expect(message(bytesOf(file)).request?.kind, file).to.equal('OrderRequest');
    expect(wellFormed()).to.have.length(46);
  });

  it('has two that are not well-formed, refused at the right line', () => {
    for (const [start, line] of Object.entries(MALFORMED)) {
      const file = files.find((each) => each.startsWith(start)) ?? '';
      const refused = refusal(() => message(bytesOf(file)));
      expect([refused.code, refused.place?.line], file).to.deep.equal(['xml-malformed', line]);
    }
  });

  it('has two that hold no order', () => {
    for (const file of wellFormed().filter((each) => NO_ORDER.includes(each.slice(0, 3)))) {
      expect(refusal(() => drain(readOrder(message(bytesOf(file))))).code, file).to.equal('order-invalid');
    }
  });

  it('is read as plain patterns read it', () => {
    for (const file of orders()) {
      const bytes = bytesOf(file);
      const xml = new TextDecoder().decode(bytes);
      const read = message(bytes);
      const facts = factsOf(drain(readOrder(read)), read.payloadId, xml);
      expect(facts, file).to.deep.equal(quickFacts(xml));
    }
  });

  it('is full of oddities, and none of them is an error', () => {
    for (const file of orders()) {
      const read = message(bytesOf(file));
      const found = drain(checkOrder(read, drain(readOrder(read))));
      expect(
        found.every(({ severity }) => severity !== 'error'),
        file,
      ).to.equal(true);
    }
  });

  it('holds no card number once it is read', () => {
    let cards = 0;
    for (const file of orders()) {
      const order = drain(readOrder(message(bytesOf(file))));
      if (order.payment?.method === 'pcard') cards++;
      expect(JSON.stringify(order), file).to.not.contain('1234567890123456');
    }
    expect(cards).to.equal(4);
  });

  it('has one content per document, except where only the envelope or the DOCTYPE differs', () => {
    const byContent = new Map<string, string[]>();
    for (const file of orders()) {
      const content = [...canonicalOrder(message(bytesOf(file)))].join('');
      byContent.set(content, [...(byContent.get(content) ?? []), file.slice(0, 3)]);
    }
    const shared = [...byContent.values()].filter(({ length }) => length > 1);
    expect(shared).to.deep.equal([
      ['002', '003'],
      ['028', '029'],
    ]);
  });
});

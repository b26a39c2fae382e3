/**
 * `sallyport check --json` against a program that shares no line with our reader: libxml2 reads the document, and a few
 * XPath expressions fetch the facts an order stands on. Every readable order of the corpus, every line, field by field.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { XmlElement } from 'libxml2-wasm';
import type { Line, Order } from '../../src/cxml/order.ts';
import { needsShared } from '../support/needs.ts';
import { runSallyport } from '../support/sallyport.ts';
import { withLibxml } from './libxml.ts';

/** No Sender or no Header, no order number, not XML: refused, so there is no order to compare. */
const REFUSED = ['005', '011', '031', '074', '077', '080', '087', '093'];

type Fact = string | readonly Fact[] | undefined;
type Facts = Readonly<Record<string, Fact>>;

/** By local name: prefixes say nothing in cXML. */
const step = (path: string): string => path.replace(/(^|\/)([A-Za-z]\w*)/g, "$1*[local-name()='$2']");

function extract(root: XmlElement): { readonly header: Facts; readonly lines: readonly Facts[] } {
  const text = (from: XmlElement, path: string): string | undefined => {
    const found = from.get(step(path));
    return found === null ? undefined : found.content.trim() || undefined;
  };
  const all = (from: XmlElement, path: string): string[] =>
    from.find(step(path)).map(({ content }) => content.trim());
  const parties = (party: string): string[] =>
    all(root, `Header/${party}/Credential/Identity`)
      .filter((identity) => identity !== '')
      .sort();
  const extrinsics = (from: XmlElement): string[] => all(from, 'Extrinsic/@name');
  const order = root.get(step('Request/OrderRequest')) as XmlElement;
  const header = order.get(step('OrderRequestHeader')) as XmlElement;

  return {
    header: {
      payloadId: text(root, '@payloadID'),
      timestamp: text(root, '@timestamp'),
      from: parties('From'),
      to: parties('To'),
      orderId: header.get('@orderID')?.content,
      date: text(header, '@orderDate'),
      type: text(header, '@orderType'),
      operation: text(header, '@type'),
      version: text(header, '@orderVersion'),
      total: text(header, 'Total/Money'),
      currency: text(header, 'Total/Money/@currency'),
      shipToCity: text(header, 'ShipTo/Address/PostalAddress/City'),
      extrinsics: extrinsics(header),
    },
    lines: (order.find(step('ItemOut')) as XmlElement[]).map((line) => ({
      number: text(line, '@lineNumber'),
      quantity: text(line, '@quantity'),
      part: text(line, 'ItemID/SupplierPartID'),
      price: text(line, 'ItemDetail/UnitPrice/Money'),
      priceCurrency: text(line, 'ItemDetail/UnitPrice/Money/@currency'),
      unit: text(line, 'ItemDetail/UnitOfMeasure'),
      manufacturerPart: text(line, 'ItemDetail/ManufacturerPartID'),
      // A ShortName stands inside the description and is none of its text.
      description: line
        .find(`${step('ItemDetail/Description')}[1]/text()`)
        .map(({ content }) => content)
        .join('')
        .trim(),
      classifications: all(line, 'ItemDetail/Classification'),
      extrinsics: [
        ...extrinsics((line.get(step('ItemDetail')) as XmlElement) ?? line),
        ...extrinsics(line),
      ].sort(),
    })),
  };
}

interface Checked extends Order {
  readonly source: { readonly payloadId?: string; readonly timestamp?: string };
}

const OPERATIONS: Readonly<Record<string, string>> = { new: 'new', update: 'update', delete: 'cancel' };

function factsOf(checked: Checked, sent: Facts): { header: Facts; lines: readonly Facts[] } {
  const identities = ({ identifiers }: Order['buyer']) =>
    identifiers
      .map(({ value }) => value)
      .filter((value) => value !== '')
      .sort();
  return {
    header: {
      payloadId: checked.source.payloadId,
      timestamp: checked.source.timestamp,
      from: identities(checked.buyer),
      to: identities(checked.supplier),
      orderId: checked.purchaseOrderNumber,
      date: checked.orderDate,
      type: sent.type === undefined ? undefined : checked.orderType,
      operation: sent.operation === undefined ? undefined : operationAsSent(checked),
      version: checked.orderVersion,
      total: checked.total?.amount ?? undefined,
      currency: checked.total?.currency,
      shipToCity: checked.shipTo?.city,
      extrinsics: checked.extrinsics.map(({ name }) => name),
    },
    lines: checked.lines.map(lineFacts),
  };
}

function operationAsSent({ operation }: Checked): string | undefined {
  return Object.entries(OPERATIONS).find(([, ours]) => ours === operation)?.[0];
}

function lineFacts(line: Line): Facts {
  return {
    number: line.lineNumberText ?? (line.lineNumber === null ? undefined : String(line.lineNumber)),
    quantity: line.quantity ?? undefined,
    part: line.supplierPartId,
    price: line.unitPrice?.amount ?? undefined,
    priceCurrency: line.unitPrice?.currency,
    unit: line.unitOfMeasure,
    manufacturerPart: line.manufacturerPartId,
    description: line.description ?? '',
    classifications: line.classifications.map(({ code }) => code),
    extrinsics: line.extrinsics.map(({ name }) => name).sort(),
  };
}

function countFacts(fact: Fact | Facts | readonly Facts[]): number {
  if (fact === undefined) return 0;
  if (typeof fact === 'string') return 1;
  return Object.values(fact).reduce<number>((sum, each) => sum + countFacts(each as Fact), 0);
}

describe('check --json and an independent program', () => {
  it('read every order of the corpus alike', async function () {
    this.timeout(60_000);
    const folder = needsShared(this, 'corpus/orders');
    const files = readdirSync(folder)
      .filter((file) => file.endsWith('.xml') && !REFUSED.includes(file.slice(0, 3)))
      .map((file) => join(folder, file));
    const { stdout } = await runSallyport(['check', '--json', ...files]);
    const checked = JSON.parse(stdout) as readonly Checked[];
    let facts = 0;
    for (const [index, file] of files.entries()) {
      const sent = withLibxml(readFileSync(file, 'utf8'), extract);
      expect(factsOf(checked[index] as Checked, sent.header), file).to.deep.equal(sent);
      facts += countFacts(sent.header) + countFacts(sent.lines);
    }
    console.log(`    ${facts} facts of ${files.length} orders, none read otherwise`);
    expect(facts).to.be.greaterThan(750);
  });
});

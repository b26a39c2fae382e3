/** What a document says is in the order or in `unmapped`: nothing is silently lost. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Message } from '../../src/cxml/message.ts';
import { ORDER } from '../../src/cxml/model-order.ts';
import type { Order } from '../../src/cxml/order.ts';
import { readPlaces } from '../../src/cxml/places.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import type { Fields } from '../../src/cxml/table.ts';
import { drain } from '../../src/turns.ts';
import { needsShared } from '../support/needs.ts';
import { everyFact, type Fact } from './every-fact.ts';
import { message, order, orderDocument } from './reading.ts';

/** Malformed, or no order: see `corpus.test.ts`. */
const UNREADABLE = ['080', '093', '011', '074'];

/** The envelope, and what of the root and the Request is the message's. */
const NOT_OF_THE_ORDER = /^cXML\/@(payloadID|timestamp|version|xml:lang|signatureVersion)$/;

/** Why a value may be in neither. Each reason is counted over the corpus below. */
const REASONS: Readonly<Record<string, (fact: Fact) => boolean>> = {
  'the language of a name': ({ attribute }) => attribute === 'xml:lang',
  'a label that says nothing': ({ attribute, value }) => attribute === 'name' && value === 'default',
  'a number or the expiry of a card': ({ path, value, attribute }) =>
    path.includes('/PCard') && (attribute === 'expiration' || /\d{4}/.test(value)),
  'a classification said twice': ({ attribute, element }) =>
    attribute === 'code' && element.name === 'Classification',
  'a country said twice': ({ attribute, element }) =>
    attribute === 'isoCountryCode' && element.name === 'Address',
};

/** The facts that are in neither model nor `unmapped`. */
function lost(read: Message): Fact[] {
  const found = drain(readOrder(read));
  const told = new Map<string, string[]>();
  for (const [pointer, { path = '' }] of drain(readPlaces(read))) {
    told.set(path, [...(told.get(path) ?? []), valueAt(found, pointer)]);
  }
  const kept = [...found.unmapped, ...found.lines.flatMap(({ unmapped }) => unmapped)].map(
    ({ path }) => path,
  );
  const whole = [...kept, ...extrinsicPaths(found)];
  return everyFact(read.root, ['cXML/Header']).filter(({ path, value, attribute }) => {
    if (NOT_OF_THE_ORDER.test(path)) return false;
    if (whole.some((each) => path === each || path.startsWith(`${each}/`))) return false;
    return !(told.get(path) ?? []).some((each) => isSame(each, value, attribute));
  });
}

function isSame(told: string, sent: string, attribute: string | undefined): boolean {
  if (told === sent || told === sent.trim()) return true;
  if (attribute === 'type' && told === 'cancel') return sent.toLowerCase() === 'delete';
  if (attribute === 'deploymentMode') return told === sent.toLowerCase();
  return told === { yes: 'true', no: 'false' }[sent] || (/^\d+$/.test(sent) && told === String(Number(sent)));
}

function valueAt(found: Order, pointer: string): string {
  let value: unknown = found;
  for (const key of pointer.split('/').slice(1)) value = (value as Record<string, unknown>)[key];
  return String(value);
}

/** An Extrinsic is kept as a tree of its own. */
function extrinsicPaths(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === 'extrinsics' ? (each as { path: string }[]).map(({ path }) => path) : extrinsicPaths(each),
  );
}

describe('nothing is lost', () => {
  it('of any order of the corpus, but for reasons that are counted', function () {
    const folder = needsShared(this, 'corpus/orders');
    const counts = new Map<string, number>();
    let facts = 0;
    for (const file of readdirSync(folder)) {
      if (!file.endsWith('.xml') || UNREADABLE.includes(file.slice(0, 3))) continue;
      const read = message(readFileSync(join(folder, file)));
      facts += everyFact(read.root, ['cXML/Header']).length;
      for (const fact of lost(read)) {
        const reason = Object.keys(REASONS).find((each) => REASONS[each]?.(fact));
        expect(reason, `${file} ${fact.path} ${fact.value}`).to.be.a('string');
        counts.set(reason ?? '', (counts.get(reason ?? '') ?? 0) + 1);
      }
    }
    expect(facts).to.equal(1541);
    expect(Object.fromEntries(counts)).to.deep.equal({
      'the language of a name': 50,
      'a label that says nothing': 27,
      'a number or the expiry of a card': 8,
      'a country said twice': 7,
    });
  });

  it('of any fixture', () => {
    const folder = new URL('../fixtures/orders/', import.meta.url);
    for (const file of readdirSync(folder).filter((each) => each.endsWith('.xml'))) {
      for (const fact of lost(message(readFileSync(new URL(file, folder))))) {
        const reason = Object.keys(REASONS).find((each) => REASONS[each]?.(fact));
        expect(reason, `${file} ${fact.path} ${fact.value}`).to.be.a('string');
      }
    }
  });

  it('of trees that no DTD has, wherever its elements stand', () => {
    const names = [...vocabulary(ORDER.fields), 'ItemOut', 'Odd', 'Stray'];
    const attributes = [...attributeNames(ORDER.fields), 'odd'];
    const tree = fc.letrec<{ node: Node }>((tie) => ({
      node: fc.record({
        name: fc.constantFrom(...names),
        attributes: fc.uniqueArray(fc.constantFrom(...attributes), { maxLength: 3 }),
        children: fc.oneof(
          { maxDepth: 7 },
          fc.constant([]),
          fc.array(fc.oneof(tie('node'), fc.constant(TEXT)), { maxLength: 4 }) as fc.Arbitrary<
            Node['children']
          >,
        ),
      }),
    })).node;
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 6 }), fc.array(tree, { maxLength: 6 }), (header, rest) => {
        const marks: string[] = [];
        const write = (node: Node): string => writeNode(node, marks);
        const read = order(orderDocument(header.map(write).join(''), rest.map(write).join('')));
        const kept = JSON.stringify(read);
        for (const mark of marks) expect(kept).to.contain(mark);
      }),
      { numRuns: 300 },
    );
  });
});

const TEXT = 'text';

interface Node {
  readonly name: string;
  readonly attributes: readonly string[];
  readonly children: readonly (Node | typeof TEXT)[];
}

/** Every value is another, so that it can be told where it went. Language and card are left out: see REASONS. */
function writeNode({ name, attributes, children }: Node, marks: string[]): string {
  const mark = (): string => {
    const next = `mark-${marks.length}-`;
    marks.push(next);
    return next;
  };
  const given = attributes.map((each) => ` ${each}="${mark()}"`).join('');
  const inside = children.map((each) => (each === TEXT ? mark() : writeNode(each, marks))).join('');
  return `<${name}${given}>${inside}</${name}>`;
}

function steps(fields: Fields, seen = new Set<Fields>()): Set<string> {
  const all = new Set<string>();
  if (seen.has(fields)) return all;
  seen.add(fields);
  for (const { from, part } of Object.values(fields)) {
    for (const path of from) for (const step of path.split(/[/|]/)) all.add(step.replace('*', ''));
    for (const step of part === undefined ? [] : steps(part.fields, seen)) all.add(step);
  }
  return all;
}

function vocabulary(fields: Fields): string[] {
  return [...steps(fields)].filter((step) => /^\w+$/.test(step) && step !== 'PCard' && step !== 'cXML');
}

function attributeNames(fields: Fields): string[] {
  return [...steps(fields)].filter((step) => /^@\w+$/.test(step)).map((step) => step.slice(1));
}

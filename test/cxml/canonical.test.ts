import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalOrder } from '../../src/cxml/canonical.ts';
import { message } from './reading.ts';

const canonical = (document: string): string => [...canonicalOrder(message(document))].join('');

const wrap = (inside: string, envelope = ''): string =>
  `<cXML ${envelope}><Request><OrderRequest>${inside}</OrderRequest></Request></cXML>`;

/** A tree as data, so that it can be written in many ways. */
interface Plan {
  readonly name: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: readonly (Plan | string)[];
}

const name = fc.constantFrom('a', 'b', 'Item', 'x:c', 'Money');
const value = fc.string({
  unit: fc.constantFrom('a', 'é', '"', "'", '&', '<', '>', ']', ' ', '\u00a0', '😀', '0'),
  maxLength: 6,
});
const words = value.map((text) => `w${text}w`);

const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    name,
    attributes: fc.uniqueArray(fc.tuple(fc.constantFrom('p', 'q', 'r', 'xml:lang'), value), {
      selector: ([key]) => key,
    }),
    children: fc
      .array(fc.oneof({ depthSize: 'small' }, words, tie('plan')), { maxLength: 4 })
      // text next to text is one text once it is written
      .map((children) =>
        children.filter((each, at) => typeof each !== 'string' || typeof children[at - 1] !== 'string'),
      ),
  }),
}));

/** How a document may look without saying anything else. */
interface Manner {
  readonly turned: boolean;
  readonly indent: string;
  readonly quote: '"' | "'";
  readonly cdata: boolean;
  readonly short: boolean;
  readonly comment: boolean;
}

const manner: fc.Arbitrary<Manner> = fc.record({
  turned: fc.boolean(),
  indent: fc.constantFrom('', ' ', '\n  ', '\r\n\t'),
  quote: fc.constantFrom('"', "'"),
  cdata: fc.boolean(),
  short: fc.boolean(),
  comment: fc.boolean(),
});

function write(tree: Plan, how: Manner): string {
  const attributes = tree.attributes.map(
    ([key, text]) =>
      ` ${key}=${how.quote}${asXml(text).replaceAll(how.quote, how.quote === '"' ? '&quot;' : '&#39;')}${how.quote}`,
  );
  const all = (how.turned ? attributes.reverse() : attributes).join('');
  if (tree.children.length === 0 && how.short) return `<${tree.name}${all}/>`;
  const inside = tree.children.map(
    (each) => how.indent + (typeof each === 'string' ? writeText(each, how) : write(each, how)),
  );
  return `<${tree.name}${all}>${inside.join('')}${how.indent}</${tree.name}>`;
}

function writeText(text: string, { cdata, comment }: Manner): string {
  const half = Math.ceil(text.length / 2);
  const middle = comment ? '<!-- & --><?p q?>' : '';
  const [left, right] =
    text.codePointAt(half - 1) === text.charCodeAt(half - 1)
      ? [text.slice(0, half), text.slice(half)]
      : [text, ''];
  const safe = left.replaceAll(']]>', ']]]]><![CDATA[>');
  return cdata ? `<![CDATA[${safe}]]>${middle}${asXml(right)}` : `${asXml(left)}${middle}${asXml(right)}`;
}

function asXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The plan without what a manner may change: attributes in order. */
function essence(tree: Plan): unknown {
  const { name: full, attributes, children } = tree;
  return [
    full.replace(/^x:/, ''),
    [...attributes].sort(([left], [right]) => (left < right ? -1 : 1)),
    children.map((each) => (typeof each === 'string' ? each : essence(each))),
  ];
}

describe('canonicalOrder', () => {
  it('gives one text however the same content is written', () => {
    fc.assert(
      fc.property(fc.array(plan, { maxLength: 3 }), manner, manner, (plans, one, other) => {
        const written = (how: Manner): string =>
          wrap(plans.map((each) => write(each, how) + how.indent).join(''));
        expect(canonical(written(one))).to.equal(canonical(written(other)));
      }),
      { numRuns: 300 },
    );
  });

  it('gives two texts for two contents', () => {
    fc.assert(
      fc.property(plan, plan, manner, (one, other, how) => {
        const same = JSON.stringify(essence(one)) === JSON.stringify(essence(other));
        expect(canonical(wrap(write(one, how))) === canonical(wrap(write(other, how)))).to.equal(same);
      }),
      { numRuns: 500 },
    );
  });

  const different: [what: string, one: string, other: string][] = [
    ['an attribute and a text', '<a b="c"/>', '<a>bc</a>'],
    ['a text and an element', '<a>b</a>', '<a><b/></a>'],
    ['inside and beside', '<a><b/><c/></a>', '<a><b><c/></b></a>'],
    ['a name and the start of a value', '<a bc="d"/>', '<a b="cd"/>'],
    ['blanks inside a text', '<a>b c</a>', '<a>b  c</a>'],
    ['blanks inside an attribute', '<a b=" c"/>', '<a b="c"/>'],
    ['a no-break space at the end', '<a>b\u00a0</a>', '<a>b</a>'],
    ['an empty attribute and none', '<a b=""/>', '<a/>'],
    ['one more digit', '<a>1.0</a>', '<a>1.00</a>'],
    ['the order of elements', '<a/><b/>', '<b/><a/>'],
    ['two texts and one', '<a>b<c/>d</a>', '<a>bd<c/></a>'],
    ['a prefixed attribute and a plain one', '<a xml:lang="x"/>', '<a lang="x"/>'],
    ['composed and decomposed', '<a>é</a>', '<a>e\u0301</a>'],
  ];
  for (const [what, one, other] of different) {
    it(`tells ${what} apart`, () => expect(canonical(wrap(one))).to.not.equal(canonical(wrap(other))));
  }

  it('leaves the envelope out', () => {
    expect(canonical(wrap('<a/>', 'payloadID="1" timestamp="t"'))).to.equal(
      canonical(wrap('<a/>', 'payloadID="2"')),
    );
  });

  it('leaves namespaces out', () => {
    expect(canonical(wrap('<x:a xmlns:x="urn:1" y="2"/>'))).to.equal(
      canonical(wrap('<a xmlns="urn:2" y="2"/>')),
    );
    expect(canonical(wrap('<a xmlnsx="1"/>'))).to.not.equal(canonical(wrap('<a/>')));
  });

  it('tells test from production, and production from nothing said no more than the standard does', () => {
    const mode = (sent: string) => canonical(`<cXML><Request ${sent}><OrderRequest/></Request></cXML>`);
    expect(mode('deploymentMode="test"')).to.not.equal(mode(''));
    expect(mode('deploymentMode="production"')).to.equal(mode(''));
  });

  it('comes in pieces of one line each', () => {
    const pieces = [...canonicalOrder(message(wrap('<OrderRequestHeader/><ItemOut/><ItemOut/>')))];
    expect(pieces.filter((piece) => piece.includes('ItemOut'))).to.have.length(2);
  });
});

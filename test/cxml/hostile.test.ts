/** Documents made to harm: each is refused in time and in bounds, or read as what it is. */
import { expect } from 'chai';
import { canonicalOrder } from '../../src/cxml/canonical.ts';
import { checkOrder } from '../../src/cxml/check-order.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import type { RefusalCode } from '../../src/errors.ts';
import { drain } from '../../src/turns.ts';
import { message, orderDocument, refusal } from './reading.ts';

/** Of processor time, so that whatever else runs on the machine does not count. */
const TIME_MS = 1000;
const MEMORY_BYTES = 150_000_000;

function measured<T>(act: () => T): T {
  const startedAt = process.threadCpuUsage();
  const before = process.memoryUsage().heapUsed;
  const result = act();
  const { user, system } = process.threadCpuUsage(startedAt);
  expect((user + system) / 1000, 'milliseconds').to.be.lessThan(TIME_MS);
  expect(process.memoryUsage().heapUsed - before, 'bytes').to.be.lessThan(MEMORY_BYTES);
  return result;
}

const order = (subset: string, text: string) =>
  `<!DOCTYPE cXML [${subset}]><cXML><Request><OrderRequest><OrderRequestHeader orderID="${text}"/></OrderRequest></Request></cXML>`;

const laughs = Array.from(
  { length: 10 },
  (_, level) => `<!ENTITY l${level} "${level === 0 ? 'lol' : `&l${level - 1};`.repeat(10)}">`,
).join('\n');

const refused: Record<string, [code: RefusalCode, document: () => string]> = {
  'an external entity': ['xml-forbidden', () => order('<!ENTITY x SYSTEM "file:///etc/passwd">', '&x;')],
  'an external entity by http': [
    'xml-forbidden',
    () => order('<!ENTITY x SYSTEM "http://127.0.0.1:1/">', '&x;'),
  ],
  'a parameter entity': [
    'xml-forbidden',
    () => order('<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;', '1'),
  ],
  'an entity bomb': ['xml-forbidden', () => order(laughs, '&l9;')],
  'quadratic blow-up': [
    'xml-forbidden',
    () => order(`<!ENTITY a "${'a'.repeat(50_000)}">`, '&a;'.repeat(50_000)),
  ],
  'an entity bomb too large to look at': ['xml-too-complex', () => order(laughs.repeat(10_000), '&l9;')],
  'attributes slipped in': ['xml-forbidden', () => order('<!ATTLIST Money currency CDATA "USD">', '1')],
  '10,000 levels': ['xml-too-complex', () => `<cXML>${'<a>'.repeat(10_000)}`],
  '100,000 attributes on one element': [
    'xml-too-complex',
    () => `<cXML ${Array.from({ length: 100_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`,
  ],
  '100,000 times the same attribute': ['xml-too-complex', () => `<cXML ${'a="1" '.repeat(100_000)}/>`],
  'one text of 10 MB': ['xml-too-complex', () => `<cXML>${'x'.repeat(10_000_000)}</cXML>`],
  'one attribute of 10 MB': ['xml-too-complex', () => `<cXML a="${'x'.repeat(10_000_000)}"/>`],
  'one name of 10 MB': ['xml-too-complex', () => `<${'x'.repeat(10_000_000)}/>`],
  'one comment of 10 MB': ['xml-too-complex', () => `<cXML><!--${'x'.repeat(10_000_000)}--></cXML>`],
  'one text of 10 MB in references': ['xml-too-complex', () => `<cXML>${'&#120;'.repeat(1_600_000)}</cXML>`],
  '10 MB of blanks before the root': ['xml-too-complex', () => `${' '.repeat(10_000_000)}<cXML/>`],
  '10 MB of blanks inside a tag': ['xml-too-complex', () => `<cXML${' '.repeat(10_000_000)}/>`],
  'a reference of 10 MB': ['xml-too-complex', () => `<cXML>&${'x'.repeat(10_000_000)};</cXML>`],
  'a million empty elements': ['xml-too-complex', () => `<cXML>${'<a/>'.repeat(1_000_000)}</cXML>`],
  'a million bare ampersands': ['xml-malformed', () => `<cXML>${'& '.repeat(1_000_000)}</cXML>`],
  NUL: ['xml-malformed', () => '<cXML>\0</cXML>'],
  'ten thousand NULs': ['xml-malformed', () => '\0'.repeat(10_000)],
  'a control character': ['xml-malformed', () => '<cXML payloadID="\u0008"/>'],
  'another root': ['not-cxml', () => '<html><body>cXML</body></html>'],
};

describe('a hostile document', () => {
  for (const [what, [code, document]] of Object.entries(refused)) {
    it(`with ${what} is refused`, () => {
      const bytes = new TextEncoder().encode(document());
      const found = measured(() => refusal(() => message(bytes)));
      expect(found.code).to.equal(code);
      expect(found.message.length).to.be.lessThan(400);
      if (code !== 'not-cxml') expect(found.place?.line).to.be.a('number');
    });
  }

  it('with bytes that are no UTF-8 is refused at the byte, however late it comes', () => {
    const bytes = new TextEncoder().encode(`<cXML>${'<a>é</a>'.repeat(200_000)}</cXML>`);
    bytes[1_000_000] = 0xff;
    const found = measured(() => refusal(() => message(bytes)));
    expect(found.code).to.equal('xml-undecodable');
    expect(found.place?.offset).to.be.within(999_999, 1_000_000);
  });

  it('with elements and attributes named after what JavaScript inherits is read as what it is', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '__defineGetter__'];
    const all = names
      .map((name) => `<${name} ${name}="1"><Extrinsic name="${name}">2</Extrinsic></${name}>`)
      .join('');
    const read = message(orderDocument(all));
    const found = drain(readOrder(read));
    expect(found.unmapped.map(({ path }) => path.split('/').at(-1))).to.deep.equal(names);
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it('cut off anywhere is refused', () => {
    const whole = new TextEncoder().encode(
      `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE cXML SYSTEM "http://h/cXML/1.2.014/cXML.dtd">\n<!-- é -->${orderDocument(
        '<Total><Money currency="EUR">1</Money></Total><Comments>ä &amp; <![CDATA[<ö>]]></Comments>',
        '<ItemOut quantity="1" lineNumber="1"><ItemID><SupplierPartID>€</SupplierPartID></ItemID></ItemOut>'.repeat(
          10,
        ),
      )}`,
    );
    expect(message(whole).payloadId).to.equal('1@buyer.example');
    for (let length = 0; length < whole.length; length += length < 300 ? 1 : 50) {
      const { code } = refusal(() => message(whole.subarray(0, length)));
      expect(['xml-malformed', 'xml-undecodable'], `at ${length}`).to.include(code);
    }
  });

  const heavy: Record<string, () => string> = {
    '50,000 unknown elements': () => orderDocument('<u/>'.repeat(50_000)),
    '50,000 Extrinsics on one line': () =>
      orderDocument(
        '',
        `<ItemOut><ItemDetail>${'<Extrinsic name="a">b</Extrinsic>'.repeat(50_000)}</ItemDetail></ItemOut>`,
      ),
    '50,000 repeated Totals': () => orderDocument('<Total/>'.repeat(50_000)),
    '20,000 lines without anything': () => orderDocument('', '<ItemOut/>'.repeat(20_000)),
    'numbers of 900,000 digits': () =>
      orderDocument(
        `<Total><Money currency="X">${'9'.repeat(900_000)}</Money></Total>`,
        `<ItemOut quantity="${'7'.repeat(900_000)}"><ItemDetail><UnitPrice><Money currency="X">${'8'.repeat(900_000)}</Money></UnitPrice></ItemDetail></ItemOut>`,
      ),
    'a part number of 900,000 blanks': () =>
      orderDocument(
        '',
        `<ItemOut quantity="${' '.repeat(900_000)}1"><ItemID><SupplierPartID>a${' '.repeat(900_000)}b</SupplierPartID></ItemID></ItemOut>`,
      ),
    'a card of 900,000 digits': () =>
      orderDocument(
        `<Extrinsic name="card">${'4 1-'.repeat(225_000)}</Extrinsic><Extrinsic name="card"><PCard number="${'41'.repeat(450_000)}"/></Extrinsic>`,
      ),
    'dates of 900,000 characters': () =>
      orderDocument('', '', `orderID="1" orderDate="${'2'.repeat(900_000)}"`),
  };
  for (const [what, document] of Object.entries(heavy)) {
    it(`with ${what} is read and checked in time`, () => {
      const bytes = new TextEncoder().encode(document());
      measured(() => {
        const read = message(bytes);
        const found = drain(readOrder(read));
        expect(drain(checkOrder(read, found)).length).to.be.within(1, 201);
        expect([...canonicalOrder(read)].length).to.be.greaterThan(1);
      });
    });
  }
});

import { expect } from 'chai';
import { checkOrder, RULES } from '../../src/cxml/check-order.ts';
import type { Finding } from '../../src/cxml/order.ts';
import { drain } from '../../src/turns.ts';
import { findings, message, order, orderDocument } from './reading.ts';

const GOOD =
  '<Total><Money currency="EUR">10.00</Money></Total><ShipTo><Address/></ShipTo><BillTo><Address/></BillTo>';
const DATED = 'orderID="PO-1" orderDate="2026-01-01T00:00:00+00:00"';

const item = (attributes = 'quantity="2" lineNumber="1"', price = '5', more = '') =>
  `<ItemOut ${attributes}><ItemID><SupplierPartID>P</SupplierPartID></ItemID><ItemDetail>` +
  `<UnitPrice><Money currency="EUR">${price}</Money></UnitPrice><UnitOfMeasure>EA</UnitOfMeasure></ItemDetail>${more}</ItemOut>`;

const good = orderDocument(GOOD, item(), DATED);

const withTotal = (amount: string) => GOOD.replace('10.00', amount);

/** For each rule at least one document in which it fires. */
const CASES: readonly (readonly [what: string, id: string, document: string])[] = [
  ['no payloadID', 'N-PAYLOAD-001', good.replace('payloadID="1@buyer.example"', '')],
  ['no timestamp', 'N-TIME-001', good.replace('timestamp="2026-01-01T00:00:00+00:00"', '')],
  [
    'a timestamp in Z',
    'N-TIME-002',
    good.replace('timestamp="2026-01-01T00:00:00+00:00"', 'timestamp="2026-01-01T00:00:00Z"'),
  ],
  [
    'a timestamp without zone',
    'N-TIME-003',
    good.replace('timestamp="2026-01-01T00:00:00+00:00"', 'timestamp="2020-09-25 15:30:43"'),
  ],
  [
    'a timestamp that is a day',
    'N-TIME-003',
    good.replace('timestamp="2026-01-01T00:00:00+00:00"', 'timestamp="2017-06-27"'),
  ],
  [
    'a timestamp that is none',
    'N-TIME-004',
    good.replace('timestamp="2026-01-01T00:00:00+00:00"', 'timestamp="now"'),
  ],
  [
    'deploymentMode spelled otherwise',
    'N-MODE-001',
    good.replace('<Request>', '<Request deploymentMode="Production">'),
  ],
  ['an unknown deploymentMode', 'W-MODE-002', good.replace('<Request>', '<Request deploymentMode="trial">')],
  ['a namespace', 'N-ROOT-002', good.replace('<cXML ', '<cXML xmlns="urn:x" ')],
  ['an order outside a Request', 'N-ROOT-003', good.replace(/<\/?Request>/g, '')],
  ['a parameter entity', 'N-DOCTYPE-001', `<!DOCTYPE cXML [<!ENTITY % x "y">]>${good}`],
  ['a false encoding', 'N-ENCODING-001', `<?xml version="1.0" encoding="utf-16"?>${good}`],
  [
    'a false encoding of one byte',
    'W-ENCODING-002',
    `<?xml version="1.0" encoding="iso-8859-15"?>${good.replace('>P<', '>Pô<')}`,
  ],
  ['To without Credential', 'N-PARTY-001', good.replace(/<To>.*<\/To>/, '<To><Identity>x</Identity></To>')],
  [
    'one domain in two spellings',
    'N-PARTY-002',
    good.replace('<To><Credential domain="DUNS">', '<To><Credential domain="Duns">'),
  ],
  ['no UserAgent', 'N-AGENT-001', good.replace('<UserAgent>test</UserAgent>', '')],
  ['no orderDate', 'N-DATE-001', orderDocument(GOOD, item())],
  ['an orderDate in Z', 'N-DATE-002', good.replace(DATED, 'orderID="1" orderDate="2026-01-01T00:00:00Z"')],
  [
    'an orderDate without zone',
    'N-DATE-003',
    good.replace(DATED, 'orderID="1" orderDate="2026-01-01T00:00:00"'),
  ],
  ['an orderDate that is no day', 'N-DATE-004', good.replace(DATED, 'orderID="1" orderDate="2000-2-30"')],
  ['an unknown type', 'W-TYPE-001', good.replace(DATED, `${DATED} type="draft"`)],
  ['an update without reference', 'N-REFERENCE-001', good.replace(DATED, `${DATED} type="update"`)],
  ['a version that is no number', 'N-VERSION-001', good.replace(DATED, `${DATED} orderVersion="B"`)],
  ['no BillTo', 'N-BILLTO-001', good.replace('<BillTo><Address/></BillTo>', '')],
  ['no ShipTo anywhere', 'N-SHIPTO-001', good.replace('<ShipTo><Address/></ShipTo>', '')],
  ['no Total', 'N-TOTAL-002', good.replace(/<Total>.*<\/Total>/, '')],
  ['a Total that is no decimal', 'W-MONEY-001', orderDocument(withTotal('1,505.00'), item(), DATED)],
  ['an empty Total', 'N-MONEY-002', orderDocument(withTotal(''), item(), DATED)],
  [
    'a Total without currency',
    'N-MONEY-003',
    good.replace('<Total><Money currency="EUR">', '<Total><Money>'),
  ],
  ['a price that is no decimal', 'W-MONEY-001', orderDocument(GOOD, item(undefined, 'item_price'), DATED)],
  [
    'an empty tax on a line',
    'N-MONEY-002',
    orderDocument(GOOD, item(undefined, '5', '<Tax><Money currency="EUR"/></Tax>'), DATED),
  ],
  [
    'a charge that is no decimal',
    'W-MONEY-001',
    orderDocument(
      GOOD,
      item(undefined, '5', '<Distribution><Charge><Money currency="EUR">?</Money></Charge></Distribution>'),
      DATED,
    ),
  ],
  [
    'a card',
    'N-CARD-001',
    orderDocument(`${GOOD}<Payment><PCard number="4111111111111111"/></Payment>`, item(), DATED),
  ],
  [
    'an attachment that is not there',
    'W-ATTACHMENT-001',
    orderDocument(`${GOOD}<Comments><Attachment><URL>cid:a</URL></Attachment></Comments>`, item(), DATED),
  ],
  [
    'an attachment of a line',
    'W-ATTACHMENT-001',
    orderDocument(
      GOOD,
      item(undefined, '5', '<Comments><Attachment><URL>CID:a</URL></Attachment></Comments>'),
      DATED,
    ),
  ],
  ['something without a key', 'N-UNMAPPED-001', orderDocument(`${GOOD}<Nonsense/>`, item(), DATED)],
  ['no lines', 'W-LINES-001', orderDocument(GOOD, '', DATED)],
  ['no lineNumber', 'N-LINES-002', orderDocument(GOOD, item('quantity="2"'), DATED)],
  ['a lineNumber twice', 'W-LINES-003', orderDocument(withTotal('20'), item().repeat(2), DATED)],
  [
    'line numbers that fall',
    'N-LINES-004',
    orderDocument(withTotal('20'), item('quantity="2" lineNumber="2"') + item(), DATED),
  ],
  ['a line in another line', 'W-LINES-005', orderDocument(GOOD, item(undefined, '5', item()), DATED)],
  ['a line in the header', 'W-LINES-005', orderDocument(`${GOOD}<ItemOut/>`, item(), DATED)],
  ['lines in a list', 'W-LINES-005', orderDocument(GOOD, `<Items>${item()}</Items>`, DATED)],
  ['a line of a cart', 'W-LINES-005', orderDocument(GOOD, `${item()}<ItemIn quantity="1"/>`, DATED)],
  ['a line in small letters', 'W-LINES-005', orderDocument(GOOD, `${item()}<x:itemout/>`, DATED)],
  ['lines that make another sum', 'W-TOTAL-001', orderDocument(withTotal('10.01'), item(), DATED)],
  [
    'a foreign currency',
    'N-CURRENCY-001',
    good.replace('<Total><Money currency="EUR">', '<Total><Money currency="USD">'),
  ],
  ['a currency by its sign', 'N-CURRENCY-002', good.replaceAll('currency="EUR"', 'currency="€"')],
  ['no quantity', 'W-QUANTITY-001', orderDocument(GOOD, item('lineNumber="1"'), DATED)],
  [
    'a quantity that is none',
    'W-QUANTITY-001',
    orderDocument(GOOD, item('quantity="dozen" lineNumber="1"'), DATED),
  ],
  [
    'a quantity of zero',
    'W-QUANTITY-002',
    orderDocument(withTotal('0'), item('quantity="0.0" lineNumber="1"'), DATED),
  ],
  [
    'a quantity below zero',
    'W-QUANTITY-002',
    orderDocument(withTotal('-10'), item('quantity="-2" lineNumber="1"'), DATED),
  ],
  [
    'a line to delete',
    'W-OPERATION-001',
    orderDocument(GOOD, item('quantity="2" lineNumber="1" operation="delete"'), DATED),
  ],
  ['no ItemDetail', 'N-DETAIL-001', orderDocument(GOOD, '<ItemOut quantity="1" lineNumber="1"/>', DATED)],
  ['an empty part number', 'N-PART-001', good.replace('>P<', '><')],
  ['no price', 'W-PRICE-001', good.replace(/<UnitPrice>.*<\/UnitPrice>/, '')],
  ['no unit', 'N-UNIT-001', good.replace('<UnitOfMeasure>EA</UnitOfMeasure>', '')],
  ['blanks around orderID', 'N-HIDDEN-001', good.replace('orderID="PO-1"', 'orderID=" PO-1"')],
  ['a character nobody sees in payloadID', 'N-HIDDEN-002', good.replace('1@buyer', '1\u200b@buyer')],
  [
    'a character nobody sees in an Identity',
    'N-HIDDEN-003',
    good.replace('<Identity>2<', '<Identity>2\u202e3<'),
  ],
  ['a no-break space in a part number', 'N-HIDDEN-004', good.replace('>P<', '>P\u00a01<')],
  [
    'blanks around a quantity',
    'N-HIDDEN-005',
    orderDocument(GOOD, item('quantity=" 2 " lineNumber="1"'), DATED),
  ],
  [
    'what stands beside the Request',
    'N-ROOT-001',
    good.replace('</cXML>', '<EDICustomerID>1</EDICustomerID></cXML>'),
  ],
  ['a trait of very many lines', 'N-MORE-001', orderDocument(GOOD, '<ItemOut/>'.repeat(1000), DATED)],
  [
    'a prefix that nobody declared',
    'W-NAMESPACE-001',
    good.replace('<UnitOfMeasure>EA</', '<u:UnitOfMeasure>EA</u:'),
  ],
  ['a Credential without Identity', 'N-PARTY-003', good.replace('<Identity>2</Identity>', '')],
  [
    'a requestedDeliveryDate that is no day',
    'N-DELIVERY-001',
    orderDocument(GOOD, item(), `${DATED} requestedDeliveryDate="soon"`),
  ],
  [
    'a requestedDeliveryDate of a line that is no day',
    'N-DELIVERY-001',
    orderDocument(GOOD, item('quantity="2" lineNumber="1" requestedDeliveryDate="2026-02-30"'), DATED),
  ],
  [
    'a requestedDeliveryDate before the order was made',
    'N-DELIVERY-002',
    orderDocument(GOOD, item(), `${DATED} requestedDeliveryDate="2025-12-30"`),
  ],
  [
    'a requestedDeliveryDate of a line before the order was made',
    'N-DELIVERY-002',
    orderDocument(GOOD, item('quantity="2" lineNumber="1" requestedDeliveryDate="1900-01-01"'), DATED),
  ],
  [
    'an order that ends before it begins',
    'N-DATE-005',
    orderDocument(
      GOOD,
      item(),
      `${DATED} orderType="blanket" effectiveDate="2026-12-01" expirationDate="2026-01-31"`,
    ),
  ],
  ['a Total of 400 digits', 'W-MONEY-004', orderDocument(withTotal('9'.repeat(400)), item(), DATED)],
  [
    'a quantity of 400 digits',
    'W-QUANTITY-003',
    orderDocument(GOOD, item(`quantity="${'9'.repeat(400)}" lineNumber="1"`), DATED),
  ],
];

const ATTACHED = orderDocument(
  `${GOOD}<Comments><Attachment><URL>cid:a</URL></Attachment></Comments>`,
  item(),
  DATED,
);

/** The same of what came beside the document. */
const WITH_PARTS: readonly (readonly [what: string, id: string, parts: readonly string[]])[] = [
  ['two files of one name', 'W-ATTACHMENT-002', ['a', 'a']],
  ['a file that the order does not refer to', 'N-ATTACHMENT-003', ['a', 'b']],
];

describe('the rules', () => {
  const seen: Finding[] = [];
  function look(id: string, found: readonly Finding[]): void {
    const of = found.filter((each) => each.id === id);
    expect(of, id).not.to.deep.equal([]);
    seen.push(...of);
  }

  for (const [what, id, document] of CASES) {
    it(`find ${what}`, () => look(id, findings(document)));
  }
  for (const [what, id, parts] of WITH_PARTS) {
    it(`find ${what}`, () => {
      const arrived = parts.map((contentId) => ({ contentId }));
      look(id, drain(checkOrder(message(ATTACHED), order(ATTACHED), arrived)));
    });
  }

  it('are each found by a test above', () => {
    const tested = new Set([...CASES, ...WITH_PARTS].map(([, id]) => id));
    expect([...tested].sort()).to.deep.equal(RULES.map(({ id }) => id).sort());
  });

  it('say of each finding where it stands, what is there, and what to do, in one sentence', () => {
    for (const { id, severity, place, message, remedy, value } of seen) {
      expect(severity, id).to.equal(id.startsWith('W') ? 'warning' : 'note');
      expect(place.line, id).to.be.a('number');
      expect(place.column, id).to.be.a('number');
      expect(place.path, id).to.match(/^cXML(\/[A-Za-z]+(\[\d+\])?)*(\/@[A-Za-z:]+)?$/);
      expect(message, id).to.match(/^[\p{L}\d"].*\.$/u);
      expect(message, id).not.to.match(/undefined|null|\[object/);
      expect(remedy, id).to.match(/^\p{Lu}.*[.]$/u);
      expect(value?.length ?? 0, id).to.be.lessThan(202);
    }
  });

  it('never show the number of a card', () => {
    const card = findings(
      orderDocument(`${GOOD}<Payment><PCard number="4111111111111111" expiration="2030-12-31"/></Payment>`),
    ).find(({ id }) => id === 'N-CARD-001');
    expect(card?.value).to.equal('****1111');
    expect(JSON.stringify(seen)).not.to.match(/4111111111111111/);
  });

  it('have ids that last, and words for the table', () => {
    for (const { id, trait, remedy } of RULES) {
      expect(id).to.match(/^[WN]-[A-Z]+-\d{3}$/);
      expect(trait, id).to.match(/^\S.*[^.]$/);
      expect(remedy, id).to.match(/\.$/);
    }
  });
});

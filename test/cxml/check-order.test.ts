import { expect } from 'chai';
import { RULE_IDS } from '../../src/cxml/check-order.ts';
import { findings, orderDocument } from './reading.ts';

const GOOD =
  '<Total><Money currency="EUR">10.00</Money></Total><ShipTo><Address/></ShipTo><BillTo><Address/></BillTo>';
const DATED = 'orderID="PO-1" orderDate="2026-01-01T00:00:00+00:00"';

const item = (attributes = 'quantity="2" lineNumber="1"', price = '5', more = '') =>
  `<ItemOut ${attributes}><ItemID><SupplierPartID>P</SupplierPartID></ItemID><ItemDetail>` +
  `<UnitPrice><Money currency="EUR">${price}</Money></UnitPrice><UnitOfMeasure>EA</UnitOfMeasure></ItemDetail>${more}</ItemOut>`;

const good = orderDocument(GOOD, item(), DATED);

const ids = (document: string): string[] => findings(document).map(({ id }) => id);

const withTotal = (amount: string) => GOOD.replace('10.00', amount);

describe('checkOrder', () => {
  it('finds nothing in an order as it should be', () => {
    expect(findings(good)).to.deep.equal([]);
  });

  const cases: [what: string, id: string, document: string][] = [
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
    [
      'an unknown deploymentMode',
      'W-MODE-002',
      good.replace('<Request>', '<Request deploymentMode="trial">'),
    ],
    ['a namespace', 'N-ROOT-002', good.replace('<cXML ', '<cXML xmlns="urn:x" ')],
    ['a parameter entity', 'N-DOCTYPE-001', `<!DOCTYPE cXML [<!ENTITY % x "y">]>${good}`],
    ['a false encoding', 'N-ENCODING-001', `<?xml version="1.0" encoding="utf-16"?>${good}`],
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
    ['lines that make another sum', 'W-TOTAL-001', orderDocument(withTotal('10.01'), item(), DATED)],
    [
      'a foreign currency',
      'N-CURRENCY-001',
      good.replace('<Total><Money currency="EUR">', '<Total><Money currency="USD">'),
    ],
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
  ];
  for (const [what, id, document] of cases) {
    it(`finds ${what}`, () => expect(ids(document)).to.include(id));
  }

  it('finds what stands beside the Request, and where', () => {
    const found = findings(good.replace('</cXML>', '\n<EDICustomerID>1</EDICustomerID></cXML>'));
    expect(found.find(({ id }) => id === 'N-ROOT-001')?.place).to.deep.equal({
      line: 2,
      column: 1,
      path: 'cXML/EDICustomerID',
    });
  });

  it('has a test for every rule', () => {
    const elsewhere = ['N-ROOT-001', 'N-MORE-001', 'W-ATTACHMENT-002', 'N-ATTACHMENT-003'];
    const tested = new Set([...cases.map(([, id]) => id), ...elsewhere]);
    expect([...tested].sort()).to.deep.equal([...RULE_IDS].sort());
  });

  describe('does not mind', () => {
    const fine: Record<string, string> = {
      'an orderDate that is a day': good.replace(DATED, 'orderID="1" orderDate="2026-01-01"'),
      'a Total that rounding explains': orderDocument(
        withTotal('1505.00'),
        item('quantity="21" lineNumber="1"', '71.666667'),
        DATED,
      ),
      'a Total with fewer decimals': orderDocument(withTotal('10'), item(), DATED),
      'a sum nobody can know': orderDocument(
        withTotal('99'),
        item('quantity="2" lineNumber="1"', ''),
        DATED,
      ).replace(/<UnitPrice>.*<\/UnitPrice>/, ''),
      'an http address as attachment': orderDocument(
        `${GOOD}<Comments>x<Attachment><URL>https://h/</URL></Attachment></Comments>`,
        item(),
        DATED,
      ),
      'a cancel without lines': orderDocument(
        `${GOOD}<DocumentReference payloadID="0"/>`,
        '',
        `${DATED} type="delete"`,
      ),
      'letters of any language': good.replace('>P<', '>Größe-ネジ😀<'),
    };
    for (const [what, document] of Object.entries(fine)) {
      it(what, () => expect(ids(document).filter((id) => id !== 'W-PRICE-001')).to.deep.equal([]));
    }

    it('a blanket order whose Total is a limit', () => {
      expect(ids(orderDocument(withTotal('99'), item(), `${DATED} orderType="blanket"`))).to.deep.equal([]);
    });
  });

  it('points at the element the finding is about', () => {
    const document = orderDocument(
      `${GOOD}\n`,
      `${item()}\n\n${item('quantity="1" lineNumber="2"', '\n?')}`,
      DATED,
    );
    const found = findings(document).find(({ id }) => id === 'W-MONEY-001');
    expect(found?.place.line).to.equal(4);
    expect(found?.place.path).to.equal('cXML/Request/OrderRequest/ItemOut[2]/ItemDetail/UnitPrice/Money');
  });

  it('calls nothing that a real sender does an error', () => {
    expect(RULE_IDS.every((id) => /^[WN]-[A-Z]+-\d{3}$/.test(id))).to.equal(true);
  });

  it('tells a trait that many lines share a few times, and counts the rest', () => {
    const found = findings(orderDocument(GOOD, '<ItemOut/>'.repeat(1000), DATED));
    expect(found.length).to.be.lessThan(202);
    expect(found.at(-1)).to.deep.include({ id: 'N-MORE-001', severity: 'note' });
    expect(found.filter(({ id }) => id === 'N-PART-001')).to.have.length(25);
    const told = found.length - 1 + Number(/\d+/.exec(found.at(-1)?.message ?? '')?.[0]);
    expect(told).to.equal(5 * 1000 + 1);
  });

  it('shows values on one line, short, and without what a terminal would act on', () => {
    const evil = `\u202e\u009b31m${'x'.repeat(500)}`;
    const [found] = findings(good.replace('timestamp="2026-01-01T00:00:00+00:00"', `timestamp="${evil}"`));
    expect(found?.message).to.not.match(/\p{C}/u);
    expect(found?.message.length).to.be.lessThan(200);
  });
});

import { expect } from 'chai';
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

  it('finds what stands beside the Request, and where', () => {
    const found = findings(good.replace('</cXML>', '\n<EDICustomerID>1</EDICustomerID></cXML>'));
    expect(found.find(({ id }) => id === 'N-ROOT-001')?.place).to.deep.equal({
      line: 2,
      column: 1,
      path: 'cXML/EDICustomerID',
    });
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

  it('takes for a line that stands elsewhere only what is one', () => {
    const more = '<ItemOutList/><Item>ItemOut</Item><Comment>&lt;ItemOut></Comment>';
    expect(ids(orderDocument(GOOD + more, item(), DATED))).to.deep.equal(['N-UNMAPPED-001']);
    const found = findings(orderDocument(GOOD, `${item()}\n<Items>${item()}</Items>`, DATED));
    expect(found.map(({ id, place }) => [id, place.line, place.path])).to.deep.equal([
      ['N-UNMAPPED-001', 2, 'cXML/Request/OrderRequest/Items'],
      ['W-LINES-005', 2, 'cXML/Request/OrderRequest/Items'],
    ]);
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

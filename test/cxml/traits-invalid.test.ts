/** What invalid orders look like (corpus-variation.md): none of it is a reason to refuse. */
import { expect } from 'chai';
import {
  BILL_TO,
  CLASSIFICATION,
  documentWith,
  FROM,
  ITEM_ID,
  kept,
  line,
  refused,
  SENDER,
  SHIP_TO,
  TO,
  TOTAL,
  UNIT,
  unmapped,
} from './trait.ts';

const details = TOTAL + SHIP_TO + BILL_TO;

describe('the DTD complains, the order is kept', () => {
  it('header content: most often no `BillTo`; also no `Total`, no `ShipTo` before it, alphabetical order', () => {
    expect(kept({ details: BILL_TO + SHIP_TO + TOTAL }).ids).to.deep.equal([]);
    expect(kept({ details: '' }).ids).to.deep.equal(['N-BILLTO-001', 'N-SHIPTO-001', 'N-TOTAL-002']);
  });

  it('`ItemDetail` without `Classification`, or without `UnitPrice` / `UnitOfMeasure`', () => {
    expect(kept({ lines: line().replace(CLASSIFICATION, '') }).ids).to.deep.equal([]);
    expect(
      kept({
        lines: line()
          .replace(/<UnitPrice>.*<\/UnitPrice>/, '')
          .replace(UNIT, ''),
      }).ids,
    ).to.deep.equal(['W-PRICE-001', 'N-UNIT-001']);
  });

  it('`Sender` without `UserAgent`', () => {
    const header = FROM + TO + SENDER.replace('<UserAgent>u</UserAgent>', '');
    expect(kept({ header }).ids).to.deep.equal(['N-AGENT-001']);
  });

  it('`Description` / `Name` without `xml:lang`', () => {
    const { order, ids } = kept(documentWith().replaceAll(' xml:lang="en"', ''));
    const [{ description, descriptionLang } = {}] = order.lines;
    expect([order.shipTo?.name, description, descriptionLang]).to.deep.equal(['n', 'd', undefined]);
    expect(ids).to.deep.equal([]);
  });

  it('`OrderRequest` without `ItemOut`', () => {
    expect(kept({ lines: '' }).ids).to.deep.equal(['W-LINES-001']);
  });

  it('`To` holding `Correspondent` or `Identity` only', () => {
    for (const party of ['<Correspondent/>', '<Identity>2</Identity>']) {
      expect(kept({ header: `${FROM}<To>${party}</To>${SENDER}` }).ids).to.deep.equal(['N-PARTY-001']);
    }
  });

  it('root content: no Header, or an element after `Request`', () => {
    expect(kept({ after: '<Extra/>' }).ids).to.include('N-ROOT-001');
    expect(refused({ header: null }).code).to.equal('sender-unknown');
  });

  it('no `timestamp` / no `payloadID`', () => {
    expect(kept({ root: '' }).ids).to.deep.equal(['N-PAYLOAD-001', 'N-TIME-001']);
  });

  it('`PostalAddress` without `Street`', () => {
    const ship = '<ShipTo><Address><PostalAddress><City>c</City></PostalAddress></Address></ShipTo>';
    const { order, ids } = kept({ details: TOTAL + ship + BILL_TO });
    expect([order.shipTo?.street, order.shipTo?.city]).to.deep.equal([[], 'c']);
    expect(ids).to.deep.equal([]);
  });

  it('`Payment` holding something other than PCard; incomplete `TelephoneNumber`; unknown element in `Address`', () => {
    const address =
      '<Address><Name>n</Name><Phone><TelephoneNumber><Number>1</Number></TelephoneNumber></Phone><Dock>7</Dock></Address>';
    const taken = kept({
      details: `${TOTAL}<ShipTo>${address}</ShipTo>${BILL_TO}<Payment><Voucher>v</Voucher></Payment>`,
    });
    expect(taken.order.shipTo?.phone?.number).to.equal('1');
    expect(taken.order.payment?.method).to.equal('other');
    expect(unmapped(taken)).to.have.members(['<Dock>7</Dock>', '<Voucher>v</Voucher>']);
  });

  it('unknown attributes (`SAPPO`, `payload`, `lang`, `Lang`, `xmlns`, `isoStateCode`), values outside the list (`Production`, an early `orderType` against an old DTD), unknown elements (`EDICustomerID`, `SiteCode`, `ShipFrom`, `ManufacturePartID`, `Nonsense`), missing `orderID`', () => {
    const taken = kept({
      root: 'payload="1" SAPPO="x" payloadID="1@b" timestamp="2026-01-01T00:00:00+00:00"',
      order: 'orderID="1" orderDate="2026-01-01" orderType="stockTransport"',
      details: `${details}<ShipFrom/><Nonsense Lang="de"/>`,
      lines: line({ rest: '<ManufacturePartID>M</ManufacturePartID>' }),
    });
    expect(unmapped(taken)).to.have.members([
      'payload="1"',
      'SAPPO="x"',
      '<ShipFrom/>',
      '<Nonsense Lang="de"/>',
      '<ManufacturePartID>M</ManufacturePartID>',
    ]);
    expect(taken.order.orderType).to.equal('stockTransport');
    expect(taken.ids).to.deep.equal(['N-UNMAPPED-001']);
    expect(
      kept({ lines: line({ id: ITEM_ID.replace('>P<', ' xmlns="urn:x">P<') }) }).order.lines[0]
        ?.supplierPartId,
    ).to.equal('P');
  });
});

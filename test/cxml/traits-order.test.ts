/** How real senders write the header of an order (corpus-variation.md, "Order header"). */
import { expect } from 'chai';
import { BILL_TO, kept, line, refused, SHIP_TO, TOTAL, unmapped } from './trait.ts';

const postal = (xml: string): string =>
  `<ShipTo><Address><Name>n</Name><PostalAddress>${xml}</PostalAddress></Address></ShipTo>`;

describe('the trait', () => {
  it('orderDate: date only', () => {
    const { order, ids } = kept({ order: 'orderID="1" orderDate="2026-01-31"' });
    expect(order.orderDate).to.equal('2026-01-31');
    expect(ids).to.deep.equal([]);
  });

  it('orderDate with numeric offset', () => {
    const { order, ids } = kept({ order: 'orderID="1" orderDate="2026-01-31T10:00:00-08:00"' });
    expect(order.orderDate).to.equal('2026-01-31T10:00:00-08:00');
    expect(ids).to.deep.equal([]);
  });

  it('orderDate with `Z`, no zone, `-0400`, `2000-2-30`, junk', () => {
    const dates = {
      '2026-01-31T10:00:00Z': ['N-DATE-002'],
      '2026-01-31T10:00:00': ['N-DATE-003'],
      '2026-01-31T10:00:00-0400': [],
      '2000-2-30': ['N-DATE-004'],
      'next week': ['N-DATE-004'],
    };
    for (const [date, rules] of Object.entries(dates)) {
      const { order, ids } = kept({ order: `orderID="1" orderDate="${date}"` });
      expect(order.orderDate).to.equal(date);
      expect(ids, date).to.deep.equal(rules);
    }
  });

  it('orderID missing or empty', () => {
    for (const order of ['', 'orderID=""', 'orderID="  "']) {
      const { code, place } = refused({ order });
      expect(code).to.equal('order-invalid');
      expect(place?.path).to.equal('cXML/Request/OrderRequest/OrderRequestHeader/@orderID');
    }
  });

  it('orderVersion present', () => {
    const { order, ids } = kept({ order: 'orderID="1" orderDate="2026-01-31" orderVersion="3"' });
    expect([order.orderVersion, order.revision, order.revisionSource]).to.deep.equal(['3', 3, 'cxml']);
    expect(ids).to.deep.equal([]);
  });

  it('type="update" without DocumentReference', () => {
    const { order, ids } = kept({ order: 'orderID="1" orderDate="2026-01-31" type="update"' });
    expect([order.operation, order.documentReference]).to.deep.equal(['update', undefined]);
    expect(ids).to.deep.equal(['N-REFERENCE-001']);
  });

  it('no header ShipTo', () => {
    const lines = line({ rest: SHIP_TO });
    const { order, ids } = kept({ details: TOTAL + BILL_TO, lines });
    expect([order.shipTo, order.lines[0]?.shipTo?.name]).to.deep.equal([undefined, 'n']);
    expect(ids).to.deep.equal([]);
    expect(kept({ details: TOTAL + BILL_TO }).ids).to.deep.equal(['N-SHIPTO-001']);
  });

  it('no header BillTo', () => {
    const { order, ids } = kept({ details: TOTAL + SHIP_TO });
    expect(order.billTo).to.equal(undefined);
    expect(ids).to.deep.equal(['N-BILLTO-001']);
  });

  it('no Total', () => {
    const { order, ids } = kept({ details: SHIP_TO + BILL_TO });
    expect([order.total, order.currency]).to.deep.equal([undefined, undefined]);
    expect(ids).to.deep.equal(['N-TOTAL-002']);
  });

  it('children out of DTD order', () => {
    const comment = '<Comments xml:lang="en">early</Comments>';
    const { order, ids } = kept({
      details: `<Extrinsic name="a">1</Extrinsic>${comment}${BILL_TO}${SHIP_TO}${TOTAL}`,
    });
    expect(order.total?.amount).to.equal('10.00');
    expect([order.shipTo?.name, order.billTo?.name]).to.deep.equal(['n', 'n']);
    expect(order.comments[0]?.text).to.equal('early');
    expect(ids).to.deep.equal([]);
  });

  it('children the DTD does not know', () => {
    const taken = kept({ details: `${TOTAL}<SiteCode a="1">x<b/></SiteCode>${SHIP_TO}${BILL_TO}` });
    expect(unmapped(taken)).to.deep.equal(['<SiteCode a="1">x<b/></SiteCode>']);
    expect(taken.findings.map(({ id, value }) => [id, value])).to.deep.equal([
      ['N-UNMAPPED-001', 'cXML/Request/OrderRequest/OrderRequestHeader/SiteCode'],
    ]);
  });

  it('several DeliverTo', () => {
    const details =
      TOTAL + BILL_TO + postal('<DeliverTo>Company</DeliverTo><DeliverTo>Name</DeliverTo><City>c</City>');
    const { order, ids } = kept({ details });
    expect(order.shipTo?.deliverTo).to.deep.equal(['Company', 'Name']);
    expect(ids).to.deep.equal([]);
  });

  it('several Street, or none', () => {
    const streets = kept({
      details: TOTAL + BILL_TO + postal('<Street>a</Street><Street>b</Street><Street/>'),
    });
    expect(streets.order.shipTo?.street).to.deep.equal(['a', 'b', '']);
    expect(streets.ids).to.deep.equal([]);
    expect(kept({ details: TOTAL + BILL_TO + postal('<City>c</City>') }).order.shipTo?.street).to.deep.equal(
      [],
    );
  });

  it('empty State, City or PostalCode', () => {
    const { order, ids } = kept({
      details: TOTAL + BILL_TO + postal('<City/><State></State><PostalCode> </PostalCode>'),
    });
    const { city, region, postalCode, municipality } = order.shipTo ?? {};
    expect([city, region, postalCode, municipality]).to.deep.equal(['', '', '', undefined]);
    expect(ids).to.deep.equal([]);
  });

  it('Extrinsic in the header', () => {
    const details = '<Extrinsic name="b">1</Extrinsic><Extrinsic name="a"/><Extrinsic name="b">2</Extrinsic>';
    const { order, ids } = kept({ details: TOTAL + SHIP_TO + BILL_TO + details });
    expect(order.extrinsics.map(({ name, value }) => [name, value])).to.deep.equal([
      ['b', '1'],
      ['a', ''],
      ['b', '2'],
    ]);
    expect(ids).to.deep.equal([]);
  });

  it('Extrinsic inside Extrinsic', () => {
    const details =
      '<Extrinsic name="a">x<Extrinsic name="b"><Extrinsic name="c">1</Extrinsic></Extrinsic></Extrinsic>';
    const { order, ids } = kept({ details: TOTAL + SHIP_TO + BILL_TO + details });
    const [outer, ...others] = order.extrinsics;
    expect(others).to.deep.equal([]);
    expect([outer?.name, outer?.value]).to.deep.equal(['a', 'x']);
    expect(outer?.children?.map(({ xml }) => xml)).to.deep.equal([
      '<Extrinsic name="b"><Extrinsic name="c">1</Extrinsic></Extrinsic>',
    ]);
    expect(ids).to.deep.equal([]);
  });

  it('Attachment element', () => {
    const attachment =
      '<Comments>see<Attachment visibility="internal"><URL>cid:a%20b@x</URL></Attachment></Comments>';
    const { order, findings } = kept({ details: TOTAL + SHIP_TO + BILL_TO + attachment });
    expect(order.attachmentReferences).to.deep.equal([
      {
        url: 'cid:a%20b@x',
        visibility: 'internal',
        path: 'cXML/Request/OrderRequest/OrderRequestHeader/Comments/Attachment',
      },
    ]);
    expect(findings.map(({ id, value, place }) => [id, value, place.path])).to.deep.equal([
      ['W-ATTACHMENT-001', 'cid:a b@x', 'cXML/Request/OrderRequest/OrderRequestHeader/Comments/Attachment'],
    ]);
  });

  it('PCard or other Payment data', () => {
    const card =
      '<Payment><PCard number="4111 1111 1111 1111" expiration="2030-12-31" name="J. Doe"/></Payment>';
    const taken = kept({ details: TOTAL + SHIP_TO + BILL_TO + card });
    expect(taken.order.payment).to.include({ method: 'pcard', cardLast4: '1111', cardName: 'J. Doe' });
    expect(taken.ids).to.deep.equal(['N-CARD-001']);
    expect(JSON.stringify([taken.order, taken.findings])).not.to.match(/4111|2030-12-31/);
    const other = kept({ details: `${TOTAL + SHIP_TO + BILL_TO}<Payment><Cash/></Payment>` });
    expect(other.order.payment?.method).to.equal('other');
    expect(unmapped(other)).to.deep.equal(['<Cash/>']);
  });
});

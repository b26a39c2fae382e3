import { expect } from 'chai';
import { readOrder } from '../../src/cxml/read-order.ts';
import { UNMAPPED_LIMIT } from '../../src/cxml/spot.ts';
import { asJson, message, order, orderDocument, refusal } from './reading.ts';

const line = (inside: string, attributes = 'quantity="1" lineNumber="1"') =>
  `<ItemOut ${attributes}>${inside}</ItemOut>`;

const onlyLine = (inside: string, attributes?: string) => {
  const [read] = order(orderDocument('', line(inside, attributes))).lines;
  if (read === undefined) throw new Error('there is no line');
  return read;
};

const priced = (quantity: string, amount: string, more = '') =>
  onlyLine(
    `<ItemDetail><UnitPrice><Money currency="EUR">${amount}</Money></UnitPrice>${more}</ItemDetail>`,
    `quantity="${quantity}"`,
  ).lineTotal?.amount;

describe('readOrder', () => {
  describe('refuses what leaves no order', () => {
    const header = 'cXML/Request/OrderRequest/OrderRequestHeader';
    const cases: [what: string, document: string, path: string][] = [
      ['no orderID', orderDocument('', '', 'orderDate="2026-01-01"'), `${header}/@orderID`],
      ['an empty orderID', orderDocument('', '', 'orderID=""'), `${header}/@orderID`],
      ['a blank orderID', orderDocument('', '', 'orderID=" &#9;"'), `${header}/@orderID`],
      [
        'no header',
        '<cXML><Request><OrderRequest><ItemOut/></OrderRequest></Request></cXML>',
        'cXML/Request/OrderRequest',
      ],
      ['no OrderRequest', '<cXML><Request><ProfileRequest/></Request></cXML>', 'cXML/Request'],
      ['no Request', '<cXML><Header/></cXML>', 'cXML'],
      ['no header outside a Request', '<cXML><OrderRequest/></cXML>', 'cXML/OrderRequest'],
      [
        'two orders in one Request',
        orderDocument('').replace('</Request>', '<OrderRequest/></Request>'),
        'cXML/Request/OrderRequest[2]',
      ],
      [
        'two orders in two Requests',
        orderDocument('').replace('</cXML>', '<Request><OrderRequest/></Request></cXML>'),
        'cXML/Request/OrderRequest[2]',
      ],
    ];
    for (const [what, document, path] of cases) {
      it(what, () => {
        const refused = refusal(() => order(`\n${document}`));
        expect(refused.code).to.equal('order-invalid');
        expect(refused.place).to.deep.include({ line: 2, path });
      });
    }
  });

  it('keeps orderID exactly', () => {
    expect(order(orderDocument('', '', 'orderID=" 0042:0:55 "')).purchaseOrderNumber).to.equal(' 0042:0:55 ');
  });

  const types: [sent: string, operation: string][] = [
    ['', 'new'],
    ['type="new"', 'new'],
    ['type="update"', 'update'],
    ['type="delete"', 'cancel'],
    ['type="Delete"', 'cancel'],
    ['type="change"', 'new'],
  ];
  for (const [sent, operation] of types) {
    it(`takes ${sent || 'no type'} as ${operation}`, () => {
      expect(order(orderDocument('', '', `orderID="1" ${sent}`)).operation).to.equal(operation);
    });
  }

  it('tells the number of a revision only when it is one', () => {
    const read = (version: string) => order(orderDocument('', '', `orderID="1" ${version}`));
    expect(read('orderVersion="3"')).to.include({ revision: 3, revisionSource: 'cxml', orderVersion: '3' });
    expect(read('orderVersion="C"')).to.include({ revision: null, revisionSource: null, orderVersion: 'C' });
    expect(read('')).to.include({ revision: null, revisionSource: null });
  });

  it('tells empty from missing', () => {
    const read = order(
      orderDocument(
        '<Total><Money currency=""/></Total><ShipTo><Address><PostalAddress><State/></PostalAddress></Address></ShipTo>',
      ),
    );
    expect(read.total).to.deep.include({ amount: null, currency: '' });
    expect(read.shipTo?.region).to.equal('');
    expect(read.shipTo?.city).to.equal(undefined);
    expect(onlyLine('<ItemID><SupplierPartAuxiliaryID/></ItemID>').supplierPartAuxiliaryId).to.equal('');
    expect(onlyLine('').supplierPartAuxiliaryId).to.equal(null);
    expect(onlyLine('', 'quantity=""').quantity).to.equal(null);
  });

  describe('numbers lines', () => {
    const numbers: [sent: string, number: number | null, text: string | undefined][] = [
      ['lineNumber="7"', 7, undefined],
      ['lineNumber="0010"', 10, '0010'],
      ['lineNumber=" 3 "', 3, ' 3 '],
      ['lineNumber="1.1"', null, '1.1'],
      ['lineNumber="-1"', null, '-1'],
      ['lineNumber=""', null, ''],
      ['', null, undefined],
      ['lineNumber="12345678901234567890"', null, '12345678901234567890'],
    ];
    for (const [sent, number, text] of numbers) {
      it(`with ${sent || 'no lineNumber'}`, () => {
        const read = onlyLine('', `quantity="1" ${sent}`);
        expect([read.lineNumber, read.lineNumberText, read.position]).to.deep.equal([number, text, 1]);
      });
    }
  });

  describe('multiplies exactly', () => {
    const totals: [quantity: string, price: string, more: string, total: string | undefined][] = [
      ['21', '71.666667', '', '1505.000007'],
      ['2', '5.00', '', '10.00'],
      ['2.50', '1505.0', '', '3762.5'],
      ['0.1', '0.2', '', '0.02'],
      ['3', '.34', '', '1.02'],
      ['-1', '5', '', '-5'],
      ['1300', '19.50', '<PriceBasisQuantity quantity="100" conversionFactor="1"/>', '253.50'],
      ['2', '5', '<PriceBasisQuantity quantity="1" conversionFactor="0.5"/>', '5'],
      ['1', '10', '<PriceBasisQuantity quantity="3"/>', undefined],
      ['1', '10', '<PriceBasisQuantity quantity="0"/>', undefined],
      ['1', '10', '<PriceBasisQuantity quantity="dozen"/>', undefined],
      ['many', '10', '', undefined],
      ['1', '1,505.00', '', undefined],
      ['1', '', '', undefined],
    ];
    for (const [quantity, price, more, total] of totals) {
      it(`${quantity} × ${price || 'nothing'} ${more}`, () => {
        expect(priced(quantity, price, more)).to.equal(total);
      });
    }
  });

  it('keeps amounts that are none as they are', () => {
    const { total } = order(orderDocument('<Total><Money currency="USD"> total_cost\n</Money></Total>'));
    expect(total?.amount).to.equal('total_cost');
  });

  describe('loses nothing', () => {
    it('of elements and attributes it has no key for, at any depth', () => {
      const marks = Array.from({ length: 12 }, (_, index) => `lost-${index}`);
      const [a, b, c, d, e, f, g, h, i, j, k, l] = marks;
      const document = orderDocument(
        `<Unknown>${a}</Unknown><Total ${b}="${b}"><Money currency="X" x="${c}">1<b>${d}</b></Money></Total>` +
          `<ShipTo><Address><Name y="${e}">n</Name><Phone><TelephoneNumber><Number>1</Number><Number>${f}</Number></TelephoneNumber></Phone></Address></ShipTo>` +
          `<Comments>c<x>${g}</x></Comments>${h}<Payment><Cash>${i}</Cash></Payment>`,
        line(
          `<ItemID><SupplierPartID>1</SupplierPartID><SupplierPartID>${j}</SupplierPartID></ItemID>` +
            `<Distribution><Accounting name="n"><Segment type="t" id="i" description="d" z="${k}"/></Accounting></Distribution>`,
        ),
        `orderID="1" ${l}="${l}"`,
      );
      const read = order(document);
      const kept = JSON.stringify([read.unmapped, read.lines[0]?.unmapped]);
      for (const mark of marks) expect(kept).to.contain(mark);
    });

    it('of a second element where there should be one', () => {
      const two = '<Total><Money currency="A">1</Money></Total><Total><Money currency="B">2</Money></Total>';
      const { total, unmapped } = order(orderDocument(two));
      expect(total).to.deep.include({ amount: '1', currency: 'A' });
      expect(unmapped).to.deep.equal([
        {
          path: 'cXML/Request/OrderRequest/OrderRequestHeader/Total[2]',
          xml: '<Total><Money currency="B">2</Money></Total>',
        },
      ]);
    });

    it('of what stands beside the order, except the Header', () => {
      const { unmapped } = order(
        orderDocument('')
          .replace('<cXML ', '<cXML payload="x" ')
          .replace('</cXML>', '<EDICustomerID>7</EDICustomerID></cXML>')
          .replace('<Request>', '<Request Id="r"><!-- c -->'),
      );
      expect(unmapped.map(({ path }) => path)).to.deep.equal([
        'cXML/@payload',
        'cXML/Request/@Id',
        'cXML/EDICustomerID',
      ]);
    });

    it('writes a fragment that reads back as it was', () => {
      const inside = '<x a="1 &lt; &quot;2&quot;&#10;&#9;&amp;">t &lt;b> ]]&gt; &amp;amp;<y/>é</x>';
      const [kept] = order(orderDocument(inside)).unmapped;
      const again = order(orderDocument(kept?.xml ?? '')).unmapped[0];
      expect(again).to.deep.equal(kept);
      expect(kept?.xml).to.contain('&lt;b>').and.to.contain('&#10;&#9;&amp;"');
    });

    it('even where there is more than anyone will read: it counts the rest', () => {
      const { unmapped } = order(orderDocument('<u/>'.repeat(UNMAPPED_LIMIT + 5)));
      expect(unmapped).to.have.length(UNMAPPED_LIMIT + 1);
      expect(unmapped.at(-1)?.xml).to.contain('5 more');
    });
  });

  it('writes paths that tell siblings apart', () => {
    const document = orderDocument(
      '<Extrinsic name="a"/>',
      line('<ItemDetail><Extrinsic name="b"/><x/><Extrinsic name="c"/></ItemDetail>').repeat(2) +
        line(`<ItemDetail>${'<Extrinsic name="d"/>'.repeat(50)}</ItemDetail>`),
    );
    const read = order(document);
    expect(read.extrinsics[0]?.path).to.equal('cXML/Request/OrderRequest/OrderRequestHeader/Extrinsic');
    expect(read.lines[1]?.extrinsics[1]?.path).to.equal(
      'cXML/Request/OrderRequest/ItemOut[2]/ItemDetail/Extrinsic[2]',
    );
    expect(read.lines[2]?.extrinsics[49]?.path).to.equal(
      'cXML/Request/OrderRequest/ItemOut[3]/ItemDetail/Extrinsic[50]',
    );
    expect(read.lines[2]?.place.path).to.equal('cXML/Request/OrderRequest/ItemOut[3]');
  });

  it('finds a classification in the text, else in the code', () => {
    const classify = (xml: string) => asJson(onlyLine(`<ItemDetail>${xml}</ItemDetail>`).classifications[0]);
    expect(classify('<Classification domain="UNSPSC">unknown</Classification>')).to.deep.equal({
      domain: 'UNSPSC',
      code: 'unknown',
    });
    expect(classify('<Classification domain="UNSPSC" code="4321"/>')).to.deep.equal({
      domain: 'UNSPSC',
      code: '4321',
    });
    expect(classify('<Classification code="1">2</Classification>')).to.deep.equal({
      code: '2',
      otherCode: '1',
    });
  });

  it('names the parties as far as the document does', () => {
    const named = orderDocument('<BillTo><Address><Name>Bill</Name></Address></BillTo>');
    expect(order(named).buyer.name).to.equal('Bill');
    expect(order(named).supplier.name).to.equal(undefined);
    const introduced = named.replace(
      '</From>',
      '<Correspondent><Contact><Name>Cora</Name></Contact></Correspondent></From>',
    );
    expect(order(introduced).buyer).to.deep.equal({
      name: 'Cora',
      identifiers: [{ domain: 'DUNS', value: '1' }],
    });
    expect(order(orderDocument('')).buyer.name).to.equal(undefined);
  });

  describe('shows of a card no more than its last digits', () => {
    const numbers: [number: string, last: string | undefined][] = [
      ['4111111111111111', '1111'],
      ['4111 1111 1111 1234', '1234'],
      ['3400-000000-00009', '0009'],
      ['XXXXXXXXXXXX5678', '5678'],
      ['1234', undefined],
      ['', undefined],
    ];
    for (const [number, last] of numbers) {
      it(`of ${number || 'none'}`, () => {
        const { payment, ...rest } = order(
          orderDocument(`<Payment><PCard number="${number}" expiration="2027-01-01"/></Payment>`),
        );
        expect(asJson(payment)).to.deep.equal(asJson({ method: 'pcard', cardLast4: last }));
        if (number.length > 4) expect(JSON.stringify([payment, rest])).to.not.contain(number);
      });
    }
  });

  it('pauses while it reads many lines', () => {
    const read = readOrder(message(orderDocument('', line('').repeat(1000))));
    let pauses = 0;
    let step = read.next();
    for (; step.done !== true; step = read.next()) pauses++;
    expect(pauses).to.equal(5);
    expect(step.value.lines.map(({ position }) => position)).to.deep.equal(
      Array.from({ length: 1000 }, (_, at) => at + 1),
    );
  });

  it('has no key called after anything in the document', () => {
    const odd = orderDocument(
      '<__proto__>x</__proto__><constructor/><Extrinsic name="__proto__">y</Extrinsic>',
      '',
      'orderID="1" __proto__="z"',
    );
    const read = order(odd);
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype);
    expect(read.unmapped.map(({ path }) => path.split('/').at(-1))).to.deep.equal([
      '@__proto__',
      '__proto__',
      'constructor',
    ]);
    expect(({} as { x?: unknown }).x).to.equal(undefined);
  });
});

/** Numbers, dates and identifiers that are not what they should be: kept as data, character for character, and told. */
import { expect } from 'chai';
import { BILL_TO, kept, line, priced, refused, SHIP_TO, TOTAL } from './trait.ts';

/** As an attribute or a text that XML gives back exactly. */
const written = (text: string): string =>
  text.replace(/[<>&"'\s\u0080-\u00a0]/g, (each) => `&#${each.charCodeAt(0)};`);

describe('a number', () => {
  const money: readonly (readonly [sent: string, kept: string, id: string | undefined])[] = [
    ['1,505.00', '1,505.00', 'W-MONEY-001'],
    ['1.505,00', '1.505,00', 'W-MONEY-001'],
    ['NaN', 'NaN', 'W-MONEY-001'],
    ['Infinity', 'Infinity', 'W-MONEY-001'],
    ['1e999', '1e999', 'W-MONEY-001'],
    ['0x1F', '0x1F', 'W-MONEY-001'],
    ['+5', '+5', 'W-MONEY-001'],
    ['5.', '5.', 'W-MONEY-001'],
    ['--5', '--5', 'W-MONEY-001'],
    ['١٢٣', '١٢٣', 'W-MONEY-001'],
    ['１２', '１２', 'W-MONEY-001'],
    ['1 505', '1 505', 'W-MONEY-001'],
    ['€ 5', '€ 5', 'W-MONEY-001'],
    [' 10 ', '10', undefined],
    ['-0', '-0', undefined],
    ['-5.00', '-5.00', undefined],
    ['007', '007', undefined],
    ['9'.repeat(400), '9'.repeat(400), 'W-MONEY-004'],
    [`0.${'3'.repeat(400)}`, `0.${'3'.repeat(400)}`, 'W-MONEY-004'],
  ];
  for (const [sent, expected, id] of money) {
    it(`as an amount: ${JSON.stringify(sent.slice(0, 12))}`, () => {
      const taken = kept({ lines: priced(sent) });
      const [found] = taken.findings.filter((each) => each.id.includes('MONEY'));
      expect(taken.order.lines[0]?.unitPrice?.amount).to.equal(expected);
      expect(found?.id).to.equal(id);
      if (id === undefined) return;
      expect(taken.order.lines[0]?.lineTotal).to.equal(undefined);
      expect(found?.place.path).to.match(/ItemOut\/ItemDetail\/UnitPrice\/Money$/);
      expect(found?.value?.slice(0, 12)).to.equal(expected.slice(0, 12));
    });
  }

  const quantities: readonly (readonly [sent: string, kept: string | null, ids: readonly string[]])[] = [
    ['1,505.00', '1,505.00', ['W-QUANTITY-001']],
    ['NaN', 'NaN', ['W-QUANTITY-001']],
    ['1e999', '1e999', ['W-QUANTITY-001']],
    ['+5', '+5', ['W-QUANTITY-001']],
    ['١', '١', ['W-QUANTITY-001']],
    ['-abc', '-abc', ['W-QUANTITY-001']],
    ['', null, ['W-QUANTITY-001']],
    ['-0', '-0', ['W-QUANTITY-002']],
    ['-2', '-2', ['W-QUANTITY-002']],
    ['0.000', '0.000', ['W-QUANTITY-002']],
    [' 2 ', '2', ['N-HIDDEN-005']],
    ['2', '2', []],
    ['.5', '.5', []],
    ['9'.repeat(400), '9'.repeat(400), ['W-QUANTITY-003']],
  ];
  for (const [sent, expected, rules] of quantities) {
    it(`as a quantity: ${JSON.stringify(sent.slice(0, 12))}`, () => {
      const taken = kept({ lines: priced('5.00', written(sent)) });
      expect(taken.order.lines[0]?.quantity).to.equal(expected);
      expect(taken.ids.filter((id) => id !== 'W-TOTAL-001')).to.deep.equal(rules);
    });
  }

  it('as a quantity below zero is what is sent back, where the line says so', () => {
    const returned = (quantity: string) =>
      kept({ lines: priced('5.00', quantity, 'lineNumber="1" isReturn="yes"') });
    const ids = (quantity: string) => returned(quantity).ids.filter((id) => id !== 'W-TOTAL-001');
    expect([ids('-2'), ids('2'), ids('-0.0'), ids('0')]).to.deep.equal([
      [],
      [],
      ['W-QUANTITY-002'],
      ['W-QUANTITY-002'],
    ]);
  });

  it('as a lineNumber stays what was sent', () => {
    for (const sent of ['1e3', '-1', '9'.repeat(400), '0x10', '1.0']) {
      const taken = kept({ lines: line({ attributes: `quantity="2" lineNumber="${sent}"` }) });
      const [{ lineNumber, lineNumberText } = {}] = taken.order.lines;
      expect([lineNumber, lineNumberText]).to.deep.equal([null, sent]);
      expect(taken.ids).to.deep.equal(['N-LINES-002']);
    }
  });
});

describe('a date', () => {
  const dates: Readonly<Record<string, string | undefined>> = {
    '2000-2-30': 'N-DATE-004',
    '2000-02-30': 'N-DATE-004',
    '2023-02-29': 'N-DATE-004',
    '20000-01-01': 'N-DATE-004',
    '-0001-01-01': 'N-DATE-004',
    '2026-01-01T24:00:00+00:00': 'N-DATE-004',
    '1767225600': 'N-DATE-004',
    '1767225600000': 'N-DATE-004',
    'Mon, 05 Jan 2026 10:00:00 GMT': 'N-DATE-004',
    '2026-01-01T10:00:00 CET': 'N-DATE-004',
    '٢٠٢٦-٠١-٠١': 'N-DATE-004',
    '2026-01-01T10:00:00': 'N-DATE-003',
    '2026-01-01 10:00:00': 'N-DATE-003',
    '2026-01-01T10:00:00Z': 'N-DATE-002',
    '2024-02-29': undefined,
    '2016-12-31T23:59:60+00:00': undefined,
    '2026-01-01T10:00:00 -08:00': undefined,
  };
  for (const [date, id] of Object.entries(dates)) {
    it(`as an orderDate: ${date}`, () => {
      const taken = kept({ order: `orderID="1" orderDate="${date}"` });
      expect(taken.order.orderDate).to.equal(date);
      expect(taken.ids).to.deep.equal(id === undefined ? [] : [id]);
      expect(taken.findings[0]?.value).to.equal(id === undefined ? undefined : date);
    });
  }

  it('on which goods are wanted is kept, and told when it is none', () => {
    const taken = kept({
      order: 'orderID="1" orderDate="2026-01-01" requestedDeliveryDate="asap"',
      lines: line({ attributes: 'quantity="2" lineNumber="1" requestedDeliveryDate="2026-02-30"' }),
    });
    expect([taken.order.requestedDeliveryDate, taken.order.lines[0]?.requestedDeliveryDate]).to.deep.equal([
      'asap',
      '2026-02-30',
    ]);
    expect(
      taken.findings.map(({ id, value, place }) => [id, value, place.path?.split('/').at(-2)]),
    ).to.deep.equal([
      ['N-DELIVERY-001', 'asap', 'OrderRequestHeader'],
      ['N-DELIVERY-001', '2026-02-30', 'ItemOut'],
    ]);
  });
});

describe('an identifier', () => {
  const nasty: Readonly<Record<string, string>> = {
    'a path': '../../../etc/passwd',
    'a path of Windows': 'C:\\con\\..\\nul',
    HTML: '"><img src=x onerror=alert(1)>',
    'an escape sequence': '\u009b31m\u009b2J',
    'a formula': '=HYPERLINK("http://h/","x")',
    'several lines': 'a\nb\r\nc\td',
    'the prototype of JavaScript': '__proto__',
    'a constructor': 'constructor',
    'ten thousand characters': 'x'.repeat(10_000),
    'a line turned around': '\u202e4711',
    'nothing to be seen': '\u200b\u2060\ufeff',
    emoji: '🧾👩‍👩‍👧',
    'an e-mail header': 'x\r\nBcc: all@example.com',
  };
  for (const [what, value] of Object.entries(nasty)) {
    it(`that is ${what} is kept as it is`, () => {
      const sent = written(value);
      const { order, message } = kept({
        root: `payloadID="${sent}" timestamp="2026-01-01T00:00:00+00:00"`,
        order: `orderID="${sent}" orderDate="2026-01-01" requisitionID="${sent}"`,
        details: `${TOTAL}${SHIP_TO}${BILL_TO}<Extrinsic name="${sent}">a${sent}z</Extrinsic>`,
        lines: line({ id: `<ItemID><SupplierPartID>a${sent}z</SupplierPartID></ItemID>` }),
      });
      expect([message?.payloadId, order.purchaseOrderNumber, order.requisitionId]).to.deep.equal([
        value,
        value,
        value,
      ]);
      expect([order.extrinsics[0]?.name, order.extrinsics[0]?.value]).to.deep.equal([value, `a${value}z`]);
      expect(order.lines[0]?.supplierPartId).to.equal(`a${value}z`);
    });
  }

  it('with ESC or NUL in it is refused: XML has no such characters', () => {
    for (const sent of ['\u001b[31m', '&#27;[31m', '&#0;', '\u0000', '&#xFFFE;', '&#xD800;', '&#x110000;']) {
      const { code, place, message } = refused({ order: `orderID="${sent}"` });
      expect([code, place?.line], JSON.stringify(sent)).to.deep.equal(['xml-malformed', 1]);
      expect(message).not.to.match(/\p{Cc}/u);
    }
  });
});

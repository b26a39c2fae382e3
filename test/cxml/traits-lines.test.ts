/** How real senders write lines and money (corpus-variation.md, "Lines and money"). */
import { expect } from 'chai';
import type { Parts } from './trait.ts';
import {
  BILL_TO,
  CLASSIFICATION,
  DESCRIPTION,
  DETAIL,
  kept,
  line,
  priced,
  SHIP_TO,
  TOTAL,
  UNIT,
  UNIT_PRICE,
} from './trait.ts';

const detail = (without: string): string => `<ItemDetail>${DETAIL.replace(without, '')}</ItemDetail>`;
const total = (money: string): Partial<Parts> => ({ details: `<Total>${money}</Total>${SHIP_TO}${BILL_TO}` });

describe('the trait', () => {
  it('no ItemOut', () => {
    const { order, ids } = kept({ lines: '' });
    expect(order.lines).to.deep.equal([]);
    expect(ids).to.deep.equal(['W-LINES-001']);
  });

  it('no lineNumber', () => {
    const { order, ids } = kept({ lines: line({ attributes: 'quantity="2"' }) });
    expect([order.lines[0]?.lineNumber, order.lines[0]?.position]).to.deep.equal([null, 1]);
    expect(ids).to.deep.equal(['N-LINES-002']);
  });

  it('lineNumber not 1..n, not ascending or duplicate', () => {
    const numbered = (...numbers: readonly string[]) =>
      kept({
        lines: numbers
          .map((number) => priced('10.00', `${1 / numbers.length}`, `lineNumber="${number}"`))
          .join(''),
      });
    expect(numbered('10', '20').ids).to.deep.equal([]);
    expect(numbered('2', '1').ids).to.deep.equal(['N-LINES-004']);
    expect(numbered('1', '1').ids).to.deep.equal(['W-LINES-003']);
    const odd = numbered('00010', '1.1');
    expect(
      odd.order.lines.map(({ lineNumber, lineNumberText }) => [lineNumber, lineNumberText]),
    ).to.deep.equal([
      [10, '00010'],
      [null, '1.1'],
    ]);
    expect(odd.ids).to.deep.equal(['N-LINES-002']);
    expect(numbered('2', '1').order.lines.map(({ position }) => position)).to.deep.equal([1, 2]);
  });

  it('quantity with decimals', () => {
    const { order, ids } = kept({ lines: priced('8.00', '1.250') });
    expect([order.lines[0]?.quantity, order.lines[0]?.lineTotal?.amount]).to.deep.equal(['1.250', '10.00']);
    expect(ids).to.deep.equal([]);
  });

  it('ItemOut without ItemDetail', () => {
    const { order, ids } = kept({ lines: line({ detail: '' }) });
    expect(order.lines[0]?.supplierPartId).to.equal('P');
    expect(ids).to.deep.equal(['N-DETAIL-001', 'W-PRICE-001', 'N-UNIT-001']);
  });

  it('SupplierPartID, UnitPrice or UnitOfMeasure missing', () => {
    expect(kept({ lines: line({ id: '<ItemID/>' }) }).ids).to.deep.equal(['N-PART-001']);
    expect(kept({ lines: line({ detail: detail(UNIT_PRICE) }) }).ids).to.deep.equal(['W-PRICE-001']);
    expect(kept({ lines: line({ detail: detail(UNIT) }) }).ids).to.deep.equal(['N-UNIT-001']);
  });

  it('a limit in the place of a price', () => {
    const limited = (name: string, amount: string, attributes = '') =>
      line({
        attributes: `quantity="1" lineNumber="1" ${attributes}`,
        detail: `<${name}>${amount}${DESCRIPTION}${CLASSIFICATION}</${name}>`,
      });
    const limit = (name: string, amount = '9.00') =>
      `<${name}><Money currency="EUR">${amount}</Money></${name}>`;
    for (const lines of [
      limited('BlanketItemDetail', limit('MaxAmount'), 'requiresServiceEntry="yes"'),
      limited('ItemDetail', limit('OverallLimit') + limit('ExpectedLimit'), 'itemCategory="limit"'),
    ]) {
      expect(kept({ lines }).ids).to.deep.equal([]);
    }
    const bare = limited('BlanketItemDetail', '');
    expect(kept({ lines: bare }).ids).to.deep.equal(['W-PRICE-001', 'N-UNIT-001']);
    expect(
      kept({ lines: bare, order: 'orderID="1" orderDate="2026-01-01" orderType="blanket"' }).ids,
    ).to.deep.equal([]);
    const priced = limited('BlanketItemDetail', limit('MaxAmount') + UNIT_PRICE);
    expect(kept({ lines: priced, details: SHIP_TO + BILL_TO }).ids).to.deep.equal([
      'N-TOTAL-002',
      'N-UNIT-001',
    ]);
    const [odd] = kept({ lines: limited('BlanketItemDetail', limit('MaxAmount', '9.000,00')) }).findings;
    expect([odd?.id, odd?.place.path]).to.deep.equal([
      'W-MONEY-001',
      'cXML/Request/OrderRequest/ItemOut/BlanketItemDetail/MaxAmount/Money',
    ]);
  });

  it('no Classification', () => {
    const { order, ids } = kept({ lines: line({ detail: detail(CLASSIFICATION) }) });
    expect(order.lines[0]?.classifications).to.deep.equal([]);
    expect(ids).to.deep.equal([]);
  });

  it('no Description', () => {
    const { order, ids } = kept({ lines: line({ detail: detail(DESCRIPTION) }) });
    expect(order.lines[0]?.description).to.equal(undefined);
    expect(ids).to.deep.equal([]);
  });

  it('Money with one decimal (`1505.0`), as integer, or `.34`', () => {
    for (const amount of ['1505.0', '1505', '.34', '0.0', '0', '88.3', '4688.00', '0012.50']) {
      const taken = kept({ ...total(`<Money currency="EUR">${amount}</Money>`), lines: priced(amount) });
      expect(taken.order.total).to.deep.equal({ amount, currency: 'EUR' });
      expect(taken.order.lines[0]?.unitPrice?.amount).to.equal(amount);
      expect(taken.ids, amount).to.deep.equal([]);
    }
  });

  it('empty Money', () => {
    for (const money of ['<Money currency="EUR"/>', '<Money currency="EUR"> </Money>']) {
      const { order, ids } = kept(total(money));
      expect(order.total).to.deep.equal({ amount: null, currency: 'EUR' });
      expect(ids).to.deep.equal(['N-MONEY-002']);
    }
  });

  it('Money with thousands separator or decimal comma', () => {
    for (const amount of ['1,505.00', '1.505,00', '1505,0', "1'505.00", '1 505.00']) {
      const { order, findings } = kept(total(`<Money currency="EUR">${amount}</Money>`));
      expect(order.total?.amount).to.equal(amount);
      expect(findings.map(({ id, value }) => [id, value])).to.deep.equal([['W-MONEY-001', amount]]);
    }
  });

  it('placeholder text where a number belongs', () => {
    const { order, findings } = kept({ lines: priced('item_price', 'qty') });
    expect([order.lines[0]?.quantity, order.lines[0]?.unitPrice?.amount]).to.deep.equal([
      'qty',
      'item_price',
    ]);
    expect(order.lines[0]?.lineTotal).to.equal(undefined);
    expect(findings.map(({ id, value }) => [id, value])).to.deep.equal([
      ['W-QUANTITY-001', 'qty'],
      ['W-MONEY-001', 'item_price'],
    ]);
  });

  it('line currency differs from Total currency', () => {
    const { order, ids } = kept(total('<Money currency="USD">10.00</Money>'));
    expect([order.total?.currency, order.lines[0]?.unitPrice?.currency]).to.deep.equal(['USD', 'EUR']);
    expect(ids).to.deep.equal(['N-CURRENCY-001']);
  });

  it('a currency in small letters, or with blanks around it', () => {
    for (const currency of ['eur', 'EUR ', ' Eur']) {
      const money = (amount: string) => total(`<Money currency="${currency}">${amount}</Money>`);
      expect(kept(money('10.00')).order.total?.currency).to.equal(currency);
      expect(kept(money('10.00')).ids, 'the same currency').to.deep.equal(['N-CURRENCY-002']);
      expect(kept(money('11.00')).ids, 'added up all the same').to.deep.equal([
        'W-TOTAL-001',
        'N-CURRENCY-002',
      ]);
    }
    expect(kept(total('<Money currency="euro">10.00</Money>')).ids).to.deep.equal([
      'N-CURRENCY-001',
      'N-CURRENCY-002',
    ]);
  });

  it('Total is not the sum of quantity x price', () => {
    const { order, findings } = kept({ lines: priced('10.01') });
    expect([order.total?.amount, order.lines[0]?.lineTotal?.amount]).to.deep.equal(['10.00', '10.01']);
    expect(findings.map(({ id, place }) => [id, place.path?.split('/').at(-1)])).to.deep.equal([
      ['W-TOTAL-001', 'Total'],
    ]);
  });

  it('Distribution (accounting) on lines', () => {
    const rest =
      '<Distribution><Accounting name="own"><Segment type="Cost" id="007" description="d"/><AccountingSegment id="8">' +
      '<Name xml:lang="en">Project</Name><Description xml:lang="en">e</Description></AccountingSegment></Accounting>' +
      '<Charge><Money currency="EUR">10.00</Money></Charge></Distribution>';
    const { order, ids } = kept({ details: TOTAL + SHIP_TO + BILL_TO, lines: line({ rest }) });
    const [accounting] = order.lines[0]?.accounting ?? [];
    expect(accounting).to.deep.include({ name: 'own', charge: { amount: '10.00', currency: 'EUR' } });
    expect(accounting?.segments.map(({ name, id, description }) => [name, id, description])).to.deep.equal([
      ['Cost', '007', 'd'],
      ['Project', '8', 'e'],
    ]);
    expect(ids).to.deep.equal([]);
  });
});

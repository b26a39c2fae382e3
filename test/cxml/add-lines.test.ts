import { expect } from 'chai';
import { BILL_TO, kept, priced, SHIP_TO } from './trait.ts';

const order = (total: string, lines: string, more = '') =>
  kept({
    details: `<Total><Money currency="EUR">${total}</Money></Total>${SHIP_TO}${BILL_TO}${more}`,
    lines,
  });

/** Whether the Total was found to be another than the sum. */
const isOther = (total: string, lines: string) => order(total, lines).ids.includes('W-TOTAL-001');

const group = (price: string, word = '') =>
  priced(price, '1', `lineNumber="10" itemType="composite"${word && ` compositeItemType="${word}"`}`);
const part = (number: number, price: string, quantity = '1') =>
  priced(price, quantity, `lineNumber="${number}" itemType="item" parentLineNumber="010"`);
const parts = part(11, '25.00', '2') + part(12, '50.00');

describe('the sum of the lines', () => {
  it('has a group of lines in it once, by the price of the group or by those of its parts', () => {
    for (const word of ['', 'groupLevel', 'itemLevel']) {
      expect(isOther('100.00', group('100.00', word) + parts), word).to.equal(false);
      expect(isOther('101.00', group('100.00', word) + parts), word).to.equal(true);
    }
  });

  it('goes by what the group says has the price, where the two differ', () => {
    for (const [word, ours, theirs] of [
      ['groupLevel', '90.00', '100.00'],
      ['itemLevel', '100.00', '90.00'],
    ] as const) {
      const lines = group('90.00', word) + parts;
      expect([isOther(ours, lines), isOther(theirs, lines)], word).to.deep.equal([false, true]);
    }
    expect([
      isOther('90.00', group('90.00') + parts),
      isOther('100.00', group('90.00') + parts),
    ]).to.deep.equal([false, false]);
  });

  it('does not need the price of a line that is not counted', () => {
    const unpriced = part(11, '1').replace(/<UnitPrice>.*<\/UnitPrice>/, '');
    expect(isOther('99.00', group('100.00', 'groupLevel') + unpriced)).to.equal(true);
    expect(isOther('99.00', group('100.00', 'itemLevel') + unpriced), 'unknown').to.equal(false);
    expect(isOther('99.00', group('100.00') + unpriced), 'perhaps unknown').to.equal(false);
  });

  it('goes by the parts of a group that has no price, and asks for none', () => {
    const unpriced = group('1').replace(/<UnitPrice>.*<\/UnitOfMeasure>/, '');
    const taken = order('100.00', unpriced + parts);
    expect(taken.ids).to.deep.equal([]);
    expect(isOther('99.00', unpriced + parts)).to.equal(true);
  });

  it('leaves out a line that is withdrawn, and takes off what is sent back', () => {
    const withdrawn = priced('90.00', '1', 'lineNumber="2" operation="delete"');
    expect(isOther('10.00', priced('10.00') + withdrawn)).to.equal(false);
    expect(isOther('11.00', priced('10.00') + withdrawn)).to.equal(true);
    const returned = (quantity: string) => priced('4.00', quantity, 'lineNumber="2" isReturn="yes"');
    expect(isOther('6.00', priced('10.00') + returned('1'))).to.equal(false);
    expect(isOther('6.00', priced('10.00') + returned('-1'))).to.equal(false);
    expect(isOther('7.00', priced('10.00') + returned('1'))).to.equal(true);
  });

  it('may count them all, as some senders do', () => {
    expect(isOther('200.00', group('100.00') + parts)).to.equal(false);
    expect(
      isOther('100.00', priced('10.00') + priced('90.00', '1', 'lineNumber="2" operation="delete"')),
    ).to.equal(false);
  });

  it('takes a line that names a parent nobody is for a line like others', () => {
    const orphan = (parent: string) => priced('5.00', '2', `lineNumber="1" parentLineNumber="${parent}"`);
    for (const parent of ['', '7', 'x']) expect(isOther('10.00', orphan(parent)), parent).to.equal(false);
    for (const parent of ['', '7', 'x']) expect(isOther('11.00', orphan(parent)), parent).to.equal(true);
  });

  it('goes with the surcharges and discounts of the Total', () => {
    const totalOf = (amount: string, inside: string) =>
      kept({
        details: `<Total><Money currency="EUR">${amount}</Money><Modifications>${inside}</Modifications></Total>${SHIP_TO}${BILL_TO}`,
        lines: priced('10.00'),
      }).ids;
    const money = (amount: string) => `<Money currency="EUR">${amount}</Money>`;
    const cost = (inside: string) =>
      `<Modification><AdditionalCost>${inside}</AdditionalCost></Modification>`;
    const discount = (inside: string) =>
      `<Modification><AdditionalDeduction>${inside}</AdditionalDeduction></Modification>`;
    const both = cost(money('3.00')) + discount(`<DeductionAmount>${money('1.00')}</DeductionAmount>`);
    expect(totalOf('12.00', both)).to.deep.equal([]);
    expect(totalOf('10.00', both), 'not in it').to.deep.equal([]);
    expect(totalOf('13.00', both)).to.deep.equal(['W-TOTAL-001']);
    expect(totalOf('13.00', cost('<Percentage percent="7"/>')), 'of what?').to.deep.equal([]);
    expect(totalOf('13.00', cost(money('3,00'))), 'how much?').to.deep.equal([]);
  });

  it('is told with the charge that makes the difference', () => {
    const charge = (name: string, amount: string) =>
      `<${name}><Money currency="EUR">${amount}</Money><Description xml:lang="en"/></${name}>`;
    const said = (total: string, more: string) =>
      order(total, priced('10.00'), more).findings.find(({ id }) => id === 'W-TOTAL-001')?.message;
    const both = charge('Shipping', '3.28') + charge('Tax', '1.90');
    expect(said('13.28', both)).to.match(/makes 10\.00; the difference is Shipping\.$/);
    expect(said('11.90', both)).to.match(/makes 10\.00; the difference is Tax\.$/);
    expect(said('15.18', both)).to.match(/makes 10\.00; the difference is Shipping and Tax\.$/);
    expect(said('16.00', both)).to.match(/makes 10\.00\.$/);
    expect(said('16.00', charge('Tax', '6,00'))).to.match(/makes 10\.00\.$/);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { add, compare, decimals, divide, isDecimal, multiply, shorten } from '../../src/cxml/money.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 8 }))
  .map(([digits, scale]) => {
    const all = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
    const point = all.length - scale;
    return `${digits < 0n ? '-' : ''}${all.slice(0, point)}${scale === 0 ? '' : `.${all.slice(point)}`}`;
  });

describe('decimals', () => {
  for (const text of ['0', '12', '-1', '1505.0', '.34', '-.5', '007', '71.666667', '-0.00']) {
    it(`takes ${text}`, () => expect(isDecimal(text)).to.equal(true));
  }

  for (const text of [
    '',
    '.',
    '-',
    '1.',
    '+1',
    '1e5',
    '0x1F',
    '1,5',
    '1,505.00',
    '1 000',
    ' 1',
    '١٢',
    'NaN',
    '1.2.3',
    '--1',
  ]) {
    it(`does not take "${text}"`, () => expect(isDecimal(text)).to.equal(false));
  }

  it('multiplies exactly', () => {
    expect(multiply('21', '71.666667')).to.equal('1505.000007');
    expect(multiply('0.1', '0.2')).to.equal('0.02');
    expect(multiply('-.5', '.5')).to.equal('-0.25');
    expect(multiply('3', 'x')).to.equal(null);
  });

  it('divides exactly, or not at all', () => {
    expect(divide('10', '4')).to.equal('2.50');
    expect(divide('0.3', '0.1')).to.equal('3.0');
    expect(divide('1', '3')).to.equal(null);
    expect(divide('9', '3')).to.equal('3');
    expect(divide('1', '0.00')).to.equal(null);
    expect(divide('-1', '8')).to.equal('-0.125');
  });

  it('adds and compares by value', () => {
    expect(add('0.1', '0.2')).to.equal('0.3');
    expect(add('1', '-1.00')).to.equal('0.00');
    expect(compare('1.50', '1.5')).to.equal(0);
    expect(compare('-2', '1')).to.equal(-1);
    expect(compare('.4', '.39')).to.equal(1);
    expect(compare('a', '1')).to.equal(null);
  });

  it('divides what it multiplied back to where it was', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const product = multiply(a, b) ?? '';
        if (compare(b, '0') === 0) return divide(product, b) === null;
        return compare(divide(product, b) ?? '', a) === 0;
      }),
    );
  });

  it('adds in any order', () => {
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        const left = add(add(a, b) ?? '', c) ?? '';
        return compare(left, add(a, add(b, c) ?? '') ?? '') === 0;
      }),
    );
  });

  it('counts and drops decimals', () => {
    expect([decimals('10'), decimals('10.00'), decimals('.345')]).to.deep.equal([0, 2, 3]);
    expect([
      shorten('10.0000', 2),
      shorten('10.0100', 0),
      shorten('10.00', 0),
      shorten('100', 0),
    ]).to.deep.equal(['10.00', '10.01', '10', '100']);
  });

  it('refuses to work on numbers that only an attacker would send', () => {
    const huge = '9'.repeat(1_000_000);
    expect(isDecimal(huge)).to.equal(true);
    expect([multiply(huge, huge), divide('1', huge), add(huge, '1'), compare(huge, '1')]).to.deep.equal([
      null,
      null,
      null,
      null,
    ]);
    expect(isDecimal(`${huge}x`)).to.equal(false);
  });
});

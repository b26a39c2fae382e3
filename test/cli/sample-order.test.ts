import { expect } from 'chai';
import { createSampleOrder } from '../../src/cli/sample-order.ts';
import type { OrderSample } from '../../src/cxml/write-order.ts';

const BUYER = { domain: 'DUNS', identity: '128293714' };
const SUPPLIER = { domain: 'NetworkID', identity: 'SUPPLIER-1' };
const AT = new Date('2026-11-20T09:14:50.734Z');

function createSample(wishes: {
  readonly type: OrderSample['type'];
  readonly lineCount?: number;
}): OrderSample {
  return createSampleOrder({ orderId: '4711', at: AT, from: BUYER, to: SUPPLIER, ...wishes });
}

/** In ten-thousandths, exactly. */
function scaled(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(4, '0'));
}

describe('createSampleOrder', () => {
  it('names the message as Coupa does: seconds, PO number in six digits, host', () => {
    const { payloadId, timestamp } = createSample({ type: 'new' });
    expect(payloadId).to.equal('1795166090.004711@buyer.example');
    expect(timestamp).to.equal('2026-11-20T09:14:50+00:00');
  });

  const wishes = [
    { type: 'new' },
    { type: 'update' },
    { type: 'delete' },
    { type: 'new', lineCount: 1 },
    { type: 'update', lineCount: 250 },
  ] as const;
  for (const wish of wishes) {
    it(`adds up for ${JSON.stringify(wish)}`, () => {
      const sample = createSample(wish);
      let total = 0n;
      for (const { quantity, unitPrice, charge } of sample.lines) {
        expect(BigInt(quantity) * scaled(unitPrice)).to.equal(scaled(charge));
        total += scaled(charge);
      }
      expect(total).to.equal(scaled(sample.total));
    });
  }

  it('has as many lines as are wished for, each with a number of its own', () => {
    const { lines } = createSample({ type: 'new', lineCount: 5 });
    expect(lines.map(({ lineNumber }) => lineNumber)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(lines[3]?.partId).to.equal(lines[0]?.partId);
  });

  it('has other content for an update', () => {
    expect(createSample({ type: 'update' }).total).not.to.equal(createSample({ type: 'new' }).total);
  });
});

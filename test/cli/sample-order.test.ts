import { expect } from 'chai';
import { createSampleOrder } from '../../src/cli/sample-order.ts';
import type { OrderSample } from '../../src/cxml/write-order.ts';

const BUYER = { domain: 'DUNS', identity: '128293714' };
const SUPPLIER = { domain: 'NetworkID', identity: 'SUPPLIER-1' };
const AT = new Date('2026-11-20T09:14:50.734Z');

function createSample(type: OrderSample['type']): OrderSample {
  return createSampleOrder({ orderId: '4711', type, at: AT, from: BUYER, to: SUPPLIER });
}

/** In ten-thousandths, exactly. */
function scaled(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(4, '0'));
}

describe('createSampleOrder', () => {
  it('names the message as Coupa does: seconds, PO number in six digits, host', () => {
    const { payloadId, timestamp } = createSample('new');
    expect(payloadId).to.equal('1795166090.004711@buyer.example');
    expect(timestamp).to.equal('2026-11-20T09:14:50+00:00');
  });

  for (const type of ['new', 'update', 'delete'] as const) {
    it(`adds up for ${type}`, () => {
      const sample = createSample(type);
      let total = 0n;
      for (const { quantity, unitPrice, charge } of sample.lines) {
        expect(BigInt(quantity) * scaled(unitPrice)).to.equal(scaled(charge));
        total += scaled(charge);
      }
      expect(total).to.equal(scaled(sample.total));
    });
  }

  it('has other content for an update', () => {
    expect(createSample('update').total).not.to.equal(createSample('new').total);
  });
});

import { expect } from 'chai';
import { digestContent, identify, type Named } from '../../src/intake/identity.ts';

const order: Named = {
  buyer: 'acme',
  environment: 'production',
  payloadId: '1585687161.003309@ip-10-0-0-1',
  orderId: '3309',
  contentDigest: 'the order',
};

describe('identify', () => {
  it('gives the same message, order and content the same keys', () => {
    expect(identify(order)).to.deep.equal(identify({ ...order }));
  });

  it('separates messages by payloadID and buyer, not by content', () => {
    const { messageKey } = identify(order);
    expect(identify({ ...order, contentDigest: 'other' }).messageKey).to.equal(messageKey);
    expect(identify({ ...order, payloadId: 'other' }).messageKey).not.to.equal(messageKey);
    expect(identify({ ...order, buyer: 'other' }).messageKey).not.to.equal(messageKey);
  });

  it('identifies a message without payloadID by its content', () => {
    const bare = { ...order, payloadId: null };
    expect(identify(bare).messageKey).to.equal(identify({ ...bare }).messageKey);
    expect(identify({ ...bare, contentDigest: 'other' }).messageKey).not.to.equal(identify(bare).messageKey);
  });

  it('keeps a payloadID that imitates a content digest apart from a message without one', () => {
    const bare = identify({ ...order, payloadId: null });
    expect(identify({ ...order, payloadId: bare.contentDigest }).messageKey).not.to.equal(bare.messageKey);
  });

  it('keeps a test order and a production order of the same number apart', () => {
    expect(identify({ ...order, environment: 'test' }).orderKey).not.to.equal(identify(order).orderKey);
  });

  it('is not confused by separators inside the sender’s own text', () => {
    const one = identify({ ...order, buyer: 'a', orderId: 'b","c' });
    const other = identify({ ...order, buyer: 'a","b', orderId: 'c' });
    expect(one.orderKey).not.to.equal(other.orderKey);
  });
});

describe('digestContent', () => {
  const digest = (pieces: readonly string[]): { hex: string; turns: number } => {
    const steps = digestContent(pieces);
    let turns = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) turns += 1;
    return { hex: step.value, turns };
  };

  it('does not depend on how the content is cut into pieces', () => {
    expect(digest(['the ', 'order'])).to.deep.equal(digest(['the order']));
    expect(digest(['the order']).hex).not.to.equal(digest(['the other']).hex);
  });

  it('takes a long content in turns', () => {
    expect(digest(Array.from({ length: 100 }, () => 'x'.repeat(10_000))).turns).to.be.within(10, 16);
  });
});

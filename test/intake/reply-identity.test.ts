import { expect } from 'chai';
import { createReplyIdentity } from '../../src/intake/reply-identity.ts';

const now = (): Date => new Date('2026-11-21T09:14:50.123Z');

describe('createReplyIdentity', () => {
  it('never gives one payloadID twice, in one process or in two at the same moment', () => {
    const one = createReplyIdentity({ host: 'po.example.com', now });
    const other = createReplyIdentity({ host: 'po.example.com', now });
    const ids = Array.from({ length: 1000 }, () => [one().payloadId, other().payloadId]).flat();
    expect(new Set(ids)).to.have.property('size', 2000);
  });

  it('has the form that the guide recommends, and an offset in figures', () => {
    const { payloadId, timestamp } = createReplyIdentity({ host: 'po.example.com', now })();
    expect(payloadId).to.match(/^1795252490123\.\d+\.\d+@po\.example\.com$/);
    expect(timestamp).to.equal('2026-11-21T09:14:50.123+00:00');
  });
});

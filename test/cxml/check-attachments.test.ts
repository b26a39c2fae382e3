import { expect } from 'chai';
import { contentIdOf } from '../../src/cxml/check-attachments.ts';
import type { ArrivedPart } from '../../src/cxml/check-header-place.ts';
import { checkOrder } from '../../src/cxml/check-order.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import { drain } from '../../src/turns.ts';
import { message, orderDocument } from './reading.ts';

const refers = (...urls: readonly string[]): string =>
  urls.map((url) => `<Comments><Attachment><URL>${url}</URL></Attachment></Comments>`).join('');

function found(header: string, parts: readonly ArrivedPart[], rest = '') {
  const read = message(orderDocument(header, rest));
  const all = drain(checkOrder(read, drain(readOrder(read)), parts));
  return all.filter(({ id }) => id.includes('ATTACHMENT'));
}

const ids = (header: string, names: readonly (string | null)[]): string[] =>
  found(
    header,
    names.map((contentId) => ({ contentId })),
  ).map(({ id }) => id);

describe('attachments that an order refers to', () => {
  it('are found among the parts that came along', () => {
    expect(ids(refers('cid:a@buyer', 'cid:b@buyer'), ['a@buyer', 'b@buyer'])).to.deep.equal([]);
  });

  it('are found whichever side encodes', () => {
    expect(ids(refers('cid:a%20%3c1%3e%40buyer'), ['a <1>@buyer'])).to.deep.equal([]);
    expect(ids(refers('CID:a%20b@buyer'), ['a%20b@buyer'])).to.deep.equal([]);
    expect(ids(refers('cid:100%@buyer'), ['100%@buyer'])).to.deep.equal([]);
    expect(ids(refers('cid:&lt;a@buyer&gt;'), ['a@buyer'])).to.deep.equal([]);
  });

  it('are told when they did not come', () => {
    const [finding] = found(refers('cid:a@buyer', 'cid:b@buyer'), []);
    expect(finding).to.include({ id: 'W-ATTACHMENT-001', severity: 'warning' });
    expect(finding?.message).to.contain('"cid:a@buyer" and 1 more');
  });

  it('are told when their name is not theirs alone', () => {
    expect(ids(refers('cid:a'), ['a', 'a'])).to.deep.equal(['W-ATTACHMENT-002']);
  });

  it('are told when nothing refers to them, also without a name', () => {
    expect(ids('', ['a', null])).to.deep.equal(['N-ATTACHMENT-003']);
    expect(ids(refers('cid:a'), ['a', null])).to.deep.equal(['N-ATTACHMENT-003']);
  });

  it('may belong to a line', () => {
    const line = `<ItemOut quantity="1" lineNumber="1"><ItemID><SupplierPartID>A</SupplierPartID></ItemID><ItemDetail/>${refers('cid:a')}</ItemOut>`;
    expect(found('', [{ contentId: 'a' }], line)).to.deep.equal([]);
  });

  it('are no business of ours when the address is another', () => {
    expect(ids(refers('https://buyer.example/a.pdf'), [])).to.deep.equal([]);
    expect(contentIdOf('https://buyer.example/a.pdf')).to.equal(undefined);
  });
});

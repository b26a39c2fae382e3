import { expect } from 'chai';
import { findings, message, order, orderDocument } from './reading.ts';

const found = (document: string) => findings(document).filter(({ id }) => id === 'W-NAMESPACE-001');

describe('a prefix', () => {
  it('that nobody declared is told once, where it first stands, and read all the same', () => {
    const document = orderDocument(
      '<Total><Money currency="EUR">1</Money></Total>',
      '\n<ItemOut/>\n<ItemOut><x:ItemID><x:SupplierPartID>P</x:SupplierPartID></x:ItemID></ItemOut>',
    );
    const [finding, ...more] = found(document);
    expect(more).to.deep.equal([]);
    expect(finding).to.deep.include({ severity: 'warning', value: 'x:ItemID' });
    expect(finding?.message).to.equal(
      '"x:ItemID" has a prefix that is declared nowhere; it is read as "ItemID".',
    );
    expect(finding?.place).to.deep.equal({
      line: 3,
      column: 10,
      path: 'cXML/Request/OrderRequest/ItemOut[2]/ItemID',
    });
    expect(order(document).lines[1]?.supplierPartId).to.equal('P');
  });

  it('of an attribute is told too', () => {
    const [finding] = found(orderDocument('<Comments y:lang="en">a</Comments>'));
    expect(finding?.value).to.equal('y:lang');
    expect(finding?.place.path).to.equal('cXML/Request/OrderRequest/OrderRequestHeader/Comments/@y:lang');
  });

  it('of the root is told too', () => {
    const document = orderDocument('').replace('<cXML', '<c:cXML').replace('</cXML>', '</c:cXML>');
    expect(message(document).root.name).to.equal('cXML');
    expect(found(document)[0]?.place.path).to.equal('cXML');
  });

  it('counts only where it was declared', () => {
    const declared = '<a xmlns:x="urn:x"><x:b><a xmlns:x="urn:y"/><x:c/></x:b></a>';
    expect(found(orderDocument(declared))).to.deep.equal([]);
    expect(found(orderDocument(`${declared}<x:d/>`))[0]?.value).to.equal('x:d');
  });

  it('may be bound to anything, and by the element that bears it', () => {
    expect(found(orderDocument('<x:a xmlns:x="http://www.w3.org/1999/xhtml" x:b="1"/>'))).to.deep.equal([]);
  });

  it('is not minded where XML or every DTD of cXML declares it', () => {
    const rest = '<Comments xml:lang="en">a</Comments><ds:Signature><xades:X/></ds:Signature>';
    expect(found(orderDocument(rest))).to.deep.equal([]);
  });

  it('is looked for in time, however many declare one', () => {
    const deep = (inside: string): string => `${'<d>'.repeat(90)}${inside}${'</d>'.repeat(90)}`;
    const many = Array.from({ length: 30_000 }, (_, index) => `<x:a xmlns:p${index}="u" xmlns:x="u"/>`).join(
      '',
    );
    const all = Array.from({ length: 250 }, (_, index) => `xmlns:q${index}="u"`).join(' ');
    const document = orderDocument(`<e ${all}>${deep(many)}</e>`);
    const read = message(document);
    const startedAt = process.cpuUsage();
    expect(found(document)).to.deep.equal([]);
    const { user, system } = process.cpuUsage(startedAt);
    expect((user + system) / 1000).to.be.lessThan(2_000);
    expect(read.root.name).to.equal('cXML');
  });
});

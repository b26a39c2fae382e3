import { expect } from 'chai';
import { createPdf } from '../../src/cli/sample-attachments.ts';

describe('createPdf', () => {
  const file = Buffer.from(createPdf('Drawing 4711')).toString('latin1');

  it('points to each of its objects, and to the table that does', () => {
    const [, table = ''] = /startxref\n(\d+)\n%%EOF\n$/.exec(file) ?? [];
    const xref = file.slice(Number(table));
    expect(xref).to.match(/^xref\n0 6\n0000000000 65535 f \n/);
    const offsets = [...xref.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
    expect(offsets.map((offset) => file.slice(offset).split('\n')[0])).to.deep.equal(
      [1, 2, 3, 4, 5].map((number) => `${number} 0 obj`),
    );
  });

  it('says how long its stream is, and shows the text', () => {
    const [, length, stream] = /\/Length (\d+) >>\nstream\n(.*)\nendstream/s.exec(file) ?? [];
    expect(stream).to.have.lengthOf(Number(length)).and.to.include('(Drawing 4711) Tj');
  });
});

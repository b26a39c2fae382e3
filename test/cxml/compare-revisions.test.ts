import { expect } from 'chai';
import fc from 'fast-check';
import { compareRevisions, type LineChange } from '../../src/cxml/compare-revisions.ts';
import { order, orderDocument } from './reading.ts';

interface Item {
  readonly number?: string;
  readonly part?: string;
  readonly quantity?: string;
  readonly price?: string;
  readonly more?: string;
}

function revision(items: readonly Item[], header = '', attributes = 'orderID="PO-1"') {
  const lines = items.map(
    ({ number, part = '', quantity = '1', price = '5', more = '' }) =>
      `<ItemOut quantity="${quantity}"${number === undefined ? '' : ` lineNumber="${number}"`}><ItemID>` +
      `<SupplierPartID>${part}</SupplierPartID></ItemID><ItemDetail><UnitPrice><Money currency="EUR">${price}</Money>` +
      `</UnitPrice><Description xml:lang="en">${part || 'free text'}</Description>${more}</ItemDetail></ItemOut>`,
  );
  return order(orderDocument(header, lines.join(''), attributes));
}

function lineChanges(before: readonly Item[], after: readonly Item[]): readonly LineChange[] {
  return compareRevisions(revision(before), revision(after)).lines;
}

const shape = (changes: readonly LineChange[]) =>
  changes.map(({ kind, lineNumber, part, fields }) => [
    kind,
    lineNumber,
    part,
    fields.map(({ path, before, after }) => `${path}: ${before} → ${after}`),
  ]);

describe('compareRevisions', () => {
  it('finds nothing between a revision and itself', () => {
    const items = [
      { number: '1', part: 'A' },
      { number: '2', part: 'B' },
    ];
    expect(compareRevisions(revision(items), revision(items))).to.deep.equal({
      header: [],
      lines: [],
      unchangedLines: 2,
    });
  });

  it('tells each changed field with what it was and is', () => {
    const changes = lineChanges(
      [{ number: '1', part: 'A', quantity: '10', price: '5.00' }],
      [{ number: '1', part: 'A', quantity: '12', price: '4.50' }],
    );
    expect(shape(changes)).to.deep.equal([
      ['changed', '1', 'A', ['quantity: 10 → 12', 'unitPrice.amount: 5.00 → 4.50']],
    ]);
  });

  it('does not take another spelling of a number for a change', () => {
    expect(
      lineChanges(
        [{ number: '1', part: '007', quantity: '10', price: '5' }],
        [{ number: '1', part: '007', quantity: '10.00', price: '5.0' }],
      ),
    ).to.deep.equal([]);
  });

  it('takes another spelling of a part for another part', () => {
    const changes = lineChanges([{ number: '1', part: '007' }], [{ number: '1', part: '7' }]);
    expect(shape(changes)[0]?.[3]).to.include('supplierPartId: 007 → 7');
  });

  it('finds a line that is put in between, whatever its position', () => {
    const changes = lineChanges(
      [
        { number: '1', part: 'A' },
        { number: '3', part: 'C' },
      ],
      [
        { number: '1', part: 'A' },
        { number: '2', part: 'B' },
        { number: '3', part: 'C' },
      ],
    );
    expect(shape(changes)).to.deep.equal([['added', '2', 'B', []]]);
  });

  it('finds a line that is gone', () => {
    const changes = lineChanges(
      [
        { number: '1', part: 'A' },
        { number: '2', part: 'B' },
      ],
      [{ number: '2', part: 'B' }],
    );
    expect(shape(changes)).to.deep.equal([['removed', '1', 'A', []]]);
  });

  it('follows a part that got another number', () => {
    const changes = lineChanges(
      [
        { number: '1', part: 'A' },
        { number: '2', part: 'B' },
      ],
      [
        { number: '1', part: 'B' },
        { number: '2', part: 'A' },
      ],
    );
    expect(shape(changes)).to.deep.equal([
      ['changed', '1', 'B', ['lineNumber: 2 → 1']],
      ['changed', '2', 'A', ['lineNumber: 1 → 2']],
    ]);
  });

  it('sees another part under the same number', () => {
    const changes = lineChanges([{ number: '1', part: 'A' }], [{ number: '1', part: 'B' }]);
    expect(shape(changes)).to.deep.equal([
      ['changed', '1', 'B', ['supplierPartId: A → B', 'description: A → B']],
    ]);
  });

  it('matches nothing by position alone', () => {
    const changes = lineChanges([{ part: '' }], [{ part: '' }]);
    expect(shape(changes).map(([kind]) => kind)).to.deep.equal(['added', 'removed']);
  });

  it('keeps lines of one part and number in their order', () => {
    const twice = [
      { number: '1', part: 'A', quantity: '1' },
      { number: '1', part: 'A', quantity: '2' },
    ];
    const changes = lineChanges(twice, [...twice.slice(0, 1), { number: '1', part: 'A', quantity: '3' }]);
    expect(shape(changes)).to.deep.equal([['changed', '1', 'A', ['quantity: 2 → 3']]]);
  });

  it('names members of a list by what names them, not by where they stand', () => {
    const before = revision(
      [],
      '<Extrinsic name="Project">P1</Extrinsic><Extrinsic name="Site">S1</Extrinsic>',
    );
    const after = revision(
      [],
      '<Extrinsic name="New">x</Extrinsic><Extrinsic name="Project">P1</Extrinsic><Extrinsic name="Site">S2</Extrinsic>',
    );
    expect(compareRevisions(before, after).header).to.deep.equal([
      { path: 'extrinsics[Site].value', before: 'S1', after: 'S2' },
      { path: 'extrinsics[New].name', after: 'New' },
      { path: 'extrinsics[New].value', after: 'x' },
    ]);
  });

  it('tells a new total, a new date and a cancellation in the header', () => {
    const before = revision(
      [],
      '<Total><Money currency="EUR">1</Money></Total>',
      'orderID="PO-1" orderDate="2026-01-01"',
    );
    const after = revision(
      [],
      '<Total><Money currency="EUR">2</Money></Total>',
      'orderID="PO-1" orderDate="2026-01-02" type="delete"',
    );
    const { header } = compareRevisions(before, after);
    expect(header.map(({ path }) => path)).to.have.members(['total.amount', 'orderDate', 'operation']);
  });

  it('accounts for every line of both revisions', () => {
    const item = fc.record({
      number: fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }),
      part: fc.constantFrom('', 'A', 'B', 'C'),
      quantity: fc.constantFrom('1', '2'),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), fc.array(item, { maxLength: 6 }), (before, after) => {
        const { lines, unchangedLines } = compareRevisions(
          revision(before as Item[]),
          revision(after as Item[]),
        );
        const of = (kind: string) => lines.filter((line) => line.kind === kind).length;
        expect(of('added') + of('changed') + unchangedLines).to.equal(after.length);
        expect(of('removed') + of('changed') + unchangedLines).to.equal(before.length);
      }),
      { numRuns: 300 },
    );
  });
});

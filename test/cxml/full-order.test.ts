/** One document with everything in it, made from the tables: what they promise is what is read. */
import { expect } from 'chai';
import { ORDER } from '../../src/cxml/model-order.ts';
import { type Fields, isWithheld, type Readable } from '../../src/cxml/table.ts';
import { fullOrder } from './full-order.ts';
import { asJson, order } from './reading.ts';

/** What is made here and not received, or received in another way than by a path. */
const MADE = ['derived', 'children', 'percentage', 'lineTotal', 'offset'];

function everything() {
  const marks: string[] = [];
  const document = fullOrder((path, field) => {
    if (field.characters?.schema.type === 'boolean') return 'yes';
    if (field.says.startsWith('The last four digits')) return '4111111111111111';
    if (path === '@type' && field.says.startsWith('What to do')) return 'update';
    const mark = `m${marks.length}-${path.replaceAll(/\W/g, '')}`;
    if (!isWithheld(field)) marks.push(mark);
    return mark;
  });
  return { document, marks, read: order(document) };
}

describe('a document with everything in it', () => {
  it('is read whole: every value is in the order, and nothing is left over', () => {
    const { marks, read } = everything();
    const kept = JSON.stringify(read);
    expect(marks.length).to.be.greaterThan(2000);
    expect(marks.filter((mark) => !kept.includes(`"${mark}"`))).to.deep.equal([]);
    expect(read.unmapped).to.deep.equal([]);
    expect(read.lines[0]?.unmapped).to.deep.equal([]);
  });

  it('fills every key of the schema', () => {
    const { read } = everything();
    const missing: string[] = [];
    compare(asJson(read), ORDER, 'order', missing);
    // The envelope around it names no supplier and is in no odd mode.
    expect(missing).to.deep.equal(['order.environmentText', 'order.supplier.name']);
  });
});

function compare(value: unknown, { fields }: Readable<unknown>, path: string, missing: string[]): void {
  for (const [key, field] of Object.entries(fields as Fields)) {
    if (isWithheld(field)) continue;
    const found = (value as Record<string, unknown>)[key];
    if (found === undefined) {
      if (!MADE.includes(key)) missing.push(`${path}.${key}`);
    } else if (field.part !== undefined) {
      for (const each of [found].flat().slice(0, 1)) compare(each, field.part, `${path}.${key}`, missing);
    }
  }
}

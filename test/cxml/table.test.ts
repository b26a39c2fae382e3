import { expect } from 'chai';
import { table } from '../../src/cxml/read-table.ts';
import { createBasket, spotAt } from '../../src/cxml/spot.ts';
import type { Fields } from '../../src/cxml/table.ts';
import { flag, part, parts, planOf, rest, text, texts, within } from '../../src/cxml/table.ts';
import { tree } from './reading.ts';

function read(fields: Fields, xml: string) {
  const basket = createBasket(0, { left: 100, uncounted: 0 });
  const value = table('Test', 'A test.', fields).read(spotAt(tree(xml).root, basket));
  return { value, unmapped: basket.unmapped.map(({ path }) => path) };
}

const INNER = table('Inner', 'Inside.', { id: text('@id', 'It.') });

describe('a table', () => {
  it('fills keys from attributes, texts, lists and elements, wherever they stand', () => {
    const fields = {
      a: text('@a', 'a'),
      deep: text('x/y/@b', 'deep'),
      word: text('x/word', 'word'),
      list: texts('x/each', 'list'),
      one: part(INNER, 'one', 'one'),
      all: parts(INNER, ['many', 'x/many'], 'all'),
    };
    const xml =
      '<r a="1"><x><many id="3"/><word> w </word><each>p</each><y b="2"/><each>q</each></x><one id="4"/><many id="5"/></r>';
    expect(read(fields, xml)).to.deep.equal({
      value: {
        a: '1',
        deep: '2',
        word: 'w',
        list: ['p', 'q'],
        one: { id: '4' },
        all: [{ id: '3' }, { id: '5' }],
      },
      unmapped: [],
    });
  });

  it('takes the first, gives the rest to whom they belong, and keeps what nobody takes', () => {
    const fields = { one: text('one', 'one'), more: rest(INNER, 'one', 'more'), only: text('only', 'only') };
    const xml = '<r><one>1</one><only>a</only><one id="2"/><one id="3"/><only>b</only></r>';
    expect(read(fields, xml)).to.deep.equal({
      value: { one: '1', more: [{ id: '2' }, { id: '3' }], only: 'a' },
      unmapped: ['r/only[2]'],
    });
  });

  it('keeps a text, an attribute and an element that no path names, in document order', () => {
    expect(read({ a: text('a', 'a') }, '<r z="1">t<a>1<b/></a>u<c/></r>').unmapped).to.deep.equal([
      'r/@z',
      'r',
      'r/a/b',
      'r',
      'r/c',
    ]);
  });

  it('takes either of two elements as the same, and the second of them as a second', () => {
    const fields = within('A|B', { v: text('v', 'v') });
    expect(read(fields, '<r><B><v>1</v></B></r>').value).to.deep.equal({ v: '1' });
    expect(read(fields, '<r><B><v>1</v></B><A/></r>').unmapped).to.deep.equal(['r/A']);
  });

  it('keeps the word of a flag that is none', () => {
    const fields = { on: flag('@on', 'on') };
    expect(read(fields, '<r on="yes"/>').value).to.deep.equal({ on: true });
    expect(read(fields, '<r on="no"/>').value).to.deep.equal({ on: false });
    expect(read(fields, '<r on="YES"/>')).to.deep.equal({ value: {}, unmapped: ['r/@on'] });
  });

  it('lets the first of two sources count', () => {
    const fields = { v: text(['@v', 'v'], 'v') };
    expect(read(fields, '<r v="1"><v>2</v></r>')).to.deep.equal({ value: { v: '1' }, unmapped: ['r/v'] });
    expect(read(fields, '<r><v>2</v></r>').value).to.deep.equal({ v: '2' });
  });

  it('does not stand when it takes one element in two ways', () => {
    expect(() => planOf({ a: part(INNER, 'x', 'a'), b: text('x/@id', 'b') })).to.throw('two ways');
    expect(() => planOf({ a: part(INNER, '@x', 'a') })).to.throw('no element');
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, text(`e${at}`, 'e')]));
    expect(() => planOf(many)).to.throw('too many');
  });
});

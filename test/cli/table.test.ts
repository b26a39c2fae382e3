import { expect } from 'chai';
import { displayWidth, layPairs, layTable } from '../../src/cli/table.ts';

describe('displayWidth', () => {
  const widths = {
    abc: 3,
    株式会社: 8,
    é: 1,
    'e\u0301': 1,
    '🧾': 2,
    '👩‍🔧': 2,
    '\u001b[31mred\u001b[39m': 3,
    '': 0,
  };
  for (const [text, width] of Object.entries(widths)) {
    it(`takes ${JSON.stringify(text)} for ${width} cells`, () => {
      expect(displayWidth(text)).to.equal(width);
    });
  }
});

describe('layTable', () => {
  it('aligns columns by cells, numbers to the right', () => {
    const lines = layTable(
      [{ title: 'name' }, { title: 'n', align: 'right' }, { title: 'end' }],
      [
        ['株式', '5', 'x'],
        ['\u001b[1mabc\u001b[22m', '1234', 'y'],
      ],
    );
    expect(lines).to.deep.equal(['name     n  end', '株式     5  x', '\u001b[1mabc\u001b[22m   1234  y']);
  });

  it('has no line of titles when there are none', () => {
    expect(layTable([{ title: '' }], [['a']])).to.deep.equal(['a']);
  });
});

describe('layPairs', () => {
  it('leaves out what has no value', () => {
    expect(
      layPairs([
        ['a', '1'],
        ['long', undefined],
        ['bb', '2'],
      ]),
    ).to.deep.equal(['a   1', 'bb  2']);
  });
});

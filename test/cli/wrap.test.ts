import { expect } from 'chai';
import { displayWidth } from '../../src/cli/table.ts';
import { WIDTH, wrap } from '../../src/cli/wrap.ts';

describe('wrap', () => {
  it('leaves a short line as it is', () => {
    expect(wrap('one two', '! ')).to.deep.equal(['! one two']);
  });

  it('breaks between words, and indents what follows', () => {
    const lines = wrap('word '.repeat(60).trim(), '\u001b[33m!\u001b[39m ');
    expect(lines.length).to.be.greaterThan(2);
    for (const line of lines) expect(displayWidth(line)).to.be.at.most(WIDTH);
    expect(lines.slice(1).every((line) => line.startsWith('  word'))).to.equal(true);
    expect(lines.join(' ').match(/word/g)).to.have.lengthOf(60);
  });

  it('loses nothing of a word that is too long', () => {
    const long = 'x'.repeat(150);
    expect(wrap(`a ${long} b`)).to.deep.equal(['a', long, 'b']);
  });
});

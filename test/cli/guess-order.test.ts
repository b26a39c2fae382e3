import { expect } from 'chai';
import { guessOrderId } from '../../src/cli/guess-order.ts';

const HEADER =
  '<?xml version="1.0"?><cXML><Request><OrderRequest><OrderRequestHeader type="new" orderID="4711" ';

describe('guessOrderId', () => {
  it('finds the number in what breaks off, in single quotes, between blanks, and in UTF-16', () => {
    expect(guessOrderId(Buffer.from(HEADER))).to.equal('4711');
    expect(guessOrderId(Buffer.from(HEADER.replace('"4711"', "'4711'")))).to.equal('4711');
    expect(guessOrderId(Buffer.from(HEADER.replace('="4711"', ' = " 4711 "')))).to.equal('4711');
    expect(guessOrderId(Buffer.from(HEADER, 'utf16le'))).to.equal('4711');
    expect(guessOrderId(Buffer.from(`\ufeff${HEADER}`, 'utf16le'))).to.equal('4711');
    expect(guessOrderId(Buffer.from(HEADER, 'utf16le').swap16())).to.equal('4711');
    expect(guessOrderId(Buffer.concat([Buffer.from(HEADER), Buffer.from([0xff, 0xc3])]))).to.equal('4711');
  });

  it('finds nothing in what has none, and is not long about it', () => {
    expect(guessOrderId(new Uint8Array())).to.equal(undefined);
    for (const text of [
      '<cXML/>',
      '<a orderID=""/>',
      '<a orderID="  "/>',
      `<a orderID="${'9'.repeat(101)}"/>`,
    ])
      expect(guessOrderId(Buffer.from(text)), text).to.equal(undefined);
    const startedAt = performance.now();
    for (const text of [
      ' orderID='.repeat(1e6),
      ' orderID'.concat(' '.repeat(1e7)),
      ' orderID="<'.repeat(1e6),
    ])
      expect(guessOrderId(Buffer.from(text))).to.equal(undefined);
    expect(performance.now() - startedAt).to.be.lessThan(1_000);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { normalise, parseAddressLine, showRange, toText } from '../../src/trust/address-notation.ts';

const rangesOf = (line: string): string[] => {
  const { ranges, problems } = parseAddressLine(line);
  expect(problems, line).to.deep.equal([]);
  return ranges.map(showRange);
};

describe('parseAddressLine', () => {
  for (const [line, ...meant] of [
    ['192.0.2.0/30', '192.0.2.0-192.0.2.3'],
    ['192.0.2.0 /30', '192.0.2.0-192.0.2.3'],
    ['192.0.2.0 / 30', '192.0.2.0-192.0.2.3'],
    ['192.0.2.9/32', '192.0.2.9'],
    ['192.0.2.1-192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['192.0.2.1 - 192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['192.0.2.1 – 192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['192.0.2.1—192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['192.0.2.1 to 192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['192.0.2.1 through 192.0.2.9', '192.0.2.1-192.0.2.9'],
    ['192.0.2.0/29 (192.0.2.0 through 192.0.2.7)', '192.0.2.0-192.0.2.7', '192.0.2.0-192.0.2.7'],
    ['192.0.2.1 and 192.0.2.9', '192.0.2.1', '192.0.2.9'],
    [
      '192.0.2.1, 192.0.2.9; 192.0.2.12 & 198.51.100.0/31.',
      ...'192.0.2.1 192.0.2.9 192.0.2.12'.split(' '),
      '198.51.100.0-198.51.100.1',
    ],
    ['  • 192.0.2.1', '192.0.2.1'],
    ['- 192.0.2.1', '192.0.2.1'],
    ['\u200b192.0.2.1\u00a0/\u00a031 # added 2023', '192.0.2.0-192.0.2.1'],
    ['2001:db8::/127', '2001:db8:0:0:0:0:0:0-2001:db8:0:0:0:0:0:1'],
    ['2001:db8::1 to 2001:db8::ffff', '2001:db8:0:0:0:0:0:1-2001:db8:0:0:0:0:0:ffff'],
    ['::ffff:192.0.2.0/127', '192.0.2.0-192.0.2.1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['# a note', ...[]],
    ['', ...[]],
  ] as const) {
    it(`reads "${line}"`, () => {
      expect(rangesOf(line)).to.deep.equal(meant);
    });
  }

  for (const line of [
    ...['sandbox', '192.0.2', '192.0.2.256', '192.0.2.010', '192.0.2.1 5', '192.0.2.1-9', 'fe80::1%eth0'],
    ...['192.0.2.9-192.0.2.1', '192.0.2.1-2001:db8::1', '192.0.2.1-192.0.2.2-192.0.2.3', '192.0.2.1/'],
    ...['192.0.2.1/33', '0.0.0.0/0', '::/0', '192.0.2.0/24-192.0.2.255', '192.0.2.0/24/25', '192.0.2.0/-1'],
  ]) {
    it(`does not guess what "${line}" means`, () => {
      expect(parseAddressLine(line).problems).to.have.length(1);
    });
  }

  it('warns of a block and a range side by side that differ, and takes both', () => {
    const { ranges, warnings } = parseAddressLine('192.0.2.0/26 (192.0.2.0 through 192.0.2.127)');
    expect(ranges.map(showRange)).to.deep.equal(['192.0.2.0-192.0.2.63', '192.0.2.0-192.0.2.127']);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('192.0.2.0/26').and.to.include('do not mean the same');
    expect(parseAddressLine('192.0.2.0/26 192.0.2.0-192.0.2.63').warnings).to.deep.equal([]);
    expect(parseAddressLine('192.0.2.0/26 and 198.51.100.1-198.51.100.9').warnings).to.deep.equal([]);
  });

  it('warns of a block that does not start where it says', () => {
    const { ranges, warnings } = parseAddressLine('192.0.2.70/26');
    expect(ranges.map(showRange)).to.deep.equal(['192.0.2.64-192.0.2.127']);
    expect(warnings.join()).to.include('the whole of 192.0.2.64/26');
  });

  it('ends on whatever line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (line) => {
        const { ranges, problems } = parseAddressLine(line);
        expect(ranges.length + problems.length).to.be.at.most(line.length + 1);
      }),
    );
  });
});

describe('an address', () => {
  it('is the same in whatever form, written out and read again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const read = normalise(address);
        expect(read, address).not.to.equal(undefined);
        if (read === undefined) return;
        expect(normalise(toText(read.value, read.family))).to.deep.equal(read);
      }),
    );
  });

  it('is nothing when it is no address', () => {
    for (const no of ['', 'unknown', 'localhost', '1.2.3']) expect(normalise(no), no).to.equal(undefined);
  });
});

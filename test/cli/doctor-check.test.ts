import { expect } from 'chai';
import { describeDays, judgeDays } from '../../src/cli/doctor-check.ts';

const AT = new Date('2026-11-21T02:00:00.000Z');

describe('the days that doctor counts', () => {
  it('are well above 30, a warning above 7, a failure from there on', () => {
    expect([31, 30, 8, 7, 0, -1].map(judgeDays)).to.deep.equal(['yes', 'warn', 'warn', 'no', 'no', 'no']);
  });

  it('are told with their date', () => {
    expect(describeDays(new Date('2027-02-18T00:00:00.000Z'), AT)).to.equal('88 days left (2027-02-18)');
    expect(describeDays(new Date('2026-11-22T02:00:00.000Z'), AT)).to.equal('1 day left (2026-11-22)');
    expect(describeDays(new Date('2026-11-20T00:00:00.000Z'), AT)).to.equal('expired on 2026-11-20');
  });
});

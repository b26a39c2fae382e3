import { expect } from 'chai';
import { isBefore, isEarly } from '../../src/cxml/check-dates.ts';
import { order, orderDocument } from './reading.ts';

describe('a day', () => {
  const noon = '2026-11-20T12:00:00-08:00';

  it('is before another by the calendar and by the clock', () => {
    for (const early of ['2026-11-19', '2026-11-18T23:59:00-08:00', '1900-01-01', ' 2026-11-19 ']) {
      expect(isBefore(early, noon), early).to.equal(true);
    }
  });

  it('is not before another on the same day, wherever that is', () => {
    for (const early of ['2026-11-20', '2026-11-20T00:00:00Z', '2026-11-21', noon, '2027-01-01']) {
      expect(isBefore(early, noon), early).to.equal(false);
    }
    expect(isBefore('2026-11-20', '2026-11-20T23:59:00-12:00'), 'a day later in Greenwich').to.equal(false);
    expect(isBefore('2026-11-19T22:00:00Z', '2026-11-20T00:30:00+13:00'), 'after it').to.equal(false);
    expect(isBefore('2026-11-19', '2026-11-20T00:30:00+13:00'), 'within a day of it').to.equal(false);
  });

  it('that cannot be read is before nothing', () => {
    for (const odd of [undefined, '', 'soon', '11/19/2026', '2026-02-30']) {
      expect([isBefore(odd, noon), isBefore('2026-01-01', odd)], odd).to.deep.equal([false, false]);
    }
  });

  it('may be past in a change of an order', () => {
    const dated = (type: string) =>
      order(orderDocument('', '', `orderID="1" orderDate="${noon}" type="${type}"`));
    const early = ['new', 'update', 'delete'].map((type) => isEarly('2026-11-01', dated(type)));
    expect(early).to.deep.equal([true, false, false]);
  });
});

import { expect } from 'chai';
import { orderVersionNumber, readInstant, zoneForm } from '../../src/cxml/when.ts';

describe('readInstant', () => {
  const readable: [text: string, instant: string, form: string][] = [
    ['2026-01-01T00:00:00-08:00', '2026-01-01T08:00:00.000Z', 'offset'],
    ['2018-03-22T17:10:07 -04:00', '2018-03-22T21:10:07.000Z', 'offset'],
    ['2018-03-22T17:10:07-0400', '2018-03-22T21:10:07.000Z', 'offset'],
    ['2018-03-22T17:10:07+01', '2018-03-22T16:10:07.000Z', 'offset'],
    ['2026-11-20T12:00:00.1234567+05:30', '2026-11-20T06:30:00.123Z', 'offset'],
    ['2026-11-20T12:00:00Z', '2026-11-20T12:00:00.000Z', 'zulu'],
    ['2026-11-20t12:00:00z', '2026-11-20T12:00:00.000Z', 'zulu'],
    ['2026-11-20T12:00:00', '2026-11-20T12:00:00.000Z', 'none'],
    ['2020-09-25 15:30:43', '2020-09-25T15:30:43.000Z', 'none'],
    ['2020-09-25T15:30', '2020-09-25T15:30:00.000Z', 'none'],
    ['2017-06-27', '2017-06-27T00:00:00.000Z', 'date'],
    [' 2024-02-29 ', '2024-02-29T00:00:00.000Z', 'date'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z', 'zulu'],
  ];
  for (const [text, instant, form] of readable) {
    it(`reads "${text}"`, () => {
      expect(readInstant(text)?.toISOString()).to.equal(instant);
      expect(zoneForm(text)).to.equal(form);
    });
  }

  const nonsense = [
    '',
    'd',
    'ISO_8601_timestamp',
    '2000-2-30',
    '2000-02-30',
    '2023-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-01T24:00:00Z',
    '2026-01-01T10:60:00Z',
    '2026-01-01T10:00:61Z',
    '2026-01-01T10:00:00+15:00',
    '2026-01-01T10:00:00+01:60',
    '2026-01-01T10:00:00 CET',
    '01/02/2026',
    'Mon, 05 Jan 2026 10:00:00 GMT',
    '1767225600',
  ];
  for (const text of nonsense) {
    it(`reads no instant in "${text}"`, () => {
      expect(readInstant(text)).to.equal(null);
      expect(zoneForm(text)).to.equal('unreadable');
    });
  }

  it('reads no instant where there is no text', () => {
    expect(readInstant(undefined)).to.equal(null);
  });
});

describe('orderVersionNumber', () => {
  it('reads whole numbers only', () => {
    const texts = ['1', ' 12 ', '007', '', '1.0', '-1', 'v2', '9'.repeat(16), undefined];
    expect(texts.map(orderVersionNumber)).to.deep.equal([1, 12, 7, null, null, null, null, null, null]);
  });
});

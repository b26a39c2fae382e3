import { expect } from 'chai';
import fc from 'fast-check';
import { Refusal } from '../../src/errors.ts';
import { readContentType } from '../../src/http/content-type.ts';

function refusalOf(value: string): Refusal {
  try {
    readContentType(value);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`${value.slice(0, 100)} is taken`);
}

describe('readContentType', () => {
  const TAKEN: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined],
    ['', undefined],
    ['   ', undefined],
    ['text/xml', undefined],
    ['TEXT/XML', undefined],
    ['application/xml', undefined],
    ['application/cxml+xml', undefined],
    ['text/xml;charset=UTF-8', 'utf-8'],
    ['text/xml ; Charset=x', 'x'],
    ['text/xml; charset="utf-8"', 'utf-8'],
    ['text/xml; charset="ut\\f-8"', 'utf-8'],
    ['text/xml; a="b;charset=no"; charset=iso-8859-1', 'iso-8859-1'],
    ['text/xml; charset=utf-8; charset=utf-16', 'utf-8'],
    ['text/xml;', undefined],
    ['text/xml; charset=', undefined],
    ['text/xml; charset=""', undefined],
    ['text/xml; charset=utf-8;', 'utf-8'],
  ];
  for (const [value, charset] of TAKEN) {
    it(`takes ${JSON.stringify(value)}`, () => {
      expect(readContentType(value)).to.deep.equal(charset === undefined ? {} : { charset });
    });
  }

  for (const value of [
    'text/plain',
    'text/html',
    'application/json',
    'application/octet-stream',
    'text/xmlx',
    'application/+xml',
    'application/a/b+xml',
    'xml',
    'text/xml, text/xml',
    'text/xml charset=utf-8',
    'text/xml; charset="utf-8',
    'text/xml; charset=ut f',
    'text/xml; charset',
  ]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      expect(refusalOf(value).code).to.equal('media-type-unsupported');
    });
  }

  it('says how to send what comes inside a multipart message or a form', () => {
    expect(refusalOf('multipart/related; boundary=x').message).to.match(/multipart.*text\/xml/);
    expect(refusalOf('application/x-www-form-urlencoded').message).to.match(/form.*text\/xml/);
  });

  it('answers any text at all, quickly', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (tail) => {
        try {
          readContentType(`text/xml;${tail}`);
        } catch (error) {
          expect(error).to.be.instanceOf(Refusal);
        }
      }),
    );
    const startedAt = performance.now();
    refusalOf(`text/xml${'; a="'.repeat(4001)}`);
    refusalOf(`text/xml${';'.repeat(16_000)}x`);
    expect(performance.now() - startedAt).to.be.below(200);
  });
});

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

  it('takes several parts, with their boundary and the one that is the order', () => {
    expect(readContentType('multipart/related; boundary=x')).to.deep.equal({ multipart: { boundary: 'x' } });
    const whole = 'Multipart/Related; type="text/xml"; start="<1@buyer>"; boundary="--=_a b:c"; charset=x';
    expect(readContentType(whole)).to.deep.equal({ multipart: { boundary: '--=_a b:c', start: '1@buyer' } });
    expect(readContentType('multipart/mixed;boundary=y;start=""')).to.deep.equal({
      multipart: { boundary: 'y' },
    });
  });

  it('refuses several parts that cannot be told apart, and parts of another kind', () => {
    expect(refusalOf('multipart/related').message).to.contain('boundary');
    expect(refusalOf('multipart/related; boundary=""').message).to.contain('boundary');
    expect(refusalOf('multipart/form-data; boundary=x').message).to.contain('text/xml');
  });

  it('takes a document in a form', () => {
    expect(readContentType('application/x-www-form-urlencoded; charset=utf-8')).to.deep.equal({ form: true });
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

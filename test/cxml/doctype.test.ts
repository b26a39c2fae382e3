import { expect } from 'chai';
import { refusal, tree } from './reading.ts';

const doctype = (declaration: string) => tree(`<!-- <!DOCTYPE no> -->\n${declaration}<a/>`).doctype;

describe('readDoctype', () => {
  it('takes the names and fetches nothing', () => {
    expect(doctype('<!DOCTYPE a>')).to.deep.equal({ name: 'a' });
    expect(doctype('<!DOCTYPE a SYSTEM "http://no.such.host/a.dtd">')).to.deep.equal({
      name: 'a',
      systemId: 'http://no.such.host/a.dtd',
    });
    expect(doctype("<!DOCTYPE a\r\n PUBLIC '-//A//B' 'a.dtd' >")).to.deep.equal({
      name: 'a',
      publicId: '-//A//B',
      systemId: 'a.dtd',
    });
  });

  it('takes an internal subset that declares nothing', () => {
    for (const subset of ['[]', '[ \n ]', `[<!-- ]> don't <!ENTITY x "y"> --><?p don't ]> ?>]`]) {
      expect(doctype(`<!DOCTYPE a SYSTEM "a.dtd"${subset}>`)).to.deep.include({ subset: 'empty' });
    }
  });

  it('takes a parameter entity that nothing uses', () => {
    expect(doctype('<!DOCTYPE a [ <!ENTITY % SGML-help "INCLUDE"> ]>')).to.deep.include({
      subset: 'harmless',
    });
  });

  const forbidden: [what: string, subset: string, said: string][] = [
    ['a general entity', '<!ENTITY x "y">', 'the entity "x"'],
    ['an external entity', '<!ENTITY x SYSTEM "file:///etc/passwd">', 'the entity "x"'],
    ['an external parameter entity', '<!ENTITY % x SYSTEM "http://h/">', 'external parameter entity "x"'],
    ['a parameter entity of others', '<!ENTITY % x "&#37;y;">', 'by means of others'],
    ['a reference to a parameter entity', '<!ENTITY % x "y"> %x;', 'uses a parameter entity'],
    ['an attribute list', '<!ATTLIST a b CDATA "1">', 'ATTLIST'],
    ['an element', '<!ELEMENT a ANY>', 'ELEMENT'],
    ['a notation', '<!NOTATION n SYSTEM "n">', 'NOTATION'],
    ['a conditional section', '<![INCLUDE[ ]]>', 'conditional section'],
  ];
  for (const [what, subset, said] of forbidden) {
    it(`refuses ${what}, and says where`, () => {
      const refused = refusal(() => doctype(`<!DOCTYPE a SYSTEM "a.dtd" [\r\n  ${subset}\n]>`));
      expect(refused.code).to.equal('xml-forbidden');
      expect(refused.message).to.contain(said);
      expect(refused.place?.line).to.equal(3);
      if (!subset.includes('%x;')) expect(refused.place?.column).to.equal(3);
    });
  }

  const malformed = [
    '<!DOCTYPE>',
    '<!DOCTYPEa>',
    '<!DOCTYPE a¼ SYSTEM "a.dtd">',
    '<!DOCTYPE a [ <?p?q?> ]>',
    '<!DOCTYPE a SYSTEM>',
    '<!DOCTYPE a SYSTEM"a.dtd">',
    '<!DOCTYPE a PUBLIC "p">',
    '<!DOCTYPE a PUBLIC "{" "s">',
    '<!DOCTYPE a "a.dtd">',
    '<!DOCTYPE a [] b>',
    '<!DOCTYPE a [ x ]>',
    '<!DOCTYPE a [ <!-- x -- y --> ]>',
    '<!DOCTYPE a [ <?xml version="1.0"?> ]>',
    '<!DOCTYPE a [ <!ENTITY % x "y" z> ]>',
  ];
  for (const declaration of malformed) {
    it(`refuses ${declaration}`, () => {
      const refused = refusal(() => doctype(declaration));
      expect(refused.code).to.equal('xml-malformed');
      expect(refused.place?.line).to.equal(2);
    });
  }
});

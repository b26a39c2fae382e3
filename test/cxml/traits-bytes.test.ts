/** How real senders write bytes and prologue (corpus-variation.md, "Bytes and prologue"). */
import { expect } from 'chai';
import { documentWith, kept, refused } from './trait.ts';

const DOCTYPE = 'http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd';

describe('the trait', () => {
  it('no XML declaration', () => {
    const { ids, message } = kept({ prologue: '' });
    expect(ids).to.deep.equal([]);
    expect(message?.encoding).to.deep.equal({ name: 'utf-8', from: 'default' });
  });

  it('declaration without an encoding', () => {
    const { ids, message } = kept({ prologue: '<?xml version="1.0"?>' });
    expect(ids).to.deep.equal([]);
    expect(message?.encoding.name).to.equal('utf-8');
  });

  it('blanks around `=`, single quotes or `standalone` in the declaration', () => {
    const declaration = `<?xml version = '1.0'\n encoding\t= 'ISO-8859-1' standalone = 'no' ?>`;
    const document = documentWith({ prologue: declaration, order: 'orderID="Ö" orderDate="2026-01-01"' });
    const { order, message } = kept(Uint8Array.from(document, (each) => each.charCodeAt(0)));
    expect(order.purchaseOrderNumber).to.equal('Ö');
    expect(message?.encoding).to.deep.equal({ name: 'iso-8859-1', from: 'declaration' });
  });

  it('encoding other than UTF-8 declared (all ISO-8859-15)', () => {
    const document = documentWith({
      prologue: '<?xml version="1.0" encoding="ISO-8859-15"?>',
      order: 'orderID="10 €" orderDate="2026-01-01"',
    });
    const honest = Uint8Array.from(document, (each) => (each === '€' ? 0xa4 : each.charCodeAt(0)));
    expect(kept(honest).order.purchaseOrderNumber).to.equal('10 €');
    // One sender writes UTF-8 under that name. Every byte is a character of ISO-8859-15: nothing can show the lie.
    expect(kept(document).order.purchaseOrderNumber).to.equal('10 â\u0082¬');
  });

  it('non-ASCII characters', () => {
    const { order, ids } = kept({ order: 'orderID="Żółć-東京-😀-é" orderDate="2026-01-01"' });
    expect(order.purchaseOrderNumber).to.equal('Żółć-東京-😀-é');
    expect(ids).to.deep.equal([]);
  });

  it('no DOCTYPE (3 of them have it inside a comment)', () => {
    const { ids, message } = kept({
      prologue: `<!-- <!DOCTYPE cXML SYSTEM "${DOCTYPE}" [<!ENTITY x "y">]> -->`,
    });
    expect(ids).to.deep.equal([]);
    expect([message?.doctype, message?.dtdVersion]).to.deep.equal([undefined, undefined]);
  });

  it('DOCTYPE whose system id is not a URL (`cXML.dtd`)', () => {
    const { ids, message } = kept({ prologue: '<!DOCTYPE cXML SYSTEM "cXML.dtd">' });
    expect(ids).to.deep.equal([]);
    expect(message?.doctype?.systemId).to.equal('cXML.dtd');
    expect(message?.dtdVersion).to.equal(undefined);
  });

  it('host spelled `xml.cXML.org`', () => {
    const prologue = '<!DOCTYPE cXML SYSTEM "http://xml.cXML.org/schemas/cXML/1.2.011/cXML.dtd">';
    const { ids, message } = kept({ prologue });
    expect(ids).to.deep.equal([]);
    expect(message?.dtdVersion).to.equal('1.2.011');
  });

  it('internal subset, empty `[]` (.NET writers)', () => {
    for (const subset of ['[]', ' [ ]', '[\r\n]']) {
      const { ids, message } = kept({ prologue: `<!DOCTYPE cXML SYSTEM "${DOCTYPE}"${subset}>` });
      expect(ids).to.deep.equal([]);
      expect(message?.doctype?.subset).to.equal('empty');
      expect(message?.dtdVersion).to.equal('1.2.014');
    }
  });

  it('internal subset with a parameter-entity declaration (official SGML example)', () => {
    const prologue = `<!DOCTYPE cXML SYSTEM "${DOCTYPE}" [<!ENTITY % help "INCLUDE">]>`;
    expect(kept({ prologue }).ids).to.deep.equal(['N-DOCTYPE-001']);
    expect(refused({ prologue: prologue.replace('"INCLUDE">', '"INCLUDE"> %help;') }).code).to.equal(
      'xml-forbidden',
    );
  });

  it('comment before the root element', () => {
    const { ids } = kept({ prologue: '<?xml version="1.0"?>\n<!-- <cXML payloadID="0"> & made by -->\n' });
    expect(ids).to.deep.equal([]);
  });

  it('CRLF line ends', () => {
    const document = documentWith({ order: 'orderID="1" orderDate="2026-01-01" type="draft"' });
    const lines = document.replaceAll('><', '>\r\n<');
    const { ids, findings } = kept(lines);
    expect(ids).to.deep.equal(['W-TYPE-001', 'N-UNMAPPED-001']);
    const at = lines.slice(0, lines.indexOf('<OrderRequestHeader')).split('\r\n').length;
    expect(findings[0]?.place).to.include({ line: at, column: 1 });
  });

  it('BOM, UTF-16, CDATA, undeclared entities such as `&nbsp;`', () => {
    expect(kept(`\uFEFF${documentWith()}`).message?.encoding.from).to.equal('bom');
    const wide = Buffer.from(`\uFEFF${documentWith({ prologue: '' })}`, 'utf16le');
    expect(kept(new Uint8Array(wide)).message?.encoding.name).to.equal('utf-16le');
    const comments = '<Comments>a<![CDATA[ <b> & ]]>c</Comments>';
    const details = `<Total><Money currency="EUR"><![CDATA[10.00]]></Money></Total><ShipTo/><BillTo/>${comments}`;
    const { order } = kept({ details });
    expect([order.total?.amount, order.comments[0]?.text]).to.deep.equal(['10.00', 'a <b> & c']);
    const entity = refused({ details: '<Comments>a&nbsp;b</Comments>', prologue: '' });
    expect(entity.code).to.equal('xml-malformed');
    expect(entity.message).to.match(/the entity &nbsp; is not defined; XML has .*&#160; only\.$/);
    expect(entity.place?.line).to.equal(1);
  });

  it('smart quotes around attribute values', () => {
    for (const quotes of ['“1”', '‘1’', '„1“', '«1»']) {
      const { place, message } = refused({ order: `orderID=${quotes}` });
      expect(message, quotes).to.match(/typographic quotes; XML knows " and ' only\.$/);
      expect(place?.column).to.equal(documentWith({ order: '“' }).indexOf('“') + 'orderID='.length + 1);
    }
    expect(refused({ order: 'orderID=1' }).message).to.match(/is not in quotes\.$/);
  });

  it('not well-formed', () => {
    const { code, place, message } = refused({ details: '\n<Comments>Nuts & Bolts</Comments>' });
    expect([code, place?.line, place?.column]).to.deep.equal(['xml-malformed', 2, 16]);
    expect(message).to.contain('written as &amp;');
  });
});

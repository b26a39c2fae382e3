import { expect } from 'chai';
import type { KeyFacts } from '../../src/cxml/second-reader.ts';
import { readKeyFacts } from '../../src/cxml/second-reader.ts';

function factsOf(xml: string): KeyFacts {
  const reading = readKeyFacts(xml);
  if ('reason' in reading) throw new Error(reading.reason);
  return reading.facts;
}

function wrap(header: string, lines = ''): string {
  return `<cXML><Request><OrderRequest>${header}${lines}</OrderRequest></Request></cXML>`;
}

describe('readKeyFacts', () => {
  it('keeps numbers as the characters that were sent', () => {
    const { orderId, total, lines } = factsOf(
      wrap(
        '<OrderRequestHeader orderID="007"><Total><Money currency="USD"> 1.10 </Money></Total></OrderRequestHeader>',
        '<ItemOut lineNumber="010" quantity="1e5"><ItemDetail><UnitPrice><Money>0x1F</Money></UnitPrice></ItemDetail></ItemOut>',
      ),
    );
    expect({ orderId, total }).to.deep.equal({ orderId: '007', total: '1.10' });
    expect(lines[0]).to.include({ number: '010', quantity: '1e5', unitPrice: '0x1F' });
  });

  it('decodes numeric references and the five entities of XML', () => {
    const { lines } = factsOf(
      wrap(
        '<OrderRequestHeader orderID="1"/>',
        '<ItemOut><ItemDetail><Description>caf&#233; &#x20AC; &amp;lt; &lt;b&gt;</Description></ItemDetail></ItemOut>',
      ),
    );
    expect(lines[0]?.description).to.equal('café € &lt; <b>');
  });

  it('joins text and CDATA, leaving comments and children out', () => {
    const { lines } = factsOf(
      wrap(
        '<OrderRequestHeader orderID="1"/>',
        '<ItemOut><ItemDetail><Description>a<ShortName>no</ShortName> <![CDATA[<b>]]><!-- no -->c</Description></ItemDetail></ItemOut>',
      ),
    );
    expect(lines[0]?.description).to.equal('a <b>c');
  });

  it('reads a root that stands in a namespace', () => {
    const { orderId } = factsOf(
      '<x:cXML xmlns:x="urn:x"><x:Request><x:OrderRequest><x:OrderRequestHeader orderID="7"/></x:OrderRequest></x:Request></x:cXML>',
    );
    expect(orderId).to.equal('7');
  });

  it('takes a missing type as new and delete as cancel', () => {
    expect(factsOf(wrap('<OrderRequestHeader orderID="1"/>')).operation).to.equal('new');
    expect(factsOf(wrap('<OrderRequestHeader orderID="1" type="delete"/>')).operation).to.equal('cancel');
  });

  const unreadable = {
    'text that is no XML': 'not xml',
    'another root': '<html/>',
    'a request of another kind': '<cXML><Request><ProfileRequest/></Request></cXML>',
    'an element with a dangerous name': '<cXML><constructor><__proto__/></constructor></cXML>',
    'no end': '<cXML><Request',
  };
  for (const [name, xml] of Object.entries(unreadable)) {
    it(`gives a reason for ${name}`, () => {
      expect(readKeyFacts(xml)).to.have.property('reason').that.is.a('string').and.is.not.empty;
    });
  }
});

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readPlaces } from '../../src/cxml/places.ts';
import { drain } from '../../src/turns.ts';
import { message, orderDocument } from './reading.ts';

const HEADER = 'cXML/Request/OrderRequest/OrderRequestHeader';

describe('readPlaces', () => {
  it('leads from every key back to the element or attribute that filled it', () => {
    const document = orderDocument(
      '\n<Total><Money currency="EUR">1.0</Money></Total>\n' +
        '<ShipTo><Address isoCountryCode="DE">\n<PostalAddress><Street>a</Street>\n<Street>b</Street></PostalAddress></Address></ShipTo>',
      '\n<ItemOut lineNumber="1" quantity="2"/>\n<ItemOut lineNumber="2" quantity="3"/>',
    );
    const places = drain(readPlaces(message(document)));
    expect(places.get('/total/amount')).to.deep.equal({ line: 2, column: 8, path: `${HEADER}/Total/Money` });
    expect(places.get('/total/currency')?.path).to.equal(`${HEADER}/Total/Money/@currency`);
    expect(places.get('/currency')?.path).to.equal(`${HEADER}/Total/Money/@currency`);
    expect(places.get('/shipTo/street/1')).to.deep.equal({
      line: 5,
      column: 1,
      path: `${HEADER}/ShipTo/Address/PostalAddress/Street[2]`,
    });
    expect(places.get('/lines/1/lineNumber')).to.deep.equal({
      line: 7,
      column: 1,
      path: 'cXML/Request/OrderRequest/ItemOut[2]/@lineNumber',
    });
    expect(places.get('/buyer/identifiers/0/value')?.path).to.equal('cXML/Header/From/Credential/Identity');
    expect(places.get('/buyer/identifiers/0/domain')?.path).to.equal('cXML/Header/From/Credential/@domain');
  });

  it('leads to the second source where the first is silent', () => {
    const document = orderDocument(
      '',
      '<ItemOut quantity="1"><ItemDetail><Comments>c</Comments></ItemDetail><Comments>d</Comments></ItemOut>',
    );
    const places = drain(readPlaces(message(document)));
    const line = 'cXML/Request/OrderRequest/ItemOut';
    expect(places.get('/lines/0/comments/0/text')?.path).to.equal(`${line}/ItemDetail/Comments`);
    expect(places.get('/lines/0/comments/1/text')?.path).to.equal(`${line}/Comments`);
  });

  it('has a place for every value of an order', () => {
    const fixture = new URL('../fixtures/orders/coupa-standard.xml', import.meta.url);
    const places = drain(readPlaces(message(readFileSync(fixture))));
    expect(places.size).to.be.greaterThan(140);
    for (const [pointer, { line, column, path }] of places) {
      expect([line, column], pointer).to.satisfy((at: number[]) => at.every((each) => each > 0));
      expect(path, pointer).to.match(/^cXML\//);
    }
  });
});

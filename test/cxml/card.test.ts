/** A payment card, wherever a document has one, shows no more than the last digits of its number. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { checkOrder } from '../../src/cxml/check-order.ts';
import { readPlaces } from '../../src/cxml/places.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import { drain } from '../../src/turns.ts';
import { fullOrder } from './full-order.ts';
import { message, order, orderDocument } from './reading.ts';

const NUMBER = '4000056655665556';
const EXPIRY = '2031-08-31';
const CARD = `<PCard number="${NUMBER}" expiration="${EXPIRY}" name="J. Doe ${NUMBER}"><PostalAddress><Street>${NUMBER}</Street><Extrinsic name="a">${NUMBER}</Extrinsic></PostalAddress>${NUMBER}</PCard>`;

function told(document: string): string {
  const read = message(document);
  const found = drain(readOrder(read));
  return JSON.stringify([found, drain(checkOrder(read, found)), [...drain(readPlaces(read))]]);
}

/** The document once for each of its elements in the Request, with a card put into that element. */
function* withCards(document: string): Generator<string, void, void> {
  const from = document.indexOf('<Request');
  for (const { index, 0: tag } of document.matchAll(/<\w[^<>]*>/g)) {
    if (index <= from || tag.endsWith('/>')) continue;
    const at = index + tag.length;
    yield document.slice(0, at) + CARD + document.slice(at);
  }
}

describe('a card', () => {
  it('is masked inside any element of any fixture', () => {
    const folder = new URL('../fixtures/orders/', import.meta.url);
    let tried = 0;
    for (const file of ['ariba-style.xml', 'coupa-standard.xml', 'network-additions.xml']) {
      expect(readdirSync(folder)).to.include(file);
      for (const document of withCards(readFileSync(new URL(file, folder), 'utf8'))) {
        const all = told(document);
        expect(all).to.not.contain(NUMBER).and.to.not.contain(EXPIRY);
        expect(all).to.contain('5556');
        tried++;
      }
    }
    expect(tried).to.be.greaterThan(150);
  });

  it('is masked when every Extrinsic, reference and segment of a full document is called after it', () => {
    const document = fullOrder((path, { says }) => {
      const names = path === '@name' || path === '@domain' || path === '@type';
      if (says.startsWith('What to do')) return 'new';
      return names ? 'Card number' : '1';
    });
    const read = told(
      document
        .replaceAll(/identifier="1"/g, `identifier="${NUMBER}"`)
        .replaceAll(/(<Segment [^>]*)id="1"/g, `$1id="${NUMBER}"`)
        .replaceAll(/(<Extrinsic [^>]*>)[^<]*/g, `$1${NUMBER}`),
    );
    expect(read).to.not.contain(NUMBER);
    expect(read.split('****5556').length).to.be.greaterThan(50);
  });

  it('is masked in what the model does not name', () => {
    const { unmapped } = order(
      orderDocument(
        `<Odd><Extrinsic name="Credit card">${NUMBER}</Extrinsic><x type="card" v="${NUMBER}"/></Odd>`,
      ),
    );
    expect(unmapped[0]?.xml).to.equal(
      '<Odd><Extrinsic name="Credit card">****5556</Extrinsic><x type="card" v="****5556"/></Odd>',
    );
  });

  it('leaves a number alone that no card is named beside', () => {
    const { extrinsics } = order(
      orderDocument(
        `<Extrinsic name="Tracking">${NUMBER}</Extrinsic><Extrinsic name="Cardboard">${NUMBER}</Extrinsic>`,
      ),
    );
    expect(extrinsics.map(({ value }) => value)).to.deep.equal([NUMBER, NUMBER]);
  });
});

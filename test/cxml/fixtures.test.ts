/** Every pair in test/fixtures/orders: the document, and what is read from it. Adding a pair adds a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { asJson, findings, order } from './reading.ts';

const FOLDER = new URL('../fixtures/orders/', import.meta.url);
const documents = readdirSync(FOLDER).filter((file) => file.endsWith('.xml'));

describe('the orders of test/fixtures', () => {
  it('are pairs', () => {
    const halves = readdirSync(FOLDER).map((file) => file.replace(/\.(xml|json)$/, ''));
    expect(documents.length).to.be.greaterThan(11);
    expect(halves).to.have.length(documents.length * 2);
    expect(new Set(halves).size).to.equal(documents.length);
  });

  for (const file of documents) {
    const bytes = readFileSync(new URL(file, FOLDER));
    const expected = JSON.parse(readFileSync(new URL(file.replace('.xml', '.json'), FOLDER), 'utf8'));

    it(`${file} is read as its JSON says`, () => {
      expect(asJson(order(bytes))).to.deep.equal(expected.order);
    });

    it(`${file} is found odd where its JSON says`, () => {
      expect(findings(bytes).map(({ id }) => id)).to.deep.equal(expected.findings);
    });
  }

  it('hold no secret and no card number once they are read', () => {
    for (const file of documents) {
      const bytes = readFileSync(new URL(file, FOLDER));
      const all = JSON.stringify([order(bytes), findings(bytes)]).replace(
        /"name":"Tracking","value":"\d+"/,
        '',
      );
      expect(all, file).to.not.match(/not-a-real-secret|hush|4111|550000|340000/);
    }
  });
});

/** Orders in other encodings than UTF-8, through real mutual TLS: what is kept says what was meant, byte for byte. */
import { join } from 'node:path';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { runSallyport } from '../support/sallyport.ts';

const NAME = 'Œuvre € Malmö';
const LATIN_9: Readonly<Record<string, number>> = { Œ: 0xbc, '€': 0xa4 };

const documentIn = (encoding: string, orderId: string): string =>
  sampleDocument({ orderId })
    .replace(/encoding="[^"]*"/, `encoding="${encoding}"`)
    .replace(/(<Name[^>]*>)[^<]*/, `$1${NAME}`)
    .replace(/\P{ASCII}(?<![ŒÖö€])/gu, '?');

const latin9 = (text: string): Buffer =>
  Buffer.from(Array.from(text, (each) => LATIN_9[each] ?? each.charCodeAt(0)));
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

const CASES: Readonly<Record<string, { bytes: Buffer; type: string }>> = {
  'latin-9': { bytes: latin9(documentIn('ISO-8859-15', 'latin-9')), type: 'text/xml' },
  'latin-9-by-header': {
    bytes: latin9(documentIn('x', 'latin-9-by-header').replace(' encoding="x"', '')),
    type: 'text/xml; charset=ISO-8859-15',
  },
  'latin-9-against-header': {
    bytes: latin9(documentIn('ISO-8859-15', 'latin-9-against-header')),
    type: 'application/xml; charset=utf-8',
  },
  'utf-16-with-mark': { bytes: wide(`\uFEFF${documentIn('UTF-16', 'utf-16-with-mark')}`), type: 'text/xml' },
  'utf-16-without-mark': {
    bytes: wide(documentIn('UTF-16', 'utf-16-without-mark')),
    type: 'text/xml; charset=utf-16',
  },
  'utf-16-big-end-first': {
    bytes: wide(`\uFEFF${documentIn('UTF-16', 'utf-16-big-end-first')}`).swap16(),
    type: 'application/xml',
  },
  'utf-8-said-to-be-utf-16': {
    bytes: Buffer.from(documentIn('utf-16', 'utf-8-said-to-be-utf-16')),
    type: 'text/xml; charset=utf-8',
  },
};

describe('a receiver that is sent other encodings', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
  });
  after(() => receiver[Symbol.asyncDispose]());

  for (const [id, { bytes, type }] of Object.entries(CASES)) {
    it(`keeps an order in ${id} as it was meant, and its bytes`, async () => {
      using buyer = receiver.buyer();
      const { code, detail, body } = await buyer.post(bytes, { 'content-type': type });
      expect(code, detail).to.equal(200);
      expect(body.toString('utf8')).to.contain(id);
      const config = ['-c', join(receiver.folder, 'sallyport.yaml')];
      const env = { SALLYPORT_UNSAFE_TESTS: '1' };
      const shown = await runSallyport(['orders', 'show', id, '--json', ...config], { env });
      expect(JSON.stringify(JSON.parse(shown.stdout))).to.contain(NAME);
      const raw = await runSallyport(['orders', 'raw', id, ...config], { env });
      expect(raw.bytes.equals(bytes)).to.equal(true);
    });
  }

  it('refuses Latin-1 under the name of UTF-8, with the byte, the line and what to do', async () => {
    using buyer = receiver.buyer();
    const text = documentIn('UTF-8', 'wrong').replace(NAME, 'Malmö');
    const { http, code, detail } = await buyer.post(Buffer.from(text, 'latin1'));
    expect([http, code]).to.deep.equal([200, 406]);
    const offset = text.indexOf('ö');
    const line = text.slice(0, offset).split('\n').length;
    expect(detail).to.contain(`byte offset ${offset} (line ${line}, `);
    expect(detail).to.contain('looks like ISO-8859-1');
  });
});

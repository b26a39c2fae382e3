/** Over mutual TLS: a ProfileResponse is valid, fresh, and true of the receiver that sends it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import { openDtd } from '../../src/cli/dtd-judge.ts';
import type { Answer } from '../support/buyer.ts';
import { needsShared } from '../support/needs.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const PUBLIC = 'https://po.supplier.example/cxml?to=us&from=you';
const SECRET = 'not a real secret';
const BOUNDARY = 'between-the-parts';

const PROFILE = sampleDocument({ orderId: '1' }).replace(
  /<OrderRequest>[\s\S]*<\/OrderRequest>/,
  '<ProfileRequest/>',
);

function start(): Promise<TestReceiver> {
  return startTestReceiver(
    {
      listen: { host: '127.0.0.1', port: 0, public_url: PUBLIC },
      buyers: [
        { key: 'acme', from: [{ domain: 'DUNS', identity: '128293714' }], shared_secret: 'file:secret' },
      ],
    },
    { prepare: ({ folder }) => writeFile(join(folder, 'secret'), SECRET) },
  );
}

interface Told {
  readonly effectiveDate: string;
  readonly lastRefresh: string;
  readonly order: { readonly url: string; readonly options: Readonly<Record<string, string>> };
}

/** Read by a parser that the receiver does not use for it. */
function read({ body }: Answer): Told {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => name === 'Transaction' || name === 'Option',
  });
  const { effectiveDate, lastRefresh, Transaction } = parser.parse(body).cXML.Response.ProfileResponse;
  const transactions: { requestName: string; URL: string; Option?: { name: string; '#text': string }[] }[] =
    Transaction;
  expect(transactions.map(({ requestName }) => requestName)).to.deep.equal([
    'OrderRequest',
    'ProfileRequest',
  ]);
  const [order] = transactions;
  const options = Object.fromEntries(order?.Option?.map((each) => [each.name, each['#text']]) ?? []);
  return { effectiveDate, lastRefresh, order: { url: order?.URL ?? '', options } };
}

describe('the profile of a receiver', () => {
  it('names the public address, and since when, and when it was told', async () => {
    await using receiver = await start();
    using buyer = receiver.buyer();
    const { effectiveDate, lastRefresh, order } = read(await buyer.post(PROFILE));
    expect(order.url).to.equal(PUBLIC);
    for (const date of [effectiveDate, lastRefresh]) {
      expect(date).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/);
    }
    expect(Date.parse(effectiveDate)).to.be.at.most(Date.parse(lastRefresh));
    expect(Date.now() - Date.parse(lastRefresh)).to.be.within(0, 10_000);
  });

  it('is true: changes and attachments are taken when it says so, and only then', async () => {
    await using receiver = await start();
    using buyer = receiver.buyer();
    const { options } = read(await buyer.post(PROFILE)).order;
    const change = await buyer.post(sampleDocument({ orderId: '1', type: 'update' }));
    expect(options.changes).to.equal(change.code === 200 ? 'Yes' : 'No');
    const parts =
      `--${BOUNDARY}\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-ID: <order>\r\n\r\n${sampleDocument({ orderId: '2' })}\r\n` +
      `--${BOUNDARY}\r\nContent-Type: text/plain\r\nContent-ID: <drawing>\r\n\r\nA drawing.\r\n--${BOUNDARY}--\r\n`;
    const multipart = await buyer.post(parts, {
      'content-type': `multipart/related; boundary="${BOUNDARY}"; type="text/xml"`,
    });
    expect(options.attachments).to.equal(multipart.code === 200 ? 'Yes' : 'No');
  });

  it('is told to a proved sender only, and kept by nobody', async () => {
    await using receiver = await start();
    using buyer = receiver.buyer();
    expect((await buyer.post(PROFILE.replace(SECRET, 'guessed'))).code).to.equal(401);
    expect((await buyer.post(PROFILE)).code).to.equal(200);
    expect(await receiver.metric('sallyport_archive_objects')).to.equal(0);
  });

  it('is valid by the cXML 1.2.071 DTD', async function () {
    using dtd = await openDtd(needsShared(this, 'cxml-dtd/1.2.071/cXML.dtd'));
    await using receiver = await start();
    using buyer = receiver.buyer();
    const { body } = await buyer.post(PROFILE);
    expect(dtd.judge(body.toString('utf8'))).to.deep.equal([]);
  });
});

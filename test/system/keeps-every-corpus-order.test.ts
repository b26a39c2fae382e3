/**
 * Purchase orders that nobody here wrote, byte for byte as they were published, through real mutual TLS.
 * The folder is not part of the project; where it is absent these tests say so and are skipped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { needsShared } from '../support/needs.ts';
import { startTestReceiver } from '../support/receiver.ts';

/** What a receiver owes each document; the others are orders, kept and answered 200. */
const REFUSED: Readonly<Record<string, { code: number; why: string }>> = {
  '005-gocxml-serializer-identity-without-credential.xml': { code: 401, why: 'no Sender' },
  '011-cxmlphp-serializer-empty-items.xml': { code: 401, why: 'no Sender' },
  '031-waters-json-order-2.xml': { code: 401, why: 'no Header' },
  '074-proculink-test-missing-orderid.xml': { code: 400, why: 'no orderID: there is no order without it' },
  '077-four51-single-bare.xml': { code: 401, why: 'no Header' },
  '087-simulator-cid-attachments.xml': { code: 401, why: 'no Header' },
  '080-oracle-ebs-1159-redacted.xml': { code: 406, why: 'a bare & in a company name' },
  '093-dnas-lowercase-root.xml': { code: 406, why: 'a wrong end tag' },
};

describe('a receiver that is sent the corpus', () => {
  let folder = '';
  let files: readonly string[] = [];
  before(function () {
    folder = needsShared(this, 'corpus/orders');
    files = readdirSync(folder).filter((name) => name.endsWith('.xml'));
  });

  it('answers every document as it deserves, and gives kept bytes back unchanged', async function () {
    this.timeout(60_000);
    expect(files).to.have.length(48);
    const outcomes = new Map<string, number>();
    // Different documents share placeholder payloadIDs, so each gets a fresh store: a conflict would be right.
    for (const name of files) outcomes.set(name, await sendAlone(join(folder, name)));
    const surprises = [...outcomes].filter(([name, code]) => code !== (REFUSED[name]?.code ?? 200));
    expect(surprises).to.deep.equal([]);
  });
});

async function sendAlone(path: string): Promise<number> {
  const bytes = readFileSync(path);
  await using receiver = await startTestReceiver();
  using buyer = receiver.buyer();
  const answer = await buyer.post(bytes);
  expect(answer.http, path).to.equal(200);
  await using store = await openSqliteReader(receiver.storePath);
  if (answer.code === 200) {
    const [summary] = await store.listOrders();
    const [order] = await store.findOrders({ orderId: summary?.orderId ?? '' });
    const kept = await store.readMessage(order?.messages[0]?.id ?? 0);
    expect(Buffer.from(kept?.bytes ?? []).equals(bytes), path).to.equal(true);
  } else {
    const [refused] = await store.listRefused();
    const kept = await store.readRefused(refused?.id ?? 0);
    expect(Buffer.from(kept?.bytes ?? []).equals(bytes), path).to.equal(true);
  }
  return answer.code;
}

import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver } from '../support/receiver.ts';

/** Its secret is some text of this machine's that no test document holds. */
const BUYER = {
  key: 'acme',
  from: [{ domain: 'DUNS', identity: '128293714' }],
  shared_secret: 'env:PATH',
};

describe('a sender who is guessing', () => {
  it('cannot tell a name that exists from one that does not, nor can a reader of log and store', async () => {
    await using receiver = await startTestReceiver({ buyers: [BUYER] });
    using buyer = receiver.buyer();
    const wrongSecret = sampleDocument({ orderId: '1' });
    const unknown = wrongSecret.replaceAll('128293714', '128293715');

    const answers = [await buyer.post(wrongSecret), await buyer.post(unknown)].map(
      ({ http, headers, body }) => ({
        http,
        headers: { ...headers, date: '' },
        body: body.toString('utf8').replace(/(payloadID|timestamp)="[^"]*"/g, ''),
      }),
    );
    const [first, second] = answers;
    expect(first?.body).to.include('code="401"');
    expect(second).to.deep.equal(first);

    const lines = receiver.logged.filter(({ msg }) => msg === 'message refused');
    const [one, other] = lines.map(({ time, sha256, ...rest }) => rest);
    expect(other).to.deep.equal(one);
    expect(JSON.stringify(lines)).not.to.include('not a real secret');

    using database = new DatabaseSync(receiver.storePath, { readOnly: true });
    const kept = database.prepare('SELECT code, text, buyer FROM refused').all();
    expect(kept).to.have.length(2);
    expect(kept[1]).to.deep.equal(kept[0]);
  });
});

import { join } from 'node:path';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';
import { type Finished, runSallyport } from '../support/sallyport.ts';

describe('sallyport refused', () => {
  let receiver: TestReceiver;
  const malformed = sampleDocument({ orderId: '1', payloadId: 'one' }).replace('</Total>', '');
  const conflict = sampleDocument({ orderId: '2\u202e', payloadId: 'two', quantity: '99' });
  before(async () => {
    receiver = await startTestReceiver();
    using buyer = receiver.buyer();
    await buyer.post(malformed);
    await buyer.post(malformed);
    await buyer.post(sampleDocument({ orderId: '2\u202e', payloadId: 'two' }));
    await buyer.post(conflict);
  });
  after(() => receiver[Symbol.asyncDispose]());

  function refused(...args: readonly string[]): Promise<Finished> {
    const config = join(receiver.folder, 'sallyport.yaml');
    return runSallyport(['refused', ...args, '-c', config], { env: { SALLYPORT_UNSAFE_TESTS: '1' } });
  }

  it('lists what was not taken, newest first, with the reason and how often it came', async () => {
    const { code, stdout } = await refused('list');
    expect(code).to.equal(0);
    const [titles, newest, newestText, older, olderText] = stdout.split('\n');
    expect(titles).to.match(/no\. +last received +times +buyer +order +size +reason/);
    expect(newest).to.match(/ 1 +anybody +2 .*payload-conflict/);
    expect(newestText).to.include('with other content: order 2');
    expect(older).to.match(/ 2 .*xml-malformed/);
    expect(olderText).to.match(/line \d+/);
  });

  it('prints nothing that a document could use to fool a terminal', async () => {
    expect((await refused('list')).stdout).not.to.include('\u202e');
  });

  it('writes the bytes of one, exactly', async () => {
    const { stdout } = await refused('list', '--json');
    const messages: { id: number; code: string }[] = JSON.parse(stdout);
    const id = messages.find((each) => each.code === 'xml-malformed')?.id;
    const raw = await refused('raw', String(id));
    expect(raw.code).to.equal(0);
    expect(raw.stdout).to.equal(malformed);
  });

  it('says when there is none of that number', async () => {
    const { code, stderr } = await refused('raw', '4711');
    expect(code).to.equal(1);
    expect(stderr).to.include('no refused message 4711');
  });

  it('says so when nothing was refused', async () => {
    await using quiet = await startTestReceiver();
    const { code, stdout } = await runSallyport(
      ['refused', 'list', '-c', join(quiet.folder, 'sallyport.yaml')],
      {
        env: { SALLYPORT_UNSAFE_TESTS: '1' },
      },
    );
    expect(code).to.equal(0);
    expect(stdout).to.include('no message of a trusted client was refused');
  });
});

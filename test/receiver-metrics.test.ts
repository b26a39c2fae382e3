/** A counter that is born with its first event shows no increase: an order that was refused once would be on no graph. */
import { expect } from 'chai';
import { sampleDocument } from './support/orders.ts';
import { startTestReceiver } from './support/receiver.ts';

const ACME = { key: 'acme', from: [{ domain: 'DUNS', identity: '128293714' }], shared_secret: 'none' };

async function readRequests(adminUrl: string): Promise<ReadonlyMap<string, number>> {
  const samples = (await (await fetch(`${adminUrl}/metrics`)).text()).split('\n');
  return new Map(
    samples
      .filter((line) => line.startsWith('sallyport_requests_total{'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

describe('what a receiver counts', () => {
  it('is there at 0 before it happens, whatever is refused and of whom', async () => {
    await using receiver = await startTestReceiver({ buyers: [ACME], limits: { body_bytes: 100_000 } });
    const before = await readRequests(receiver.adminUrl);
    using buyer = receiver.buyer();
    const order = (orderId: string, payloadId = orderId) => sampleDocument({ orderId, payloadId });
    const sent: readonly [body: string | Uint8Array, headers?: Record<string, string>][] = [
      ['<cXML'],
      ['<cXML/>'],
      ['<other/>'],
      ['x'.repeat(100_001)],
      [Buffer.from([0xff, 0xfe, 0x00])],
      [`<cXML>${'<a>'.repeat(200)}`],
      ['<!DOCTYPE cXML [<!ENTITY x SYSTEM "file:///etc/passwd">]><cXML>&x;</cXML>'],
      [order('1'), { 'content-type': 'image/png' }],
      [order('1'), { 'content-encoding': 'br' }],
      [order('1'), { 'content-encoding': 'gzip' }],
      [order('1'), { 'content-type': 'multipart/related; boundary=f' }],
      [order('1').replaceAll('128293714', '999')],
      [order('1').replace('orderID="1"', '')],
      [order('1').replaceAll('OrderRequest>', 'orderRequest>')],
      [order('1').replaceAll('Request>', 'Ask>')],
      [order('2')],
      [order('2')],
      [order('3', '2')],
    ];
    for (const [body, headers] of sent) await buyer.post(body, headers);
    const after = await readRequests(receiver.adminUrl);
    const counted = [...after].filter(([labels, value]) => value > (before.get(labels) ?? 0));
    const born = counted.filter(([labels]) => !before.has(labels)).map(([labels]) => labels);
    expect(born).to.deep.equal([]);
    expect(counted.length).to.be.greaterThan(12);
    expect(counted.reduce((sum, [, value]) => sum + value, 0)).to.equal(sent.length);
  });
});

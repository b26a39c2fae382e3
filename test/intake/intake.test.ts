import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import { readStatus } from '../support/buyer.ts';
import { createBench, order, SECRET } from './bench.ts';

describe('createIntake', () => {
  it('keeps an order with its bytes, and only then gives a receipt that says 200', async () => {
    await using bench = await createBench();
    const document = order();
    const receipt = await bench.send(document);

    expect(receipt).to.include({ outcome: 'kept', buyer: 'acme' });
    expect(readStatus(Buffer.from(receipt.reply)).code).to.equal(200);
    const [kept] = await bench.store.findOrders({ orderId: '4711' });
    const message = await bench.store.readMessage(kept?.messages[0]?.id ?? 0);
    expect(Buffer.from(message?.bytes ?? []).toString('utf8')).to.equal(document);
    expect(Buffer.from(message?.reply ?? []).equals(receipt.reply)).to.equal(true);
  });

  it('answers a replay with the first receipt, byte for byte', async () => {
    await using bench = await createBench();
    const first = await bench.send(order());
    const again = await bench.send(order());
    expect(again.outcome).to.equal('replayed');
    expect(Buffer.from(again.reply).equals(first.reply)).to.equal(true);
    expect(await bench.store.counts()).to.include({ messages: 1, orders: 1 });
  });

  it('takes a replay whose envelope was rebuilt as the same message', async () => {
    await using bench = await createBench();
    await bench.send(order({ payloadId: 'one' }));
    const rebuilt = order({ payloadId: 'one' }).replace(
      /timestamp="[^"]*"/,
      'timestamp="2026-11-20T13:00:00+00:00"',
    );
    expect((await bench.send(rebuilt)).outcome).to.equal('replayed');
  });

  it('links the same order under a new payloadID to its revision', async () => {
    await using bench = await createBench();
    await bench.send(order({ payloadId: 'one' }));
    expect((await bench.send(order({ payloadId: 'two' }))).outcome).to.equal('resent');
    const [kept] = await bench.store.findOrders({ orderId: '4711' });
    expect(kept).to.include({ revisions: 1 });
    expect(kept?.messages.map(({ outcome }) => outcome)).to.deep.equal(['kept', 'resent']);
  });

  it('holds another order under a known payloadID, and refuses it as a conflict', async () => {
    await using bench = await createBench();
    await bench.send(order({ payloadId: 'one' }));
    const refusal = await bench.refused(order({ payloadId: 'one', quantity: '99' }));
    expect(refusal.code).to.equal('payload-conflict');
    expect(refusal.party).to.deep.equal({ buyer: 'acme', requestType: 'OrderRequest' });
    expect(await bench.store.counts()).to.include({ messages: 1, orders: 1, conflicts: 1 });
  });

  it('keeps a change as the next revision, and a cancel as the state of the order', async () => {
    await using bench = await createBench();
    await bench.send(order({ payloadId: 'one', at: new Date('2026-11-20T12:00:00Z') }));
    await bench.send(order({ payloadId: 'two', type: 'update', at: new Date('2026-11-20T13:00:00Z') }));
    await bench.send(order({ payloadId: 'three', type: 'delete', at: new Date('2026-11-20T14:00:00Z') }));
    const [kept] = await bench.store.findOrders({ orderId: '4711' });
    expect(kept).to.include({ revision: 3, revisions: 3, state: 'cancelled', operation: 'cancel' });
  });

  it('takes a change for an order that was never received as its first revision', async () => {
    await using bench = await createBench();
    await bench.send(order({ type: 'update' }));
    const [kept] = await bench.store.findOrders({ orderId: '4711' });
    expect(kept?.messages[0]?.notes).to.deep.equal(['change-for-unknown-order']);
  });

  it('identifies a message without payloadID by what it says', async () => {
    await using bench = await createBench();
    const bare = order().replace(/payloadID="[^"]*"/, '');
    await bench.send(bare);
    expect((await bench.send(bare)).outcome).to.equal('replayed');
    expect((await bench.send(bare.replace('quantity="4"', 'quantity="5"'))).outcome).to.equal('kept');
  });

  it('never takes a production order for a test order sent before', async () => {
    await using bench = await createBench();
    const test = order({ payloadId: 'one' }).replace('<Request', '<Request deploymentMode="test"');
    await bench.send(test);
    expect((await bench.send(order({ payloadId: 'two' }))).outcome).to.equal('kept');
    expect(
      (await bench.store.findOrders({ orderId: '4711' })).map(({ environment }) => environment),
    ).to.have.members(['test', 'production']);
  });

  it('keeps what it cannot read where a person finds it, and says where it is wrong', async () => {
    await using bench = await createBench();
    const broken = order().replace('</Total>', '');
    const refusal = await bench.refused(broken);
    expect(refusal.code).to.equal('xml-malformed');
    expect(refusal.place?.line).to.be.a('number');
    const [refused] = await bench.store.listRefused();
    expect(refused).to.include({ code: 'xml-malformed', buyer: null });
    const kept = await bench.store.readRefused(refused?.id ?? 0);
    expect(Buffer.from(kept?.bytes ?? []).toString('utf8')).to.equal(broken);
  });

  it('counts by which slot of a secret a sender was proved, and tells of a previous one once', async () => {
    await using bench = await createBench();
    await bench.send(order());
    for (const payloadId of ['two', 'three'])
      await bench.send(order({ payloadId }).replace(SECRET, 'last year'));
    await bench.refused(order().replace(SECRET, 'two years ago'));
    const counted = (labels: string) => `sallyport_authentications_total{${labels}}`;
    const samples = await bench.scrape();
    expect(samples).to.include(`${counted('buyer="acme",outcome="accepted",slot="current"')} 1\n`);
    expect(samples).to.include(`${counted('buyer="acme",outcome="accepted",slot="previous"')} 2\n`);
    expect(samples).to.include(`${counted('buyer="unknown",outcome="refused",slot="none"')} 1\n`);
    const told = bench.logged.filter(({ message }) => message === 'previous secret used');
    expect(told.map(({ fields }) => fields)).to.have.length(1);
    expect(told[0]?.fields).to.deep.include({ buyer: 'acme', factors: ['shared_secret'] });
  });

  it('repeats at most the beginning of a name in its refusal', async () => {
    await using bench = await createBench();
    const long = 'x'.repeat(10_000);
    const refusal = await bench.refused(order().replaceAll('OrderRequest>', `${long}>`));
    expect(refusal.code).to.equal('request-unsupported');
    expect(refusal.message.length).to.be.lessThan(200);
  });

  it('refuses an unknown sender before it looks at the order', async () => {
    await using bench = await createBench();
    const refusal = await bench.refused(
      order()
        .replaceAll('128293714', '999')
        .replace(/orderID="[^"]*"/, ''),
    );
    expect(refusal.code).to.equal('sender-unknown');
    expect(await bench.store.counts()).to.include({ orders: 0, refused: 1 });
  });

  it('answers a ProfileRequest of a known sender without keeping anything', async () => {
    await using bench = await createBench();
    const profile = order().replace(/<OrderRequest>[\s\S]*<\/OrderRequest>/, '<ProfileRequest/>');
    const receipt = await bench.send(profile);
    expect(receipt.outcome).to.equal('profile');
    expect(Buffer.from(receipt.reply).toString('utf8')).to.contain('https://po.example/cxml');
    expect(await bench.store.counts()).to.include({ messages: 0, refused: 0 });
    expect((await bench.refused(profile.replace(SECRET, 'wrong'))).code).to.equal('sender-unknown');
  });

  for (const [name, change] of [
    ['another request', (text: string) => text.replaceAll('OrderRequest>', 'StatusUpdateRequest>')],
    ['a response', (text: string) => text.replace(/<Request>[\s\S]*<\/Request>/, '<Response/>')],
  ] as const) {
    it(`refuses ${name} as not supported`, async () => {
      await using bench = await createBench();
      expect((await bench.refused(change(order()))).code).to.equal('request-unsupported');
    });
  }

  it('refuses an order without orderID, and names the attribute', async () => {
    await using bench = await createBench();
    const refusal = await bench.refused(order().replace(/orderID="[^"]*"/, ''));
    expect(refusal.code).to.equal('order-invalid');
    expect(JSON.stringify([refusal.message, refusal.place])).to.contain('orderID');
    const [refused] = await bench.store.listRefused();
    expect(refused).to.include({ buyer: 'acme' });
  });

  it('tells the sender to repeat when the order cannot be made durable', async () => {
    const keepOrder = () => Promise.reject(new Refusal('store-unavailable', 'disk full'));
    await using bench = await createBench(() => ({ keepOrder }));
    expect((await bench.refused(order())).code).to.equal('store-unavailable');
    expect(await bench.scrape()).to.match(/sallyport_archive_write_failures_total(\{[^}]*\})? 1/);
  });

  it('tells the sender to repeat when even a refused message cannot be kept', async () => {
    const keepRefused = () => Promise.reject(new Refusal('store-unavailable', 'disk full'));
    await using bench = await createBench(() => ({ keepRefused }));
    expect((await bench.refused('<cXML>')).code).to.equal('store-unavailable');
  });

  it('keeps a message that brought a bug to light, and hands the bug on', async () => {
    const keepOrder = () => Promise.reject(new TypeError('a bug'));
    await using bench = await createBench(() => ({ keepOrder }));
    const outcome = await bench.send(order()).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(TypeError);
    expect(await bench.store.listRefused()).to.have.length(1);
    expect((await bench.store.listRefused())[0]).to.include({ code: 'internal', orderId: '4711' });
  });

  it('puts no secret, address or line text into its log', async () => {
    await using bench = await createBench();
    await bench.send(order());
    await bench.refused(order().replace(SECRET, 'wrong'));
    await bench.refused(order().replace('</Total>', ''));
    const everything = JSON.stringify(bench.logged);
    for (const text of [SECRET, 'wrong', 'Hamngatan', 'Docking station', 'Lindqvist']) {
      expect(everything).not.to.contain(text);
    }
  });
});

import { expect } from 'chai';
import { openListener, receiptOf } from './open-listener.ts';
import { post } from './wire.ts';

describe('endWith', () => {
  it('lets an order that is being kept have its own answer before the refusal of what follows it', async () => {
    const kept = Promise.withResolvers<void>();
    await using listener = await openListener({
      receive: async () => {
        await kept.promise;
        return receiptOf();
      },
    });
    const wire = await listener.connect();
    wire.write(`${post('<cXML/>')}this is no request\r\n\r\n`);
    while (listener.received.length === 0) await new Promise(setImmediate);
    expect(wire.text()).to.equal('');
    kept.resolve();
    const answers = await wire.answers(2);
    expect(answers.map(({ code }) => code)).to.deep.equal([200, 400]);
    await wire.closed();
    expect(listener.finished.map(({ reason }) => reason)).to.deep.equal(['none', 'request-malformed']);
  });

  it('waits for every earlier answer, however they come', async () => {
    const gates = new Map(['1', '2', '3'].map((name) => [name, Promise.withResolvers<void>()]));
    await using listener = await openListener({
      receive: async ({ bytes }) => {
        const name = Buffer.from(bytes).toString();
        await gates.get(name)?.promise;
        return receiptOf(name);
      },
    });
    const wire = await listener.connect();
    wire.write(`${post('1')}${post('2')}${post('3')}CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n`);
    while (listener.received.length < 3) await new Promise(setImmediate);
    for (const name of ['3', '1', '2']) gates.get(name)?.resolve();
    const answers = await wire.answers(4);
    expect(answers.map(({ detail }) => detail).slice(0, 3)).to.deep.equal(['1', '2', '3']);
    expect(answers[3]?.http).to.equal(405);
  });

  it('answers a body that stops being chunks at once, and hands nothing on', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    wire.write('POST /cxml HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n');
    wire.write('zz\r\n');
    expect((await wire.answer()).http).to.equal(400);
    await wire.closed();
    expect(listener.received).to.have.length(0);
    expect(listener.finished).to.have.length(1);
  });

  it('keeps nothing of a client that leaves in the middle of its body', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    wire.write('POST /cxml HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabcd');
    while (listener.counts.started === 0) await new Promise(setImmediate);
    wire.socket.destroy();
    while (listener.finished.length === 0) await new Promise(setImmediate);
    expect(listener.received).to.have.length(0);
  });

  it('outlives a client that leaves while its order is being kept', async () => {
    const kept = Promise.withResolvers<void>();
    await using listener = await openListener({
      receive: async () => {
        await kept.promise;
        return receiptOf();
      },
    });
    const wire = await listener.connect();
    wire.write(post('<cXML/>') + post('<cXML/>'));
    while (listener.received.length < 2) await new Promise(setImmediate);
    wire.socket.destroy();
    const next = await listener.connect();
    next.write('GET /cxml HTTP/1.1\r\nHost: a\r\n\r\n');
    await next.answer();
    kept.resolve();
    while (listener.finished.length < 3) await new Promise(setImmediate);
    expect(listener.finished.filter(({ outcome }) => outcome === 'accepted')).to.have.length(2);
  });

  it('outlives a client that does not read, asks for more than is buffered, and then sends no requests', async () => {
    const reply = Buffer.alloc(1_000_000, 0x20);
    await using listener = await openListener({
      answerTimeoutMs: 300,
      receive: async () => ({ ...receiptOf(), reply }),
    });
    const deaf = await listener.connect();
    deaf.socket.pause();
    for (let index = 0; index < 40; index += 1) deaf.write(post('<cXML/>'));
    deaf.write('no request\r\n\r\n'.repeat(1_000));
    while (listener.received.length === 0) await new Promise(setImmediate);
    deaf.socket.resume();
    await deaf.closed();
    const next = await listener.connect();
    next.write(post('<cXML/>'));
    await new Promise((resolve) => next.socket.once('data', resolve));
  });
});

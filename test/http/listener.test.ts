import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { expect } from 'chai';
import { type Opened, openListener, receiptOf } from './open-listener.ts';
import { post } from './wire.ts';

async function openBusy(limits = {}): Promise<{ listener: Opened; finish: () => void }> {
  const gate = Promise.withResolvers<void>();
  const listener = await openListener({
    limits,
    receive: async () => {
      await gate.promise;
      return receiptOf();
    },
  });
  return { listener, finish: () => gate.resolve() };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

describe('stopping', () => {
  it('lets requests in flight end, closes idle connections and accepts no more', async () => {
    const { listener, finish } = await openBusy({ shutdown_ms: 10_000 });
    await using _closing = listener;
    const busy = await listener.connect();
    const idle = await listener.connect();
    idle.write('GET /cxml HTTP/1.1\r\nHost: a\r\n\r\n');
    await idle.answer();
    busy.write(post('<cXML/>'));
    await until(() => listener.received.length === 1);

    const stopped = listener.listener[Symbol.asyncDispose]();
    await idle.closed();
    const refused = await new Promise<NodeJS.ErrnoException>((resolve) =>
      connect({ host: '127.0.0.1', port: listener.port }).once('error', resolve),
    );
    expect(refused.code).to.equal('ECONNREFUSED');
    finish();
    const answer = await busy.answer();
    expect(answer.code).to.equal(200);
    expect(answer.headers.connection).to.equal('close');
    await stopped;
  });

  it('tells a request that still comes to come again', async () => {
    const { listener, finish } = await openBusy({ shutdown_ms: 10_000 });
    await using _closing = listener;
    const busy = await listener.connect();
    const fresh = await listener.connect();
    busy.write(post('<cXML/>'));
    await until(() => listener.received.length === 1);
    const stopped = listener.listener[Symbol.asyncDispose]();
    fresh.write(post('<cXML/>'));
    const answer = await fresh.answer();
    expect([answer.http, answer.code]).to.deep.equal([503, 560]);
    expect(answer.headers.connection).to.equal('close');
    expect(answer.headers['retry-after']).to.equal('60');
    finish();
    await busy.answer();
    await stopped;
    expect(listener.received).to.have.length(1);
  });

  it('does not wait longer than it was given', async () => {
    const { listener, finish } = await openBusy({ shutdown_ms: 300 });
    await using _closing = listener;
    const busy = await listener.connect();
    const silent = await listener.connectRaw();
    busy.write(post('<cXML/>'));
    await until(() => listener.received.length === 1);
    const startedAt = performance.now();
    await listener.listener[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).to.be.within(250, 1_300);
    await busy.closed();
    await silent.closed();
    finish();
  });
});

describe('hostile connections', () => {
  it('outlives a thousand of them and serves the next client', async () => {
    await using listener = await openListener();
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => sendJunk(listener.port, index)));
    }
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    expect((await wire.answer()).code).to.equal(200);
    // Some leave before the front could see where they came from; nothing is known of those.
    const failed = listener.handshakes.filter(({ reason }) => reason === 'protocol').length;
    expect(failed).to.be.within(400, 1_000);
    expect(listener.lines.filter(({ message }) => message === 'handshake failed').length).to.be.below(failed);
  });

  it('outlives guests that break off at any point', async () => {
    await using listener = await openListener();
    const request = post('<cXML/>');
    for (let length = 0; length <= request.length; length += 7) {
      const wire = await listener.connect();
      await new Promise((resolve) => wire.socket.write(request.slice(0, length), resolve));
      if (length % 2 === 0) wire.socket.destroy();
      else wire.socket.end();
    }
    const wire = await listener.connect();
    wire.write(request);
    expect((await wire.answer()).code).to.equal(200);
  });
});

/** Random bytes, some with the look of a TLS record, then one of three ways to leave. */
function sendJunk(port: number, index: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const junk = randomBytes(1 + (index % 50) * 10);
    if (index % 2 === 0) junk.set([0x16, 3, 1].slice(0, junk.length));
    socket.on('error', () => {}).once('close', () => resolve());
    socket.once('connect', () => {
      if (index % 3 === 0) socket.end(junk);
      else if (index % 3 === 1) socket.write(junk, () => socket.resetAndDestroy());
      else socket.write(junk, () => socket.destroy());
    });
    socket.resume();
  });
}

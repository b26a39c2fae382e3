import { once } from 'node:events';
import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import { openListener } from './open-listener.ts';
import { post, type Wire } from './wire.ts';

/** Like Ruby's client: writes everything, and only then reads. */
async function writeAllThenRead(wire: Wire, bytes: string): Promise<void> {
  wire.socket.pause();
  await new Promise<void>((resolve, reject) => {
    wire.socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
  wire.socket.resume();
}

describe('a request behind a refusal that ends the connection', () => {
  const REFUSED = {
    'whose body is not read': post('<cXML/>').replace('/cxml', '/nowhere'),
    'for its expectation': post('<cXML/>', { Expect: 'magic' }),
    'for its length': post('x'.repeat(1_001)),
  };
  for (const [name, refused] of Object.entries(REFUSED)) {
    it(`is not taken, for it could not be answered: ${name}`, async () => {
      await using listener = await openListener({ limits: { body_bytes: 1_000 } });
      const wire = await listener.connect();
      wire.write(post('first') + refused + post('behind'));
      const [first, second] = await wire.answers(2);
      expect(first?.code).to.equal(200);
      expect(second?.headers.connection).to.equal('close');
      await wire.closed();
      expect(await wire.answers(2)).to.have.length(2);
      expect(listener.received.map(({ bytes }) => Buffer.from(bytes).toString())).to.deep.equal(['first']);
    });
  }

  it('is taken when the connection goes on', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    wire.write(`GET /cxml HTTP/1.1\r\nHost: a\r\n\r\n${post('behind')}`);
    expect((await wire.answers(2)).map(({ http }) => http)).to.deep.equal([405, 200]);
  });
});

describe('a refusal of a body that was not read', () => {
  const LARGE = 'x'.repeat(30_000_000);

  it('reaches a client that sends all of a far too large order before it reads', async () => {
    await using listener = await openListener({ limits: { body_bytes: 100_000 } });
    const wire = await listener.connect();
    await writeAllThenRead(wire, post(LARGE));
    const answer = await wire.answer();
    expect([answer.http, answer.code]).to.deep.equal([413, 400]);
    expect(answer.headers.connection).to.equal('close');
    await wire.closed();
  });

  it('reaches it likewise when the order comes in chunks', async () => {
    await using listener = await openListener({ limits: { body_bytes: 100_000 } });
    const wire = await listener.connect();
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    const head = 'POST /cxml HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    await writeAllThenRead(wire, `${head}${chunk.repeat(10)}0\r\n\r\n`);
    expect((await wire.answer()).http).to.equal(413);
  });

  for (const [name, bytes, http] of [
    ['for an unknown path', post(LARGE).replace('/cxml', '/other'), 404],
    ['of another method', post(LARGE).replace('POST', 'PUT'), 405],
    ['of another media type', post(LARGE, { 'Content-Type': 'text/plain' }), 415],
    ['of another coding', post(LARGE, { 'Content-Encoding': 'br' }), 415],
    ['that is not HTTP', `${'x'.repeat(1_000_000)}`, 400],
  ] as const) {
    it(`reaches the sender of a large body ${name}`, async () => {
      await using listener = await openListener({ limits: { body_bytes: 50_000_000 } });
      const wire = await listener.connect();
      await writeAllThenRead(wire, bytes);
      expect((await wire.answer()).http).to.equal(http);
      expect(listener.received).to.have.length(0);
    });
  }

  it('ends with the client, not after the whole time to linger', async () => {
    await using listener = await openListener({ limits: { body_bytes: 100 } });
    const wire = await listener.connect();
    wire.write('POST /cxml HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabcd');
    await wire.answer();
    wire.socket.end();
    await once(wire.socket, 'close');
    const startedAt = performance.now();
    await listener.listener[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).to.be.below(500);
  });
});

describe('the log of refusals', () => {
  it('has one line for what this room refuses, and none for what the intake has told already', async () => {
    await using listener = await openListener({
      receive: async () => {
        throw new Refusal('order-invalid', 'No lines.');
      },
    });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    await wire.answer();
    wire.write('GET /cxml HTTP/1.1\r\nHost: a\r\n\r\n');
    await wire.answers(2);
    const lines = listener.lines.filter(({ message }) => message === 'request refused');
    expect(lines).to.have.length(1);
    expect(lines[0]?.fields).to.include({ code: 'method-unsupported', remoteAddress: '127.0.0.1' });
  });
});

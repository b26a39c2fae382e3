import { expect } from 'chai';
import { openListener, receiptOf } from './open-listener.ts';
import { post } from './wire.ts';

const HEAD = 'POST /cxml HTTP/1.1\r\nHost: test\r\nContent-Type: text/xml\r\n';

/** Each of these could be read as another request by something in between. One answer, and the connection ends. */
const HOSTILE: readonly (readonly [string, string, number])[] = [
  ['a length beside chunks', `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['chunks beside a length', `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`, 400],
  ['two equal lengths', `${HEAD}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`, 400],
  ['two different lengths', `${HEAD}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`, 400],
  ['a list of lengths', `${HEAD}Content-Length: 4, 4\r\n\r\nabcd`, 400],
  ['a length with a sign', `${HEAD}Content-Length: +4\r\n\r\nabcd`, 400],
  ['a length with a fraction', `${HEAD}Content-Length: 4.0\r\n\r\nabcd`, 400],
  ['a folded header', `${HEAD}X-A: b\r\n c\r\nContent-Length: 4\r\n\r\nabcd`, 400],
  ['a folded length', `${HEAD}Content-Length:\r\n 4\r\n\r\nabcd`, 400],
  ['line feeds alone', 'POST /cxml HTTP/1.1\nHost: test\nContent-Length: 4\n\nabcd', 400],
  ['one line feed alone', `POST /cxml HTTP/1.1\r\nHost: test\nContent-Length: 4\r\n\r\nabcd`, 400],
  ['a carriage return alone', `POST /cxml HTTP/1.1\r\nHost: test\rContent-Length: 4\r\n\r\nabcd`, 400],
  ['a space before the colon', `POST /cxml HTTP/1.1\r\nHost : test\r\nContent-Length: 4\r\n\r\nabcd`, 400],
  ['a NUL in a header', `${HEAD}X-A: a\0b\r\n\r\n`, 400],
  ['an unknown transfer coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 415],
  ['a compressed transfer coding', `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 415],
  ['chunks twice', `${HEAD}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, 400],
  [
    'two transfer codings',
    `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['a chunk with a line feed alone', `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\nabcd\r\n0\r\n\r\n`, 400],
  ['a chunk size with a prefix', `${HEAD}Transfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n`, 400],
  ['a chunk longer than it says', `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nabcdX0\r\n\r\n`, 400],
  ['a negative chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\n-4\r\nabcd\r\n0\r\n\r\n`, 400],
  ['chunks in HTTP/1.0', 'POST /cxml HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['no Host', 'POST /cxml HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 400],
  ['two Hosts', 'POST /cxml HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n', 400],
  ['HTTP/2.0 by name', 'POST /cxml HTTP/2.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n', 400],
  ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['no version', 'GET /cxml\r\n\r\n', 400],
  ['an unknown method', 'FOO /cxml HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['bytes of another protocol', '\x01\x02\x03\x04\r\n\r\n', 400],
  ['an unknown expectation', `${HEAD}Expect: magic\r\nContent-Length: 4\r\n\r\nabcd`, 417],
  ['headers over the size', `${HEAD}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ['more headers than the limit', `${HEAD}${'X-A: b\r\n'.repeat(99)}Content-Length: 0\r\n\r\n`, 431],
];

describe('hostile requests', () => {
  for (const [name, bytes, http] of HOSTILE) {
    it(`answers ${name} with ${http} in cXML, and ends the connection`, async () => {
      await using listener = await openListener();
      const wire = await listener.connect();
      wire.write(bytes);
      wire.write(post('<smuggled/>'));
      const answer = await wire.answer();
      expect(answer.http).to.equal(http);
      expect(answer.code).to.be.oneOf([400, 406]);
      expect(answer.headers.connection).to.equal('close');
      await wire.closed();
      expect(await wire.answers(1)).to.have.length(1);
      expect(listener.received).to.have.length(0);
      expect(listener.finished).to.have.length(1);
    });
  }
});

describe('other methods and versions', () => {
  it('answers HEAD without a body', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    wire.write('HEAD /cxml HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    await wire.closed();
    expect(wire.text()).to.match(/^HTTP\/1\.1 405 .*\r\nContent-Type: text\/xml/);
    expect(wire.text()).to.match(/\r\n\r\n$/);
  });

  it('answers TRACE without giving the request back', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    wire.write('TRACE /cxml HTTP/1.1\r\nHost: test\r\nCookie: secret\r\n\r\n');
    const answer = await wire.answer();
    expect(answer.http).to.equal(405);
    expect(answer.body).to.not.contain('secret');
  });

  it('takes an order that offers an upgrade, and stays with HTTP/1.1', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    wire.write(
      post('<cXML/>', { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMA' }),
    );
    expect((await wire.answer()).code).to.equal(200);
    expect(listener.received).to.have.length(1);
  });

  it('takes an order by HTTP/1.0 and in absolute form', async () => {
    await using listener = await openListener();
    const old = await listener.connect();
    old.write('POST /cxml HTTP/1.0\r\nContent-Length: 7\r\n\r\n<cXML/>');
    expect((await old.answer()).code).to.equal(200);
    const absolute = await listener.connect();
    absolute.write(post('<cXML/>').replace('/cxml', 'https://orders.example/cxml'));
    expect((await absolute.answer()).code).to.equal(200);
  });

  it('says 100 Continue only when the headers are right', async () => {
    await using listener = await openListener({ limits: { body_bytes: 100 } });
    const wire = await listener.connect();
    wire.write(`${HEAD}Content-Length: 7\r\nExpect: 100-continue\r\n\r\n`);
    await new Promise<void>((resolve) => wire.socket.once('data', () => resolve()));
    expect(wire.text()).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
    wire.write('<cXML/>');
    expect((await wire.answer()).code).to.equal(200);

    const large = await listener.connect();
    large.write(`${HEAD}Content-Length: 101\r\nExpect: 100-continue\r\n\r\n`);
    expect((await large.answer()).http).to.equal(413);
    expect(large.text()).to.not.contain('100 Continue');
  });

  it('answers pipelined requests, each with its own, in order', async () => {
    const first = Promise.withResolvers<void>();
    await using listener = await openListener({
      receive: async ({ bytes }) => {
        const text = Buffer.from(bytes).toString();
        if (text === '1') await first.promise;
        else if (text === '3') first.resolve();
        return receiptOf(text);
      },
    });
    const wire = await listener.connect();
    wire.write(post('1') + post('2') + post('3'));
    expect((await wire.answers(3)).map(({ detail }) => detail)).to.deep.equal(['1', '2', '3']);
  });
});

describe('the limits of a request', () => {
  it('ends a connection whose headers come too slowly, with an answer', async () => {
    await using listener = await openListener({ limits: { headers_timeout_ms: 300 } });
    const wire = await listener.connect();
    const drip = setInterval(() => wire.write('X-A: b\r\n'), 40);
    wire.write('POST /cxml HTTP/1.1\r\nHost: test\r\n');
    try {
      const answer = await wire.answer();
      expect([answer.http, answer.code]).to.deep.equal([503, 560]);
      expect(await wire.closed()).to.be.within(300, 1_300);
    } finally {
      clearInterval(drip);
    }
    expect(listener.finished).to.have.length(1);
    expect(listener.finished[0]).to.include({ reason: 'request-timeout', outcome: 'failed' });
  });

  it('ends a connection that never sends its first request', async () => {
    await using listener = await openListener({ limits: { headers_timeout_ms: 300 } });
    const wire = await listener.connect();
    expect(await wire.closed()).to.be.within(300, 1_300);
  });

  it('ends a request whose body comes too slowly, with an answer, and hands nothing on', async () => {
    await using listener = await openListener({ limits: { request_timeout_ms: 300 } });
    const wire = await listener.connect();
    const drip = setInterval(() => wire.write('x'), 40);
    wire.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
    try {
      const answer = await wire.answer();
      expect([answer.http, answer.code]).to.deep.equal([503, 560]);
      expect(await wire.closed()).to.be.within(300, 1_300);
    } finally {
      clearInterval(drip);
    }
    expect(listener.received).to.have.length(0);
    expect(listener.finished).to.have.length(1);
    expect(listener.finished[0]).to.include({ reason: 'request-timeout' });
  });

  it('cuts off a slow client that goes on after its answer', async () => {
    await using listener = await openListener({ limits: { headers_timeout_ms: 300 } });
    const wire = await listener.connect({});
    wire.socket.allowHalfOpen = true;
    const gone = new Promise((resolve) => wire.socket.once('close', resolve));
    const drip = setInterval(() => wire.write('X-A: b\r\n'), 20);
    wire.write('POST /cxml HTTP/1.1\r\n');
    try {
      await gone;
      expect(performance.now() - wire.openedAt).to.be.below(2_000);
    } finally {
      clearInterval(drip);
    }
  });

  it('closes an idle connection', async () => {
    await using listener = await openListener({ limits: { idle_timeout_ms: 100 } });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    expect((await wire.answer()).headers['keep-alive']).to.match(/^timeout=\d+$/);
    expect(await wire.closed()).to.be.within(100, 2_100);
  });

  it('takes as many headers as the limit', async () => {
    await using listener = await openListener({ limits: { headers_count: 10 } });
    const wire = await listener.connect();
    wire.write(
      post('<cXML/>', Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`X-${index}`, 'a']))),
    );
    expect((await wire.answer()).code).to.equal(200);
  });

  it('refuses a body over the limit, declared or in chunks', async () => {
    await using listener = await openListener({ limits: { body_bytes: 1_000 } });
    const declared = await listener.connect();
    declared.write(post('x'.repeat(1_001)));
    expect((await declared.answer()).http).to.equal(413);
    const chunked = await listener.connect();
    chunked.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1_001)}\r\n`);
    expect((await chunked.answer()).http).to.equal(413);
    const exact = await listener.connect();
    exact.write(post('x'.repeat(1_000)));
    expect((await exact.answer()).code).to.equal(200);
    expect(listener.received).to.have.length(1);
  });

  it('answers for an intake that takes too long, and ignores what it says later', async () => {
    const late = Promise.withResolvers<void>();
    await using listener = await openListener({
      answerTimeoutMs: 200,
      receive: async () => {
        await late.promise;
        return receiptOf();
      },
    });
    const wire = await listener.connect();
    wire.write(post('<cXML/>'));
    const answer = await wire.answer();
    expect([answer.http, answer.code]).to.deep.equal([503, 560]);
    expect(await wire.closed()).to.be.within(200, 1_200);
    late.resolve();
    await new Promise(setImmediate);
    expect(listener.finished).to.have.length(1);
    expect(listener.lines.filter(({ message }) => message === 'answer took too long')).to.have.length(1);
  });

  it('drops a client that never reads its answers', async () => {
    const reply = Buffer.alloc(1_000_000, 0x20);
    await using listener = await openListener({
      answerTimeoutMs: 300,
      limits: { connections: 1 },
      receive: async () => ({ ...receiptOf(), reply }),
    });
    const deaf = await listener.connect();
    deaf.socket.pause();
    for (let index = 0; index < 60; index += 1) deaf.write(post('<cXML/>'));
    // Until it has asked for something it only stands at the door, and would give way at once.
    while (listener.received.length === 0) await new Promise(setImmediate);
    // There is room for one connection: the next is let in when the first was dropped.
    const next = await retried(() => listener.connect());
    expect(performance.now() - deaf.openedAt).to.be.within(300, 2_000);
    expect(next.socket.destroyed).to.equal(false);
  });
});

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise(setImmediate);
    }
  }
}

import { deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import supertest from 'supertest';
import { Refusal } from '../../src/errors.ts';
import { maskHeaders } from '../../src/http/receive-order.ts';
import { readStatus } from '../support/buyer.ts';
import { guest, NAME, type Opened, openListener, pki, receiptOf } from './open-listener.ts';
import { post } from './wire.ts';

function as(
  { url }: Opened,
  method: 'get' | 'post' | 'put' | 'delete' | 'options' | 'patch',
  path = '/cxml',
) {
  return supertest(url)[method](path).ca(pki.server.ca).cert(guest.cert).key(guest.key);
}

function statusOf(response: { text: string }) {
  return readStatus(Buffer.from(response.text));
}

describe('POST /cxml', () => {
  it('hands the message to the intake as it came, and answers with the receipt', async () => {
    await using listener = await openListener();
    const before = Date.now();
    const response = await as(listener, 'post')
      .set('Content-Type', 'text/xml; charset="ISO-8859-1"')
      .set('Authorization', 'Basic c2VjcmV0')
      .set('X-Order', 'one')
      .send('<cXML>1</cXML>');
    expect(response.status).to.equal(200);
    expect(response.text).to.equal(Buffer.from(receiptOf().reply).toString());
    const [message] = listener.received;
    expect(Buffer.from(message?.bytes ?? []).toString()).to.equal('<cXML>1</cXML>');
    expect(message).to.include({
      contentType: 'text/xml; charset="ISO-8859-1"',
      charset: 'iso-8859-1',
      remoteAddress: '127.0.0.1',
    });
    expect(message?.headers).to.include({ 'x-order': 'one', authorization: '***' });
    expect(message?.peer.name).to.equal(NAME);
    expect(message?.receivedAt.getTime()).to.be.within(before, Date.now());
  });

  it('tells nothing of what it is made of, and forbids caching', async () => {
    await using listener = await openListener();
    const { headers } = await as(listener, 'post').set('Content-Type', 'text/xml').send('<cXML/>');
    expect(headers).to.include({ 'content-type': 'text/xml; charset=UTF-8', 'cache-control': 'no-store' });
    expect(headers).to.not.have.any.keys('x-powered-by', 'etag', 'server', 'transfer-encoding');
  });

  it('takes a body without a media type, gzipped and deflated', async () => {
    await using listener = await openListener();
    const wire = await listener.connect();
    wire.write('POST /cxml HTTP/1.1\r\nHost: test\r\nContent-Length: 7\r\n\r\n<cXML/>');
    for (const [coding, body] of [
      ['gzip', gzipSync('<cXML/>')] as const,
      ['deflate', deflateSync('<cXML/>')],
    ]) {
      wire.write(
        `POST /cxml HTTP/1.1\r\nHost: test\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body?.length}\r\n\r\n`,
      );
      wire.write(body ?? '');
    }
    for (const answer of await wire.answers(3)) expect(answer.code).to.equal(200);
    expect(listener.received.map(({ bytes }) => Buffer.from(bytes).toString())).to.deep.equal([
      '<cXML/>',
      '<cXML/>',
      '<cXML/>',
    ]);
    expect(listener.received[0]).to.include({ contentType: '', charset: undefined });
  });

  for (const [type, code] of [
    ['multipart/related', 'media-type-unsupported'],
    ['multipart/form-data; boundary=x', 'media-type-unsupported'],
    ['application/x-www-form-urlencoded', 'media-type-unsupported'],
    ['application/json', 'media-type-unsupported'],
  ] as const) {
    it(`refuses ${type}`, async () => {
      await using listener = await openListener();
      const response = await as(listener, 'post').set('Content-Type', type).send('other-field=x');
      expect(response.status).to.equal(415);
      expect(statusOf(response).code).to.equal(406);
      expect(listener.finished.at(-1)).to.include({ reason: code, outcome: 'refused', statusClass: '4xx' });
    });
  }

  it('answers a refusal in the style of its buyer', async () => {
    const refusals = [
      new Refusal('xml-malformed', 'No end.', { place: { line: 3, column: 4 } }),
      new Refusal('order-invalid', 'No lines.', { party: { buyer: 'acme', requestType: 'OrderRequest' } }),
    ];
    await using listener = await openListener({
      answers: (buyer) => (buyer === 'acme' ? 'mirror' : 'envelope'),
      receive: async () => {
        throw refusals.shift();
      },
    });
    const enveloped = await as(listener, 'post').set('Content-Type', 'text/xml').send('<cXML>');
    expect([enveloped.status, statusOf(enveloped).code]).to.deep.equal([200, 406]);
    expect(statusOf(enveloped).detail).to.contain('line 3, column 4');
    const mirrored = await as(listener, 'post').set('Content-Type', 'text/xml').send('<cXML/>');
    expect([mirrored.status, statusOf(mirrored).code]).to.deep.equal([400, 400]);
    expect(listener.finished[0]).to.include({
      buyer: 'unknown',
      requestType: 'none',
      reason: 'xml-malformed',
    });
    expect(listener.finished[1]).to.include({
      buyer: 'acme',
      requestType: 'OrderRequest',
      reason: 'order-invalid',
    });
  });

  it('answers a bug as 500 without details, and logs it whole, once', async () => {
    const bug = new TypeError('secret detail /etc/passwd');
    await using listener = await openListener({
      receive: async () => {
        throw bug;
      },
    });
    const response = await as(listener, 'post').set('Content-Type', 'text/xml').send('<cXML/>');
    expect(response.status).to.equal(500);
    expect(statusOf(response).code).to.equal(500);
    expect(response.text).to.not.match(/secret|passwd|TypeError|\.ts/);
    const errors = listener.lines.filter(({ level }) => level === 'error');
    expect(errors).to.deep.equal([{ level: 'error', message: 'request failed', fields: { err: bug } }]);
    expect(listener.finished[0]).to.include({ reason: 'internal', outcome: 'failed', statusClass: '5xx' });
  });

  it('counts every outcome by its own word', async () => {
    const receipts = [
      receiptOf(),
      { ...receiptOf(), outcome: 'replayed' as const },
      { ...receiptOf(), outcome: 'profile' as const },
    ];
    await using listener = await openListener({ receive: async () => receipts.shift() ?? receiptOf() });
    const wire = await listener.connect();
    for (let index = 0; index < 3; index += 1) {
      wire.write(post('<cXML/>'));
      await wire.answers(index + 1);
    }
    const [kept, replayed, profile] = listener.finished;
    expect(kept).to.include({
      buyer: 'acme',
      outcome: 'accepted',
      requestType: 'OrderRequest',
      reason: 'none',
      bytes: 7,
    });
    expect(replayed).to.include({ outcome: 'replayed', statusClass: '2xx' });
    expect(profile).to.include({ requestType: 'ProfileRequest' });
    expect(kept?.seconds).to.be.within(0, 5);
  });

  it('goes on with the connection after a refusal that had its body', async () => {
    let count = 0;
    await using listener = await openListener({
      receive: async () => {
        count += 1;
        if (count === 1) throw new Refusal('xml-malformed', 'No end.');
        return receiptOf();
      },
    });
    const wire = await listener.connect();
    wire.write(post('<cXML>'));
    await wire.answer();
    wire.write(post('<cXML/>'));
    const answers = await wire.answers(2);
    expect(answers.map(({ http, code }) => [http, code])).to.deep.equal([
      [200, 406],
      [200, 200],
    ]);
    expect(answers[0]?.headers.connection).to.equal('keep-alive');
  });

  it('tells requests over the limit to come again, and takes them when there is room', async () => {
    const gate = Promise.withResolvers<void>();
    await using listener = await openListener({
      limits: { requests_in_flight: 2 },
      receive: async () => {
        await gate.promise;
        return receiptOf();
      },
    });
    const first = await listener.connect();
    const second = await listener.connect();
    const third = await listener.connect();
    first.write(post('<cXML/>'));
    second.write(post('<cXML/>'));
    while (listener.received.length < 2) await new Promise(setImmediate);
    third.write(post('<cXML/>'));
    const refused = await third.answer();
    expect([refused.http, refused.code]).to.deep.equal([503, 560]);
    expect(refused.headers['retry-after']).to.equal('60');
    gate.resolve();
    expect((await first.answer()).code).to.equal(200);
    expect((await second.answer()).code).to.equal(200);
    const fourth = await listener.connect();
    fourth.write(post('<cXML/>'));
    expect((await fourth.answer()).code).to.equal(200);
  });
});

describe('everything else', () => {
  for (const method of ['get', 'put', 'delete', 'options', 'patch'] as const) {
    it(`answers ${method.toUpperCase()} with 405 and Allow`, async () => {
      await using listener = await openListener();
      const response = await as(listener, method);
      expect(response.status).to.equal(405);
      expect(response.headers.allow).to.equal('POST');
      expect(statusOf(response).code).to.equal(400);
    });
  }

  for (const path of [
    '/',
    '/cxml/',
    '/CXML',
    '/cxml/more',
    '/cxm%6C',
    '/%ZZ',
    '/..%2fcxml',
    '//cxml',
    'http://[',
    'http://[::1/cxml',
  ]) {
    it(`answers ${path} with 404`, async () => {
      await using listener = await openListener();
      const wire = await listener.connect();
      wire.write(post('<cXML/>').replace('/cxml', path));
      const answer = await wire.answer();
      expect([answer.http, answer.code]).to.deep.equal([404, 400]);
      expect(listener.received).to.have.length(0);
    });
  }

  it('takes its path as it is written, not as a pattern, and looks past a query', async () => {
    await using listener = await openListener({ listen: { host: '127.0.0.1', port: 0, path: '/a.b(c)*:d' } });
    const wire = await listener.connect();
    wire.write(post('<cXML/>').replace('/cxml', '/a.b(c)*:d?buyer=x'));
    expect((await wire.answer()).http).to.equal(200);
    wire.write(post('<cXML/>').replace('/cxml', '/axbc:d'));
    expect((await wire.answers(2))[1]?.http).to.equal(404);
  });
});

describe('maskHeaders', () => {
  it('hides what is secret and keeps the rest', () => {
    const masked = maskHeaders({
      authorization: 'Basic x',
      cookie: 'a=b',
      'proxy-authorization': 'y',
      'user-agent': 'Ruby',
      'set-cookie': ['a', 'b'],
      'x-api-key': 'k',
      'x-auth-token': 't',
      'x-shared-secret': 's',
      accept: ['a', 'b'] as unknown as string,
    });
    expect({ ...masked }).to.deep.equal({
      authorization: '***',
      cookie: '***',
      'proxy-authorization': '***',
      'user-agent': 'Ruby',
      'set-cookie': '***',
      'x-api-key': '***',
      'x-auth-token': '***',
      'x-shared-secret': '***',
      accept: 'a, b',
    });
  });
});

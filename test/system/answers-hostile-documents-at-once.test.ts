/** What an attacker with Coupa's key, or a broken sender, could post: each is answered within a second, and the next order is served. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const MIB = 1024 * 1024;
const WITHIN_MS = 1_000;

const order = sampleDocument({ orderId: '@', payloadId: '@hostile' });
const inOrder = (xml: string): string => order.replace('</OrderRequest>', `${xml}</OrderRequest>`);
const withSubset = (subset: string): string =>
  order.replace(/(<!DOCTYPE cXML SYSTEM "[^"]*")>/, `$1 [${subset}]>`);

const CASES: Readonly<
  Record<string, { body: (trap: string) => string | Buffer; code: number; says?: RegExp }>
> = {
  'an external entity': {
    body: (trap) => withSubset(`<!ENTITY x SYSTEM "${trap}">`).replace('Hamngatan 14', '&x;'),
    code: 406,
    says: /line \d+/,
  },
  'an external parameter entity': {
    body: (trap) => withSubset(`<!ENTITY % x SYSTEM "${trap}"> %x;`),
    code: 406,
  },
  'an external DTD on our own machine': {
    body: (trap) => order.replace(/http:\/\/xml[^"]*/, trap),
    code: 200,
  },
  'an entity bomb': {
    body: () => {
      const levels = Array.from(
        { length: 9 },
        (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
      );
      return withSubset(`<!ENTITY e0 "lol">${levels.join('')}`).replace('Hamngatan 14', '&e9;');
    },
    code: 406,
  },
  'ten thousand levels': {
    body: () => inOrder(`${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`),
    code: 406,
    says: /line \d+/,
  },
  'a hundred thousand attributes': {
    body: () => inOrder(`<a ${Array.from({ length: 100_000 }, (_, index) => `a${index}=""`).join(' ')}/>`),
    code: 406,
    says: /line \d+/,
  },
  'elements and attributes that imitate a prototype': {
    body: () => inOrder('<__proto__ constructor="x" __proto__="y"><toString/></__proto__>'),
    code: 200,
  },
  'a text of five million characters': { body: () => inOrder(`<a>${'x'.repeat(5_000_000)}</a>`), code: 406 },
  'two million empty elements': { body: () => inOrder('<a/>'.repeat(2_000_000)), code: 406 },
  'an element name without end': { body: () => `<cXML><${'n'.repeat(5_000_000)}`, code: 406 },
  'a comment without end': { body: () => `<cXML><!--${'- '.repeat(2_000_000)}`, code: 406 },
  'a truncated document': { body: () => order.slice(0, order.length / 2), code: 406, says: /line \d+/ },
  'bytes that are no text': {
    body: () => Buffer.concat([Buffer.from(order), Buffer.from([0xff, 0xfe])]),
    code: 406,
  },
  'a body of zeros': { body: () => Buffer.alloc(MIB), code: 406 },
  'an empty body': { body: () => '', code: 406 },
  JSON: { body: () => '{"cXML":{}}', code: 406 },
  HTML: { body: () => '<!DOCTYPE html><html><body>sign in</body></html>', code: 406 },
};

describe('a receiver that is sent hostile documents', () => {
  let receiver: TestReceiver;
  let trap: { readonly url: string; readonly calls: () => number } & Disposable;
  before(async () => {
    receiver = await startTestReceiver();
    trap = await startTrap();
  });
  after(async () => {
    trap[Symbol.dispose]();
    await receiver[Symbol.asyncDispose]();
  });

  for (const [name, { body, code, says }] of Object.entries(CASES)) {
    it(`answers ${name} with ${code} within a second, and serves the next order`, async () => {
      using buyer = receiver.buyer();
      await buyer.post(sampleDocument({ orderId: `warm ${name}` }));
      // The best of three: the machine may be busy with others. What is not stopped in time fails all three.
      let tookMs = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < 3 && tookMs >= WITHIN_MS; attempt += 1) {
        const bytes = ownIdentity(body(trap.url), `${name} ${attempt}`);
        const startedAt = performance.now();
        const answer = await buyer.post(bytes);
        tookMs = performance.now() - startedAt;
        expect(answer.code, answer.detail).to.equal(code);
        expect(answer.http).to.equal(200);
        if (says !== undefined) expect(answer.detail).to.match(says);
      }
      expect(tookMs).to.be.below(WITHIN_MS);
      const next = await buyer.post(sampleDocument({ orderId: `after ${name}` }));
      expect(next.code).to.equal(200);
    });
  }

  it('stops a gzip bomb at the limit', async () => {
    using buyer = receiver.buyer();
    const bomb = gzipSync(Buffer.alloc(512 * MIB), { level: 9 });
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    const answer = await buyer.post(bomb, { 'content-encoding': 'gzip' });
    expect(performance.now() - startedAt).to.be.below(WITHIN_MS);
    expect([answer.http, answer.code]).to.deep.equal([413, 400]);
    expect(process.memoryUsage().rss - before).to.be.below(200 * MIB);
  });

  it('never called out', () => {
    expect(trap.calls()).to.equal(0);
  });
});

/** A payloadID and an orderID of its own, so that nothing but the trap can be the reason. */
function ownIdentity(document: string | Buffer, name: string): string | Buffer {
  return typeof document === 'string' ? document.replace('"@hostile"', `"${name}"`) : document;
}

/** Something to fetch, were anybody to fetch. */
async function startTrap(): Promise<{ url: string; calls: () => number } & Disposable> {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.end('trapped');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/trap`, calls: () => calls, [Symbol.dispose]: () => server.close() };
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Refusal } from '../../src/errors.ts';
import { createBodyBudget } from '../../src/http/body-budget.ts';
import { type Body, ClientGone, readBody } from '../../src/http/read-body.ts';

const LIMITS = { body_bytes: 1_000, expanded_bytes: 5_000 };

function requestOf(
  body: Uint8Array | readonly Uint8Array[],
  headers: Record<string, string> = {},
): IncomingMessage {
  const chunks = body instanceof Uint8Array ? [body] : body;
  return Object.assign(Readable.from(chunks, { objectMode: false }), {
    headers,
  }) as unknown as IncomingMessage;
}

async function read(
  req: IncomingMessage,
  { limits = LIMITS, budget = createBodyBudget(100_000), onWanted = (): void => {} } = {},
): Promise<Body> {
  return await readBody(req, { limits, budget, onWanted });
}

async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const TEXT = Buffer.from('<cXML>ä</cXML>');

describe('readBody', () => {
  it('reads a body in one piece and in many', async () => {
    using one = await read(requestOf(TEXT));
    using many = await read(requestOf([...TEXT].map((byte) => Buffer.of(byte))));
    expect(Buffer.from(one.bytes)).to.deep.equal(TEXT);
    expect(Buffer.from(many.bytes)).to.deep.equal(TEXT);
    expect(many.wireBytes).to.equal(TEXT.length);
  });

  it('reads an empty body', async () => {
    using body = await read(requestOf([]));
    expect(body.bytes.length).to.equal(0);
  });

  for (const [coding, packed] of [
    ['identity', TEXT],
    ['gzip', gzipSync(TEXT)],
    ['GZip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['gzip', Buffer.concat([gzipSync(TEXT.subarray(0, 5)), gzipSync(TEXT.subarray(5))])],
    ['deflate', deflateSync(TEXT)],
  ] as const) {
    it(`undoes ${coding}`, async () => {
      using body = await read(requestOf(packed, { 'content-encoding': coding }));
      expect(Buffer.from(body.bytes)).to.deep.equal(TEXT);
      expect(body.wireBytes).to.equal(packed.length);
    });
  }

  for (const coding of ['br', 'zstd', 'compress', 'gzip, gzip', 'gzip, identity', 'exi']) {
    it(`refuses ${coding} before it reads`, async () => {
      const req = requestOf(brotliCompressSync(TEXT), { 'content-encoding': coding });
      expect((await refusalOf(read(req))).code).to.equal('encoding-unsupported');
      expect(req.readableFlowing).to.equal(null);
    });
  }

  for (const [name, coding, packed] of [
    ['truncated gzip', 'gzip', gzipSync(TEXT).subarray(0, -3)],
    ['gzip with a wrong checksum', 'gzip', withFlippedByte(gzipSync(TEXT), -6)],
    ['gzip with other data behind it', 'gzip', Buffer.concat([gzipSync(TEXT), Buffer.from('more')])],
    ['gzip with zeros behind it', 'gzip', Buffer.concat([gzipSync(TEXT), Buffer.alloc(8)])],
    ['truncated deflate', 'deflate', deflateSync(TEXT).subarray(0, -3)],
    ['deflate with other data behind it', 'deflate', Buffer.concat([deflateSync(TEXT), Buffer.from('more')])],
    ['deflate without its zlib frame', 'deflate', deflateRawSync(TEXT)],
    ['plain text that is said to be gzip', 'gzip', TEXT],
    ['nothing that is said to be gzip', 'gzip', Buffer.alloc(0)],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const budget = createBodyBudget(100_000);
      const refusal = await refusalOf(read(requestOf(packed, { 'content-encoding': coding }), { budget }));
      expect(refusal.code).to.equal('body-undecodable');
      expect(budget.heldBytes()).to.equal(0);
    });
  }

  it('refuses a declared length over the limit before it reads or asks for the body', async () => {
    let wanted = false;
    const req = requestOf(Buffer.alloc(2_000), { 'content-length': '2000' });
    const refusal = await refusalOf(
      read(req, {
        onWanted: () => {
          wanted = true;
        },
      }),
    );
    expect(refusal.code).to.equal('body-too-large');
    expect(wanted).to.equal(false);
    expect(req.readableFlowing).to.equal(null);
  });

  it('takes a body of exactly the limit and refuses one byte more', async () => {
    using body = await read(requestOf(Buffer.alloc(1_000)));
    expect(body.bytes.length).to.equal(1_000);
    expect((await refusalOf(read(requestOf(Buffer.alloc(1_001))))).code).to.equal('body-too-large');
  });

  it('counts the bytes on the wire and the expanded bytes by limits of their own', async () => {
    const noise = gzipSync(randomBytes(1_200));
    expect((await refusalOf(read(requestOf(noise, { 'content-encoding': 'gzip' })))).code).to.equal(
      'body-too-large',
    );
    using body = await read(requestOf(gzipSync(Buffer.alloc(5_000)), { 'content-encoding': 'gzip' }));
    expect(body.bytes.length).to.equal(5_000);
    const more = requestOf(gzipSync(Buffer.alloc(5_001)), { 'content-encoding': 'gzip' });
    expect((await refusalOf(read(more))).code).to.equal('body-too-large');
  });

  it('stops a bomb at the limit, with memory in proportion to the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(500_000_000), { level: 9 });
    const limits = { body_bytes: 1_000_000, expanded_bytes: 1_000_000 };
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    const refusal = await refusalOf(
      read(requestOf(bomb, { 'content-encoding': 'gzip' }), { limits, budget: createBodyBudget(1e9) }),
    );
    expect(refusal.code).to.equal('body-too-large');
    expect(performance.now() - startedAt).to.be.below(1_000);
    expect(process.memoryUsage().rss - before).to.be.below(50_000_000);
  }).timeout(20_000);

  it('stops when all bodies together are over the budget, and gives back what it held', async () => {
    const budget = createBodyBudget(1_500);
    const first = await read(requestOf(Buffer.alloc(900)), { budget });
    expect(budget.heldBytes()).to.equal(900);
    expect((await refusalOf(read(requestOf(Buffer.alloc(700)), { budget }))).code).to.equal('overloaded');
    expect(budget.heldBytes()).to.equal(900);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(budget.heldBytes()).to.equal(0);
  });

  it('counts expanded bytes against the budget and holds only those afterwards', async () => {
    const budget = createBodyBudget(4_000);
    const packed = gzipSync(Buffer.alloc(3_000));
    using body = await read(requestOf(packed, { 'content-encoding': 'gzip' }), { budget });
    expect(body.bytes.length).to.equal(3_000);
    expect(budget.heldBytes()).to.equal(3_000);
    const second = requestOf(packed, { 'content-encoding': 'gzip' });
    expect((await refusalOf(read(second, { budget }))).code).to.equal('overloaded');
    expect(budget.heldBytes()).to.equal(3_000);
  });

  it('keeps a body of one-byte pieces in memory in proportion to its size', async () => {
    const size = 300_000;
    const heldBefore = heldBytes();
    let held = 0;
    function* pieces() {
      for (let index = 0; index < size; index += 1) {
        if (index === size - 1) held = heldBytes() - heldBefore;
        yield Buffer.of(index & 0xff);
      }
    }
    const req = Object.assign(Readable.from(pieces(), { objectMode: false, highWaterMark: 1 }), {
      headers: {},
    });
    const limits = { body_bytes: size, expanded_bytes: size };
    using body = await read(req as unknown as IncomingMessage, { limits, budget: createBodyBudget(size) });
    const cycle = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(Buffer.from(body.bytes).equals(Buffer.alloc(size, cycle))).to.equal(true);
    expect(held, 'bytes').to.be.below(5_000_000);
  });

  it('rejects quietly when the client leaves, and keeps nothing', async () => {
    const budget = createBodyBudget(100_000);
    const req = requestOf([]);
    const leaving = Object.assign(
      new Readable({
        read() {
          this.push(TEXT);
          this.destroy();
        },
      }),
      { headers: req.headers },
    ) as unknown as IncomingMessage;
    const error = await read(leaving, { budget }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(ClientGone);
    expect(budget.heldBytes()).to.equal(0);
  });
});

/** What is still in use: garbage does not count, or the number would depend on the tests before. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

function withFlippedByte(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = copy.length + at;
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}

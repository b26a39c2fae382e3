/** Wrappings made to cost time, over real mutual TLS, beside ordinary orders: each is answered, and no order waits long. */
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver } from '../support/receiver.ts';

const MIB = 1024 * 1024;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PARTS = { 'content-type': 'multipart/related; boundary=f' };

function parts(...all: readonly string[]): Buffer {
  return Buffer.from(`${all.map((part) => `--f\r\n${part}\r\n`).join('')}--f--\r\n`);
}

const ORDER = `Content-Type: text/xml\r\n\r\n${sampleDocument({ orderId: 'slow' })}`;
const coded = (encoding: string, text: string): Buffer =>
  parts(ORDER, `Content-Transfer-Encoding: ${encoding}\r\n\r\n${text}`);

const SLOW: Readonly<Record<string, () => readonly [body: Buffer, headers: Record<string, string>]>> = {
  'a form of separators': () => [Buffer.alloc(9 * MIB, '&'), FORM],
  'a form of codes': () => [Buffer.from(`cxml-urlencoded=${'%3c'.repeat(3 * MIB)}`), FORM],
  'a form of signs that begin no code': () => [Buffer.from(`cxml-urlencoded=${'%'.repeat(9 * MIB)}`), FORM],
  'a form of base64 with NUL': () => [Buffer.from(`cxml-base64=${'AAAA'.repeat(2 * MIB)}`), FORM],
  'blanks that end no line': () => [coded('quoted-printable', `${' '.repeat(60_000)}x\n`.repeat(100)), PARTS],
  'a line without end': () => [coded('quoted-printable', '='.repeat(20 * MIB)), PARTS],
  'codes without end': () => [coded('quoted-printable', '=41=\n'.repeat(2 * MIB)), PARTS],
  'base64 without end': () => [coded('base64', 'QUJD'.repeat(5 * MIB)), PARTS],
  'base64 of blanks': () => [coded('base64', `Q${' \n'.repeat(10 * MIB)}UJD`), PARTS],
  'lines that are nearly a boundary': () => [parts(ORDER, `\r\n${'\r\n--fx'.repeat(3 * MIB)}`), PARTS],
  'boundaries with blanks': () => [
    parts(ORDER, `\r\n${`\r\n--f${' '.repeat(127)}x`.repeat(100_000)}`),
    PARTS,
  ],
  'one header folded without end': () => [parts(ORDER, `A: b${'\r\n '.repeat(5_000)}\r\n\r\nx`), PARTS],
  'a bomb of gzip': () => [
    gzipSync(parts(ORDER, `\r\n${'0'.repeat(120 * MIB)}`)),
    { ...PARTS, 'content-encoding': 'gzip' },
  ],
};

describe('a receiver that is sent bodies that are slow to read', function () {
  this.timeout(180_000);

  it('answers each, and orders beside them in time', async () => {
    await using receiver = await startTestReceiver();
    using slow = receiver.buyer();
    using buyer = receiver.buyer();
    const longest: Record<string, number> = {};
    for (const [what, make] of Object.entries(SLOW)) {
      const [body, headers] = make();
      let isOver = false;
      const answering = slow.post(body, headers).finally(() => {
        isOver = true;
      });
      longest[what] = 0;
      for (let number = 0; number === 0 || !isOver; number += 1) {
        const startedAt = performance.now();
        const { code } = await buyer.post(sampleDocument({ orderId: `${what} ${number}`, lines: 1 }));
        expect(code).to.equal(200);
        longest[what] = Math.max(longest[what] ?? 0, performance.now() - startedAt);
      }
      expect((await answering).code, what).to.be.oneOf([200, 400, 406, 409]);
    }
    for (const [what, ms] of Object.entries(longest)) expect(ms, what).to.be.below(1_500);
  });
});

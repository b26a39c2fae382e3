/**
 * What a peer may do to a message of several parts while it is on its way. Whatever it was, the listener of these tests
 * fails when a file or an unanswered request is left behind.
 */
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type Opened, openListener, receiptOf } from './open-listener.ts';
import type { Wire } from './wire.ts';

const ORDER = 'Content-Type: text/xml\r\n\r\n<cXML/>';
const FILE = 'Content-Type: application/pdf\r\nContent-ID: <a>\r\n\r\n%PDF-';
const TYPE = 'Content-Type: multipart/related; boundary=f\r\n';

function body(parts: readonly string[], boundary = 'f'): string {
  return `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
}

function head(more: string): string {
  return `POST /cxml HTTP/1.1\r\nHost: test\r\n${TYPE}${more}\r\n`;
}

async function post(listener: Opened, content: Uint8Array | string, headers = '') {
  const wire = await listener.connect();
  wire.write(head(`Content-Length: ${Buffer.byteLength(content)}\r\n${headers}`));
  wire.write(content);
  return await wire.answer();
}

async function eventually(isSo: () => boolean): Promise<void> {
  const until = performance.now() + 5_000;
  while (!isSo()) {
    if (performance.now() > until) throw new Error('it did not come about');
    await new Promise(setImmediate);
  }
}

describe('a hostile message of several parts', () => {
  const packed = gzipSync(body([ORDER, `${FILE}${'y'.repeat(300_000)}`]));
  const DAMAGED: Readonly<Record<string, Buffer>> = {
    'one byte behind its end': Buffer.concat([packed, Buffer.from('x')]),
    'much behind its end': Buffer.concat([packed, Buffer.alloc(300_000, 'x')]),
    'zeros behind its end': Buffer.concat([packed, Buffer.alloc(300_000)]),
    'its end cut off': packed.subarray(0, -20),
    'its check wrong and much behind it': Buffer.concat([packed.subarray(0, -1), Buffer.alloc(300_000, 'x')]),
    'nothing of gzip in it': Buffer.alloc(300_000, 'x'),
  };
  for (const [what, content] of Object.entries(DAMAGED)) {
    it(`that is compressed, with ${what}, is answered and not taken`, async () => {
      await using listener = await openListener();
      const answer = await post(listener, content, 'Content-Encoding: gzip\r\n');
      expect(answer).to.include({ http: 400, code: 400 });
      expect(listener.received).to.deep.equal([]);
    });
  }

  it('that unfolds without end stops at the limit', async () => {
    await using listener = await openListener();
    const bomb = gzipSync(Buffer.from(body([ORDER, `${FILE}${'0'.repeat(30_000_000)}`])));
    expect(bomb.length).to.be.below(100_000);
    const answer = await post(listener, bomb, 'Content-Encoding: gzip\r\n');
    expect(answer).to.include({ http: 413, code: 400 });
  });

  it('whose sender leaves, at whatever byte, leaves nothing behind', async () => {
    await using listener = await openListener();
    const content = body([
      ORDER,
      `Content-Type: multipart/mixed; boundary=i\r\n\r\n${body([FILE, FILE], 'i')}`,
      `Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\nQUJD`,
    ]);
    for (let at = 0; at < content.length; at += 13) {
      const wire = await listener.connect();
      wire.write(head(`Content-Length: ${content.length}\r\n`) + content.slice(0, at));
      await eventually(() => listener.counts.started > listener.finished.length);
      wire.socket.destroy();
      await eventually(() => listener.counts.started === listener.finished.length);
    }
    expect(listener.received).to.deep.equal([]);
  });

  it('of which many come, go and are refused gives every byte back to the budgets', async () => {
    const limits = { spooled_bytes: 400_000, buffered_bytes: 60_000 };
    await using listener = await openListener({ limits });
    const large = body([
      `Content-Type: text/xml\r\n\r\n${'o'.repeat(50_000)}`,
      `${FILE}${'y'.repeat(340_000)}`,
    ]);
    const spoiled = large.replace(/--f--\r\n$/, '--g--\r\n');
    for (let round = 0; round < 5; round += 1) {
      const wires: Wire[] = [];
      for (let count = 0; count < 8; count += 1) {
        const wire = await listener.connect();
        wire.write(head(`Content-Length: ${large.length}\r\n`));
        wire.write((count % 2 === 0 ? spoiled : large).slice(0, count % 3 === 0 ? 200_000 : undefined));
        wires.push(wire);
      }
      for (const [index, wire] of wires.entries()) {
        if (index % 3 === 0) wire.socket.destroy();
        else await wire.answer();
      }
      await eventually(() => listener.counts.started === listener.finished.length);
    }
    expect(await post(listener, large)).to.include({ http: 200, code: 200 });
    expect(listener.finished.some(({ reason }) => reason === 'overloaded')).to.equal(true);
  });

  it('with a request behind it is not taken for that request when it is refused', async () => {
    await using listener = await openListener();
    const hidden = `POST /cxml HTTP/1.1\r\nHost: test\r\nContent-Type: text/xml\r\nContent-Length: 7\r\n\r\n<cXML/>`;
    for (const more of [
      `Content-Length: ${hidden.length + 3_000_000}\r\n`,
      'Transfer-Encoding: chunked\r\n',
    ]) {
      const wire = await listener.connect();
      const bad = `${'q'.repeat(70_000)}\r\n${hidden}`; // too much before the first boundary: refused in the middle
      wire.write(head(more));
      wire.write(more.startsWith('T') ? `${bad.length.toString(16)}\r\n${bad}\r\n0\r\n\r\n${hidden}` : bad);
      expect(await wire.answer()).to.include({ code: 406 });
      wire.socket.end();
      await wire.closed();
      expect(wire.text().match(/^HTTP\/1\.1/gm)).to.have.length(1);
    }
    expect(listener.received).to.deep.equal([]);
  });

  it('is asked for only once nothing in its headers speaks against it', async () => {
    await using listener = await openListener();
    const waiting = await listener.connect();
    const content = body([ORDER, FILE]);
    waiting.write(head(`Content-Length: ${content.length}\r\nExpect: 100-continue\r\n`));
    await eventually(() => waiting.text().includes('100 Continue'));
    waiting.write(content);
    expect(await waiting.answer()).to.include({ code: 200 });
    const refused = await listener.connect();
    refused.write(head('Content-Length: 99999999999\r\nExpect: 100-continue\r\n'));
    expect(await refused.answer()).to.include({ http: 413 });
    expect(refused.text()).not.to.include('100 Continue');
  });

  it('with large headers in each of ten thousand parts is refused at the bound of parts, and small in the store', async () => {
    const names: number[] = [];
    await using listener = await openListener({
      async receive({ attachments = [], problem }) {
        for (const { contentId, mediaType, fileName, description } of attachments) {
          names.push([contentId, mediaType, fileName, description].join('').length);
        }
        if (problem !== undefined) throw problem;
        return receiptOf();
      },
    });
    const long = (name: string): string => `${name}${'h'.repeat(3_900)}`;
    const part =
      `${long('Content-ID: ')}\r\n${long('Content-Type: text/')}\r\n` +
      `${long('Content-Disposition: a; filename=')}\r\n${long('Content-Description: ')}\r\n\r\n`;
    const many = body([ORDER, ...Array.from({ length: 200 }, () => part)]);
    expect(await post(listener, many)).to.include({ code: 406 });
    expect(Math.max(...names)).to.be.below(2_000);
  });

  it('sent byte by byte, with boundaries that are nearly right, is read as if at once', async () => {
    await using listener = await openListener();
    const nearly = '\r\n--\r\n--g\r\n--ff\r\n--f-\r\n --f\r\n\n-\n--fx--\r\n'.repeat(20);
    const content = body([`Content-Type: text/xml\r\n\r\n<cXML>${nearly}</cXML>`, FILE]);
    const wire = await listener.connect();
    wire.write(head(`Content-Length: ${content.length}\r\n`));
    for (const byte of content) wire.write(byte);
    expect(await wire.answer()).to.include({ code: 200 });
    expect(Buffer.from(listener.received[0]?.bytes ?? []).toString()).to.equal(`<cXML>${nearly}</cXML>`);
  });

  it('in quoted-printable without a line break holds up nobody', async () => {
    await using listener = await openListener();
    const blanks = `Content-Transfer-Encoding: quoted-printable\r\n\r\n${`${' '.repeat(60_000)}x\r\n`.repeat(20)}`;
    const startedAt = performance.now();
    expect(await post(listener, body([ORDER, blanks]))).to.include({ code: 200 });
    expect(performance.now() - startedAt).to.be.below(3_000);
  });
});

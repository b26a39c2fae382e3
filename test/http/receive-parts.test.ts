import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { ArrivedAttachment, ArrivedMessage } from '../../src/intake/intake.ts';
import { createSpool } from '../../src/intake/spool.ts';
import { type Opened, type Overrides, openListener, receiptOf } from './open-listener.ts';

const ORDER = '<cXML>order</cXML>';
const PDF = '%PDF-1.7 drawing';

function body(parts: readonly string[], boundary = 'frontier'): string {
  return `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
}

const order = (more = '') =>
  `Content-Type: text/xml; charset=utf-8\r\nContent-ID: <order@buyer>${more}\r\n\r\n${ORDER}`;
const pdf = (id = 'a@buyer') =>
  `Content-Type: application/pdf\r\nContent-ID: <${id}>\r\nContent-Disposition: attachment; filename="../a.pdf"\r\n` +
  `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(PDF).toString('base64')}`;

interface Seen extends Omit<ArrivedMessage, 'attachments'> {
  readonly text: string;
  readonly files: readonly (Omit<ArrivedAttachment, 'path'> & { readonly text: string })[];
}

/** What the intake was given, read while the files were still there. */
async function open(overrides: Overrides = {}): Promise<Opened & { readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const listener = await openListener({
    async receive({ attachments = [], ...message }) {
      const files = attachments.map(({ path, ...facts }) => ({
        ...facts,
        text: readFileSync(path, 'latin1'),
      }));
      seen.push({ ...message, text: Buffer.from(message.bytes).toString(), files });
      if (message.problem !== undefined) throw message.problem;
      return receiptOf();
    },
    ...overrides,
  });
  return Object.assign(listener, { seen });
}

interface Sent {
  readonly type?: string;
  readonly headers?: string;
  /** Cut into pieces of so many bytes, each sent by itself. */
  readonly piece?: number;
}

async function post(
  listener: Opened,
  content: string | Buffer,
  { type = 'multipart/related; boundary=frontier', headers = '', piece }: Sent = {},
): Promise<{ readonly http: number; readonly code: number; readonly text: string }> {
  const wire = await listener.connect();
  const bytes = Buffer.from(content as string, 'latin1');
  wire.write(
    `POST /cxml HTTP/1.1\r\nHost: test\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`,
  );
  for (let at = 0; at < bytes.length; at += piece ?? bytes.length) {
    wire.write(bytes.subarray(at, at + (piece ?? bytes.length)));
    if (piece !== undefined) await new Promise(setImmediate);
  }
  const [answer] = await wire.answers(1);
  if (answer === undefined) throw new Error('there was no answer');
  return { http: answer.http, code: answer.code, text: answer.detail };
}

describe('a message of several parts', () => {
  it('is an order and the files beside it', async () => {
    await using listener = await open();
    expect(await post(listener, body([order(), pdf()]))).to.include({ http: 200, code: 200 });
    expect(listener.seen).to.have.length(1);
    expect(listener.seen[0]).to.include({
      text: ORDER,
      contentType: 'text/xml; charset=utf-8',
      charset: 'utf-8',
    });
    expect(listener.seen[0]?.files).to.deep.equal([
      {
        text: PDF,
        size: PDF.length,
        sha256: listener.seen[0]?.files[0]?.sha256,
        sniffedType: 'application/pdf',
        contentId: 'a@buyer',
        mediaType: 'application/pdf',
        fileName: '../a.pdf',
        description: null,
      },
    ]);
  });

  it('leaves no file behind once it is answered', async () => {
    await using listener = await open();
    await post(listener, body([order(), pdf()]));
    expect(readdirSync(listener.spoolFolder)).to.deep.equal([]);
  });

  it('is read alike however it is cut, compressed, or broken into lines', async () => {
    await using listener = await open();
    const sent = body([order(), pdf(), pdf('b@buyer')]);
    await post(listener, sent);
    await post(listener, sent, { piece: 7 });
    await post(listener, sent.replaceAll('\r\n', '\n'));
    await post(listener, gzipSync(Buffer.from(sent)).toString('latin1'), {
      headers: 'Content-Encoding: gzip\r\n',
    });
    const facts = listener.seen.map(({ text, files }) => [text, files.map((file) => file.text)]);
    expect(facts).to.deep.equal(Array.from({ length: 4 }, () => [ORDER, [PDF, PDF]]));
  });

  it('has its order where `start` says, else first', async () => {
    await using listener = await open();
    const type = 'multipart/mixed; boundary=frontier; start="<order@buyer>"';
    await post(listener, body([pdf(), order()]), { type });
    await post(listener, body([order(), pdf()]), { type: type.replace('order@', 'nobody@') });
    expect(listener.seen.map(({ text }) => text)).to.deep.equal([ORDER, ORDER]);
  });

  it('may have parts inside parts', async () => {
    await using listener = await open();
    const inner = `Content-Type: multipart/mixed; boundary=inner\r\n\r\n${body([pdf('x'), pdf('y')], 'inner')}`;
    await post(listener, body([order(), inner, pdf('z')]));
    expect(listener.seen[0]?.files.map(({ contentId }) => contentId)).to.deep.equal(['x', 'y', 'z']);
  });

  const nest = (levels: number): string => {
    let part = pdf();
    for (let level = levels; level > 0; level -= 1) {
      part = `Content-Type: multipart/mixed; boundary=b${level}b\r\n\r\n${body([part], `b${level}b`)}`;
    }
    return body([order(), part]);
  };
  const REFUSED: readonly (readonly [
    what: string,
    content: string,
    code: number,
    words: RegExp,
    sent?: Sent,
  ])[] = [
    ['that ends without its final boundary', body([order()]).slice(0, -10), 406, /final boundary/],
    ['without any part', '--frontier--\r\n', 406, /no parts/],
    [
      'with a part that is not the base64 it says',
      body([order(), pdf().replace(/\S+$/, '$$$')]),
      406,
      /base64/,
    ],
    ['with parts inside one another without end', nest(8), 406, /inside one another/],
    [
      'with more parts than anybody sends',
      body(Array.from({ length: 300 }, () => '\r\nx')),
      406,
      /200 parts/,
    ],
    [
      'whose parts inside parts are too many together',
      body([
        order(),
        ...Array.from(
          { length: 3 },
          () =>
            `Content-Type: multipart/mixed; boundary=i\r\n\r\n${body(
              Array.from({ length: 90 }, () => '\r\nx'),
              'i',
            )}`,
        ),
      ]),
      406,
      /200 parts/,
    ],
    ['with an order that is too large', body([`\r\n${'x'.repeat(1_100_000)}`]), 400, /limit of an order/],
    ['that is too large', body([order(), `\r\n${'x'.repeat(5_000_000)}`]), 400, /with attachments/],
    [
      'that unfolds to more than that',
      gzipSync(Buffer.from(body([order(), `\r\n${'x'.repeat(5_000_000)}`]))).toString('latin1'),
      400,
      /with attachments/,
      { headers: 'Content-Encoding: gzip\r\n' },
    ],
    ['that is no gzip', body([order()]), 400, /gzip/, { headers: 'Content-Encoding: gzip\r\n' }],
    [
      'whose boundary nobody can use',
      body([order()]),
      406,
      /boundary/,
      { type: `multipart/related; boundary="${'x'.repeat(252)}"` },
    ],
  ];
  for (const [what, content, code, words, sent] of REFUSED) {
    it(`${what} is refused, and leaves nothing behind`, async () => {
      await using listener = await open();
      const answer = await post(listener, content, sent);
      expect(answer.code).to.equal(code);
      expect(answer.text).to.match(words);
      expect(listener.seen.filter(({ problem }) => problem === undefined)).to.deep.equal([]);
    });
  }

  it('that ends too early is handed on as far as it came, to be kept for a person', async () => {
    await using listener = await open();
    await post(listener, body([order(), pdf()]).slice(0, -24));
    expect(listener.seen[0]).to.include({ text: ORDER });
    expect(listener.seen[0]?.problem).to.include({ code: 'multipart-malformed' });
    expect(listener.seen[0]?.files).to.have.length(1);
  });

  it('is put off while the disk is full', async () => {
    const spool = (folder: string) => createSpool({ folder, hasRoom: async () => false });
    await using listener = await open({ spool: spool('/nowhere') });
    expect(await post(listener, body([order(), pdf()]))).to.include({ http: 503, code: 560 });
  });

  it('is put off when the disk does not take it', async () => {
    const spool = createSpool({ folder: '/nowhere/at/all', hasRoom: async () => true });
    await using listener = await open({ spool });
    expect(await post(listener, body([order(), pdf()]))).to.include({ http: 503, code: 560 });
  });

  it('is put off while others fill the spool', async () => {
    await using listener = await open({ limits: { spooled_bytes: 10 } });
    expect(await post(listener, body([order(), pdf()]))).to.include({ http: 503, code: 560 });
  });

  it('leaves nothing behind when its sender goes away', async () => {
    await using listener = await open();
    const wire = await listener.connect();
    wire.write(
      'POST /cxml HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/related; boundary=frontier\r\nContent-Length: 9999\r\n\r\n',
    );
    wire.write(body([order(), pdf()]).slice(0, -4));
    while (readdirSync(listener.spoolFolder).length < 2) await new Promise(setImmediate);
    wire.socket.destroy();
    while (readdirSync(listener.spoolFolder).length > 0) await new Promise(setImmediate);
    expect(listener.seen).to.deep.equal([]);
  });

  it('does not stop the next message on the same connection', async () => {
    await using listener = await open();
    const wire = await listener.connect();
    let answers = 0;
    for (const type of ['multipart/related; boundary=frontier', 'text/xml']) {
      const bytes = type === 'text/xml' ? ORDER : body([order(), pdf()]);
      wire.write(
        `POST /cxml HTTP/1.1\r\nHost: test\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
      );
      wire.write(bytes);
      answers += 1;
      expect((await wire.answers(answers)).at(-1)?.code).to.equal(200);
    }
    expect(listener.seen.map(({ text, files }) => [text, files.length])).to.deep.equal([
      [ORDER, 1],
      [ORDER, 0],
    ]);
  });
});

describe('a document in a form', () => {
  const type = 'application/x-www-form-urlencoded';
  it('is taken out of it, percent-encoded or in base64', async () => {
    await using listener = await open();
    await post(
      listener,
      `x=1&cXML-urlencoded=${encodeURIComponent('<cXML>ä+ &amp;</cXML>').replaceAll('%20', '+')}`,
      { type },
    );
    await post(
      listener,
      `cxml-base64=${encodeURIComponent(Buffer.from('<cXML>ä</cXML>').toString('base64'))}`,
      { type },
    );
    expect(listener.seen.map(({ text }) => text)).to.deep.equal(['<cXML>ä+ &amp;</cXML>', '<cXML>ä</cXML>']);
  });

  it('that is not in it is asked for', async () => {
    await using listener = await open();
    expect(await post(listener, 'oracle=1', { type })).to.include({ http: 415, code: 406 });
  });
});

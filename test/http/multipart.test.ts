import { expect } from 'chai';
import fc from 'fast-check';
import { Refusal } from '../../src/errors.ts';
import { createMultipartParser, type MultipartLimits } from '../../src/http/multipart.ts';
import type { PartHeaders } from '../../src/http/part-headers.ts';

interface Part {
  readonly headers: PartHeaders;
  readonly text: string;
}

function read(
  body: string | Uint8Array,
  {
    boundary = 'frontier',
    pieces = [],
    limits,
  }: { boundary?: string; pieces?: readonly number[]; limits?: MultipartLimits } = {},
): Part[] {
  const parts: { headers: PartHeaders; chunks: Buffer[]; ended: boolean }[] = [];
  const parser = createMultipartParser(
    boundary,
    {
      part: (headers) => void parts.push({ headers, chunks: [], ended: false }),
      data: (bytes) => void parts.at(-1)?.chunks.push(Buffer.from(bytes)),
      partEnd: () => {
        const last = parts.at(-1);
        if (last !== undefined) last.ended = true;
      },
    },
    limits,
  );
  let rest = Buffer.from(body as string, 'latin1');
  for (const size of pieces) {
    parser.write(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  parser.write(rest);
  parser.end();
  expect(parts.every(({ ended }) => ended)).to.equal(true);
  return parts.map(({ headers, chunks }) => ({ headers, text: Buffer.concat(chunks).toString('latin1') }));
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('it was taken');
}

const lines = (...all: string[]): string => all.join('\r\n');
const TWO = lines(
  'a preamble nobody reads',
  '--frontier',
  'Content-Type: text/xml; charset=utf-8',
  'Content-ID: <1@buyer.example>',
  '',
  '<cXML/>',
  '--frontier  ',
  'content-type: application/pdf; name="a.pdf"',
  'Content-Disposition: attachment; filename="b.pdf"',
  'Content-Transfer-Encoding: BASE64',
  '',
  'JVBERi0=',
  '',
  '--frontier--',
  'an epilogue',
);

describe('multipart', () => {
  it('gives the parts in order, with what their headers say', () => {
    const [order, pdf, ...more] = read(TWO);
    expect(order).to.deep.equal({
      headers: { contentType: 'text/xml; charset=utf-8', contentId: '1@buyer.example', encoding: 'identity' },
      text: '<cXML/>',
    });
    expect(pdf).to.deep.equal({
      headers: { contentType: 'application/pdf; name="a.pdf"', encoding: 'base64', fileName: 'b.pdf' },
      text: 'JVBERi0=\r\n',
    });
    expect(more).to.deep.equal([]);
  });

  it('reads lines that end in LF alone', () => {
    const parts = read(TWO.replaceAll('\r\n', '\n'));
    expect(parts.map(({ text }) => text)).to.deep.equal(['<cXML/>', 'JVBERi0=\n']);
  });

  it('needs neither preamble nor epilogue, nor headers, nor content', () => {
    expect(read('--frontier\r\n\r\nx\r\n--frontier--').map(({ text }) => text)).to.deep.equal(['x']);
    expect(read('--frontier\r\n\r\n--frontier--').map(({ text }) => text)).to.deep.equal(['']);
    expect(read('--frontier\r\nA: b\r\n\r\n\r\n--frontier--').map(({ text }) => text)).to.deep.equal(['']);
    expect(read('--frontier--')).to.deep.equal([]);
  });

  it('keeps what only looks like a boundary', () => {
    const body = lines(
      '--frontier',
      '',
      '--frontie',
      'x --frontier',
      '--frontierland',
      '--frontier-',
      '--frontier--',
    );
    expect(read(body)[0]?.text).to.equal(lines('--frontie', 'x --frontier', '--frontierland', '--frontier-'));
  });

  it('reads the same however the bytes are cut', () => {
    const content = fc.string({
      unit: fc.constantFrom('\r', '\n', '-', '--frontier', '\r\n--frontier', 'x', ' ', '\n--'),
      maxLength: 30,
    });
    const safe = content.filter((text) => !/(^|\n)--frontier(--)?[ \t]*\r?(\n|$)/.test(text));
    const bodies = fc.array(safe, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        bodies,
        fc.array(fc.nat(40), { maxLength: 60 }),
        fc.constantFrom('\r\n', '\n'),
        (texts, pieces, br) => {
          const sent = texts.map((text) => `--frontier${br}Content-ID: x${br}${br}${text}${br}`).join('');
          const parts = read(`${sent}--frontier--${br}`, { pieces });
          const expected = texts.map((text) =>
            br === '\n' && text.endsWith('\r') ? text.slice(0, -1) : text,
          );
          expect(parts.map(({ text }) => text)).to.deep.equal(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('reads the same byte by byte', () => {
    const pieces = Array.from({ length: TWO.length }, () => 1);
    expect(read(TWO, { pieces })).to.deep.equal(read(TWO));
  });

  it('refuses what ends too early: part of the order may be missing', () => {
    for (const end of [0, 30, TWO.indexOf('<cXML/>') + 3, TWO.indexOf('--frontier--') + 11]) {
      expect(refusal(() => read(TWO.slice(0, end)))).to.match(/^multipart-malformed: .*final boundary/);
    }
  });

  it('refuses parts, headers and padding without end', () => {
    const limits = { parts: 3, headerBytes: 200, paddingBytes: 100 };
    expect(refusal(() => read(`${'--frontier\r\n\r\n\r\n'.repeat(4)}--frontier--`, { limits }))).to.contain(
      'more than 3 parts',
    );
    expect(refusal(() => read(`--frontier\r\nA: ${'x'.repeat(300)}`, { limits }))).to.contain(
      'longer than 200 bytes',
    );
    expect(refusal(() => read('x'.repeat(300), { limits }))).to.contain('outside of its parts');
    expect(refusal(() => read(`--frontier--\r\n${'x'.repeat(300)}`, { limits }))).to.contain(
      'outside of its parts',
    );
    const many = Array.from({ length: 60 }, (_, index) => `H${index}: x`).join('\r\n');
    expect(refusal(() => read(`--frontier\r\n${many}\r\n\r\n`))).to.contain('more than 50 headers');
  });

  it('takes long boundaries in linear time, and refuses what is none', () => {
    const boundary = '-'.repeat(250);
    const startedAt = performance.now();
    const [part] = read(`--${boundary}\r\n\r\n${'\n--'.repeat(300_000)}\r\n--${boundary}--`, { boundary });
    expect(part?.text).to.have.length(900_000);
    expect(performance.now() - startedAt).to.be.lessThan(2_000);
    for (const none of ['', '-'.repeat(251), 'a\r\nb', 'ends with a blank ', 'ä']) {
      expect(
        refusal(() => read('', { boundary: none })),
        none,
      ).to.contain('boundary');
    }
  });

  it('does not trip over names from the prototype', () => {
    const [part] = read(
      '--frontier\r\n__proto__: x\r\nconstructor: y\r\nno colon here\r\n: nameless\r\n\r\nz\r\n--frontier--',
    );
    expect(part).to.deep.equal({ headers: { contentType: 'text/plain', encoding: 'identity' }, text: 'z' });
  });

  it('unfolds headers, and reads names as UTF-8 where they are', () => {
    const name = Buffer.from('Zeichnung-ä.pdf').toString('latin1');
    const [part] = read(
      `--frontier\r\nContent-Type: application/pdf;\r\n\tname="x"\r\nContent-Disposition: attachment;\r\n filename="${name}"\r\n\r\n\r\n--frontier--`,
    );
    expect(part?.headers.fileName).to.equal('Zeichnung-ä.pdf');
    const [extended] = read(
      "--frontier\r\nContent-Disposition: attachment; filename*=UTF-8''na%C3%AFve.pdf\r\n\r\n\r\n--frontier--",
    );
    expect(extended?.headers.fileName).to.equal('naïve.pdf');
  });

  it('refuses a transfer encoding that nobody can undo', () => {
    const body = '--frontier\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nx\r\n--frontier--';
    expect(refusal(() => read(body))).to.contain('x-uuencode');
  });
});

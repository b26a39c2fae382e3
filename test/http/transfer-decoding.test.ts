import { expect } from 'chai';
import fc from 'fast-check';
import { Refusal } from '../../src/errors.ts';
import type { TransferEncoding } from '../../src/http/part-headers.ts';
import { createTransferDecoder } from '../../src/http/transfer-decoding.ts';

function decode(encoding: TransferEncoding, text: string, pieces: readonly number[] = []): Buffer {
  const decoder = createTransferDecoder(encoding);
  const decoded: Uint8Array[] = [];
  let rest = Buffer.from(text, 'latin1');
  for (const size of pieces) {
    decoded.push(decoder.write(rest.subarray(0, size)));
    rest = rest.subarray(size);
  }
  decoded.push(decoder.write(rest), decoder.end());
  return Buffer.concat(decoded);
}

function quote(bytes: Uint8Array): string {
  let line = '';
  let text = '';
  for (const byte of bytes) {
    const code = `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    const plain = byte >= 33 && byte <= 126 && byte !== 61;
    if (line.length > 70) {
      text += `${line}=\r\n`;
      line = '';
    }
    line += plain ? String.fromCharCode(byte) : code;
  }
  return text + line;
}

const pieces = fc.array(fc.nat(20), { maxLength: 40 });

describe('transfer decoding', () => {
  it('undoes base64 however it is wrapped and cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        pieces,
        fc.constantFrom('\r\n', '\n', ' '),
        (bytes, cuts, br) => {
          const text = Buffer.from(bytes)
            .toString('base64')
            .replaceAll(/(.{76})/g, `$1${br}`);
          expect(decode('base64', text, cuts).equals(bytes)).to.equal(true);
        },
      ),
    );
  });

  it('takes base64 whose padding is left out', () => {
    expect(decode('base64', 'YWJjZA').toString()).to.equal('abcd');
  });

  it('refuses what is no base64', () => {
    for (const text of ['abc$', 'YQ==YQ==', 'YWJjZ', '=abc', 'a===', 'YQ===', 'YWJj\xa0YWJj']) {
      expect(() => decode('base64', text), text).to.throw(Refusal, 'base64');
      const cuts = Array.from(text, () => 1);
      expect(() => decode('base64', text, cuts), `${text}, byte by byte`).to.throw(Refusal, 'base64');
    }
  });

  it('undoes quoted-printable however it is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), pieces, (bytes, cuts) => {
        expect(decode('quoted-printable', quote(bytes), cuts).equals(bytes)).to.equal(true);
      }),
    );
  });

  it('leaves a lone "=" of quoted-printable, and drops blanks at the end of a line', () => {
    expect(decode('quoted-printable', 'a=zz b  \r\nc=20\r\n').toString()).to.equal('a=zz b\r\nc \r\n');
  });

  it('undoes quoted-printable like a reader of whole texts, however odd the text', () => {
    const odd = fc.array(fc.constantFrom('=', '3', 'D', 'd', ' ', '\t', '\r', '\n', '\r\n', 'z'), {
      maxLength: 60,
    });
    const whole = (text: string): string =>
      text
        .replaceAll(/[ \t]+(?=\r?\n)/g, '')
        .replace(/[ \t]+$/, '')
        .replaceAll(/=(?:\r?\n|$)/g, '')
        .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    fc.assert(
      fc.property(odd, pieces, (symbols, cuts) => {
        const text = symbols.join('');
        // Soft breaks join lines; a code that only comes about by that is none (RFC 2045, section 6.7).
        // A bare CR that blanks keep from its LF is no line break to one reader and one to the other.
        fc.pre(!/\r[ \t]+\r?(\n|$)/.test(text));
        fc.pre(!/=[0-9A-Fa-f]?[ \t]*=[ \t]*\r?\n|=[ \t]*\r?\n$/.test(text) && !/==/.test(text));
        expect(decode('quoted-printable', text, cuts).toString('latin1')).to.equal(whole(text));
      }),
    );
  });

  it('takes no longer for blanks that end no line', () => {
    for (const line of [`${' '.repeat(60_000)}x\n`, `${' '.repeat(60_000)}x`, '=41'.repeat(20_000)]) {
      const startedAt = performance.now();
      decode('quoted-printable', line.repeat(8).slice(0, line.endsWith('\n') ? undefined : 60_000));
      expect(performance.now() - startedAt).to.be.below(500);
    }
  });

  it('keeps no line that never ends', () => {
    expect(() => decode('quoted-printable', 'x'.repeat(65_537))).to.throw(Refusal, 'quoted-printable');
  });

  it('passes everything else on as it is', () => {
    expect(decode('identity', 'a=3D\u0000').toString('latin1')).to.equal('a=3D\u0000');
  });
});

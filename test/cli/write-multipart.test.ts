import { expect } from 'chai';
import { cidUrl, type Part, writeMultipart } from '../../src/cli/write-multipart.ts';
import { createMultipartParser } from '../../src/http/multipart.ts';
import type { PartHeaders } from '../../src/http/part-headers.ts';
import { createTransferDecoder } from '../../src/http/transfer-decoding.ts';

const ROOT: Part = {
  contentType: 'text/xml; charset=UTF-8',
  contentId: 'order@buyer.example',
  transfer: '8bit',
  content: { text: '<å>\n</å>\n' },
};
const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

function pack(parts: readonly Part[], subtype: 'related' | 'mixed' = 'related') {
  return writeMultipart([ROOT, ...parts], { subtype, boundary: '=_b' });
}

function unpack(bytes: Uint8Array): { headers: PartHeaders; content: Buffer }[] {
  const parts: { headers: PartHeaders; content: Buffer }[] = [];
  let pieces: Uint8Array[] = [];
  let current: PartHeaders | undefined;
  const parser = createMultipartParser('=_b', {
    part(headers) {
      current = headers;
      pieces = [];
    },
    data: (piece) => void pieces.push(Uint8Array.from(piece)),
    partEnd() {
      if (current === undefined) throw new Error('a part without a beginning');
      const decoder = createTransferDecoder(current.encoding);
      const content = Buffer.concat([...pieces.map((piece) => decoder.write(piece)), decoder.end()]);
      parts.push({ headers: current, content });
    },
  });
  parser.write(bytes);
  parser.end();
  return parts;
}

describe('writeMultipart', () => {
  it('names the root in a related message, and leaves it to its place in a mixed one', () => {
    expect(pack([]).contentType).to.equal(
      'multipart/related; boundary="=_b"; type="text/xml"; start="<order@buyer.example>"',
    );
    expect(pack([], 'mixed').contentType).to.equal('multipart/mixed; boundary="=_b"');
  });

  it('ends every line in CRLF and no line later than 76 characters, but those of 8bit', () => {
    const text = `${'ö'.repeat(200)}\n${'x'.repeat(200)}\n`;
    const { bytes } = pack([
      { ...ROOT, contentId: 'a@b', transfer: 'quoted-printable', content: { text } },
      { ...ROOT, contentId: 'c@d', transfer: 'base64', content: { binary: BYTES } },
    ]);
    const wire = Buffer.from(bytes).toString('latin1');
    expect(wire.replaceAll('\r\n', '')).not.to.match(/[\r\n]/);
    expect(wire.endsWith('\r\n--=_b--\r\n')).to.equal(true);
    expect(Math.max(...wire.split('\r\n').map((line) => line.length))).to.equal(76);
  });

  const texts = {
    'umlauts and equal signs': 'Tür = 4 €\n',
    'blanks at the end of a line': 'a \nb\t\n c\n',
    'a line much too long': `${'word '.repeat(60)}\n`,
    'a line that is as long as a line may be': `${'x'.repeat(75)}\n${'y'.repeat(76)}\n${'z'.repeat(77)}`,
    'what looks like a boundary': '--=_b\n--=_b--\n',
    'a dot alone': '.\n',
    nothing: '',
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`carries ${name} in quoted-printable`, () => {
      const { bytes } = pack([{ ...ROOT, transfer: 'quoted-printable', content: { text } }]);
      expect(unpack(bytes)[1]?.content.toString('utf8')).to.equal(text.replaceAll('\n', '\r\n'));
    });
  }

  it('carries every byte in base64, with what the headers say', () => {
    const part: Part = {
      contentType: 'application/pdf',
      contentId: 'a+b@c',
      fileName: 'a.pdf',
      transfer: 'base64',
      content: { binary: BYTES },
    };
    const [root, other] = unpack(pack([part]).bytes);
    expect(root?.content.toString('utf8')).to.equal('<å>\r\n</å>\r\n');
    expect(other?.headers).to.deep.equal({
      contentType: 'application/pdf',
      contentId: 'a+b@c',
      encoding: 'base64',
      fileName: 'a.pdf',
    });
    expect(other?.content).to.deep.equal(Buffer.from(BYTES));
  });
});

describe('cidUrl', () => {
  it('escapes what a URL may not hold, and leaves the at sign', () => {
    expect(cidUrl('a+b c%@buyer.example')).to.equal('cid:a%2Bb%20c%25@buyer.example');
  });
});

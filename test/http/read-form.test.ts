import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';
import fc from 'fast-check';
import { Refusal } from '../../src/errors.ts';
import { readForm } from '../../src/http/read-form.ts';

const read = async (text: string): Promise<string> =>
  Buffer.from(await readForm(Buffer.from(text, 'latin1'))).toString('latin1');

async function refusal(text: string): Promise<string> {
  try {
    await read(text);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'taken';
}

function encode(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

describe('a form', () => {
  it('gives the document back byte for byte, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const found = await readForm(Buffer.from(`x=1&cXML-urlencoded=${encode(bytes)}&y`));
        expect(Buffer.from(found).equals(bytes)).to.equal(true);
        const plain = encodeURIComponent(Buffer.from(bytes).toString('base64'));
        expect(Buffer.from(await readForm(Buffer.from(`cXML-base64=${plain}`))).equals(bytes)).to.equal(true);
      }),
    );
  });

  it('leaves a "%" alone that begins no code, also where a long document is read in turns', async () => {
    expect(await read('cxml-urlencoded=100%+%2&z=%')).to.equal('100% %2');
    const long = `${'a'.repeat(1_048_574)}%41%zz%4%2541`;
    expect(await read(`cxml-urlencoded=${long}`)).to.equal(`${'a'.repeat(1_048_574)}A%zz%4%41`);
    for (let shift = 0; shift < 4; shift += 1) {
      const text = `${'b'.repeat(shift)}${'%41'.repeat(400_000)}`;
      expect(
        (await read(`cxml-urlencoded=${text}`)) === `${'b'.repeat(shift)}${'A'.repeat(400_000)}`,
      ).to.equal(true);
    }
  });

  it('with two documents is refused: nobody could say which is the order', async () => {
    expect(await refusal('cxml-urlencoded=a&cxml-urlencoded=b')).to.equal('body-undecodable');
    expect(await refusal('cXML-urlencoded=a&CXML-BASE64=YQ==')).to.equal('body-undecodable');
  });

  it('is refused when its base64 lost something on the way, and never read around the gap', async () => {
    expect(await read('cxml-base64=YWJj\r\nYWJj')).to.equal('abcabc');
    for (const lost of ['YWJj YWJj', 'YWJj+YWJj', 'YWJj$', 'YWJjZ', 'YQ==YQ==']) {
      expect(await refusal(`cxml-base64=${lost}`), lost).to.equal('body-undecodable');
    }
  });

  it('of nothing but separators, or of nothing but codes, holds nobody up', async () => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    expect(await refusal('&'.repeat(10_000_000))).to.equal('body-undecodable');
    await read(`cxml-urlencoded=${'%41'.repeat(3_300_000)}`);
    delay.disable();
    expect(delay.max / 1e6).to.be.below(1_000);
  });

  it('without the field is told what to send instead', async () => {
    for (const text of ['', 'a=b', '=<cXML/>', `${'cxml-urlencoded'.padEnd(200, 'x')}=a`]) {
      expect(await refusal(text), text).to.equal('media-type-unsupported');
    }
  });
});

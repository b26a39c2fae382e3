import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { createStatusWriter, writeProfileResponse, writeResponse } from '../../src/cxml/write-response.ts';
import { needsShared, needsTool } from '../support/needs.ts';

const ENVELOPE = { payloadId: '1795000000.7@po.example', timestamp: '2026-11-20T09:14:50+00:00' };

/** Reads a reply with the strict parser: what a client would see. Throws when it is not well-formed. */
function read(xml: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const seen: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const open: (typeof seen)[number][] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes }, text: '' };
    seen.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const top = open.at(-1);
    if (top !== undefined) top.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  return seen;
}

function statusOf(
  xml: string,
): { name: string; attributes: Record<string, string>; text: string } | undefined {
  return read(xml).find(({ name }) => name === 'Status');
}

describe('writeResponse', () => {
  it('writes the shape that Coupa documents: declaration, no DOCTYPE, cXML, Response, Status', () => {
    const xml = writeResponse({ ...ENVELOPE, status: { code: 200, text: 'OK' } });
    expect(xml).to.equal(
      '<?xml version="1.0" encoding="UTF-8"?>' +
        '<cXML payloadID="1795000000.7@po.example" timestamp="2026-11-20T09:14:50+00:00" xml:lang="en-US">' +
        '<Response><Status code="200" text="OK"/></Response></cXML>',
    );
  });

  it('puts the detail into the content of Status', () => {
    const xml = writeResponse({
      ...ENVELOPE,
      status: { code: 406, text: 'Not Acceptable', detail: 'line 3', lang: 'en' },
    });
    const status = statusOf(xml);
    expect(status?.attributes).to.include({ code: '406', text: 'Not Acceptable', 'xml:lang': 'en' });
    expect(status?.text).to.equal('line 3');
  });

  const hostile = {
    'text that looks like entities': 'AT&T; &foo; &amp; &#0; &#x110000; &lt',
    markup: '</Status><Status code="200" text="OK"/>',
    'the end of a CDATA section': 'a ]]> b <![CDATA[ c',
    quotes: `"double" 'single'`,
    'white space that attributes lose': 'a\tb\nc\rd\r\ne',
    'emoji and rare letters': '🧾 𝒳 é ￼',
    'ten kilobytes': 'ä&<"'.repeat(2_560),
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`carries ${name} unchanged`, () => {
      const status = statusOf(writeResponse({ ...ENVELOPE, status: { code: 400, text, detail: text } }));
      expect(status?.attributes.text).to.equal(text);
      expect(status?.text).to.equal(text);
    });
  }

  it('replaces what XML cannot carry: control characters, lone surrogates, U+FFFE', () => {
    const text = 'a\u0000b\u0007c\u{1b}[31md\ud800e\udc00f\ufffeg\uffffh';
    const status = statusOf(writeResponse({ ...ENVELOPE, status: { code: 400, text, detail: text } }));
    const expected = 'a�b�c�[31md�e�f�g�h';
    expect(status?.attributes.text).to.equal(expected);
    expect(status?.text).to.equal(expected);
  });

  it('stays one well-formed document with one Status whatever it is given', () => {
    const anything = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(anything, anything, anything, (payloadId, text, detail) => {
        const seen = read(writeResponse({ ...ENVELOPE, payloadId, status: { code: 500, text, detail } }));
        expect(seen.map(({ name }) => name)).to.deep.equal(['cXML', 'Response', 'Status']);
      }),
    );
  });
});

describe('writeProfileResponse', () => {
  it('lists OrderRequest with its address and options, and ProfileRequest', () => {
    const xml = writeProfileResponse({
      ...ENVELOPE,
      effectiveDate: '2026-11-20T00:00:00+00:00',
      url: 'https://po.example/cxml?a=1&b=2',
      attachments: true,
    });
    const told = read(xml).map(({ name, attributes, text }) =>
      [name, attributes.requestName ?? attributes.name ?? attributes.code, text].join('|'),
    );
    expect(told.slice(2)).to.deep.equal([
      'Status|200|',
      'ProfileResponse||',
      'Transaction|OrderRequest|',
      'URL||https://po.example/cxml?a=1&b=2',
      'Option|attachments|Yes',
      'Option|changes|Yes',
      'Transaction|ProfileRequest|',
      'URL||https://po.example/cxml?a=1&b=2',
    ]);
    const profile = read(xml).find(({ name }) => name === 'ProfileResponse');
    expect(profile?.attributes).to.deep.equal({
      effectiveDate: '2026-11-20T00:00:00+00:00',
      lastRefresh: ENVELOPE.timestamp,
    });
  });

  it('says No to attachments where they are not taken', () => {
    const given = { effectiveDate: ENVELOPE.timestamp, url: 'https://po.example/cxml', attachments: false };
    const options = read(writeProfileResponse({ ...ENVELOPE, ...given })).filter(
      ({ name }) => name === 'Option',
    );
    expect(options.map(({ attributes, text }) => [attributes.name, text])).to.deep.equal([
      ['attachments', 'No'],
      ['changes', 'Yes'],
    ]);
  });
});

describe('replies against the cXML 1.2.071 DTD', () => {
  const replies = {
    'a success': writeResponse({ ...ENVELOPE, status: { code: 200, text: 'OK' } }),
    'a refusal with detail': writeResponse({
      ...ENVELOPE,
      status: { code: 406, text: 'Not Acceptable', detail: 'AT&T; <x> ]]>', lang: 'en' },
    }),
    'a profile': writeProfileResponse({
      ...ENVELOPE,
      effectiveDate: '2026-11-20T00:00:00+00:00',
      url: 'https://po.example/cxml',
      attachments: true,
    }),
  };
  for (const [name, xml] of Object.entries(replies)) {
    it(`${name} is valid`, function () {
      needsTool(this, 'xmllint');
      const dtd = needsShared(this, 'cxml-dtd/1.2.071/cXML.dtd');
      const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '--dtdvalid', dtd, '-'], {
        input: xml,
        encoding: 'utf8',
      });
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }
});

describe('createStatusWriter', () => {
  const status = { code: 200, text: 'OK' };
  const write = createStatusWriter(status);

  it('writes what writeResponse writes, whatever the words', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'<>&"\'\t\r\n ;#x]\u{F0001}a') }),
    );
    fc.assert(
      fc.property(
        word,
        word,
        word.filter((text) => text !== ''),
        (payloadId, timestamp, detail) => {
          expect(write({ payloadId, timestamp, detail })).to.equal(
            writeResponse({ payloadId, timestamp, status: { ...status, detail } }),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Every row of the table of answers, and what is not in it, held against the DTD that the newest cXML has. */
import { expect } from 'chai';
import type { XmlElement } from 'libxml2-wasm';
import { type DtdJudge, openDtd } from '../../src/cli/dtd-judge.ts';
import { createStatusWriter, writeProfileResponse } from '../../src/cxml/write-response.ts';
import { REFUSAL_CODES, Refusal } from '../../src/errors.ts';
import { answerRefusal } from '../../src/http/answer.ts';
import { withLibxml } from '../cxml/libxml.ts';
import { needsShared } from '../support/needs.ts';

const IDENTITY = { payloadId: '1.2.3@test', timestamp: '2026-11-20T10:00:00+00:00' };

/** What a sender may have written into a name that an answer repeats. */
const HOSTILE = {
  'plain words': 'Something went wrong.',
  markup: '</Status><Status code="200" text="OK"/><x y=\'z\'>&amp;&lt;&#65;&undefined;',
  'an end of CDATA and a comment': ']]> <![CDATA[ --> <!-- <?pi ?>',
  'control characters': '\u0000\u0001\u0008\u001b[2J\u007f\u0085\r\n\t\u2028',
  'half characters': '\ud800 \udfff \ufffe \uffff',
  'ten thousand characters': '<"&\u0000ä🧾'.repeat(1_500),
};

function elementsOf(text: string): string[] {
  return withLibxml(text, (root) => root.find('//*').map((node) => (node as XmlElement).name));
}

describe('every answer, by the cXML 1.2.071 DTD', () => {
  let dtd: DtdJudge | undefined;
  before(async function () {
    dtd = await openDtd(needsShared(this, 'cxml-dtd/1.2.071/cXML.dtd'));
  });
  after(() => dtd?.[Symbol.dispose]());

  it('knows an answer that is not valid', () => {
    expect(dtd?.judge('<cXML><Response/></cXML>')).not.to.deep.equal([]);
  });

  for (const [what, text] of Object.entries(HOSTILE)) {
    for (const code of REFUSAL_CODES) {
      it(`${code} is one valid document with ${what}`, () => {
        const refusal = new Refusal(code, text, {
          place: { path: `cXML/${text}`, line: 1, column: 2, offset: 3 },
        });
        const answers = (['envelope', 'mirror'] as const).map((style) =>
          answerRefusal(refusal, style, IDENTITY),
        );
        for (const { body } of answers) {
          const document = Buffer.from(body).toString('utf8');
          expect(dtd?.judge(document)).to.deep.equal([]);
          expect(elementsOf(document)).to.deep.equal(['cXML', 'Response', 'Status']);
        }
      });
    }

    it(`a success is one valid document with ${what}`, () => {
      const document = createStatusWriter({ code: 200, text: 'OK' })({ ...IDENTITY, detail: text });
      expect(dtd?.judge(document)).to.deep.equal([]);
    });

    it(`a profile is one valid document with ${what}`, () => {
      for (const attachments of [true, false]) {
        const profile = { effectiveDate: IDENTITY.timestamp, url: `https://po.example/${text}`, attachments };
        expect(dtd?.judge(writeProfileResponse({ ...IDENTITY, ...profile }))).to.deep.equal([]);
      }
    });
  }
});

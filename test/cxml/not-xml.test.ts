import { expect } from 'chai';
import { documentWith, refused } from './trait.ts';

const DOCUMENT = documentWith();
const said = (body: string) => refused(body).message;

describe('a body that is no XML', () => {
  const bodies: Readonly<Record<string, readonly [body: string, said: RegExp]>> = {
    'escaped markup': [DOCUMENT.replaceAll('<', '&lt;'), /does not begin with "<": its markup is escaped/],
    'a form': [
      `cXML-urlencoded=${encodeURIComponent(DOCUMENT)}`,
      /: it is a form; .*x-www-form-urlencoded\.$/,
    ],
    'percent-encoded': [encodeURIComponent(DOCUMENT), /: it is percent-encoded/],
    'a multipart body': [`--b\r\nContent-Type: text/xml\r\n\r\n${DOCUMENT}\r\n--b--`, /multipart/],
    'a whole request': [`POST /cxml HTTP/1.1\r\nHost: a\r\n\r\n${DOCUMENT}`, /headers/],
    'a part with its headers': [`Content-Type: text/xml\r\n\r\n${DOCUMENT}`, /headers/],
    JSON: ['{"order":"<cXML/>"}', /: it looks like JSON/],
    base64: [Buffer.from(DOCUMENT).toString('base64'), /: it is encoded in base64/],
    'some words': ['Dear supplier,', /: it does not begin with "<"\.$/],
    'words behind blanks': ['\n\n  order <cXML/>', /at line 3, column 3: it does not begin with "<"\.$/],
  };
  for (const [what, [body, expected]] of Object.entries(bodies)) {
    it(`is told: ${what}`, () => {
      expect(refused(body).code).to.equal('xml-malformed');
      expect(said(body)).to.match(expected);
    });
  }

  it('is not repeated', () => {
    expect(said('hunter2-the-secret')).not.to.contain('hunter2');
  });

  it('is told from XML with something before or behind it', () => {
    expect(said(`${DOCUMENT}x`)).to.match(/there is text behind the root element\.$/);
    expect(said(DOCUMENT.replace('<cXML', 'x<cXML'))).to.match(/there is text before the root element\.$/);
    expect(said(`<![CDATA[x]]>${DOCUMENT}`)).to.match(/there is text before the root element\.$/);
    for (const before of ['\n', '\uFEFF\n', '<!-- c -->', ' ']) {
      expect(said(before + DOCUMENT)).to.match(
        /the XML declaration is not at the very start; not even a blank/,
      );
    }
  });
});

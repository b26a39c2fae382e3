/** Over mutual TLS: whatever names a document is full of, the answer is short, valid, and says only what we mean. */
import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import { type DtdJudge, openDtd } from '../../src/cli/dtd-judge.ts';
import type { Answer, Buyer } from '../support/buyer.ts';
import { needsShared } from '../support/needs.ts';
import { sampleDocument } from '../support/orders.ts';
import { startTestReceiver, type TestReceiver } from '../support/receiver.ts';

/** As they stand in an attribute; XML itself forbids most control characters, also as references. */
const NAMES = {
  markup: '&lt;/Status>&lt;Status code=&quot;200&quot;/>&amp;amp;&amp;#0;]]>',
  'white space and controls': 'a&#9;b&#10;c&#13;d&#x7f;e&#x85;f&#x2028;g&#x202e;h',
  'ten thousand characters': 'A&amp;ö'.repeat(3_334),
  'a path and a formula': '../../../etc/passwd;=cmd|&apos; /C calc&apos;!A0',
};
/** Nothing we say is longer, however much of a name is repeated. */
const LONGEST = 2_500;

describe('an answer to a document full of odd names', () => {
  let receiver: TestReceiver;
  let buyer: Buyer;
  let dtd: DtdJudge | undefined;

  before(async function () {
    receiver = await startTestReceiver();
    buyer = receiver.buyer();
    dtd = await openDtd(needsShared(this, 'cxml-dtd/1.2.071/cXML.dtd'));
  });
  after(async () => {
    dtd?.[Symbol.dispose]();
    buyer[Symbol.dispose]();
    await receiver[Symbol.asyncDispose]();
  });

  function check({ body, code, http }: Answer, expected: number): void {
    const document = body.toString('utf8');
    expect([http, code]).to.deep.equal([http, expected]);
    expect(dtd?.judge(document)).to.deep.equal([]);
    expect(body.length).to.be.lessThan(LONGEST);
    expect(document).not.to.match(/[\p{Cc}\u2028-\u202e]|&#(?!39;)/u);
    // A parser that the receiver does not use for this.
    const read = new XMLParser({ ignoreAttributes: false }).parse(document);
    expect(Object.keys(read.cXML.Response)).to.deep.equal(['Status']);
    expect(read.cXML.Response.Status).not.to.be.an('array');
  }

  const send = (document: string, headers: Record<string, string> = {}) => buyer.post(document, headers);

  for (const [what, name] of Object.entries(NAMES)) {
    const order = (orderId: string): string =>
      sampleDocument({ orderId: '@O', payloadId: '@P' }).replaceAll('@P', name).replaceAll('@O', orderId);

    it(`says that an order was kept whose numbers are ${what}`, async () => {
      check(await send(order(name)), 200);
      check(await send(order(name)), 200);
    });

    it(`says that a payloadID was used before that is ${what}`, async () => {
      check(await send(order('another')), 409);
    });

    it(`says that an order has no number, with ${what} all around`, async () => {
      const odd = sampleDocument({ orderId: '1', payloadId: '@P' })
        .replaceAll('@P', name)
        .replace(/orderID="1"/, `orderID="" orderVersion="${name}"`)
        .replace(/type="new"/, `type="${name}"`);
      check(await send(odd), 400);
    });

    it(`says that nobody can be identified by ${what}`, async () => {
      const odd = order('1').replace(
        /<Sender>[\s\S]*<\/Sender>/,
        `<Sender><Credential domain="${name}"/></Sender>`,
      );
      check(await send(odd), 401);
    });
  }

  const long = 'x'.repeat(10_000);
  const odd = {
    'a request of a long name': [`<cXML><Header/><Request><${long}/></Request></cXML>`, 401],
    'a root of a long name': [`<${long}/>`, 406],
    'an end tag of a long name': [`<cXML><${long}></y></cXML>`, 406],
    'an attribute of a long name twice': [`<cXML ${long}="1" ${long}="2"/>`, 406],
    'an entity of a long name': [`<cXML>&${long};</cXML>`, 406],
    'an encoding nobody knows': [`<?xml version="1.0" encoding="${long.slice(0, 90)}"?><cXML/>`, 406],
    'a prefix nobody declared': [`<${long}:cXML/>`, 401],
    'a version of a long name': [`<?xml version="${long}"?><cXML/>`, 406],
    'a DOCTYPE that declares much': [`<!DOCTYPE cXML [<!ENTITY ${long} "${long}">]><cXML/>`, 406],
    'control characters': ['<cXML>\u0001\u001b[2J</cXML>', 406],
  } as const;
  for (const [what, [document, expected]] of Object.entries(odd)) {
    it(`is short and valid for ${what}`, async () => {
      check(await send(document), expected);
    });
  }

  it('is short and valid for a request that is not supported', async () => {
    const strange = sampleDocument({ orderId: '1' }).replaceAll('OrderRequest>', `${'é'.repeat(5_000)}>`);
    check(await send(strange), 450);
  });

  const headers = {
    'a long media type': [{ 'content-type': `text/${'x'.repeat(9_000)}` }, 406],
    'markup in a media type': [{ 'content-type': '<Status code="200"/>' }, 406],
    'a long content coding': [{ 'content-encoding': 'y'.repeat(9_000) }, 406],
    'markup in a content coding': [{ 'content-encoding': '</Status>&x;' }, 406],
    'a charset nobody knows': [{ 'content-type': `text/xml; charset="<&'>klingon"` }, 406],
  } as const;
  for (const [what, [given, expected]] of Object.entries(headers)) {
    it(`is short and valid for ${what}`, async () => {
      // A declaration of its own would outrank the header.
      const bare = sampleDocument({ orderId: '1' }).replace(/<\?xml[^>]*\?>\s*/, '');
      check(await send(bare, given), expected);
    });
  }
});

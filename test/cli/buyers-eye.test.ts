import { expect } from 'chai';
import { type SeenRefusal, seeAsBuyer } from '../../src/cli/buyers-eye.ts';
import { REFUSAL_CODES } from '../../src/errors.ts';
import { ANSWERS } from '../../src/http/answer.ts';

const START = new Date('2026-11-20T09:00:00Z');
const hours = (count: number): Date => new Date(START.getTime() + count * 3_600_000);

const seen = (change: Partial<SeenRefusal> = {}) =>
  seeAsBuyer({
    code: 'xml-malformed',
    text: 'A tag is not closed.',
    style: 'envelope',
    orderId: '4711',
    ...change,
  });

describe('seeAsBuyer', () => {
  for (const code of REFUSAL_CODES) {
    for (const style of ['envelope', 'mirror'] as const) {
      it(`tells what the buyer sees of ${code}, answered as ${style}`, () => {
        const { status, http } = ANSWERS[code];
        const { senderWasTold, coupaDoes, administratorReads, paragraph } = seen({ code, style });
        expect(senderWasTold).to.include({ http: http[style], code: status.code, text: status.text });
        expect(senderWasTold.detail).to.contain('A tag is not closed.');
        if (status.code >= 500) {
          expect(coupaDoes).to.include({ verdict: 'repeated' });
          expect(coupaDoes.repeats).to.deep.equal({ times: 5, everyMinutes: 60 });
          expect(paragraph).to.contain('5 times, an hour apart');
        } else {
          expect(coupaDoes.verdict).to.equal('final');
          expect(coupaDoes).not.to.have.property('repeats');
          expect(coupaDoes.does).to.match(/never repeats/);
          expect(paragraph).to.contain('does not send it again by itself');
        }
        expect(administratorReads.mail.subject).to.equal('cXML Failure (Failed to send PO #4711)');
        expect(administratorReads.mail.body[0]).to.match(/^PO failed: /);
        // Of an HTTP code that is an error, Coupa shows its own words in place of ours.
        const shows =
          http[style] >= 400 && http[style] < 500 ? String(http[style]) : `${status.code} ${status.text}`;
        expect(administratorReads.mail.body[0]).to.contain(shows);
        expect(administratorReads.monitor.page).to.match(/cxml_request_monitors\/cxml_request_po$/);
        expect(administratorReads.supplierPage).to.match(/Supplier Portal/);
        for (const part of ['Subject: Purchase order 4711', 'Hello,', 'A tag is not closed.']) {
          expect(paragraph).to.contain(part);
        }
      });
    }
  }

  it('is sure of what is documented only: a Status, not an HTTP code', () => {
    expect(seen().coupaDoes.probably).to.equal(false);
    expect(seen({ style: 'mirror' }).coupaDoes.probably).to.equal(true);
    expect(seen({ style: 'mirror' }).paragraph).to.contain('it probably shows as');
  });

  it('writes a text with the order, the time, the place and the message', () => {
    const { paragraph } = seen({
      payloadId: '1@buyer.example',
      place: { line: 12, column: 5, path: 'cXML/Request/OrderRequest' },
      came: { firstAt: START, lastAt: hours(1), now: hours(2) },
    });
    expect(paragraph.split('\n\n')).to.deep.equal([
      'Subject: Purchase order 4711 could not be taken',
      'Hello,',
      'We could not take your purchase order 4711, which reached us on 2026-11-20 09:00 UTC: it is not well-formed XML. ' +
        'The same message came again, last on 2026-11-20 10:00 UTC. Its payloadID is 1@buyer.example.',
      'Our receiver says: “A tag is not closed.” The place: line 12, column 5, in cXML/Request/OrderRequest.',
      'Please look at that place for a character that XML reserves, such as & or <, in a name, an address or a description. ' +
        'If there is none, the document was broken on its way: then whoever maintains the connection should look at it.',
      'Coupa does not send it again by itself: once that is done, please send it again by hand. ' +
        'In Coupa it shows as “PO failed: 406 Not Acceptable”, in a mail “cXML Failure (Failed to send PO #4711)” ' +
        'and on the page https://<instance>/cxml_request_monitors/cxml_request_po.',
    ]);
  });

  it('counts the attempts at what is repeated, and tells when they are over', () => {
    const came = (last: number, now: number) => ({ firstAt: START, lastAt: hours(last), now: hours(now) });
    const second = seen({ code: 'internal', came: came(1, 1.5) });
    expect(second.coupaDoes.attempt).to.deep.equal({ number: 2, of: 6, nextAt: hours(2), finalAt: hours(5) });
    expect(second.coupaDoes.isOver).to.equal(false);
    expect(second.paragraph).to.contain(
      'attempt 2 of 6, the next comes about 2026-11-20 11:00 UTC, the last about 2026-11-20 14:00 UTC',
    );
    for (const over of [came(5, 5.01), came(1, 30)]) {
      const { coupaDoes, paragraph } = seen({ code: 'internal', came: over });
      expect(coupaDoes.isOver).to.equal(true);
      expect(paragraph).to.contain('has stopped sending it by itself');
    }
  });

  it('speaks of a message where no order number was read', () => {
    const { paragraph, administratorReads } = seen({ orderId: undefined });
    expect(paragraph).to.match(/^Subject: A cXML message could not be taken/);
    expect(paragraph).to.contain('We cannot take a cXML message from you');
    expect(administratorReads.mail.subject).to.contain('PO #<number>');
  });

  it('shows no card number, no secret to be mailed, and nothing that moves a cursor', () => {
    const { paragraph } = seen({
      text: '"4111 1111 1111 1111" is no date',
      orderId: '47\u001b[31m11\u202e\n',
      payloadId: `${'x'.repeat(500)}`,
      place: { path: 'cXML\u0007/a' },
    });
    expect(paragraph).not.to.contain('4111 1111');
    expect(paragraph).to.contain('1111" is no date');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(paragraph).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(paragraph.split('\n\n')[0]).to.equal('Subject: Purchase order 4711 could not be taken');
    expect(paragraph.length).to.be.lessThan(2_500);
    expect(seen({ code: 'sender-unknown' }).paragraph).to.contain('do not put the secret');
  });
});

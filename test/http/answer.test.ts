import { expect } from 'chai';
import { REFUSAL_CODES, Refusal, type RefusalCode } from '../../src/errors.ts';
import { ANSWERS, answerReceipt, answerRefusal } from '../../src/http/answer.ts';
import { readStatus } from '../support/buyer.ts';
import { receiptOf } from './open-listener.ts';

const IDENTITY = { payloadId: '1.2.3@test', timestamp: '2026-11-20T10:00:00+00:00' };

/** cXML code, HTTP in envelope, HTTP in mirror: written out again, so that the table cannot change unnoticed. */
const EXPECTED: Record<RefusalCode, readonly [number, number, number]> = {
  'xml-undecodable': [406, 200, 406],
  'xml-malformed': [406, 200, 406],
  'xml-forbidden': [406, 200, 406],
  'xml-too-complex': [406, 200, 406],
  'not-cxml': [406, 200, 406],
  'order-invalid': [400, 200, 400],
  'multipart-malformed': [406, 200, 406],
  'request-unsupported': [450, 200, 400],
  'sender-unknown': [401, 200, 401],
  'sender-forbidden': [403, 200, 403],
  'payload-conflict': [409, 200, 409],
  'path-unknown': [400, 404, 404],
  'method-unsupported': [400, 405, 405],
  'media-type-unsupported': [406, 415, 415],
  'encoding-unsupported': [406, 415, 415],
  'body-too-large': [400, 413, 413],
  'body-undecodable': [400, 400, 400],
  'headers-too-large': [400, 431, 431],
  'request-malformed': [400, 400, 400],
  'expectation-unsupported': [400, 417, 417],
  'peer-refused': [403, 403, 403],
  'peer-near-miss': [560, 503, 503],
  'request-timeout': [560, 503, 503],
  'store-unavailable': [560, 503, 503],
  overloaded: [560, 503, 503],
  'shutting-down': [560, 503, 503],
  internal: [500, 500, 500],
};

describe('answerRefusal', () => {
  for (const code of REFUSAL_CODES) {
    it(`answers ${code} with one complete cXML document in both styles`, () => {
      const [status, envelope, mirror] = EXPECTED[code];
      const refusal = new Refusal(code, 'Something & <else>.');
      for (const [style, http] of [['envelope', envelope] as const, ['mirror', mirror] as const]) {
        const answer = answerRefusal(refusal, style, IDENTITY);
        const read = readStatus(Buffer.from(answer.body));
        expect(read.code).to.equal(status);
        expect(read.text).to.equal(ANSWERS[code].status.text);
        expect(read.detail).to.match(/^Something & <else>\./);
        expect(answer.httpStatus).to.equal(http);
        expect(answer.statusClass).to.equal(`${Math.floor(status / 100)}xx`);
        expect(answer.headers).to.include({
          'Content-Type': 'text/xml; charset=UTF-8',
          'Content-Length': answer.body.byteLength,
          'Cache-Control': 'no-store',
        });
      }
    });
  }

  it('never gives a refusal a status of success', () => {
    for (const { status } of Object.values(ANSWERS)) expect(status.code).to.be.at.least(400);
  });

  it('asks the sender to repeat exactly what time can heal', () => {
    const repeated = REFUSAL_CODES.filter(
      (code) =>
        answerRefusal(new Refusal(code, 'No.'), 'mirror', IDENTITY).headers['Retry-After'] !== undefined,
    );
    const temporary = REFUSAL_CODES.filter((code) => EXPECTED[code][0] === 560);
    expect(repeated).to.deep.equal(temporary);
  });

  it('names the allowed method', () => {
    const answer = answerRefusal(new Refusal('method-unsupported', 'No.'), 'envelope', IDENTITY);
    expect(answer.headers.Allow).to.equal('POST');
  });

  it('names the place and the next step', () => {
    const place = { path: 'cXML/Header/From', line: 12, column: 5, offset: 300 };
    const answer = answerRefusal(
      new Refusal('order-invalid', 'No Identity.', { place }),
      'envelope',
      IDENTITY,
    );
    const { detail } = readStatus(Buffer.from(answer.body));
    expect(detail).to.equal(
      'No Identity. Where: cXML/Header/From, line 12, column 5, byte 300. Mend the document and send it again.',
    );
  });
});

describe('answerReceipt', () => {
  it('answers HTTP 200 with the bytes of the receipt as they are', () => {
    const receipt = receiptOf();
    const answer = answerReceipt(receipt);
    expect(answer.httpStatus).to.equal(200);
    expect(answer.statusClass).to.equal('2xx');
    expect(answer.body).to.equal(receipt.reply);
  });
});

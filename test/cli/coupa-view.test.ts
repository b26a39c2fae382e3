import { expect } from 'chai';
import type { Exchange } from '../../src/cli/buyer-client.ts';
import { seeAsCoupa } from '../../src/cli/coupa-view.ts';

function answered(http: number, code?: number, text = 'Text of ours'): Exchange {
  return {
    handshakeMs: 1,
    requestMs: 1,
    replyMs: 1,
    tls: 'TLSv1.3',
    http,
    reply: new Uint8Array(),
    ...(code !== undefined && { status: { code, text, detail: '', timestamp: '' } }),
  };
}

function failed(stage: NonNullable<Exchange['failure']>['stage']): Exchange {
  return { ...answered(0), failure: { stage, message: 'SSL_connect\u001b[31m' } };
}

describe('seeAsCoupa', () => {
  const cases = [
    { of: 'HTTP 200 with Status 200', exchange: answered(200, 200), verdict: 'delivered' },
    { of: 'HTTP 200 with Status 406', exchange: answered(200, 406), verdict: 'final' },
    { of: 'HTTP 200 with Status 560', exchange: answered(200, 560), verdict: 'repeated' },
    { of: 'HTTP 503 with Status 560', exchange: answered(503, 560), verdict: 'repeated' },
    { of: 'HTTP 403 with Status 403', exchange: answered(403, 403), verdict: 'final' },
    { of: 'HTTP 500 with Status 200', exchange: answered(500, 200), verdict: 'repeated' },
    { of: 'HTTP 200 without a Status', exchange: answered(200), verdict: 'final' },
    { of: 'HTTP 502 without a Status', exchange: answered(502), verdict: 'repeated' },
    { of: 'a redirect', exchange: answered(301, 200), verdict: 'final' },
    { of: 'no answer in time', exchange: failed('timeout'), verdict: 'repeated' },
    { of: 'a failed handshake', exchange: failed('tls'), verdict: 'final' },
    { of: 'no connection', exchange: failed('connect'), verdict: 'final' },
    { of: 'a reply cut short', exchange: failed('reply'), verdict: 'repeated' },
  ];
  for (const { of, exchange, verdict } of cases) {
    it(`takes ${of} for ${verdict}`, () => {
      const view = seeAsCoupa(exchange, '4711');
      expect(view.verdict).to.equal(verdict);
      expect(view.sees === undefined).to.equal(verdict === 'delivered');
    });
  }

  it('tells the two clocks of repeating apart', () => {
    expect(seeAsCoupa(answered(503, 560), '1').does).to.include('5 times, an hour apart');
    expect(seeAsCoupa(failed('timeout'), '1').does).to.include('4 times, 5 minutes apart');
  });

  it('shows the text that the buyer’s administrators read', () => {
    const { sees } = seeAsCoupa(answered(200, 406, 'Not Acceptable'), '4711');
    expect(sees).to.include('#4711').and.to.include('406 Not Acceptable');
  });

  it('shows that they do not read our text when HTTP says 4xx', () => {
    expect(seeAsCoupa(answered(400, 400, 'secret reason'), '4711').sees).not.to.include('secret reason');
  });

  it('passes no control characters on', () => {
    expect(seeAsCoupa(failed('tls'), '47\u001b[2J11').sees).not.to.match(/\p{Cc}/u);
  });
});

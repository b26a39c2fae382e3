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
    { of: 'HTTP 202 with Status 201', exchange: answered(202, 201), verdict: 'delivered' },
    { of: 'HTTP 200 with Status 406', exchange: answered(200, 406), verdict: 'final' },
    { of: 'HTTP 200 with Status 560', exchange: answered(200, 560), verdict: 'repeated', rhythm: 'hourly' },
    { of: 'HTTP 503 with Status 560', exchange: answered(503, 560), verdict: 'repeated', rhythm: 'hourly' },
    { of: 'HTTP 403 with Status 403', exchange: answered(403, 403), verdict: 'final', probably: true },
    { of: 'HTTP 400 with Status 200', exchange: answered(400, 200), verdict: 'final', probably: true },
    {
      of: 'HTTP 500 with Status 200',
      exchange: answered(500, 200),
      verdict: 'repeated',
      rhythm: 'hourly',
      probably: true,
    },
    { of: 'HTTP 200 with Status 302', exchange: answered(200, 302), verdict: 'final', probably: true },
    { of: 'HTTP 200 without a Status', exchange: answered(200), verdict: 'final' },
    {
      of: 'HTTP 502 without a Status',
      exchange: answered(502),
      verdict: 'repeated',
      rhythm: 'hourly',
      probably: true,
    },
    { of: 'a redirect', exchange: answered(301, 200), verdict: 'final', probably: true },
    { of: 'no answer in time', exchange: failed('timeout'), verdict: 'repeated', rhythm: 'soon' },
    { of: 'a failed handshake', exchange: failed('tls'), verdict: 'final', probably: true },
    { of: 'no connection', exchange: failed('connect'), verdict: 'final', probably: true },
    {
      of: 'a reply cut short',
      exchange: failed('reply'),
      verdict: 'repeated',
      rhythm: 'soon',
      probably: true,
    },
    {
      of: 'a connection cut off',
      exchange: failed('cut'),
      verdict: 'repeated',
      rhythm: 'soon',
      probably: true,
    },
  ];
  for (const { of, exchange, verdict, rhythm, probably = false } of cases) {
    it(`takes ${of} for ${verdict}${probably ? ', probably' : ''}`, () => {
      const view = seeAsCoupa(exchange, '4711');
      expect({ ...view, does: '', sees: '' }).to.deep.equal({
        verdict,
        probably,
        does: '',
        sees: '',
        ...(rhythm && { rhythm }),
      });
      expect(view.sees === undefined).to.equal(verdict === 'delivered');
    });
  }

  it('tells the two clocks of repeating apart', () => {
    expect(seeAsCoupa(answered(503, 560), '1').does).to.include('5 times, an hour apart');
    expect(seeAsCoupa(failed('timeout'), '1').does).to.include('4 times, 5 minutes apart');
  });

  it('shows the mail that is documented for a Status, with the raw element', () => {
    const { sees } = seeAsCoupa(answered(200, 406, 'Not Acceptable'), '4711');
    expect(sees?.probably).to.equal(false);
    expect(sees?.mail).to.deep.equal({
      subject: 'cXML Failure (Failed to send PO #4711)',
      body: ['PO failed: 406 Not Acceptable', '<Status code="406" text="Not Acceptable"></Status>'],
    });
    expect(sees?.monitor).to.deep.equal({
      page: 'https://<instance>/cxml_request_monitors/cxml_request_po',
      error: 'setup request failed: 406 Not Acceptable',
    });
  });

  it('is not sure that they read our text beside an HTTP code of 5xx', () => {
    const { sees } = seeAsCoupa(answered(503, 560), '4711');
    expect(sees?.probably).to.equal(true);
    expect(sees?.mail.body[0]).to.equal('PO failed: 560 Text of ours');
  });

  it('shows that they do not read our text when HTTP says 4xx', () => {
    const { sees } = seeAsCoupa(answered(400, 400, 'secret reason'), '4711');
    expect(JSON.stringify(sees)).not.to.include('secret reason');
    expect(sees?.monitor).to.deep.include({
      category: 'Connection to supplier failed',
      error: 'Connection to supplier failed: 400 Bad Request',
    });
  });

  it('lets them mend what is wrong with an order, and send again what is not', () => {
    expect(seeAsCoupa(answered(200, 406), '1').sees?.next).to.include('correct the order');
    expect(seeAsCoupa(answered(413, 400), '1').sees?.next).to.include('correct the order');
    expect(seeAsCoupa(answered(503, 560), '1').sees?.next).not.to.include('correct');
    expect(seeAsCoupa(failed('tls'), '1').sees?.next).not.to.include('correct');
  });

  it('passes no control characters on', () => {
    for (const exchange of [failed('tls'), answered(200, 500, 'a\u001b[2Jb\nc')]) {
      expect(JSON.stringify(seeAsCoupa(exchange, '47\u001b[2J11').sees)).not.to.match(/\p{Cc}|\\u00/u);
    }
  });
});

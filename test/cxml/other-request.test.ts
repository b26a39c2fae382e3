import { expect } from 'chai';
import { refuseOtherRequests } from '../../src/cxml/other-request.ts';
import { message, order, orderDocument, refusal } from './reading.ts';

const DOCUMENT = orderDocument('');
const refused = (document: string) => refusal(() => refuseOtherRequests(message(document)));

describe('refuseOtherRequests', () => {
  it('lets an order and a profile pass', () => {
    expect(() => refuseOtherRequests(message(DOCUMENT))).not.to.throw();
    expect(() =>
      refuseOtherRequests(message('<cXML><Request><ProfileRequest/></Request></cXML>')),
    ).not.to.throw();
  });

  it('says what the document is instead, and where', () => {
    const found = refused('<cXML><Header/>\n<Message>x</Message></cXML>');
    expect(found).to.deep.include({ code: 'request-unsupported' });
    expect(found.message).to.match(/ this is Message\.$/);
    expect(found.place).to.deep.equal({ line: 2, column: 1, path: 'cXML/Message' });
    const other = refused('<cXML><Request><InvoiceDetailRequest/></Request></cXML>');
    expect(other.message).to.match(/ this is InvoiceDetailRequest\.$/);
    expect(other.place?.path).to.equal('cXML/Request/InvoiceDetailRequest');
    expect(refused('<cXML>x</cXML>')).to.deep.include({ place: { line: 1, column: 1, path: 'cXML' } });
  });

  it('says of a profile outside a Request where it belongs', () => {
    const found = refused('<cXML><ProfileRequest/></cXML>');
    expect(found.message).to.match(/ this ProfileRequest stands outside a Request\. Put it into one\.$/);
    expect(found.place?.path).to.equal('cXML/ProfileRequest');
  });
});

describe('a name with other capitals', () => {
  it('is told in the refusal with the name that is meant', () => {
    const told = (document: string) => refused(document).message;
    expect(told(DOCUMENT.replaceAll('OrderRequest>', 'orderRequest>'))).to.match(
      /orderRequest\. .* OrderRequest:/,
    );
    expect(told(DOCUMENT.replaceAll('Request>', 'REQUEST>'))).to.match(/ this is REQUEST\. .* Request:/);
  });

  it('is told of what an order cannot do without', () => {
    const header = refusal(() => order(DOCUMENT.replaceAll('OrderRequestHeader', 'OrderRequestheader')));
    expect(header.message).to.match(/ There is OrderRequestheader, but capitals count in XML\.$/);
    const orderId = refusal(() => order(DOCUMENT.replace('orderID', 'orderId')));
    expect(orderId.message).to.match(/ There is orderId, but capitals count in XML\.$/);
    const none = refusal(() => order(DOCUMENT.replace(/orderID="[^"]*"/, '')));
    expect(none.message).to.match(/ has no orderID, so nothing says which order this is\.$/);
  });

  it('is told of the root', () => {
    const root = refusal(() => message(DOCUMENT.replaceAll('cXML', 'CXML')));
    expect(root).to.deep.include({ code: 'not-cxml' });
    expect(root.message).to.match(/<CXML>, not <cXML>: capitals count in XML\.$/);
  });
});

describe('a cXML document in an envelope', () => {
  it('is refused, and the place is told where the document begins', () => {
    const soap = `<s:Envelope xmlns:s="urn:s"><s:Body>\n ${DOCUMENT}</s:Body></s:Envelope>`;
    const found = refusal(() => message(soap));
    expect(found).to.deep.include({ code: 'not-cxml' });
    expect(found.message).to.match(/ inside it, at line 2, column 2\. Send that by itself\.$/);
    expect(refusal(() => message('<html><p/></html>')).message).to.match(/: this is no cXML document\.$/);
  });
});

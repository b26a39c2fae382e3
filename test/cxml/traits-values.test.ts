/** Values of real senders (corpus-variation.md, "Values worth a test of their own"), and what other documents hold. */
import { expect } from 'chai';
import {
  BILL_TO,
  documentWith,
  FROM,
  kept,
  line,
  read,
  refused,
  SENDER,
  SHIP_TO,
  TO,
  TOTAL,
  unmapped,
} from './trait.ts';

const details = TOTAL + SHIP_TO + BILL_TO;
const address = (xml: string): string => `${TOTAL}<ShipTo><Address>${xml}</Address></ShipTo>${BILL_TO}`;

describe('the values', () => {
  it('Credential domains', () => {
    const domains = ['DUNS', 'Duns', 'networkid', 'AribaNetworkUserId', 'sap', 'host.example', 'qxzvkj', ''];
    for (const domain of domains) {
      const { order } = kept({ header: FROM.replace('DUNS', domain) + TO + SENDER });
      expect(order.buyer.identifiers).to.deep.equal([{ domain, value: '1' }]);
    }
    const mixed = kept({ header: FROM + TO.replace('DUNS', 'duns') + SENDER });
    expect(mixed.findings.map(({ id, value }) => [id, value])).to.deep.equal([['N-PARTY-002', 'DUNS, duns']]);
  });

  it('payloadID', () => {
    const ids = [
      '1585687161.003309@ip-10-1-2-3',
      '1600000000123.1.2@Zm9v/YmFy=>',
      '2015:0:55:1600000000:123456789012345678901234567890@',
      '2020-01-01T10:00:00+00:00.1@b',
      '20170627123456',
      'abc',
    ];
    for (const id of ids) {
      const { message, ids: found } = kept({
        root: `payloadID="${id.replace('>', '&gt;')}" timestamp="2026-01-01T00:00:00+00:00"`,
      });
      expect(message?.payloadId).to.equal(id);
      expect(found).to.deep.equal([]);
    }
  });

  it('orderID', () => {
    for (const id of ['2015000957:0:55', '0815', 'PO 1/2', '4711-2', '1e5']) {
      const { order, ids } = kept({ order: `orderID="${id}" orderDate="2026-01-01"` });
      expect([order.purchaseOrderNumber, order.revision]).to.deep.equal([id, null]);
      expect(ids).to.deep.equal([]);
    }
  });

  it('timestamp', () => {
    const { message, order, ids } = kept({
      root: 'payloadID="1@b" timestamp="2018-03-22T17:10:07 -04:00"',
      order: 'orderID="1" orderDate="2018-03-22T17:10:07-0400"',
    });
    expect([message?.timestamp, order.orderDate]).to.deep.equal([
      '2018-03-22T17:10:07 -04:00',
      '2018-03-22T17:10:07-0400',
    ]);
    expect(ids).to.deep.equal([]);
    expect(kept({ root: 'payloadID="1@b" timestamp="2026-01-01T10:00:00.123Z"' }).ids).to.deep.equal([
      'N-TIME-002',
    ]);
    expect(kept({ root: 'payloadID="1@b" timestamp="2000-2-30"' }).ids).to.deep.equal(['N-TIME-004']);
  });

  it('Money', () => {
    const money = '<Money currency="EUR" alternateAmount="" alternateCurrency="">10.00</Money>';
    const { order, ids } = kept({ details: `<Total>${money}</Total>${SHIP_TO}${BILL_TO}` });
    expect(order.total).to.deep.equal({
      amount: '10.00',
      currency: 'EUR',
      alternateAmount: '',
      alternateCurrency: '',
    });
    expect(ids).to.deep.equal([]);
  });

  it('UnitOfMeasure', () => {
    for (const unit of ['EA', 'BX', 'HUR', 'UNI', 'KG', 'M', 'a box of 10']) {
      const lines = line().replace('>EA<', `>${unit}<`);
      const { order, ids } = kept({ lines });
      expect(order.lines[0]?.unitOfMeasure).to.equal(unit);
      expect(ids).to.deep.equal([]);
    }
  });

  it('Classification', () => {
    const forms: [xml: string, domain: string, code: string][] = [
      ['<Classification domain="UNSPSC">unknown</Classification>', 'UNSPSC', 'unknown'],
      ['<Classification domain="UNSPSC" code="43211503">43211503</Classification>', 'UNSPSC', '43211503'],
      ['<Classification domain="SPSC">null</Classification>', 'SPSC', 'null'],
      ['<Classification domain="not available"/>', 'not available', ''],
      ['<Classification domain="">1</Classification>', '', '1'],
    ];
    const lines = line().replace(/<Classification.*<\/Classification>/, forms.map(([xml]) => xml).join(''));
    const { order, ids } = kept({ lines });
    expect(order.lines[0]?.classifications.map(({ domain, code }) => [domain, code])).to.deep.equal(
      forms.map(([, domain, code]) => [domain, code]),
    );
    expect(ids).to.deep.equal([]);
  });

  it('Addresses', () => {
    const countries: [xml: string, code: string | undefined, name: string][] = [
      ['<Country isoCountryCode="SE">Sweden</Country>', 'SE', 'Sweden'],
      ['<Country>Sweden</Country>', undefined, 'Sweden'],
      ['<Country isoCountryCode="SE"/>', 'SE', ''],
    ];
    for (const [xml, code, name] of countries) {
      const postal = `<Name/><PostalAddress><DeliverTo>A</DeliverTo><DeliverTo>B</DeliverTo><State/>${xml}</PostalAddress>`;
      const { order, ids } = kept({ details: address(postal) });
      const { deliverTo, region, country, countryName } = order.shipTo ?? {};
      expect([deliverTo, region, country, countryName]).to.deep.equal([['A', 'B'], '', code, name]);
      expect(ids).to.deep.equal([]);
    }
  });

  it('Extrinsic', () => {
    const own = '<Extrinsic name="Cost Center_id 2">A  B</Extrinsic>';
    const { order, ids } = kept({
      details: details + own,
      lines: line().replace('</ItemDetail>', '<Extrinsic name="LineType">Quantity</Extrinsic></ItemDetail>'),
    });
    const plain = ({ name, value }: { name: string; value: string }) => [name, value];
    expect(order.extrinsics.map(plain)).to.deep.equal([['Cost Center_id 2', 'A  B']]);
    expect(order.lines[0]?.extrinsics.map(plain)).to.deep.equal([['LineType', 'Quantity']]);
    expect(ids).to.deep.equal([]);
  });

  it('Empty elements', () => {
    const phone =
      '<Phone><TelephoneNumber><CountryCode isoCountryCode=""/><AreaOrCityCode/><Number/></TelephoneNumber></Phone>';
    const { order, ids } = kept({
      details: address(`<Name/><PostalAddress><Street/><City/></PostalAddress><Email/>${phone}`),
      lines: line().replace(/<Description.*<\/Description>/, '<Description xml:lang="en"/>'),
    });
    const { name, street, city, email } = order.shipTo ?? {};
    expect([name, street, city, email]).to.deep.equal(['', [''], '', '']);
    expect(order.lines[0]?.description).to.equal('');
    expect(ids).to.deep.equal([]);
  });
});

describe('other documents', () => {
  it('that declare entities are refused', () => {
    const { code, place } = refused({
      prologue: '<!DOCTYPE cXML [<!ENTITY a "b">]>',
      order: 'orderID="&a;"',
    });
    expect([code, place?.line]).to.deep.equal(['xml-forbidden', 1]);
  });

  it('that are signed, or prove their Sender by a MAC, are read; neither stays in the order', () => {
    const mac =
      '<CredentialMac type="FromSenderCredentials" algorithm="HMAC-SHA1-96" creationDate="2026-01-01T00:00:00+00:00" ' +
      'expirationDate="2026-01-01T01:00:00+00:00">c2VjcmV0bWFj</CredentialMac>';
    const signature = '<ds:Signature><ds:SignedInfo/></ds:Signature>';
    const taken = kept({
      header: FROM + TO + SENDER.replace('<SharedSecret>s</SharedSecret>', mac),
      after: signature,
    });
    expect(unmapped(taken)).to.deep.equal(['<ds:Signature><ds:SignedInfo/></ds:Signature>']);
    expect(JSON.stringify([taken.order, taken.findings, taken.message])).not.to.contain('c2VjcmV0bWFj');
  });

  it('with an empty SharedSecret have one, which is empty', () => {
    const { message } = kept({ header: FROM + TO + SENDER.replace('>s<', '><') });
    expect(message?.header?.sender[0]?.sharedSecret).to.equal('');
  });

  it('with smart quotes, HTML-escaped, or in a form are refused with the place', () => {
    const bodies = [
      documentWith({ order: 'orderID=“1”' }),
      documentWith().replaceAll('<', '&lt;'),
      `cxml-urlencoded=${encodeURIComponent(documentWith())}`,
      `<html><body><input value="1"/></body></html>`,
      `--b\r\nContent-Type: text/xml\r\n\r\n${documentWith()}\r\n--b--`,
    ];
    for (const body of bodies) {
      const { code, place, message } = refused(body);
      expect(['xml-malformed', 'not-cxml'], body.slice(0, 20)).to.include(code);
      expect([place?.line, message.length < 300]).to.deep.equal([1, true]);
    }
  });

  it('that are no order are answered or refused by name', () => {
    const profile = documentWith().replace(/<OrderRequest>.*<\/OrderRequest>/, '<ProfileRequest/>');
    expect(read(profile).verdict).to.equal('answered');
    const { code } = refused(profile.replace('ProfileRequest', 'StatusUpdateRequest'));
    expect(code, 'as the receiver does').to.equal('request-unsupported');
  });
});

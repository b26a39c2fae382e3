/** How real senders write the envelope (corpus-variation.md, "Envelope"). */
import { expect } from 'chai';
import {
  CREDENTIALS_OTHER,
  documentWith,
  FROM,
  kept,
  refused,
  SENDER,
  SHIP_TO,
  TO,
  unmapped,
} from './trait.ts';

const TIME = 'timestamp="2026-01-01T00:00:00+00:00"';
const NAMED = 'payloadID="1@b"';

describe('the trait', () => {
  it('root in a namespace', () => {
    const plain = kept({ root: `xmlns="urn:cxml" ${NAMED} ${TIME}` });
    const prefixed = kept(
      documentWith({ prologue: '', root: `xmlns:c="urn:cxml" ${NAMED} ${TIME}` })
        .replace('<cXML', '<c:cXML')
        .replace('</cXML>', '</c:cXML>'),
    );
    for (const { order, ids } of [plain, prefixed]) {
      expect(order.purchaseOrderNumber).to.equal('PO-1');
      expect(ids).to.deep.equal(['N-ROOT-002']);
    }
  });

  it('`cXML/@version` present (beside or instead of the DOCTYPE)', () => {
    const root = `version="1.1.007" ${NAMED} ${TIME}`;
    expect(kept({ root }).message?.dtdVersion).to.equal('1.1.007');
    const prologue = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">';
    const both = kept({ root, prologue });
    expect(both.message?.dtdVersion).to.equal('1.2.014');
    expect(both.ids).to.deep.equal([]);
  });

  it('payloadID missing or empty', () => {
    for (const root of [TIME, `payloadID="" ${TIME}`, `payload="1" ${TIME}`]) {
      const { message, ids } = kept({ root });
      expect(message?.payloadId).to.equal(undefined);
      expect(ids[0]).to.equal('N-PAYLOAD-001');
    }
  });

  it('payloadID without `@`', () => {
    const { message, ids } = kept({ root: `payloadID="0815 / 12" ${TIME}` });
    expect(message?.payloadId).to.equal('0815 / 12');
    expect(ids).to.deep.equal([]);
  });

  it('timestamp missing', () => {
    const { message, ids } = kept({ root: NAMED });
    expect(message?.timestamp).to.equal(undefined);
    expect(ids).to.deep.equal(['N-TIME-001']);
  });

  it('timestamp with a numeric offset', () => {
    for (const timestamp of ['2026-01-01T00:00:00-08:00', '2026-01-01T00:00:00.123+05:30']) {
      const { message, ids } = kept({ root: `${NAMED} timestamp="${timestamp}"` });
      expect(message?.timestamp).to.equal(timestamp);
      expect(ids).to.deep.equal([]);
    }
  });

  it('timestamp ending in `Z`', () => {
    const { message, ids } = kept({ root: `${NAMED} timestamp="2026-01-01T00:00:00Z"` });
    expect(message?.timestamp).to.equal('2026-01-01T00:00:00Z');
    expect(ids).to.deep.equal(['N-TIME-002']);
  });

  it('timestamp without zone, date only, or with a blank in it', () => {
    const texts = { '2026-01-01T00:00:00': 3, '2026-01-01': 3, '2026-01-01 15:30:43': 3, yesterday: 4 };
    for (const [timestamp, rule] of Object.entries(texts)) {
      const { message, ids } = kept({ root: `${NAMED} timestamp="${timestamp}"` });
      expect(message?.timestamp).to.equal(timestamp);
      expect(ids, timestamp).to.deep.equal([`N-TIME-00${rule}`]);
    }
  });

  it('unknown attribute on the root', () => {
    const taken = kept({ root: `${NAMED} ${TIME} origin="here"` });
    expect(unmapped(taken)).to.deep.equal(['origin="here"']);
    expect(taken.ids).to.deep.equal(['N-UNMAPPED-001']);
  });

  it('extra child of the root after `Request` (`EDICustomerID`, added by a network in between)', () => {
    const taken = kept({ after: '<EDICustomerID>77</EDICustomerID>' });
    expect(unmapped(taken)).to.deep.equal(['<EDICustomerID>77</EDICustomerID>']);
    expect(taken.ids).to.deep.equal(['N-ROOT-001', 'N-UNMAPPED-001']);
  });

  it('no Header at all', () => {
    expect(refused({ header: null })).to.deep.include({ code: 'sender-unknown' });
  });

  it('From, To or Sender absent', () => {
    expect(refused({ header: FROM + TO }).code).to.equal('sender-unknown');
    expect(kept({ header: TO + SENDER }).ids).to.deep.equal(['N-PARTY-001']);
    expect(kept({ header: FROM + SENDER }).ids).to.deep.equal(['N-PARTY-001']);
  });

  it('To without Credential (Correspondent or bare Identity instead)', () => {
    const names = '<Correspondent><Contact><Name xml:lang="en">Supplier</Name></Contact></Correspondent>';
    const taken = kept({ header: `${FROM}<To>${names}</To>${SENDER}` });
    expect(taken.order.supplier).to.deep.equal({ name: 'Supplier', identifiers: [] });
    expect(taken.ids).to.deep.equal(['N-PARTY-001']);
    expect(kept({ header: `${FROM}<To><Identity>2</Identity></To>${SENDER}` }).ids).to.deep.equal([
      'N-PARTY-001',
    ]);
  });

  it('several Credentials in one party', () => {
    const { order, ids } = kept({
      header: FROM.replace('</From>', `${CREDENTIALS_OTHER}</From>`) + TO + SENDER,
    });
    expect(order.buyer.identifiers).to.deep.equal([
      { domain: 'DUNS', value: '1' },
      { domain: 'AribaNetworkUserId', value: 'a@b.example' },
    ]);
    expect(ids).to.deep.equal([]);
  });

  it('Credential without Identity', () => {
    const taken = kept({ header: `${FROM}<To><Credential domain="DUNS"/></To>${SENDER}` });
    expect(taken.order.supplier.identifiers).to.deep.equal([]);
    expect(taken.findings.map(({ id, place }) => [id, place.path])).to.deep.equal([
      ['N-PARTY-003', 'cXML/Header/To/Credential'],
    ]);
    const sender = SENDER.replace('<Identity>1</Identity>', '');
    expect(refused({ header: FROM + TO + sender }).code).to.equal('sender-unknown');
  });

  it('no SharedSecret', () => {
    const { message, ids } = kept({
      header: FROM + TO + SENDER.replace(/<SharedSecret>.*<\/SharedSecret>/, ''),
    });
    expect(message?.header?.sender[0]?.sharedSecret).to.equal(undefined);
    expect(ids).to.deep.equal([]);
  });

  it('no UserAgent', () => {
    const { message, ids } = kept({ header: FROM + TO + SENDER.replace('<UserAgent>u</UserAgent>', '') });
    expect(message?.header?.userAgent).to.equal(undefined);
    expect(ids).to.deep.equal(['N-AGENT-001']);
  });

  it('something beside the order in a Request, or a second Request', () => {
    const other = '<ProfileRequest/>';
    const beside = kept(documentWith().replace('<OrderRequest>', `${other}<OrderRequest>`));
    expect(beside.order.purchaseOrderNumber).to.equal('PO-1');
    expect(beside.ids).to.deep.equal(['N-UNMAPPED-001']);
    expect(unmapped(beside)).to.deep.equal([other]);
    for (const first of ['', other]) {
      const document = documentWith({ request: 'deploymentMode="Test"' });
      const second = kept(document.replace('<Request', `<Request>${first}</Request><Request`));
      expect(second.order).to.deep.include({ purchaseOrderNumber: 'PO-1', environment: 'test' });
      expect(second.findings.map(({ id, place }) => [id, place.path])).to.deep.equal([
        ['N-MODE-001', 'cXML/Request[2]/@deploymentMode'],
        ['N-UNMAPPED-001', 'cXML/Request[1]'],
      ]);
    }
  });

  it('no Request around the order, and a stray semicolon in the root (sample of Coupa)', () => {
    const document = documentWith({ details: SHIP_TO, after: '<EDICustomerID>1</EDICustomerID>' })
      .replace(/<\/?Request ?>/g, '')
      .replace('<Header>', ';<Header>');
    const taken = kept(document);
    expect(taken.order).to.deep.include({ purchaseOrderNumber: 'PO-1', environment: 'production' });
    expect(taken.order.lines.map(({ supplierPartId }) => supplierPartId)).to.deep.equal(['P']);
    expect(unmapped(taken)).to.deep.equal([';', '<EDICustomerID>1</EDICustomerID>']);
    const header = 'cXML/OrderRequest/OrderRequestHeader';
    expect(taken.findings.map(({ id, place }) => [id, place.path])).to.deep.equal([
      ['N-ROOT-001', 'cXML/EDICustomerID'],
      ['N-ROOT-003', 'cXML/OrderRequest'],
      ['N-BILLTO-001', header],
      ['N-TOTAL-002', header],
      ['N-UNMAPPED-001', 'cXML'],
    ]);
    const two = refused(documentWith().replace('</cXML>', '<OrderRequest/></cXML>'));
    expect(two.message).to.match(/^There are two OrderRequests/);
  });

  it('no deploymentMode (means production)', () => {
    const { order, ids } = kept({ request: '' });
    expect(order.environment).to.equal('production');
    expect(ids).to.deep.equal([]);
  });

  it('deploymentMode not in the DTD (`Production`)', () => {
    const modes = {
      Production: ['production', 'N-MODE-001'],
      PROD: ['production', 'N-MODE-001'],
      TEST: ['test', 'N-MODE-001'],
    };
    for (const [mode, [environment, id]] of Object.entries(modes)) {
      const { order, ids } = kept({ request: `deploymentMode="${mode}"` });
      expect([order.environment, ...ids]).to.deep.equal([environment, id]);
    }
    const { order, ids } = kept({ request: 'deploymentMode="staging"' });
    expect([order.environment, ids[0]]).to.deep.equal(['production', 'W-MODE-002']);
  });
});

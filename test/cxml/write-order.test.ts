import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { XmlElement } from 'libxml2-wasm';
import { readKeyFacts } from '../../src/cxml/second-reader.ts';
import type { OrderSample, SampleAddress, SampleLine } from '../../src/cxml/write-order.ts';
import { writeOrder } from '../../src/cxml/write-order.ts';
import { needsShared, needsTool } from '../support/needs.ts';
import { withLibxml } from './libxml.ts';

const BUYER = { domain: 'DUNS', identity: '128293714' };

function createAddress(id: string): SampleAddress {
  return {
    addressId: id,
    name: 'North & South AB',
    deliverTo: ['Åsa', 'Dock 4'],
    street: ['Hamngatan 14', 'Hus B'],
    city: 'Göteborg',
    state: '',
    postalCode: '01234',
    country: { code: 'SE', name: 'Sweden' },
    email: 'asa@buyer.example',
  };
}

function createSample(changes: Partial<OrderSample> = {}): OrderSample {
  return {
    payloadId: '1795166090.004711@buyer.example',
    timestamp: '2026-11-20T09:14:50+00:00',
    type: 'new',
    orderId: '4711',
    orderDate: '2026-11-20T09:14:50+00:00',
    from: BUYER,
    to: { domain: 'NetworkID', identity: 'SUPPLIER-1' },
    sender: BUYER,
    currency: 'SEK',
    total: '379.8',
    shipTo: createAddress('1'),
    billTo: createAddress('2'),
    contact: { name: 'Åsa', email: 'asa@buyer.example' },
    payInDays: 30,
    lines: [
      {
        lineNumber: 1,
        quantity: '2',
        partId: '007701',
        partAuxiliaryId: 'aux&foo;',
        description: 'AT&T; "dock" <96 W> ]]> 🧾',
        unitOfMeasure: 'EA',
        unitPrice: '189.9',
        charge: '379.8',
        manufacturer: { partId: '0044', name: 'Halden' },
        requestedDeliveryDate: '2026-12-15',
        account: { name: 'IT < 5000', segments: [{ type: 'Cost Center', id: '02', description: 'Dept' }] },
      },
    ],
    ...changes,
  };
}

describe('writeOrder', () => {
  it('writes what another reader reads back unchanged', () => {
    const reading = readKeyFacts(writeOrder(createSample()));
    expect(reading).to.deep.equal({
      facts: {
        payloadId: '1795166090.004711@buyer.example',
        timestamp: '2026-11-20T09:14:50+00:00',
        from: ['DUNS 128293714'],
        to: ['NetworkID SUPPLIER-1'],
        orderId: '4711',
        orderDate: '2026-11-20T09:14:50+00:00',
        operation: 'new',
        orderVersion: '',
        total: '379.8',
        currency: 'SEK',
        lines: [
          {
            number: '1',
            quantity: '2',
            partId: '007701',
            unitPrice: '189.9',
            unitOfMeasure: 'EA',
            description: 'AT&T; "dock" <96 W> ]]> 🧾',
          },
        ],
      },
    });
  });

  it('names the DTD over http and the user agent of Coupa', () => {
    const xml = writeOrder(createSample());
    expect(xml).to.include('<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">');
    expect(xml).to.include('<UserAgent>Coupa Procurement 1.0</UserAgent>');
  });

  it('leaves out what was not given, as Coupa does', () => {
    const xml = writeOrder(createSample());
    for (const absent of ['SharedSecret', 'deploymentMode', 'orderVersion', 'DocumentReference']) {
      expect(xml).not.to.include(absent);
    }
  });

  it('writes the parts of a change', () => {
    const xml = writeOrder(
      createSample({
        type: 'delete',
        orderVersion: '2',
        documentReference: 'a@b',
        deploymentMode: 'test',
        secret: 's&t',
      }),
    );
    expect(xml).to.include('type="delete" orderVersion="2"');
    expect(xml).to.include('<DocumentReference payloadID="a@b"/>');
    expect(xml).to.include('<Request deploymentMode="test">');
    expect(xml).to.include('<SharedSecret>s&amp;t</SharedSecret>');
  });

  const line = createSample().lines[0] as SampleLine;
  const samples: Readonly<Record<string, readonly [dtd: string, sample: OrderSample]>> = {
    'a new order': ['1.2.014', createSample()],
    'an update with everything': [
      '1.2.014',
      createSample({
        type: 'update',
        orderVersion: '2',
        documentReference: 'a@b',
        deploymentMode: 'production',
        secret: 'secret',
        comment: 'before noon\nplease',
      }),
    ],
    attachments: [
      '1.2.014',
      createSample({
        comment: 'see there',
        attachments: ['cid:a%2Bb@c', 'cid:d@c'],
        lines: [{ ...line, attachments: ['cid:e@c'] }],
      }),
    ],
    'a release': ['1.2.014', createSample({ agreementId: '4700' })],
    'a blanket order': [
      '1.2.053',
      createSample({
        dtdVersion: '1.2.056',
        blanket: { effectiveDate: '2026-11-20T09:14:50+00:00', expirationDate: '2027-11-20T09:14:50+00:00' },
      }),
    ],
    'an order to confirm as a whole': [
      '1.2.053',
      createSample({ dtdVersion: '1.2.056', comment: 'please', confirmation: 'allowed' }),
    ],
    'an order to confirm line by line': [
      '1.2.053',
      createSample({
        dtdVersion: '1.2.056',
        lines: [
          {
            ...line,
            comment: 'blue',
            confirmation: 'notAllowed',
            confirmationDueDate: '2026-11-23T09:14:50+00:00',
          },
        ],
      }),
    ],
  };
  for (const [name, [version, sample]] of Object.entries(samples)) {
    it(`writes ${name} valid by the cXML ${version} DTD`, function () {
      needsTool(this, 'xmllint');
      const dtd = needsShared(this, `cxml-dtd/${version}/cXML.dtd`);
      const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '--dtdvalid', dtd, '-'], {
        input: writeOrder(sample).replace(/<!DOCTYPE[^>]*>/, ''),
        encoding: 'utf8',
      });
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }

  it('puts attachments behind the text of the comment, at the order and at a line', () => {
    const xml = writeOrder(
      createSample({
        comment: 'see there',
        attachments: ['cid:a%2Bb@c'],
        lines: [{ ...line, attachments: ['cid:e@c'] }],
      }),
    );
    const found = withLibxml(xml, (root) =>
      root.find('//Comments').map((node) => {
        const urls = (node as XmlElement).find('Attachment/URL').map(({ content }) => content);
        return [node.parent?.name, node.content.trim().split(/\s*cid:/)[0], urls];
      }),
    );
    expect(found).to.deep.equal([
      ['OrderRequestHeader', 'see there', ['cid:a%2Bb@c']],
      ['ItemOut', '', ['cid:e@c']],
    ]);
  });

  it('asks for a confirmation where it was told to, and names the DTD that knows it', () => {
    const xml = writeOrder(createSample({ dtdVersion: '1.2.056', confirmation: 'allowed' }));
    expect(xml).to.match(/<ControlKeys>\s*<OCInstruction value="allowed"\/>\s*<\/ControlKeys>/);
    expect(xml).to.include('/cXML/1.2.056/cXML.dtd"');
    expect(writeOrder(createSample())).not.to.include('ControlKeys');
  });

  it('marks a blanket order and its release', () => {
    const dates = { effectiveDate: '2026-11-20', expirationDate: '2027-11-20' };
    const blanket = writeOrder(createSample({ blanket: dates }));
    expect(blanket).to.include('orderType="blanket" effectiveDate="2026-11-20" expirationDate="2027-11-20"');
    expect(blanket).to.match(/<MaxAmount>\s*<Money currency="SEK">379.8</);
    expect(writeOrder(createSample({ agreementId: '4700' }))).to.include(
      'orderType="release" agreementID="4700"',
    );
  });
});

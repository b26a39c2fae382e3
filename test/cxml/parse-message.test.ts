import { inspect } from 'node:util';
import { expect } from 'chai';
import { attribute } from '../../src/cxml/element.ts';
import { message, refusal } from './reading.ts';

describe('parseMessage', () => {
  it('reads the envelope', () => {
    const read = message(
      '<!DOCTYPE cXML SYSTEM "HTTP://XML.cXML.ORG/schemas/cXML/1.2.014/cXML.dtd">' +
        '<cXML payloadID=" 1@b " timestamp="t" version="1.1" xml:lang="de"><Header>' +
        '<From><Credential domain="DUNS"><Identity>\n buyer </Identity></Credential>' +
        '<Credential domain="X" type="marketplace"/></From>' +
        '<To><Credential domain="NetworkID"><Identity><x>sup</x>plier</Identity></Credential></To>' +
        '<Sender><Credential domain="DUNS"><Identity/></Credential><UserAgent>Coupa Procurement 1.0</UserAgent></Sender>' +
        '</Header><Request deploymentMode="TEST"><OrderRequest/></Request></cXML>',
    );
    expect(read).to.deep.include({
      payloadId: ' 1@b ',
      timestamp: 't',
      language: 'de',
      dtdVersion: '1.2.014',
      header: {
        from: [
          { domain: 'DUNS', identity: 'buyer' },
          { domain: 'X', type: 'marketplace' },
        ],
        to: [{ domain: 'NetworkID', identity: 'supplier' }],
        sender: [{ domain: 'DUNS', identity: '' }],
        userAgent: 'Coupa Procurement 1.0',
      },
    });
    expect(read.request).to.include({ kind: 'OrderRequest', deploymentMode: 'test' });
  });

  it('leaves out what is missing or empty', () => {
    const read = message('<cXML payloadID="" timestamp=""><Response/></cXML>');
    for (const key of ['payloadId', 'timestamp', 'language', 'dtdVersion', 'header', 'request'] as const) {
      expect(read[key]).to.equal(undefined);
    }
  });

  const versions: [document: string, version: string | undefined][] = [
    [
      '<!DOCTYPE cXML SYSTEM "http://xml.cXML.org/schemas/cXML/1.1.010/cXML.dtd"><cXML version="1.2.014"/>',
      '1.1.010',
    ],
    ['<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.060/Custom.dtd"><cXML/>', '1.2.060'],
    ['<!DOCTYPE cXML SYSTEM "cXML.dtd"><cXML version="1.2.007"/>', '1.2.007'],
    ['<cXML version="1.2.037"/>', '1.2.037'],
    ['<cXML/>', undefined],
  ];
  for (const [document, version] of versions) {
    it(`finds version ${version} in ${document}`, () => {
      expect(message(document).dtdVersion).to.equal(version);
    });
  }

  const modes: [sent: string, mode: string, text: string | undefined][] = [
    ['', 'production', undefined],
    ['deploymentMode="production"', 'production', undefined],
    ['deploymentMode="test"', 'test', undefined],
    ['deploymentMode="Production"', 'production', 'Production'],
    ['deploymentMode="Test"', 'test', 'Test'],
    ['deploymentMode="trial"', 'production', 'trial'],
  ];
  for (const [sent, mode, text] of modes) {
    it(`reads a Request with ${sent || 'no deploymentMode'} as ${mode}`, () => {
      const { request } = message(`<cXML><Request ${sent}><OrderRequest/></Request></cXML>`);
      expect([request?.deploymentMode, request?.deploymentModeText]).to.deep.equal([mode, text]);
    });
  }

  it('takes the first element of the Request, whatever it is', () => {
    expect(message('<cXML><Request> x <ProfileRequest/></Request></cXML>').request?.kind).to.equal(
      'ProfileRequest',
    );
    expect(message('<cXML><Request/></cXML>').request).to.equal(undefined);
    expect(message('<cXML><Message><X/></Message></cXML>').request).to.equal(undefined);
  });

  for (const root of ['root', 'cxml', 'CXML', 'html', 'cXML.x']) {
    it(`refuses a root <${root}>`, () => {
      const refused = refusal(() => message(`\n<${root} payloadID="1"/>`));
      expect(refused.code).to.equal('not-cxml');
      expect(refused.message).to.contain(`<${root}>`);
      expect(refused.place).to.deep.include({ line: 2, column: 1 });
    });
  }

  it('takes a root in a namespace', () => {
    expect(message('<c:cXML xmlns:c="urn:c" payloadID="1"/>').payloadId).to.equal('1');
  });

  describe('keeps the secret', () => {
    const secret = 'open sesame';
    const read = message(
      '<cXML><Header><Sender><Credential domain="DUNS"><Identity>1</Identity>' +
        `<SharedSecret> ${secret} </SharedSecret><SharedSecret1 value="${secret}">x${secret}</SharedSecret1></Credential></Sender></Header>` +
        `<Header><Sender><SharedSecret>${secret}</SharedSecret></Sender></Header><Request><OrderRequest/></Request></cXML>`,
    );

    it('where only its own name finds it', () => {
      expect(read.header?.sender[0]?.sharedSecret).to.equal(secret);
    });

    it('out of JSON, inspection and copies', () => {
      expect(JSON.stringify(read)).to.not.contain(secret);
      expect(inspect(read, { depth: null })).to.not.contain(secret);
      expect({ ...read.header?.sender[0] }).to.not.have.property('sharedSecret');
    });
  });

  describe('keeps a CredentialMac', () => {
    const dates = 'creationDate="2003-01-15T08:42:46-08:00" expirationDate="2003-01-15T11:42:46-08:00"';
    const read = message(
      '<cXML><Header><Sender><Credential domain="D"><Identity>1</Identity>' +
        `<CredentialMac type="FromSenderCredentials" algorithm="HMAC-SHA1-96" ${dates}> cR6Jpz58nriXERDN\n</CredentialMac>` +
        '</Credential><Credential domain="E"><CredentialMac/></Credential></Sender></Header></cXML>',
    );

    it('as it was sent, where only its own name finds it', () => {
      expect(read.header?.sender.map(({ credentialMac }) => credentialMac)).to.deep.equal([
        {
          type: 'FromSenderCredentials',
          algorithm: 'HMAC-SHA1-96',
          creationDate: '2003-01-15T08:42:46-08:00',
          expirationDate: '2003-01-15T11:42:46-08:00',
          value: 'cR6Jpz58nriXERDN',
        },
        { type: '', algorithm: '', creationDate: '', expirationDate: '', value: '' },
      ]);
    });

    it('out of JSON, inspection and copies', () => {
      expect(JSON.stringify(read)).to.not.contain('cR6Jpz58');
      expect(inspect(read, { depth: null })).to.not.contain('cR6Jpz58');
      expect({ ...read.header?.sender[0] }).to.not.have.property('credentialMac');
    });
  });

  it('tells an empty secret from none', () => {
    const credential = (inside: string) =>
      message(`<cXML><Header><Sender><Credential domain="D">${inside}</Credential></Sender></Header></cXML>`)
        .header?.sender[0];
    expect(credential('<SharedSecret/>')?.sharedSecret).to.equal('');
    expect(credential('')?.sharedSecret).to.equal(undefined);
  });

  it('keeps the whole tree', () => {
    const { root } = message('<cXML a="1"><Other b="2"/></cXML>');
    expect(attribute(root, 'a')).to.equal('1');
    expect(root.children).to.have.length(1);
  });
});

/** Everything a client can show that is not Coupa's key, against the real port. None gets in, and Coupa still does. */
import { once } from 'node:events';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'chai';
import { sampleDocument } from '../support/orders.ts';
import { type Identity, type Minted, type MintOrder, mint, mintCa, type TestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const OWN_KEY = { kind: 'rsa-2048', label: 'not of coupa' } as const;

const identity = (leaf: Minted, ...sent: readonly Minted[]): Identity => ({
  cert: [leaf, ...sent].map(({ pem }) => pem).join(''),
  key: leaf.keyPem,
});
const named = (subject: MintOrder['subject']) => (pki: TestPki) => pki.client(subject);

const FORGERIES: Readonly<Record<string, (pki: TestPki) => Identity>> = {
  'an issuer with the pinned name and key identifier': (pki) => {
    const twin = mintCa('Test Intermediate A', {
      key: OWN_KEY,
      issuer: pki.root,
      signer: mintCa('Any', { key: OWN_KEY }),
    });
    return identity(
      mint({ subject: COUPA_NAME, issuer: pki.intermediate, signer: twin }),
      twin,
      pki.intermediate,
    );
  },
  'the pinned certificate itself as its own': (pki) => ({
    cert: pki.intermediate.pem,
    key: pki.intermediate.keyPem,
  }),
  'two issuers that vouch for each other': (pki) => {
    const one = mintCa('One', { key: { kind: 'rsa-2048', label: 'one' } });
    const other = mintCa('Other', { key: { kind: 'rsa-2048', label: 'other' }, issuer: one });
    const again = mintCa('One', { key: { kind: 'rsa-2048', label: 'one' }, issuer: other });
    return identity(pki.leaf(COUPA_NAME, { issuer: other }), other, again, pki.intermediate);
  },
  'three thousand alternative names, Coupa among them': (pki) =>
    pki.client('somebody.example', {
      dns: [COUPA_NAME, ...Array.from({ length: 3_000 }, (_, index) => `n${index}.example`)],
    }),
  'a usage given twice': (pki) =>
    pki.client(COUPA_NAME, {
      extensions: [{ oid: '2.5.29.37', critical: false, hex: '300a06082b06010505070302' }],
    }),
  'any usage alone': (pki) => pki.client(COUPA_NAME, { extendedKeyUsage: ['2.5.29.37.0'] }),
  'the name and a NUL behind it': named(`${COUPA_NAME}\0`),
  'the name, a NUL and a name of its own': named(`${COUPA_NAME}\0.evil.example`),
  'the name and a space behind it': named(`${COUPA_NAME} `),
  'the name in capitals': named(COUPA_NAME.toUpperCase()),
  'the name twice': named([{ value: COUPA_NAME }, { value: COUPA_NAME }]),
  'the name beside another in one part': named([[{ value: COUPA_NAME }, { value: 'evil.example' }]]),
  'the name as a unit': named([{ oid: '2.5.4.11', value: `CN=${COUPA_NAME}` }, { value: 'evil.example' }]),
  'the name in a bit string': named([{ value: `\0${COUPA_NAME}`, tag: 0x03 }]),
};

describe('a client that forges', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver();
  });
  after(() => receiver[Symbol.asyncDispose]());

  afterEach('Coupa is let in, and nothing else was kept', async () => {
    using buyer = receiver.buyer();
    const answer = await buyer.post(sampleDocument({ orderId: 'of-coupa' }));
    expect(answer.code).to.equal(200);
    expect(receiver.logged.filter(({ orderId }) => orderId === 'forged')).to.deep.equal([]);
    expect(receiver.logged.filter(({ level }) => level === 'error' || level === 'fatal')).to.deep.equal([]);
  });

  for (const [name, forge] of Object.entries(FORGERIES)) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`is kept out over ${maxVersion}: ${name}`, async () => {
        const { first } = await speak(receiver, { ...forge(receiver.pki), maxVersion });
        expect(first).to.match(/^HTTP\/1\.1 (403|503) /);
      });
    }
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`gains nothing from a session of Coupa's over ${maxVersion}`, async () => {
      const coupa = await speak(receiver, { ...receiver.pki.client(COUPA_NAME), maxVersion }, 'of-coupa');
      expect(coupa.first).to.match(/^HTTP\/1\.1 200 /);
      const { first } = await speak(receiver, { maxVersion, session: coupa.session });
      expect(first).to.match(/^HTTP\/1\.1 403 /);
    });
  }
});

/** Sends an order as soon as the handshake is done, and reads until the connection ends or an answer is there. */
async function speak({ port, pki }: TestReceiver, options: ConnectionOptions, orderId = 'forged') {
  const socket = connect({ host: '127.0.0.1', port, ca: pki.server.ca, ...options });
  let session: Buffer | undefined;
  socket.on('session', (given) => {
    session = given;
  });
  socket.on('error', () => {}); // it is being refused
  await once(socket, 'secureConnect');
  const body = sampleDocument({ orderId });
  const length = Buffer.byteLength(body);
  socket.write(
    `POST /cxml HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: ${length}\r\n\r\n${body}`,
  );
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (text.includes('</cXML>')) break;
  }
  return { first: text.split('\r\n')[0], session };
}

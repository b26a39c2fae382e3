/** What an operator lets pass for a time, or only tries out, lets nobody else pass, and nobody with anything else wrong. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createAuthority } from '../support/authority.ts';
import { mintCrl } from '../support/crl.ts';
import { tryToEnter } from '../support/intruder.ts';
import { daysFromNow, spkiOf } from '../support/judging.ts';
import { refusalsOf } from '../support/knock.ts';
import { type Minted, type MintOrder, mint, mintCa, type TestPki } from '../support/pki.ts';
import { COUPA_NAME, startTestReceiver, type TestReceiver } from '../support/receiver.ts';

const KEY = { kind: 'p-256', label: 'excepted' } as const;
const OTHER_KEY = { kind: 'p-256', label: 'not excepted' } as const;
const EXCEPTED = spkiOf(mint({ subject: 'x', key: KEY }));
const bundle = 'bundle.pem';
const UNTIL = daysFromNow(2).toISOString().slice(0, 10);
const EXCEPTION = { server_auth_only: { until: UNTIL, spki: [EXCEPTED] } };
const BOTH = ['TLSv1.2', 'TLSv1.3'] as const;

const forServers = (pki: TestPki, change: Partial<MintOrder> = {}): Minted =>
  pki.leaf(COUPA_NAME, { key: KEY, extendedKeyUsage: ['serverAuth'], ...change });

const REFUSED: Readonly<Record<string, (pki: TestPki) => readonly [Minted, ...Minted[]]>> = {
  'with another key': (pki) => [forServers(pki, { key: OTHER_KEY })],
  'with another name': (pki) => [forServers(pki, { subject: 'somebody.example' })],
  'with two names': (pki) => [forServers(pki, { subject: [{ value: COUPA_NAME }, { value: 'a.example' }] })],
  'that has expired': (pki) => [forServers(pki, { notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) })],
  'of tomorrow': (pki) => [forServers(pki, { notBefore: daysFromNow(1) })],
  'of a sibling of the pinned CA': (pki) => [forServers(pki, { issuer: pki.sibling }), pki.sibling],
  'that only names the pinned CA': (pki) => [forServers(pki, { signer: pki.sibling }), pki.intermediate],
  'that signed itself': (pki) => [forServers(pki, { issuer: undefined })],
  'that is a CA': (pki) => [forServers(pki, { ca: true })],
  'that may not sign': (pki) => [forServers(pki, { keyUsage: ['keyAgreement'] })],
  'that is for signing code, too': (pki) => [
    forServers(pki, { extendedKeyUsage: ['serverAuth', 'codeSigning'] }),
  ],
  'with a critical extension nobody knows': (pki) => [
    forServers(pki, { extensions: [{ oid: '1.2.3.4', critical: true, hex: '0500' }] }),
  ],
  'of an issuer for servers only': (pki) => {
    const issuer = mintCa('For servers', { issuer: pki.intermediate, extendedKeyUsage: ['serverAuth'] });
    return [forServers(pki, { issuer }), issuer];
  },
};

describe('a receiver with an exception for one key', () => {
  let receiver: TestReceiver;
  before(async () => {
    receiver = await startTestReceiver({ trust: { bundle, ...EXCEPTION } });
  });
  after(() => receiver[Symbol.asyncDispose]());

  for (const maxVersion of BOTH) {
    it(`lets in whom it is for over ${maxVersion}, and says so`, async () => {
      expect(await tryToEnter(receiver, forServers(receiver.pki), { maxVersion })).to.equal('let in');
      expect(refusalsOf(receiver, 'client would be refused').at(-1)).to.deep.equal(['server_auth_only']);
    });

    for (const [who, show] of Object.entries(REFUSED)) {
      it(`refuses a client ${who} over ${maxVersion}`, async () => {
        const [leaf, ...issuers] = show(receiver.pki);
        expect(await tryToEnter(receiver, leaf, { issuers, maxVersion })).to.equal('refused');
      });
    }
  }
});

describe('a receiver with an exception', () => {
  it('lets nobody in by it from the day after', async () => {
    let at = new Date();
    await using receiver = await startTestReceiver({ trust: { bundle, ...EXCEPTION } }, { now: () => at });
    const leaf = () => forServers(receiver.pki);
    at = new Date(`${UNTIL}T23:59:59Z`);
    expect(await tryToEnter(receiver, leaf())).to.equal('let in');
    at = new Date(at.getTime() + 1_000);
    expect(await tryToEnter(receiver, leaf())).to.equal('refused');
  });

  it('lets nobody in by it whom OpenSSL alone refuses for something else', async () => {
    // SEQUENCE { [0] { SEQUENCE { [2] example.org } } }: the pinned CA may name nobody of Coupa.
    const hex = '3011a00f300d820b6578616d706c652e6f7267';
    const { ca, leaf } = createAuthority('p-256', {
      extensions: [{ oid: '2.5.29.30', critical: true, hex }],
    });
    await using receiver = await startTestReceiver(
      { trust: { bundle: 'narrow.pem', ...EXCEPTION } },
      { prepare: ({ folder }) => writeFile(join(folder, 'narrow.pem'), ca.pem) },
    );
    const shown = leaf({ key: KEY, extendedKeyUsage: ['serverAuth'], dns: [COUPA_NAME] });
    for (const maxVersion of BOTH) {
      expect(await tryToEnter(receiver, shown, { maxVersion })).to.equal('refused');
    }
    expect(refusalsOf(receiver)).to.deep.equal([['openssl'], ['openssl']]);
  });

  it('lets nobody in by it who is denied, revoked, or has a key that is not pinned', async () => {
    for (const [more, files] of [
      [{ deny: [{ spki: EXCEPTED }] }, {}],
      [{ deny: [{ serial: '00:4A:BC' }] }, {}],
      [{ crl: 'list.crl' }, { revoked: ['4abc'] }],
      [{ pins: ['5'.repeat(64)] }, {}],
    ] as const) {
      await using receiver = await startTestReceiver(
        { trust: { bundle, ...EXCEPTION, ...more } },
        {
          prepare: ({ folder, pki }) =>
            writeFile(join(folder, 'list.crl'), mintCrl({ issuer: pki.intermediate, ...files })),
        },
      );
      const leaf = forServers(receiver.pki, { serial: '4abc' });
      expect(await tryToEnter(receiver, leaf), JSON.stringify(more)).to.equal('refused');
    }
  });
});

describe('a receiver that tries its lists out', () => {
  it('tells what all of them say, and still refuses for everything else', async () => {
    await using receiver = await startTestReceiver(
      {
        trust: {
          bundle,
          pins: ['5'.repeat(64)],
          addresses: 'from.txt',
          crl: 'list.crl',
          crl_policy: 'hard',
          report_only: ['pins', 'addresses', 'crl'],
        },
      },
      {
        prepare: async ({ folder, pki }) => {
          await writeFile(join(folder, 'from.txt'), '192.0.2.1\n');
          await writeFile(join(folder, 'list.crl'), mintCrl({ issuer: pki.intermediate, revoked: ['4abc'] }));
        },
      },
    );
    const { pki } = receiver;
    expect(await tryToEnter(receiver, pki.leaf(COUPA_NAME, { serial: '4abc' }))).to.equal('let in');
    expect(refusalsOf(receiver, 'client would be refused')[0]).to.have.members([
      'pin_mismatch',
      'address_not_allowed',
      'revoked',
    ]);
    for (const [who, show] of Object.entries(REFUSED)) {
      const [leaf, ...issuers] = show(pki);
      expect(await tryToEnter(receiver, leaf, { issuers }), who).to.equal('refused');
    }
  });
});

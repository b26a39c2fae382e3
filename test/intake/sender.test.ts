import { expect } from 'chai';
import { type Buyer, Secret } from '../../src/config.ts';
import type { Credential, Header, SenderCredential } from '../../src/cxml/message.ts';
import { Refusal, StartupError } from '../../src/errors.ts';
import { type AuthenticatorParts, createAuthenticator } from '../../src/intake/sender.ts';
import type { Peer } from '../../src/trust/peer.ts';
import { createUnprovenPeer } from '../../src/trust/unproven.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const COUPA = 'cxml-supplier.coupahost.com';
const peer = { proven: true, name: COUPA } as Peer;

const acme: Buyer = {
  key: 'acme',
  from: [{ domain: 'DUNS', identity: '128293714' }],
  sender: [{ domain: 'DUNS', identity: '128293714' }],
  to: [{ domain: 'NetworkID', identity: 'SUPPLIER-1' }],
  shared_secret: new Secret('open sesame'),
  names: [COUPA],
  answers: 'envelope',
};

function header(change: {
  from?: readonly Credential[];
  to?: readonly Credential[];
  sender?: readonly SenderCredential[];
}): Header {
  return {
    from: [{ domain: 'DUNS', identity: '128293714' }],
    to: [{ domain: 'NetworkID', identity: 'SUPPLIER-1' }],
    sender: [{ domain: 'DUNS', identity: '128293714', sharedSecret: 'open sesame' }],
    ...change,
  };
}

function authenticatorOf(buyers: readonly Buyer[], more: Partial<AuthenticatorParts> = {}) {
  return createAuthenticator({ buyers, now: () => NOW, log: { warn: () => {} }, ...more });
}

function refusalOf(
  buyers: readonly Buyer[],
  given: Header | undefined,
  by: Peer = peer,
  authorization?: string,
): Refusal {
  try {
    authenticatorOf(buyers).authenticate(given, by, authorization);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('createAuthenticator', () => {
  it('knows a buyer by sender, secret, from and to', () => {
    expect(authenticatorOf([acme]).authenticate(header({}), peer).key).to.equal('acme');
  });

  it('compares domains case-blind', () => {
    const sender = [{ domain: 'Duns', identity: '128293714', sharedSecret: 'open sesame' }];
    expect(authenticatorOf([acme]).authenticate(header({ sender }), peer).key).to.equal('acme');
  });

  it('compares identities exactly', () => {
    const loud: Buyer = { ...acme, sender: [{ domain: 'NetworkID', identity: 'Acme' }] };
    const sender = [{ domain: 'NetworkID', identity: 'ACME', sharedSecret: 'open sesame' }];
    expect(refusalOf([loud], header({ sender })).code).to.equal('sender-unknown');
  });

  it('takes any of several credentials, and the secret beside any of them', () => {
    const sender = [
      { domain: 'SystemID', identity: 'x', sharedSecret: 'open sesame' },
      { domain: 'DUNS', identity: '128293714' },
    ];
    expect(authenticatorOf([acme]).authenticate(header({ sender }), peer).key).to.equal('acme');
  });

  it('tells an unknown identity and a wrong secret in the same words and place', () => {
    const unknown = refusalOf(
      [acme],
      header({ sender: [{ domain: 'DUNS', identity: '1', sharedSecret: 'open sesame' }] }),
    );
    const wrong = refusalOf(
      [acme],
      header({ sender: [{ domain: 'DUNS', identity: '128293714', sharedSecret: 'x' }] }),
    );
    expect([unknown.code, unknown.message, unknown.place]).to.deep.equal([
      wrong.code,
      wrong.message,
      wrong.place,
    ]);
    expect(wrong.code).to.equal('sender-unknown');
  });

  for (const [name, sharedSecret] of [
    ['missing', undefined],
    ['empty', ''],
    ['longer', 'open sesame '],
    ['shorter', 'open sesam'],
    ['in another case', 'Open sesame'],
  ] as const) {
    it(`refuses a secret that is ${name}`, () => {
      const sender = [{ domain: 'DUNS', identity: '128293714', sharedSecret }];
      expect(refusalOf([acme], header({ sender })).code).to.equal('sender-unknown');
    });
  }

  it('takes a buyer with whom no secret was agreed, with or without one', () => {
    const open: Buyer = { ...acme, shared_secret: 'none' };
    for (const sharedSecret of [undefined, 'anything']) {
      const sender = [{ domain: 'DUNS', identity: '128293714', sharedSecret }];
      expect(authenticatorOf([open]).authenticate(header({ sender }), peer).key).to.equal('acme');
    }
  });

  it('refuses a crowd of credentials before it compares any', () => {
    const crowd = Array.from({ length: 101 }, () => ({ domain: 'DUNS', identity: '128293714' }));
    for (const party of ['from', 'to', 'sender'] as const) {
      expect(refusalOf([acme], header({ [party]: crowd })).code).to.equal('xml-too-complex');
    }
    const many = [...crowd.slice(2), { domain: 'DUNS', identity: '128293714', sharedSecret: 'open sesame' }];
    expect(authenticatorOf([acme]).authenticate(header({ sender: many }), peer).key).to.equal('acme');
  });

  it('refuses a document without Header, Sender or Identity', () => {
    for (const given of [undefined, header({ sender: [] }), header({ sender: [{ domain: 'DUNS' }] })]) {
      expect(refusalOf([acme], given).code).to.equal('sender-unknown');
    }
  });

  it('refuses a proved sender that speaks for somebody else', () => {
    const from = [{ domain: 'DUNS', identity: '999' }];
    expect(refusalOf([acme], header({ from })).code).to.equal('sender-forbidden');
  });

  it('refuses a document addressed to another supplier', () => {
    const to = [{ domain: 'NetworkID', identity: 'SUPPLIER-2' }];
    expect(refusalOf([acme], header({ to })).code).to.equal('sender-forbidden');
  });

  it('takes a document whose To has no Credential', () => {
    expect(authenticatorOf([acme]).authenticate(header({ to: [] }), peer).key).to.equal('acme');
  });

  it('refuses a buyer on a connection it may not use', () => {
    const other = { proven: true, name: 'cxml-supplier.coupacloud.com' } as Peer;
    expect(refusalOf([acme], header({}), other).code).to.equal('sender-forbidden');
  });

  it('takes a buyer on whatever connection was let in when it is not bound to names', () => {
    const { names: _, ...unbound } = acme;
    const other = { proven: true, name: 'a-new-name.example.com' } as Peer;
    expect(authenticatorOf([unbound]).authenticate(header({}), other).key).to.equal('acme');
  });

  it('takes an unproven connection only for a buyer that is not bound to names', () => {
    const { names: _, ...unbound } = acme;
    const unproven = createUnprovenPeer('requested', 'none', 'TLSv1.3');
    expect(authenticatorOf([unbound]).authenticate(header({}), unproven).key).to.equal('acme');
    expect(refusalOf([acme], header({}), unproven).code).to.equal('sender-forbidden');
    // Not even if it had a name: it would be a claim.
    expect(refusalOf([acme], header({}), { ...unproven, name: COUPA }).code).to.equal('sender-forbidden');
    const sender = [{ domain: 'DUNS', identity: '128293714', sharedSecret: 'wrong' }];
    expect(refusalOf([unbound], header({ sender }), unproven).code).to.equal('sender-unknown');
  });

  it('tells two buyers behind one network sender apart by From', () => {
    const hub = [{ domain: 'NetworkID', identity: 'HUB' }];
    const one: Buyer = { ...acme, key: 'one', sender: hub };
    const two: Buyer = { ...acme, key: 'two', sender: hub, from: [{ domain: 'DUNS', identity: '2' }] };
    const sender = [{ domain: 'networkid', identity: 'HUB', sharedSecret: 'open sesame' }];
    const from = [{ domain: 'DUNS', identity: '2' }];
    expect(authenticatorOf([one, two]).authenticate(header({ sender, from }), peer).key).to.equal('two');
  });

  it('refuses two buyers that nobody could tell apart, at start', () => {
    expect(() => authenticatorOf([acme, { ...acme, key: 'twin' }])).to.throw(StartupError, 'twin');
  });

  it('lets a test buyer take any sender, but none without an Identity', () => {
    const anybody: Buyer = { ...acme, key: 'anybody', from: [], sender: [], unsafe_any_sender: true };
    const sender = [{ domain: 'X', identity: 'y' }];
    expect(authenticatorOf([anybody]).authenticate(header({ sender }), peer).key).to.equal('anybody');
    expect(refusalOf([anybody], undefined).code).to.equal('sender-unknown');
  });
});

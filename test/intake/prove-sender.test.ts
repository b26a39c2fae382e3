/** All that a sender can prove itself by, through the door it stands at. */
import { timingSafeEqual } from 'node:crypto';
import { expect } from 'chai';
import { type Buyer, Secret } from '../../src/config.ts';
import type { CredentialMac, Header, SenderCredential } from '../../src/cxml/message.ts';
import { Refusal } from '../../src/errors.ts';
import { readMacInput, signMac } from '../../src/intake/credential-mac.ts';
import { type Authenticator, createAuthenticator, type Sender } from '../../src/intake/sender.ts';
import type { Peer } from '../../src/trust/peer.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const peer = { proven: true, name: 'cxml-supplier.coupahost.com' } as Peer;
const ACME = { domain: 'DUNS', identity: '128293714' };
const OTHER = { domain: 'DUNS', identity: '555' };

const acme: Buyer = {
  key: 'acme',
  from: [ACME],
  sender: [ACME],
  shared_secret: new Secret('open sesame'),
  answers: 'envelope',
};
const rotating: Buyer = { ...acme, shared_secret_previous: new Secret('old sesame') };
const withMac: Buyer = { ...rotating, credential_mac: 'accepted' };
const withBasic: Buyer = {
  ...rotating,
  basic_auth: {
    username: 'coupa',
    password: new Secret('pässword'),
    password_previous: new Secret('old pässword'),
  },
};

interface Sending {
  readonly as?: SenderCredential;
  readonly secret?: string;
  readonly mac?: CredentialMac;
  readonly from?: Header['from'];
  readonly basic?: string;
}

function createDoor(buyers: readonly Buyer[]) {
  const told: object[] = [];
  let compared = 0;
  const authenticator: Authenticator = createAuthenticator({
    buyers,
    now: () => NOW,
    log: { warn: (fields, message) => void told.push({ ...fields, message }) },
    compare: (one, other) => {
      compared += 1;
      return timingSafeEqual(one, other);
    },
  });
  const enter = ({ as = ACME, secret, mac, from = [ACME], basic }: Sending): Sender => {
    const sender = [{ ...as, sharedSecret: secret, credentialMac: mac }] as readonly SenderCredential[];
    const authorization = basic === undefined ? undefined : `Basic ${btoa(basic)}`;
    return authenticator.authenticate({ from, to: [], sender }, peer, authorization);
  };
  return {
    told,
    enter,
    /** `refused` in whatever words. */
    outcome(sending: Sending): string {
      try {
        const { slot, previous } = enter(sending);
        return [slot, ...previous].join(' ');
      } catch (error) {
        if (error instanceof Refusal) return error.code;
        throw error;
      }
    },
    comparisonsFor(sending: Sending): number {
      compared = 0;
      this.outcome(sending);
      return compared;
    },
  };
}

function macOf(
  secret: string,
  {
    from = ACME,
    sender = ACME,
    ...change
  }: Partial<CredentialMac> & { readonly from?: typeof ACME; readonly sender?: typeof ACME } = {},
): CredentialMac {
  const mac = {
    type: 'FromSenderCredentials',
    algorithm: 'HMAC-SHA1-96',
    creationDate: '2026-11-20T11:59:00+00:00',
    expirationDate: '2026-11-20T14:59:00+00:00',
    value: '',
    ...change,
  };
  const input = readMacInput(mac, from, sender);
  return { ...mac, value: change.value ?? (input === undefined ? '' : signMac(input, secret)) };
}

describe('a sender with a shared secret', () => {
  it('is told apart by the slot it used', () => {
    const { outcome } = createDoor([rotating]);
    expect(outcome({ secret: 'open sesame' })).to.equal('current');
    expect(outcome({ secret: 'old sesame' })).to.equal('previous shared_secret');
    expect(outcome({ secret: 'older sesame' })).to.equal('sender-unknown');
  });

  it('is not let in by the previous one once that is gone', () => {
    expect(createDoor([acme]).outcome({ secret: 'old sesame' })).to.equal('sender-unknown');
  });

  it('uses no slot where none was agreed', () => {
    expect(createDoor([{ ...acme, shared_secret: 'none' }]).outcome({})).to.equal('none');
  });

  it('counts as the current one while both slots hold the same', () => {
    const both = { ...acme, shared_secret_previous: new Secret('open sesame') };
    expect(createDoor([both]).outcome({ secret: 'open sesame' })).to.equal('current');
  });
});

describe('a sender with a CredentialMac', () => {
  it('is let in where that was agreed, by either secret', () => {
    const { outcome } = createDoor([withMac]);
    expect(outcome({ mac: macOf('open sesame') })).to.equal('current');
    expect(outcome({ mac: macOf('old sesame') })).to.equal('previous credential_mac');
    expect(outcome({ secret: 'open sesame' })).to.equal('current');
    expect(createDoor([rotating]).outcome({ mac: macOf('open sesame') })).to.equal('sender-unknown');
  });

  it('needs one where it is required: the secret itself is not taken then', () => {
    const { outcome } = createDoor([{ ...withMac, credential_mac: 'required' }]);
    expect(outcome({ secret: 'open sesame' })).to.equal('sender-unknown');
    expect(outcome({ secret: 'open sesame', mac: macOf('wrong') })).to.equal('sender-unknown');
    expect(outcome({ secret: 'wrong', mac: macOf('open sesame') })).to.equal('current');
  });

  for (const [what, mac] of [
    ['made with another secret', macOf('wrong')],
    ['empty', macOf('', { value: '' })],
    ['cut short', macOf('', { value: macOf('open sesame').value.slice(0, 8) })],
    ['in hex', macOf('', { value: Buffer.from(macOf('open sesame').value, 'base64').toString('hex') })],
    ['with another expiration', { ...macOf('open sesame'), expirationDate: '2036-11-20T14:59:00+00:00' }],
    ['of another algorithm', { ...macOf('open sesame'), algorithm: 'HMAC-SHA1' }],
    ['of another type', { ...macOf('open sesame'), type: 'Everything' }],
    ['made for another sender', macOf('open sesame', { sender: OTHER })],
    ['made for another party in From', macOf('open sesame', { from: OTHER })],
  ] as const) {
    it(`is refused when it is ${what}`, () => {
      const { outcome, told } = createDoor([withMac]);
      expect(outcome({ mac })).to.equal('sender-unknown');
      expect(told).to.deep.equal([]);
    });
  }

  it('is refused when it is not of this time, and the log says so: the right secret made it', () => {
    const { outcome, told } = createDoor([withMac]);
    const dates = { creationDate: '2026-11-20T08:00:00+00:00', expirationDate: '2026-11-20T11:54:00+00:00' };
    expect(outcome({ mac: macOf('open sesame', dates) })).to.equal('sender-unknown');
    const early = { creationDate: '2026-11-20T12:06:00+00:00' };
    expect(outcome({ mac: macOf('open sesame', early) })).to.equal('sender-unknown');
    expect(told).to.have.length(2);
    const { creationDate: created, expirationDate: expires } = dates;
    expect(told[0]).to.include({ buyer: 'acme', created, expires, message: 'credential mac out of date' });
    expect(outcome({ mac: macOf('wrong', dates) })).to.equal('sender-unknown');
    expect(told).to.have.length(2);
  });

  it('speaks only for the two parties it was made for', () => {
    const { outcome, enter } = createDoor([
      withMac,
      { ...withMac, key: 'other', from: [OTHER], sender: [OTHER] },
    ]);
    // Both buyers have one secret. A mac for acme must not become one for the other by an alias.
    expect(outcome({ as: OTHER, from: [OTHER], mac: macOf('open sesame') })).to.equal('sender-unknown');
    expect(enter({ from: [OTHER, ACME], mac: macOf('open sesame') }).key).to.equal('acme');
    expect(outcome({ from: [ACME, OTHER], mac: macOf('open sesame', { from: OTHER }) })).to.equal(
      'sender-forbidden',
    );
  });

  it('is needed for a From: without one there is nothing it was made for', () => {
    expect(createDoor([withMac]).outcome({ from: [], mac: macOf('open sesame') })).to.equal('sender-unknown');
  });

  it('is not tried for a crowd of parties', () => {
    const from = Array.from({ length: 21 }, () => ACME);
    expect(createDoor([withMac]).outcome({ from, mac: macOf('open sesame') })).to.equal('xml-too-complex');
    expect(createDoor([rotating]).outcome({ from, secret: 'open sesame', mac: macOf('x') })).to.equal(
      'current',
    );
  });
});

describe('a sender with HTTP Basic', () => {
  const secret = 'open sesame';

  it('is let in with both right, by either password', () => {
    const { outcome } = createDoor([withBasic]);
    expect(outcome({ secret, basic: 'coupa:pässword' })).to.equal('current');
    expect(outcome({ secret, basic: 'coupa:old pässword' })).to.equal('previous basic_auth');
    expect(outcome({ secret: 'old sesame', basic: 'coupa:old pässword' })).to.equal(
      'previous shared_secret basic_auth',
    );
  });

  it('is refused when either is missing or wrong', () => {
    const { outcome } = createDoor([withBasic]);
    for (const sending of [
      { secret },
      { secret, basic: 'coupa:wrong' },
      { secret, basic: 'wrong:pässword' },
      { secret: 'wrong', basic: 'coupa:pässword' },
      { basic: 'coupa:pässword' },
      {},
    ]) {
      expect(outcome(sending), JSON.stringify(sending)).to.equal('sender-unknown');
    }
  });

  it('is asked for where it was agreed, and nowhere else', () => {
    const { enter } = createDoor([withBasic, { ...acme, key: 'other', from: [OTHER], sender: [OTHER] }]);
    expect(enter({ as: OTHER, from: [OTHER], secret, basic: 'some:thing' }).key).to.equal('other');
    expect(enter({ as: OTHER, from: [OTHER], secret }).key).to.equal('other');
  });

  it('may be the one thing that proves a buyer beside its certificate', () => {
    const { outcome } = createDoor([{ ...withBasic, shared_secret: 'none' }]);
    expect(outcome({ basic: 'coupa:pässword' })).to.equal('current');
    expect(outcome({ basic: 'coupa:wrong' })).to.equal('sender-unknown');
    expect(outcome({})).to.equal('sender-unknown');
  });
});

describe('what a refusal costs', () => {
  const buyers: readonly Buyer[] = [
    acme,
    { ...withMac, key: 'mac', from: [OTHER], sender: [OTHER] },
    {
      ...withBasic,
      key: 'basic',
      from: [{ domain: 'D', identity: '3' }],
      sender: [{ domain: 'D', identity: '3' }],
    },
    { ...acme, key: 'open', shared_secret: 'none', from: [{ domain: 'D', identity: '4' }], sender: [] },
  ];
  const nobody = { domain: 'DUNS', identity: '999' };

  it('is the same number of comparisons, whoever is claimed and whatever is right', () => {
    const door = createDoor(buyers);
    const counts = [ACME, OTHER, { domain: 'D', identity: '3' }, nobody].flatMap((as) =>
      ['open sesame', 'old sesame', 'wrong'].flatMap((secret) =>
        ['coupa:pässword', 'coupa:old pässword', 'coupa:wrong'].flatMap((basic) =>
          [macOf('open sesame'), macOf('old sesame'), macOf('wrong')].map((mac) =>
            door.comparisonsFor({ as, secret, basic, mac }),
          ),
        ),
      ),
    );
    // Secrets: 1 + 2 + 2. Macs: 2. Passwords: 2 slots in 3 spellings.
    expect([...new Set(counts)]).to.deep.equal([13]);
  });

  it('is about the same time, whether the identity exists or not', () => {
    const door = createDoor(buyers);
    const timeOf = (as: SenderCredential): number => {
      const before = process.hrtime.bigint();
      for (let turn = 0; turn < 20; turn += 1) {
        door.outcome({ as, secret: 'wrong', basic: 'coupa:wrong', mac: macOf('wrong', { value: 'x' }) });
      }
      return Number(process.hrtime.bigint() - before);
    };
    const median = (times: readonly number[]): number =>
      times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
    for (const as of [ACME, nobody]) timeOf(as); // until the code is warm
    const known: number[] = [];
    const unknown: number[] = [];
    for (let run = 0; run < 100; run += 1) {
      known.push(timeOf(ACME));
      unknown.push(timeOf(nobody));
    }
    expect(median(known) / median(unknown)).to.be.within(0.6, 1.6);
  });
});

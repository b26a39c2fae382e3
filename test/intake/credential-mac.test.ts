import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import type { CredentialMac } from '../../src/cxml/message.ts';
import { isInForce, readMacInput, signMac } from '../../src/intake/credential-mac.ts';

/** The example of the cXML guide, with the offset that its value was computed over. */
const MAC: CredentialMac = {
  type: 'FromSenderCredentials',
  algorithm: 'HMAC-SHA1-96',
  creationDate: '2003-01-15T08:42:46-08:00',
  expirationDate: '2003-01-15T11:42:46-08:00',
  value: 'cR6Jpz58nriXERDN',
};
const PARTY = { domain: 'NetworkID', identity: 'AN9900000100' };

function sign(change: Partial<CredentialMac> = {}, from = PARTY, sender = PARTY): string | undefined {
  const input = readMacInput({ ...MAC, ...change }, from, sender);
  return input === undefined ? undefined : signMac(input, 'abracadabra');
}

describe('signMac', () => {
  it('gives the known answer of the cXML guide', () => {
    expect(sign()).to.equal(MAC.value);
  });

  it('signs each part with a NUL behind it, so that no two sets of parts are the same bytes', () => {
    const bytes = readMacInput(MAC, PARTY, { domain: 'D', identity: 'i' })?.bytes.toString();
    expect(bytes).to.equal(`networkid\0an9900000100\0d\0i\0${MAC.creationDate}\0${MAC.expirationDate}\0`);
    const moved = readMacInput(MAC, PARTY, { domain: 'Di', identity: '' })?.bytes.toString();
    expect(moved).not.to.equal(bytes);
  });

  it('depends on every part and on the secret', () => {
    const input = readMacInput(MAC, PARTY, PARTY);
    const others = [
      sign({ creationDate: '2003-01-15T08:42:47-08:00' }),
      sign({ expirationDate: '2013-01-15T11:42:46-08:00' }),
      sign({}, { ...PARTY, identity: 'AN9900000101' }),
      sign({}, { ...PARTY, domain: 'DUNS' }),
      sign({}, PARTY, { ...PARTY, identity: 'AN9900000101' }),
      sign({}, PARTY, { ...PARTY, domain: 'DUNS' }),
      input === undefined ? undefined : signMac(input, 'abracadabr'),
    ];
    expect(others).not.to.include(MAC.value);
    expect(others).not.to.include(undefined);
    expect(new Set(others).size).to.equal(others.length);
  });

  it('takes case and white space away, but leaves the case of an e-mail address', () => {
    expect(sign({}, { domain: ' networkid ', identity: ' an9900000100\n' })).to.equal(MAC.value);
    const mail = { domain: 'AribaNetworkUserId', identity: 'Ann@Example.com' };
    expect(sign({}, mail)).not.to.equal(sign({}, { ...mail, identity: 'ann@example.com' }));
    expect(sign({}, mail)).to.equal(sign({}, { ...mail, domain: 'aribanetworkuserid' }));
  });

  it('knows one type and one algorithm, whatever a sender calls others', () => {
    for (const algorithm of ['', 'HMAC-SHA1', 'hmac-sha1-96', 'HMAC-MD5', 'none', 'constructor', '__proto__'])
      expect(sign({ algorithm }), algorithm).to.equal(undefined);
    for (const type of ['', 'fromsendercredentials', 'FromCredentials'])
      expect(sign({ type }), type).to.equal(undefined);
  });

  it('is not made for parties of a megabyte: each costs time with every secret', () => {
    expect(sign({}, { ...PARTY, identity: 'x'.repeat(1_000_000) })).to.equal(undefined);
    expect(sign({ creationDate: '2'.repeat(5_000) })).to.equal(undefined);
    expect(sign({}, { ...PARTY, identity: 'x'.repeat(1_000) })).to.have.length(16);
  });

  it('shows the first 12 of 20 bytes', () => {
    const bytes = readMacInput(MAC, PARTY, PARTY)?.bytes ?? Buffer.alloc(0);
    const whole = createHmac('sha1', 'abracadabra').update(bytes).digest('hex');
    expect(whole).to.equal('711e89a73e7c9eb8971110cd7857fda094dafd86');
    expect(Buffer.from(MAC.value, 'base64').toString('hex')).to.equal(whole.slice(0, 24));
  });
});

describe('isInForce', () => {
  const at = (time: string): boolean => isInForce(MAC, new Date(`2003-01-15T${time}-08:00`));

  it('holds from creation to expiration, give or take five minutes', () => {
    expect([at('08:37:45'), at('08:37:46'), at('08:42:46'), at('11:42:45')]).to.deep.equal([
      false,
      true,
      true,
      true,
    ]);
    expect([at('11:47:45'), at('11:47:46'), at('23:00:00')]).to.deep.equal([true, false, false]);
  });

  for (const [what, change] of [
    ['an expiration before its creation', { expirationDate: '2003-01-15T08:42:45-08:00' }],
    ['no creation', { creationDate: '' }],
    ['no expiration', { expirationDate: '' }],
    ['a date without a zone', { expirationDate: '2003-01-15T11:42:46' }],
    ['a day alone', { creationDate: '2003-01-15' }],
    ['no day of the calendar', { creationDate: '2003-02-30T00:00:00Z' }],
    ['a number', { expirationDate: '99999999999999' }],
    ['a word', { expirationDate: 'never' }],
  ] as const) {
    it(`never holds with ${what}`, () => {
      expect(isInForce({ ...MAC, ...change }, new Date('2003-01-15T08:44:00-08:00'))).to.equal(false);
    });
  }
});

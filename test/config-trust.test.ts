import { expect } from 'chai';
import { CERTIFICATE, load, mistakesIn, SMALLEST } from './support/config-folder.ts';

const HEX = 'ab'.repeat(32);
const BASE64 = Buffer.from(HEX, 'hex').toString('base64');
const trust = (text: string): string => `trust: { ${text} }\n${SMALLEST}`;

describe('trust.pins', () => {
  it('takes every form in which tools print a SHA-256', async () => {
    const colons = (HEX.toUpperCase().match(/../g) ?? []).join(':');
    const forms = [HEX, HEX.toUpperCase(), colons, BASE64, `sha256//${BASE64}`, `SHA256:${colons}`];
    const config = await load(trust(`pins: ${JSON.stringify(forms)}`));
    expect(config.trust.pins).to.deep.equal(forms.map(() => HEX));
  });

  it('refuses what is no SHA-256, and does not repeat it', async () => {
    for (const wrong of ['abcd', HEX.slice(1), `${HEX}00`, BASE64.slice(0, -1), `${BASE64}=`, '']) {
      const [mistake] = await mistakesIn(trust(`pins: [${JSON.stringify(wrong)}]`));
      expect(mistake, wrong).to.match(/^1: trust\.pins\[0\]: must be the SHA-256 of a public key/);
    }
  });
});

describe('trust.deny', () => {
  it('takes serial numbers as openssl and the log print them', async () => {
    const written = ['4A:BC', '0x4abc', '004abc', '4ABC', ' 4abc '];
    const list = written.map((serial) => ({ serial, issuer: 'CN=CA', comment: 'stolen' }));
    const config = await load(trust(`deny: ${JSON.stringify(list)}`));
    expect(config.trust.deny).to.deep.equal(
      written.map(() => ({ serial: '4abc', issuer: 'CN=CA', comment: 'stolen' })),
    );
    const short = await load(trust('deny: [{ serial: "abc" }, { serial: "00" }]'));
    expect(short.trust.deny.map(({ serial }) => serial)).to.deep.equal(['0abc', '00']);
  });

  it('refuses an entry that names nothing, or two things, or only an issuer', async () => {
    for (const [entry, wrong] of [
      ['{ comment: why }', /deny\[0\]: must name either/],
      ['{ issuer: CN=CA }', /deny\[0\]: must name either/],
      [`{ spki: "${HEX}", serial: "01ab" }`, /deny\[0\]: must name either/],
      [`{ spki: "${HEX}", issuer: CN=CA }`, /deny\[0\]\.issuer: goes with a serial only/],
      ['{ serial: "12 34" }', /deny\[0\]\.serial: must be a serial number in hex/],
      ['{ serial: 1234 }', /deny\[0\]\.serial: must be text: put it in quotes/],
    ] as const) {
      expect((await mistakesIn(trust(`deny: [${entry}]`)))[0], entry).to.match(wrong);
    }
  });
});

describe('trust.report_only', () => {
  it('takes only what can be tried out', async () => {
    expect((await load(trust('report_only: [pins]'))).trust.report_only).to.deep.equal(['pins']);
    expect((await mistakesIn(trust('report_only: [names]')))[0]).to.match(
      /report_only\[0\]: must be pins or addresses or crl/,
    );
  });
});

describe('trust.server_auth_only', () => {
  const inDays = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const exception = (until: string, keys: readonly string[] = [HEX]): string =>
    trust(`server_auth_only: { until: ${until}, spki: ${JSON.stringify(keys)} }`);

  it('is off unless it is written', async () => {
    expect((await load(SMALLEST)).trust.server_auth_only).to.equal(undefined);
  });

  it('takes a day that is past or near, and keys in every form', async () => {
    for (const until of [inDays(-10), inDays(0), inDays(399)]) {
      const { server_auth_only } = (await load(exception(until, [BASE64]))).trust;
      expect(server_auth_only).to.deep.equal({ until, spki: [HEX] });
    }
  });

  it('refuses a day far ahead, no day at all, and an exception for nobody or without an end', async () => {
    for (const [text, wrong] of [
      [exception(inDays(402)), /^1: trust\.server_auth_only\.until: must be at most 400 days ahead/],
      [exception('2027-02-30'), /until: is no day of the calendar/],
      [exception('2027-13-01'), /until: is no day of the calendar/],
      [exception('tomorrow'), /until: must be a day/],
      [exception(inDays(3), []), /spki: must not be empty/],
      [trust(`server_auth_only: { spki: ["${HEX}"] }`), /until: is missing/],
      [trust(`server_auth_only: { until: ${inDays(3)} }`), /spki: is missing/],
    ] as const) {
      expect((await mistakesIn(text))[0]).to.match(wrong);
    }
  });
});

describe('trust.client_certificate', () => {
  const buyers = (secret: string): string => `buyers:
  - { key: one, from: [{ domain: DUNS, identity: "1" }], shared_secret: ${secret} }
  - { key: two, from: [{ domain: DUNS, identity: "2" }], shared_secret: none }
  - { key: three, from: [{ domain: DUNS, identity: "3" }], shared_secret: none }
`;

  for (const mode of ['requested', 'off']) {
    it(`may be ${mode} where every buyer has a secret`, async () => {
      const config = await load(trust(`client_certificate: ${mode}`));
      expect(config.trust.client_certificate).to.equal(mode);
    });

    it(`names every buyer without a secret, with its line, when it is ${mode}`, async () => {
      const text = `trust: { client_certificate: ${mode} }\n${CERTIFICATE}${buyers('env:ACME_SECRET')}`;
      expect(await mistakesIn(text)).to.deep.equal([
        `5: buyers[1].shared_secret: must be a secret while trust.client_certificate is ${mode}: nothing else would prove this buyer`,
        `6: buyers[2].shared_secret: must be a secret while trust.client_certificate is ${mode}: nothing else would prove this buyer`,
      ]);
    });
  }

  it('does not count a buyer that takes any sender, outside tests', async () => {
    const text = `trust: { client_certificate: off }\n${CERTIFICATE}buyers: [{ key: any, unsafe_any_sender: true }]\n`;
    expect((await mistakesIn(text)).join()).to.match(/unsafe_any_sender: is for tests only/);
  });

  it('is required unless it says otherwise, and takes no other word', async () => {
    expect((await load(SMALLEST)).trust.client_certificate).to.equal('required');
    const none = `${CERTIFICATE}${buyers('none')}`;
    expect((await load(none)).buyers).to.have.length(3);
    expect((await mistakesIn(trust('client_certificate: optional')))[0]).to.match(
      /must be required or requested or off/,
    );
  });
});

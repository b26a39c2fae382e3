import { expect } from 'chai';
import { load, mistakesIn, SMALLEST } from './support/config-folder.ts';

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

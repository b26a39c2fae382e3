/** What a buyer of the configuration may prove itself by. */
import { join } from 'node:path';
import { expect } from 'chai';
import { Secret } from '../src/config.ts';
import { loadConfig } from '../src/config-file.ts';
import { configFolder, ENV, load, mistakesIn, PASSWORD, SMALLEST } from './support/config-folder.ts';

/** The one buyer of the smallest configuration, and more of it from line 6 on. */
function buyerWith(...lines: string[]): string {
  return SMALLEST + lines.map((line) => `    ${line}\n`).join('');
}

describe('a buyer of the configuration', () => {
  it('needs none of the further proofs', async () => {
    const [acme] = (await load(SMALLEST)).buyers;
    expect(acme).not.to.have.any.keys('shared_secret_previous', 'credential_mac', 'basic_auth');
  });

  it('may have a previous secret, a CredentialMac and HTTP Basic, each secret by reference', async () => {
    using here = configFolder();
    here.write('before\n', 'secret-before');
    here.write('pässword\n', 'password');
    const text = buyerWith(
      'shared_secret_previous: file:secret-before',
      'credential_mac: accepted',
      'basic_auth: { username: Coupa User, password: file:password, password_previous: env:ACME_SECRET }',
    );
    const [acme] = (await loadConfig(here.write(text), ENV)).buyers;
    expect(acme?.credential_mac).to.equal('accepted');
    expect(acme?.shared_secret_previous?.reveal()).to.equal('before');
    expect(acme?.shared_secret_previous?.path).to.equal(join(here.path, 'secret-before'));
    expect(acme?.basic_auth?.username).to.equal('Coupa User');
    expect(acme?.basic_auth?.password.reveal()).to.equal('pässword');
    expect(acme?.basic_auth?.password_previous).to.be.instanceOf(Secret);
    expect(JSON.stringify(acme)).not.to.include('pässword').and.not.include(PASSWORD);
  });

  it('never gives a secret away that was written where a reference belongs', async () => {
    for (const line of [
      `shared_secret_previous: ${PASSWORD}`,
      `basic_auth: { username: coupa, password: ${PASSWORD} }`,
      `basic_auth: { username: coupa, password: env:ACME_SECRET, password_previous: ${PASSWORD} }`,
      `credential_mac: ${PASSWORD}`,
    ]) {
      const [mistake = '', ...rest] = await mistakesIn(buyerWith(line));
      expect(rest, line).to.deep.equal([]);
      expect(mistake).to.match(/^6: buyers\[0\]\.\w+/);
      expect(mistake).not.to.include(PASSWORD);
    }
  });

  for (const [what, line, told] of [
    [
      'an unknown word for a mac',
      'credential_mac: yes',
      /^6: buyers\[0\]\.credential_mac: must be accepted or required/,
    ],
    [
      'a user name with a colon',
      'basic_auth: { username: "a:b", password: env:ACME_SECRET }',
      /username: .*without a colon/,
    ],
    [
      'an empty user name',
      'basic_auth: { username: "", password: env:ACME_SECRET }',
      /basic_auth\.username: /,
    ],
    ['a user name without a password', 'basic_auth: { username: a }', /basic_auth\.password: is missing/],
    [
      'an unknown key',
      'basic_auth: { user: a, username: a, password: env:ACME_SECRET }',
      /basic_auth\.user: is unknown/,
    ],
    [
      'a previous secret that is none',
      'shared_secret_previous: none',
      /shared_secret_previous: must be a reference/,
    ],
    ['a previous secret that is not there', 'shared_secret_previous: file:nowhere', /nowhere does not exist/],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      const mistakes = await mistakesIn(buyerWith(line));
      expect(mistakes).to.have.length(1);
      expect(mistakes[0]).to.match(told);
    });
  }

  it('is refused when a previous secret or a mac has no secret to go with', async () => {
    const without = (line: string): string =>
      buyerWith(line).replace('shared_secret: env:ACME_SECRET', 'shared_secret: none');
    expect(await mistakesIn(without('shared_secret_previous: env:ACME_SECRET'))).to.deep.equal([
      '6: buyers[0].shared_secret_previous: goes with a shared_secret, and that is none',
    ]);
    expect(await mistakesIn(without('credential_mac: required'))).to.deep.equal([
      '6: buyers[0].credential_mac: goes with a shared_secret, and that is none',
    ]);
    const [open] = (await load(without('basic_auth: { username: a, password: env:ACME_SECRET }'))).buyers;
    expect(open?.shared_secret).to.equal('none');
  });
});

/** The configuration: what it may say, and what it is then. */
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { Secret } from '../src/config.ts';
import { loadConfig } from '../src/config-file.ts';
import {
  CERTIFICATE,
  configFolder,
  ENV,
  load,
  mistakesIn,
  PASSWORD,
  SMALLEST,
} from './support/config-folder.ts';

describe('loadConfig', () => {
  it('fills every key that is left out with its default', async () => {
    using here = configFolder();
    const config = await loadConfig(here.write(SMALLEST), ENV);
    expect(config.listen).to.deep.equal({
      host: '0.0.0.0',
      port: 8443,
      path: '/cxml',
      public_url: 'https://localhost:8443/cxml',
    });
    expect(config.trust).to.deep.equal({
      client_certificate: 'required',
      bundle: join(here.path, 'certs/coupa'),
      names: ['cxml-supplier.coupahost.com', 'cxml-supplier.coupacloud.com'],
      pins: [],
      deny: [],
      crl_policy: 'soft',
      report_only: [],
      state: join(here.path, 'data/trust'),
    });
    expect(config.store.url).to.equal(`sqlite:${join(here.path, 'data/sallyport.db')}`);
    expect(config.limits.request_timeout_ms).to.equal(30_000);
    expect(config.admin).to.deep.equal({ host: '127.0.0.1', port: 8080, names: [] });
    expect(config.answers).to.equal('envelope');
  });

  it('keeps what rotation writes beside the store, or where it is told', async () => {
    using here = configFolder();
    const elsewhere = await loadConfig(here.write(`store: { url: "sqlite:/srv/po/s.db" }\n${SMALLEST}`), ENV);
    expect(elsewhere.trust.state).to.equal('/srv/po/trust');
    const told = await loadConfig(here.write(`trust: { state: pins }\n${SMALLEST}`), ENV);
    expect(told.trust.state).to.equal(join(here.path, 'pins'));
  });

  it('gives a buyer the sender and answers it does not name itself, and leaves its names open', async () => {
    const config = await load(`answers: mirror\n${SMALLEST}`);
    const [acme] = config.buyers;
    expect(acme?.sender).to.deep.equal([{ domain: 'DUNS', identity: '128293714' }]);
    expect(acme?.names).to.equal(undefined);
    expect(acme?.answers).to.equal('mirror');
    expect(acme?.to).to.equal(undefined);
  });

  it('reads secrets from files, without the last line end, and from the environment', async () => {
    const config = await load(SMALLEST);
    const secret = config.buyers[0]?.shared_secret;
    expect(config.certificate.key.reveal()).to.equal('private key');
    expect(secret instanceof Secret && secret.reveal()).to.equal(PASSWORD);
  });

  it('reads a secret of a file again when it is asked to, and never shows it', async () => {
    using here = configFolder();
    const { certificate, buyers } = await loadConfig(here.write(SMALLEST), ENV);
    expect(certificate.key.path).to.equal(join(here.path, 'server.key'));
    here.write('another key\n', 'server.key');
    expect(certificate.key.reveal()).to.equal('private key');
    const again = certificate.key.readAgain();
    expect([again.reveal(), again.path]).to.deep.equal(['another key', certificate.key.path]);
    here.write('', 'server.key');
    expect(() => again.readAgain()).to.throw(/server\.key is empty$/);
    const ofEnvironment = buyers[0]?.shared_secret;
    expect(ofEnvironment instanceof Secret && ofEnvironment.path).to.equal(undefined);
    expect(ofEnvironment instanceof Secret && ofEnvironment.readAgain()).to.equal(ofEnvironment);
  });

  it('takes none for a buyer with whom no secret was agreed, and never by itself', async () => {
    const config = await load(SMALLEST.replace('env:ACME_SECRET', 'none'));
    expect(config.buyers[0]?.shared_secret).to.equal('none');
    expect((await mistakesIn(SMALLEST.replace(/ +shared_secret.*\n/, '')))[0]).to.match(
      /^3: buyers\[0\]\.shared_secret: is missing/,
    );
  });

  it('freezes the result all the way down', async () => {
    const config = await load(SMALLEST);
    expect(Object.isFrozen(config)).to.equal(true);
    expect(Object.isFrozen(config.limits)).to.equal(true);
    expect(Object.isFrozen(config.buyers[0]?.from[0])).to.equal(true);
    expect(Object.isFrozen(config.trust.names)).to.equal(true);
  });

  it('counts a section whose keys are all commented out as left out', async () => {
    const config = await load(`limits:\n  # body_bytes: 5\n${SMALLEST}`);
    expect(config.limits.body_bytes).to.equal(10_485_760);
  });

  it('reads a file with a byte-order mark and with anchors', async () => {
    const text = `\uFEFF${CERTIFICATE}buyers:
  - { key: a, from: &acme [{ domain: DUNS, identity: "1" }], to: *acme, shared_secret: none }\n`;
    expect((await load(text)).buyers[0]?.to).to.deep.equal([{ domain: 'DUNS', identity: '1' }]);
  });

  it('makes the public address of a host name, an IPv6 address or as told', async () => {
    const urlOf = async (listen: string): Promise<string> =>
      (await load(`listen: ${listen}\n${SMALLEST}`)).listen.public_url;
    expect(await urlOf('{ host: po.example, port: 443, path: /in }')).to.equal('https://po.example:443/in');
    expect(await urlOf('{ host: "::1" }')).to.equal('https://[::1]:8443/cxml');
    expect(await urlOf('{ public_url: "https://po.example/cxml" }')).to.equal('https://po.example/cxml');
  });
});

describe('unsafe_any_sender', () => {
  const text = `listen: { host: 127.0.0.1 }\n${CERTIFICATE}buyers:\n  - { key: any, unsafe_any_sender: true }\n`;

  it('is taken on a loopback address when the environment says these are tests', async () => {
    const config = await load(text, { SALLYPORT_UNSAFE_TESTS: '1' });
    expect(config.buyers[0]).to.include({ key: 'any', unsafe_any_sender: true, shared_secret: 'none' });
    expect(config.buyers[0]?.from).to.deep.equal([]);
  });

  it('is refused anywhere else', async () => {
    const refused = [/^4: buyers\[0\]\.unsafe_any_sender: /];
    const check = async (changed: string, env: Record<string, string>): Promise<void> => {
      const lines = await mistakesIn(changed, env);
      expect(lines).to.have.length(refused.length);
      expect(lines[0]).to.match(refused[0] as RegExp);
    };
    await check(text, {});
    await check(text, { SALLYPORT_UNSAFE_TESTS: '0' });
    await check(text.replace('127.0.0.1', '0.0.0.0'), { SALLYPORT_UNSAFE_TESTS: '1' });
    await check(text.replace('127.0.0.1', '127.example'), { SALLYPORT_UNSAFE_TESTS: '1' });
    await check(text.replace('{ host: 127.0.0.1 }', '{}'), { SALLYPORT_UNSAFE_TESTS: '1' });
  });
});

describe('Secret', () => {
  it('shows itself nowhere', () => {
    const secret = new Secret(PASSWORD);
    const shown = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret, { showHidden: true }),
    ];
    for (const each of shown) expect(each).not.to.include(PASSWORD);
    expect(Object.keys(secret)).to.deep.equal([]);
    expect(secret.reveal()).to.equal(PASSWORD);
  });
});

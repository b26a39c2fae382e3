/** How every mistake in the configuration is told: all at once, with its line, by name and never by value. */
import { expect } from 'chai';
import { loadConfig } from '../src/config-file.ts';
import { StartupError } from '../src/errors.ts';
import { CERTIFICATE, configFolder, mistakesIn, PASSWORD, SMALLEST } from './support/config-folder.ts';

describe('loadConfig', () => {
  it('tells all of them at once, each with its line and name', async () => {
    const lines = await mistakesIn(`listen:
  port: 70000
  path: cxml
certificate:
  chain: nowhere.pem
  key: file:nowhere.key
trust:
  names: []
buyers:
  - key: Acme
    from: [{ domain: DUNS, identity: 128293714 }]
    shared_secret: env:NOBODY
    names: [cxml-supplier.coupahost.com, other.example]
  - key: unknown
    shared_secret: none
    from: []
limits:
  request_timeout_ms: 60000
  body_bytes: 5000.5
  headers_timeout_ms: soon
`);
    expect(lines.map((line) => line.replace(/^(\d+: [^:]+): .*$/, '$1'))).to.deep.equal([
      '2: listen.port',
      '3: listen.path',
      '5: certificate.chain',
      '6: certificate.key',
      '8: trust.names',
      '10: buyers[0].key',
      '11: buyers[0].from[0].identity',
      '12: buyers[0].shared_secret',
      '13: buyers[0].names[0]',
      '13: buyers[0].names[1]',
      '14: buyers[1].key',
      '16: buyers[1].from',
      '18: limits.request_timeout_ms',
      '19: limits.body_bytes',
      '20: limits.headers_timeout_ms',
    ]);
  });

  it('refuses a secret that stands in the file itself, without repeating it', async () => {
    for (const written of [
      PASSWORD,
      `"${PASSWORD}"`,
      `\${ACME_SECRET}`,
      `file:/no/such/file`,
      `env:${PASSWORD}`,
    ]) {
      const lines = await mistakesIn(SMALLEST.replace('env:ACME_SECRET', written));
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(/^5: buyers\[0\]\.shared_secret: /);
      expect(lines[0]).not.to.include(PASSWORD);
    }
  });

  it('never quotes a value, not even where the YAML itself is broken', async () => {
    for (const broken of [
      `shared_secret: ${PASSWORD}: x\n`,
      `shared_secret: "${PASSWORD}\n`,
      `? [${PASSWORD}\n`,
      `- ${PASSWORD}\nlog: x\n`,
      `${PASSWORD}\n`,
      `log: { level: ${PASSWORD} }\nlisten: { host: "${PASSWORD} ", public_url: "${PASSWORD}" }\n`,
    ]) {
      const lines = await mistakesIn(broken);
      expect(lines.join('\n'), broken).not.to.include(PASSWORD);
    }
  });

  it('tells doubled keys and wrong values together', async () => {
    const lines = await mistakesIn(`${SMALLEST}log: { level: loud }\nlimits: {}\nlimits: {}\n`);
    expect(lines.map((line) => line.slice(0, 12))).to.deep.equal(['6: log.level', '8: this key ']);
  });

  it('names the key that was probably meant', async () => {
    const lines = await mistakesIn(
      `lisen: {}\nlog: { lvel: info }\nlimits:\n  bodyBytes: 1\n  refused_max_count: 5\n  zebra: 1\n${SMALLEST}`,
    );
    expect(lines).to.deep.equal([
      '1: lisen: is unknown: did you mean listen?',
      '2: log.lvel: is unknown: did you mean level?',
      '4: limits.bodyBytes: is unknown: did you mean body_bytes?',
      '5: limits.refused_max_count: is unknown: did you mean store.refused_max_count?',
      '6: limits.zebra: is unknown',
    ]);
  });

  it('knows a short key with two letters swapped', async () => {
    expect(await mistakesIn(`listen: { prot: 1 }\n${SMALLEST}`)).to.deep.equal([
      '1: listen.prot: is unknown: did you mean port?',
    ]);
  });

  it('tells at most fifty mistakes, and how many more there are', async () => {
    const lines = await mistakesIn(
      Array.from({ length: 3_000 }, (_, index) => `k${index}q: 1\n`)
        .join('')
        .concat(SMALLEST),
    );
    expect(lines).to.have.length(51);
    expect(lines[50]).to.match(/and 2950 more$/);
  });

  it('refuses what is no UTF-8, what is too large and __proto__', async () => {
    expect((await mistakesIn(Uint8Array.of(0x61, 0x3a, 0x20, 0xff)))[0]).to.include('not UTF-8');
    expect((await mistakesIn(`# ${'x'.repeat(1024 * 1024)}`))[0]).to.include('1 MiB');
    expect((await mistakesIn(`${SMALLEST}__proto__: { x: 1 }\n`))[0]).to.match(/^6: __proto__: is unknown/);
  });

  it('says what is wrong with a file or variable that should hold a secret', async () => {
    using here = configFolder();
    here.write('\n', 'empty');
    const at = async (reference: string, env = {}): Promise<string> => {
      const file = here.write(SMALLEST.replace('env:ACME_SECRET', reference));
      return await loadConfig(file, env).then(
        () => 'taken',
        (error: Error) => error.message,
      );
    };
    expect(await at('file:certs')).to.include('is a folder');
    expect(await at('file:empty')).to.include('is empty');
    expect(await at('file:none')).to.include('does not exist');
    expect(await at('env:ACME_SECRET', { ACME_SECRET: ' ' })).to.include('is empty');
  });

  it('checks keys against each other, also when others are wrong by themselves', async () => {
    const lines = await mistakesIn(`log: { level: loud }
limits:
  headers_timeout_ms: 20000
  request_timeout_ms: 10000
admin: { port: 8443 }
${CERTIFICATE}buyers:
  - { key: acme, from: [{ domain: DUNS, identity: "1" }], shared_secret: none }
  - { key: acme, from: [{ domain: DUNS, identity: "2" }], shared_secret: none }
`);
    expect(lines.map((line) => line.split(': ', 2).join(': '))).to.deep.equal([
      '1: log.level',
      '3: limits.headers_timeout_ms',
      '5: admin.port',
      '9: buyers[1].key',
    ]);
  });

  it('refuses an empty file, another kind of document and a file that is not there', async () => {
    expect(await mistakesIn('')).to.deep.equal(['1: certificate: is missing', '1: buyers: is missing']);
    expect(await mistakesIn('- a\n')).to.deep.equal(['1: must be a group of keys']);
    expect(await mistakesIn(`buyers: 5\nlimits: 5\n${CERTIFICATE}`)).to.have.length(2);
    expect(await mistakesIn(`buyers: [5, null]\n${CERTIFICATE}`)).to.have.length(2);
    const error = await loadConfig('/no/such/sallyport.yaml', {}).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(StartupError);
    expect((error as StartupError).message).to.include('does not exist');
  });

  it('refuses a store that would forget', async () => {
    expect((await mistakesIn(`store: { url: "sqlite::memory:" }\n${SMALLEST}`))[0]).to.match(
      /^1: store\.url: /,
    );
    expect((await mistakesIn(`store: { url: "postgres://x/y" }\n${SMALLEST}`))[0]).to.match(
      /^1: store\.url: /,
    );
  });

  it('takes only names that can be compared byte for byte', async () => {
    for (const name of ['""', '" a"', '"cxml-supplier.coupahöst.com"', '"a\\n"']) {
      expect((await mistakesIn(`trust: { names: [${name}] }\n${SMALLEST}`))[0]).to.match(
        /^1: trust\.names\[0\]: /,
      );
    }
  });
});

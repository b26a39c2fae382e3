/** What is told about the configuration comes from the schema, so it cannot drift from it. */

import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Config } from '../src/config.ts';
import { configJsonSchema, configTable, exampleConfig } from '../src/config-docs.ts';
import { loadConfig } from '../src/config-file.ts';

async function loadExample(text: string): Promise<Config> {
  using here = mkdtempDisposableSync(join(tmpdir(), 'sallyport-example-'));
  mkdirSync(join(here.path, 'certs/coupa'), { recursive: true });
  writeFileSync(join(here.path, 'server.pem'), 'certificate');
  writeFileSync(join(here.path, 'server.key'), 'key');
  writeFileSync(join(here.path, 'sallyport.yaml'), text);
  const config = await loadConfig(join(here.path, 'sallyport.yaml'), { ACME_SECRET: 'x' });
  return JSON.parse(JSON.stringify(config).replaceAll(here.path, ''));
}

describe('exampleConfig', () => {
  it('loads once its files and its secret are there', async () => {
    expect((await loadExample(exampleConfig())).buyers[0]?.key).to.equal('acme');
  });

  it('shows the true default in every commented line', async () => {
    const asWritten = await loadExample(exampleConfig());
    const keys = /^# ( *)(listen|trust|answers|store|limits|admin|log|[a-z_]+_[a-z_]+|[a-z]+):( |$)/;
    const uncommented = exampleConfig()
      .split('\n')
      .map((line) => (keys.test(line) && !/^# (Where|Secrets)/.test(line) ? line.slice(2) : line))
      .join('\n');
    expect(uncommented.match(/^ {2}[a-z_]+:/gm)?.length).to.be.greaterThan(25);
    expect(await loadExample(uncommented)).to.deep.equal(asWritten);
  });

  it('holds no tab and no line wider than 120', () => {
    expect(exampleConfig()).not.to.include('\t');
    for (const line of exampleConfig().split('\n')) expect(line.length, line).to.be.at.most(120);
  });
});

describe('configTable', () => {
  it('has a row for every key, with type, default and meaning', () => {
    const rows = configTable().split('\n').slice(2);
    const cells = rows.map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));
    for (const [, key, type, , meaning] of cells) {
      expect(type, key).not.to.equal('');
      expect(meaning, key).not.to.equal('');
    }
    expect(rows).to.include.members([
      '| `limits.body_bytes` | 1024 to 1073741824 | `10485760` (10 MiB) | Size of a body as sent. |',
    ]);
    const names = cells.map(([, key]) => key);
    expect(names).to.include.members([
      '`certificate.key`',
      '`buyers[].shared_secret`',
      '`trust.names`',
      '`log.level`',
    ]);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('calls every reference to a secret one', () => {
    const secrets = [...configTable().matchAll(/^\| `([^`]+)` \| secret \|/gm)].map(([, key]) => key);
    expect(secrets).to.deep.equal([
      'certificate.key',
      'buyers[].shared_secret',
      'buyers[].shared_secret_previous',
      'buyers[].basic_auth.password',
      'buyers[].basic_auth.password_previous',
    ]);
  });

  it('marks what has no default as required', () => {
    const required = [...configTable().matchAll(/^\| `([^`]+)` .*\*\*required\*\*/gm)].map(([, key]) => key);
    expect(required).to.deep.equal([
      'certificate.chain',
      'certificate.key',
      'buyers',
      'buyers[].key',
      'buyers[].from',
      'buyers[].shared_secret',
    ]);
  });
});

describe('configJsonSchema', () => {
  it('describes what is written in the file, and refuses other keys', () => {
    const schema = JSON.parse(JSON.stringify(configJsonSchema()));
    expect(schema.required).to.deep.equal(['certificate', 'buyers']);
    expect(schema.additionalProperties).to.equal(false);
    expect(schema.properties.certificate.properties.key.type).to.equal('string');
    expect(schema.properties.limits.properties.body_bytes).to.include({
      default: 10_485_760,
      maximum: 1_073_741_824,
    });
  });
});

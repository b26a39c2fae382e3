import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));
const MAP = readFileSync(new URL('../src/README.md', import.meta.url), 'utf8');

describe('the map of the source', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|js)$/.test(path))
    .map((path) => basename(path));
  const named = [...MAP.matchAll(/`(?:[a-z]+\/)?([a-z0-9-]+\.(?:ts|js))`/g)].map(([, name]) => name);

  it('names every file', () => {
    expect(files.filter((name) => !named.includes(name))).to.deep.equal([]);
  });

  it('names no file that is not there', () => {
    const elsewhere = ['map.test.ts', 'layout.test.ts'];
    expect(
      named.filter((name) => name !== undefined && !files.includes(name) && !elsewhere.includes(name)),
    ).to.deep.equal([]);
  });
});

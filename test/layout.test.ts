/** The house as it stands: which room may import what, and the rules a machine can check. A new arrow is a decision. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkHouse, type House, type SourceFile } from './support/layout.ts';
import { needs } from './support/needs.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const LEFT_OF_RECEIVER = [
  'errors',
  'turns',
  'config',
  'telemetry',
  'cxml',
  'trust',
  'store',
  'rotation',
  'intake',
  'http',
  'admin',
];

const HOUSE: House = {
  rooms: {
    errors: {},
    turns: {},
    config: { code: ['errors'], packages: ['zod', 'yaml'] },
    telemetry: { types: ['config'], packages: ['pino', 'prom-client'] },
    cxml: { code: ['errors'], packages: ['saxes', 'xmlbuilder2', 'fast-xml-parser', '@nodable/entities'] },
    trust: { code: ['errors', 'turns'], types: ['config', 'telemetry'], packages: ['node-forge'] },
    store: { code: ['errors'], types: ['config', 'cxml', 'trust', 'telemetry'] },
    rotation: {
      code: ['errors', 'turns', 'trust'],
      types: ['config', 'store', 'telemetry'],
      packages: ['node-forge'],
    },
    intake: { code: ['errors', 'turns', 'cxml'], types: ['config', 'trust', 'store', 'telemetry'] },
    http: {
      code: ['errors', 'cxml', 'trust'],
      types: ['config', 'intake', 'telemetry'],
      packages: ['express', 'helmet'],
    },
    admin: {
      code: ['errors', 'rotation'],
      types: ['config', 'cxml', 'trust', 'store', 'intake', 'telemetry'],
      packages: ['express', 'helmet'],
    },
    receiver: { code: LEFT_OF_RECEIVER },
    cli: {
      code: [...LEFT_OF_RECEIVER, 'receiver'],
      packages: ['commander', 'libxml2-wasm', 'node-forge', 'yaml'],
    },
    main: { code: [...LEFT_OF_RECEIVER, 'receiver', 'cli'], packages: ['commander'] },
    sallyport: { code: ['main'] },
  },
  pure: ['cxml'],
  programs: [
    'src/main.ts',
    'src/sallyport.js',
    'src/store/sqlite-writer.ts',
    'src/rotation/candidate-thread.ts',
  ],
  printing: ['cli', 'main', 'sallyport'],
};

function filesBelow(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js|mjs|cjs|mts|cts)$/.test(name))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(ROOT, folder, name), 'utf8') }));
}

describe('the house', () => {
  it('keeps its own rules', () => {
    const files = [...filesBelow('src'), ...filesBelow('test')];
    expect(files.length).to.be.greaterThan(100);
    expect(checkHouse(files, HOUSE)).to.deep.equal([]);
  });

  it('has every room on the plan, and no other', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(Object.keys(HOUSE.rooms)).to.include.members(folders.map(({ name }) => name));
  });

  it('holds no private key in git', function () {
    let tracked: string[] = [];
    try {
      tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
        .split('\0')
        .filter(Boolean);
    } catch {
      // a copy without its history
    }
    needs(this, tracked.length > 0, 'a git checkout');
    expect(tracked.filter(holdsKey)).to.deep.equal([]);
  });
});

function holdsKey(path: string): boolean {
  if (/\.(key|p12|pfx|jks|keystore)$/i.test(path)) return true;
  try {
    return /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=:,\s-]{64}/.test(
      readFileSync(join(ROOT, path), 'latin1'),
    );
  } catch {
    return false; // deleted, not yet committed
  }
}

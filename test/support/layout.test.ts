// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates are among the samples
/** The checker of the house, fed with small offences. */
import { expect } from 'chai';
import { checkHouse, type House, readImports } from './layout.ts';
import { maskSource } from './mask-source.ts';

const HOUSE: House = {
  rooms: {
    errors: {},
    config: { code: ['errors'], packages: ['zod'] },
    cxml: { code: ['errors'] },
    store: { code: ['errors'], types: ['cxml'] },
    cli: { code: ['errors', 'config', 'cxml', 'store'] },
    main: { code: ['cli'] },
  },
  pure: ['cxml'],
  programs: ['src/main.ts'],
  printing: ['cli', 'main'],
};

const AROUND = [
  'src/errors.ts',
  'src/config.ts',
  'src/cxml/order.ts',
  'src/store/store.ts',
  'src/cli/init.ts',
];

/** Complaints about one file in an otherwise empty house. */
function about(path: string, text: string): string[] {
  const others = AROUND.filter((each) => each !== path).map((each) => ({ path: each, text: '' }));
  return checkHouse([...others, { path, text }], HOUSE);
}

describe('checkHouse', () => {
  it('has nothing against code that keeps the rules', () => {
    const text = `/** process.env, fetch(), new Date() and console.log are only words here. */
import { Refusal } from '../errors.ts';

const PATTERN = /['"\`/]console\\.log[/]/g;

export function read(text: string, at: Date): string {
  if (!PATTERN.test(text)) throw new Refusal('order-invalid', \`Date.now() \${at.getTime()} process.env\`);
  return new Date('2026-01-01').toISOString() + "fetch('x')";
}
`;
    expect(about('src/cxml/read.ts', text)).to.deep.equal([]);
  });

  it('complains about an arrow that is not on the plan', () => {
    expect(about('src/cxml/a.ts', "import { a } from '../store/store.ts';\n")).to.deep.equal([
      'src/cxml/a.ts:1: cxml may not import store',
    ]);
    expect(about('src/errors.ts', "\nimport type { a } from './config.ts';\n")).to.deep.equal([
      'src/errors.ts:2: errors may not import config',
    ]);
    expect(about('src/config-file.ts', "const x = () => import('./cli/init.ts');\n")[0]).to.include(
      'config may not import cli',
    );
    expect(about('src/cli/a.ts', "import {\n  a,\n  b,\n} from '../store/store.ts';\n")).to.deep.equal([]);
  });

  it('tells code from types', () => {
    expect(about('src/store/a.ts', "import type { Order } from '../cxml/order.ts';\n")).to.deep.equal([]);
    for (const text of [
      "import { read } from '../cxml/order.ts';\n",
      "import { type Order } from '../cxml/order.ts';\n",
    ]) {
      expect(about('src/store/a.ts', text)).to.deep.equal([
        'src/store/a.ts:1: store may not import code from (types only) cxml',
      ]);
    }
  });

  it('complains about packages a room may not use, and about folders that are no room', () => {
    expect(about('src/config.ts', "import { z } from 'zod';\nimport { v4 } from 'zod/v4';\n")).to.deep.equal(
      [],
    );
    expect(about('src/store/a.ts', "import { z } from 'zod';\n")[0]).to.include(
      'may not import the package zod',
    );
    expect(about('src/store/a.ts', "import type { x } from '@scope/name/deep';\n")[0]).to.include(
      'the package @scope/name,',
    );
    expect(about('src/attic/a.ts', "import { readFile } from 'node:fs';\n")).to.deep.equal([
      'src/attic/a.ts:1: attic is no room',
    ]);
  });

  it('complains about I/O, clock and chance in a pure room, and only there', () => {
    const offences = [
      "import { readFile } from 'node:fs/promises';",
      "export const a = () => import('node:fs');",
      'export const a = () => process.env.HOME;',
      'export const a = () => Date.now();',
      'export const a = () => new Date();',
      'export const a = () => new Date;',
      'export const a = () => Date();',
      'export const a = () => Math.random();',
      'export const a = () => fetch("x");',
      'export const a = () => setTimeout(a, 1);',
      'export const a = () => performance.now();',
      'export const a = () => crypto.randomUUID();',
      'export const a = () => Buffer.from("x");',
      'export const a = () => import.meta.url;',
      'export const a = () => `${Date.now()}`;',
      'export const a = { now: Date.now };',
      'export const a = [process][0];',
    ];
    for (const text of offences) {
      expect(about('src/cxml/a.ts', `${text}\n`), text).to.have.length(1);
      expect(about('src/store/a.ts', `${text}\n`), text).to.have.length(0);
    }
    for (const text of [
      'export const a = (x: { process: 1 }) => x.process;',
      'export const a = (b: Date) => b;',
      'export interface A { fetch: 1 }',
    ]) {
      expect(about('src/cxml/a.ts', `${text}\n`), text).to.deep.equal([]);
    }
  });

  it('complains about names that say nothing, an index, and names that are not kebab-case', () => {
    for (const name of [
      'utils',
      'string-utils',
      'helpers',
      'common',
      'types',
      'order-manager',
      'index',
      'readOrder',
      'Order',
    ]) {
      expect(about(`src/store/${name}.ts`, ''), name).to.have.length(1);
    }
    expect(about('test/helpers/a.ts', '')).to.have.length(1);
    for (const name of ['content-type', 'typed', 'commoner'])
      expect(about(`test/${name}.ts`, ''), name).to.deep.equal([]);
  });

  it('complains about a file of more than 300 lines, in src and in test', () => {
    expect(about('src/store/a.ts', '\n'.repeat(300))).to.deep.equal([]);
    expect(about('src/store/a.ts', '\n'.repeat(301))).to.have.length(1);
    expect(about('test/store/a.test.ts', '\n'.repeat(301))).to.have.length(1);
  });

  it('complains about default exports, re-exports, require and missing extensions', () => {
    expect(about('src/store/a.ts', 'export default 1;\n')[0]).to.include('no default export');
    expect(about('src/store/a.ts', 'const a = 1;\nexport { a as default };\n')[0]).to.include(
      ':2: no default export',
    );
    expect(about('src/store/a.ts', "export { a } from './store.ts';\n")[0]).to.include('no re-exports');
    expect(about('src/store/a.ts', "export * from './store.ts';\n")[0]).to.include('no re-exports');
    expect(about('src/store/a.ts', "export type { A } from './store.ts';\n")[0]).to.include('no re-exports');
    expect(about('src/store/a.ts', "const a = require('node:fs');\n")[0]).to.include('no require');
    expect(about('src/store/a.ts', "import { a } from './store';\n")[0]).to.include(
      'lacks its .ts extension',
    );
    expect(about('test/a.ts', "import { a } from '../src/store/store.js';\n")[0]).to.include(
      'lacks its .ts extension',
    );
  });

  it('complains about imports that lead nowhere or out of src', () => {
    expect(about('src/store/a.ts', "import { a } from './gone.ts';\n")[0]).to.include('is not there');
    expect(about('src/store/a.ts', "import { a } from '../../test/a.ts';\n")[0]).to.include('outside src');
  });

  it('complains about what happens while a module is loaded', () => {
    for (const text of [
      'start();',
      'await start();',
      'const a = await start();',
      'export const a = await b;',
      'let count = 0;',
      'if (x) start();',
      'for await (const a of b) c(a);',
      '(() => {})();',
      "import '../errors.ts';",
    ]) {
      expect(about('src/store/a.ts', `${text}\n`), text).to.have.length(1);
    }
    expect(about('src/main.ts', 'await start();\nconst a = await b;\n')).to.deep.equal([]);
    expect(
      about(
        'src/store/a.ts',
        'const a = `\nawait start();\n`;\nexport async function f() {\n  await a;\n}\n',
      ),
    ).to.deep.equal([]);
  });

  it('complains about console where nobody may print', () => {
    expect(about('src/store/a.ts', 'export const a = () => console.log(1);\n')[0]).to.include('no console');
    expect(about('src/cli/a.ts', 'export const a = () => console.log(1);\n')).to.deep.equal([]);
  });

  it('complains about circles of code, long ones too, and not about types', () => {
    const circle = [
      { path: 'src/store/a.ts', text: "import { b } from './b.ts';\n" },
      { path: 'src/store/b.ts', text: "import { c } from './c.ts';\n" },
      { path: 'src/store/c.ts', text: "import { a } from './a.ts';\n" },
      { path: 'src/store/d.ts', text: "import { a } from './a.ts';\nimport { b } from './b.ts';\n" },
    ];
    expect(checkHouse(circle, HOUSE)).to.deep.equal([
      'circle: src/store/a.ts → src/store/b.ts → src/store/c.ts → src/store/a.ts',
    ]);
    const [a, , c, d] = circle.map(({ path, text }) => ({ path, text }));
    const typed = { path: 'src/store/b.ts', text: "import type { c } from './c.ts';\n" };
    expect(
      checkHouse(
        [a, typed, c, d].filter((each) => each !== undefined),
        HOUSE,
      ),
    ).to.deep.equal([]);
    expect(checkHouse(circle.slice(0, 1).concat({ path: 'src/store/b.ts', text: '' }), HOUSE)).to.deep.equal(
      [],
    );
  });
});

describe('readImports', () => {
  it('finds every form, with its line, and nothing in comments and strings', () => {
    const text = `// import { no } from './no.ts';
import express, { type Express } from 'express';
import type {
  A,
} from './a.ts';
import * as b from "./b.ts";
const text = "import { no } from './no.ts'";
const more = \`
import { no } from './no.ts';
\${await import('./c.ts')}\`;
export { d } from './d.ts';
import './e.ts';
`;
    expect(readImports(text)).to.deep.equal([
      { target: 'express', typeOnly: false, how: 'static', line: 2 },
      { target: './a.ts', typeOnly: true, how: 'static', line: 3 },
      { target: './b.ts', typeOnly: false, how: 'static', line: 6 },
      { target: './c.ts', typeOnly: false, how: 'dynamic', line: 10 },
      { target: './d.ts', typeOnly: false, how: 're-export', line: 11 },
      { target: './e.ts', typeOnly: false, how: 'bare', line: 12 },
    ]);
  });
});

describe('maskSource', () => {
  it('keeps every position and all code, and nothing else', () => {
    const text =
      "const a = 'Q' + `Q${b ? `Q` : {}}Q` / 2; // Q\nconst d = /[/'Q]/.test('Q') ? 1 / 2 / 3 : 4; /* Q\n */";
    const masked = maskSource(text);
    expect(masked.split('\n').map((line) => line.length)).to.deep.equal(
      text.split('\n').map((line) => line.length),
    );
    expect(masked).not.to.include('Q');
    expect(masked.replaceAll(/ +/g, ' ')).to.equal(
      "const a = ' ' + ` b ? ` ` : {} ` / 2; \nconst d = ' '.test(' ') ? 1 / 2 / 3 : 4; \n ",
    );
  });
});

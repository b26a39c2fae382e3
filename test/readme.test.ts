/** The README says only what is so: keys, commands, options, metrics, refusals and files are held against the code. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Command } from 'commander';
import { createProgram } from '../src/cli/program.ts';
import { createTerminal } from '../src/cli/terminal.ts';
import { configTable } from '../src/config-docs.ts';
import { REFUSAL_CODES } from '../src/errors.ts';
import { ANSWERS } from '../src/http/answer.ts';
import { createMetrics } from '../src/telemetry/prometheus.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'README.md');
const readme = readFileSync(file, 'utf8');
const papers = [
  'README.md',
  'certs/README.md',
  'src/README.md',
  'deploy/sallyport.service',
  'deploy/Dockerfile',
  'deploy/runbook.md',
];
const scripts = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  }
).scripts;

/** Commands by what is typed: `orders list`. */
function listCommands(): ReadonlyMap<string, Command> {
  const silent = { write: () => true };
  const program = createProgram({
    terminal: createTerminal({ out: silent, err: silent, env: {}, now: () => 0 }),
    version: '0',
    env: {},
    now: () => new Date(0),
    settle: () => {},
  });
  const under = (command: Command, prefix: string): [string, Command][] =>
    command.commands.flatMap((each) => [
      [`${prefix}${each.name()}`, each],
      ...under(each, `${prefix}${each.name()} `),
    ]);
  return new Map(under(program, ''));
}

/** The innermost: of a group the words go on to say which. */
function findCommand(commands: ReadonlyMap<string, Command>, words: readonly string[]): Command | undefined {
  const [first = '', ...rest] = words;
  let name = first;
  for (const word of rest) {
    if ((commands.get(name)?.commands.length ?? 0) === 0) break;
    name = `${name} ${word}`;
  }
  return commands.get(name);
}

describe('README.md', () => {
  it('has a row for every configuration key, as the schema says it', () => {
    const [begin, end] = ['<!-- config:begin -->\n', '<!-- config:end -->'];
    const from = readme.indexOf(begin) + begin.length;
    const to = readme.indexOf(end);
    expect(readme.includes(begin) && to >= from).to.equal(true);
    const table = `${configTable()}\n`;
    if (process.env.UPDATE_README === '1') {
      writeFileSync(file, readme.slice(0, from) + table + readme.slice(to));
      return;
    }
    expect(readme.slice(from, to)).to.equal(table);
  });

  it('names only npm scripts that are there', () => {
    const named = papers.flatMap((paper) => [...readPaper(paper).matchAll(/npm run ([a-z:-]+)/g)]);
    expect(
      named.map(([, script]) => script).filter((script) => scripts[script ?? ''] === undefined),
    ).to.deep.equal([]);
  });

  it('names only commands that are there, with options they take', () => {
    const commands = listCommands();
    const wrong: string[] = [];
    for (const { words, where } of papers.flatMap(invocations)) {
      const command = findCommand(commands, words);
      const taken = ['--help', ...(command?.options ?? []).flatMap(({ long, short }) => [long, short])];
      const unknown = words.filter(
        (word) => word.startsWith('-') && !taken.includes(word.replace(/=.*$/, '')),
      );
      if (command === undefined || unknown.length > 0) wrong.push(`${where}: ${words.join(' ')}`);
    }
    expect(wrong).to.deep.equal([]);
  });

  it('has a section for every command', () => {
    const leaves = [...listCommands()].filter(([, command]) => command.commands.length === 0);
    const missing = leaves.filter(
      ([name]) => !new RegExp(`^### \`sallyport ${name}( |\`)`, 'm').test(readme),
    );
    expect(missing.map(([name]) => name)).to.deep.equal([]);
  });

  it('names only metrics that are there', async () => {
    const { registry } = createMetrics({ version: '0' });
    const known = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    const named = papers.flatMap((paper) => readPaper(paper).match(/\bsallyport_[a-z_]+/g) ?? []);
    expect(named.length).to.be.greaterThan(5);
    expect(named.filter((name) => !known.includes(name))).to.deep.equal([]);
  });

  it('answers every refusal as the code does', () => {
    const section = /^## How an answer is chosen$(.*?)^## /ms.exec(readme)?.[1] ?? '';
    const rows = section
      .split('\n')
      .filter((line) => /^\|[^|]+\| `/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const told = rows.flatMap(([, , codes = '', status, http]) =>
      [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => [code, `${status}, HTTP ${http}`]),
    );
    const so = REFUSAL_CODES.map((code) => {
      const { status, http } = ANSWERS[code];
      const { envelope, mirror } = http;
      return [code, `${status.code}, HTTP ${envelope === mirror ? envelope : `${envelope} / ${mirror}`}`];
    });
    expect(Object.fromEntries(told)).to.deep.equal(Object.fromEntries(so));
    expect(told).to.have.lengthOf(so.length);
  });

  it('links to what is there', () => {
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 _-]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = papers.flatMap((paper) =>
      [...readPaper(paper).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => ({ paper, target })),
    );
    const broken = links.filter(({ paper, target }) =>
      target.startsWith('#')
        ? paper === 'README.md' && !headings.includes(target.slice(1))
        : !/^https?:/.test(target) && !existsSync(join(root, dirname(paper), target.replace(/#.*$/, ''))),
    );
    expect(links.length).to.be.greaterThan(3);
    expect(broken).to.deep.equal([]);
  });
});

function readPaper(name: string): string {
  const path = join(root, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Every `sallyport …` that a reader could type: in code, in a heading, or at the start of a line. */
function invocations(paper: string): { readonly words: readonly string[]; readonly where: string }[] {
  const found = readPaper(paper).matchAll(/(?:^|`|\$ )\s*(?:sallyport|node src\/sallyport\.js) ([^`\n]+)/gm);
  return [...found].map(([, rest = '']) => ({
    where: paper,
    words: rest
      .replace(/ [|#>&].*$/, '')
      .trim()
      .split(/\s+/),
  }));
}

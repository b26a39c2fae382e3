// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what is tested
/** YAML with line numbers, and the traps of YAML refused. */
import { expect } from 'chai';
import { parseSheet } from '../src/config-yaml.ts';

const mistakesIn = (text: string, env = {}): string[] =>
  parseSheet(text, env).mistakes.map(({ line, message }) => `${line}: ${message}`);

describe('parseSheet', () => {
  it('knows the line of a key, of a list entry, and of what is around a missing one', () => {
    const { lineOf } = parseSheet(
      'a:\n  b: 1\n  c:\n    - d: 1\n    -\n      e: 2\nf: &x { g: 1 }\nh: *x\n',
      {},
    );
    expect(lineOf(['a', 'b'])).to.equal(2);
    expect(lineOf(['a', 'c', 0, 'd'])).to.equal(4);
    expect(lineOf(['a', 'c', 1, 'e'])).to.equal(6);
    expect(lineOf(['a', 'c', 1, 'missing'])).to.equal(6);
    expect(lineOf(['a', 'missing', 'x'])).to.equal(1);
    expect(lineOf(['h', 'g'])).to.equal(7);
    expect(lineOf([])).to.equal(1);
  });

  it('puts in variables, typed without quotes and as text within them', () => {
    const env = { PORT: '9443', FLAG: 'true', TEXT: 'x: y' };
    const text = [
      'a: ${PORT}',
      'b: "${PORT}"',
      "c: '${FLAG}'",
      'd: ${FLAG}',
      'e: $${PORT} and ${TEXT}',
      '${PORT}: 1',
    ];
    expect(parseSheet(text.join('\n'), env)).to.deep.include({
      value: { a: 9443, b: '9443', c: 'true', d: true, e: '${PORT} and x: y', '${PORT}': 1 },
      mistakes: [],
    });
  });

  it('names a variable that is not set, and does not repeat what is no name', () => {
    expect(mistakesIn('a: 1\nb: "${LEVEL}"\n')).to.deep.equal(['2: ${LEVEL} is not set in the environment']);
    expect(mistakesIn('b: "${pass word}"\n')[0]).not.to.include('pass');
  });

  it('refuses a key that stands twice in its group', () => {
    expect(mistakesIn('a: 1\nb: { c: 1 }\n"a": 2\n')).to.deep.equal([
      '3: this key stands twice in its group',
    ]);
  });

  it('refuses tabs, tags, a second document and a broken alias', () => {
    expect(mistakesIn('log:\n\tlevel: info\n')[0]).to.match(/^2: a tab/);
    expect(mistakesIn('a: 1\nlog: !!js/function "x"\n')[0]).to.match(/^2: tags/);
    expect(mistakesIn('a: 1\n---\na: 2\n')[0]).to.match(/^2: a second document/);
    expect(mistakesIn('a: *nobody\n')[0]).to.match(/^1: this alias/);
    expect(mistakesIn('a: &x [*x]\n')[0]).to.match(/^1: aliases/);
  });

  it('refuses an alias bomb without unfolding it', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [index, name] of [...'bcdefghi'].entries()) {
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`)}]`);
    }
    expect(mistakesIn(bomb.join('\n'))[0]).to.match(/^1: aliases/);
  });

  it('refuses deep nesting and takes many keys, both at once', () => {
    expect(mistakesIn('['.repeat(20_000))[0]).to.equal('1: is nested too deeply');
    expect(mistakesIn('a: '.concat('{ a: '.repeat(20_000)))[0]).to.equal('1: is nested too deeply');
    const started = performance.now();
    parseSheet(Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`).join('\n'), {});
    expect(performance.now() - started).to.be.below(5_000);
  });

  it('keeps __proto__ an ordinary key', () => {
    const { value } = parseSheet('__proto__: { x: 1 }\n', {});
    expect(Object.keys(value as object)).to.deep.equal(['__proto__']);
    expect(Object.hasOwn({}, 'x')).to.equal(false);
  });
});

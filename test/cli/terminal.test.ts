import { expect } from 'chai';
import { createTerminal } from '../../src/cli/terminal.ts';
import { StartupError } from '../../src/errors.ts';

function createStream(isTTY: boolean): {
  isTTY: boolean;
  text: string;
  write(text: string | Uint8Array): void;
} {
  return {
    isTTY,
    text: '',
    write(text) {
      this.text += typeof text === 'string' ? text : new TextDecoder().decode(text);
    },
  };
}

function create(isTTY: boolean, env: Record<string, string> = {}, now: () => number = () => 0) {
  const out = createStream(isTTY);
  const err = createStream(isTTY);
  return { out, err, terminal: createTerminal({ out, err, env, now }) };
}

describe('createTerminal', () => {
  const cases = [
    { on: 'a terminal', isTTY: true, env: {}, coloured: true },
    { on: 'a pipe', isTTY: false, env: {}, coloured: false },
    { on: 'a terminal with NO_COLOR', isTTY: true, env: { NO_COLOR: '1' }, coloured: false },
    { on: 'a terminal with an empty NO_COLOR', isTTY: true, env: { NO_COLOR: '' }, coloured: true },
    { on: 'a pipe with FORCE_COLOR', isTTY: false, env: { FORCE_COLOR: '1' }, coloured: true },
    { on: 'a terminal with FORCE_COLOR=0', isTTY: true, env: { FORCE_COLOR: '0' }, coloured: false },
    { on: 'a dumb terminal', isTTY: true, env: { TERM: 'dumb' }, coloured: false },
  ];
  for (const { on, isTTY, env, coloured } of cases) {
    it(`${coloured ? 'colours' : 'does not colour'} on ${on}`, () => {
      const { terminal } = create(isTTY, env as Record<string, string>);
      expect(terminal.red('x') !== 'x').to.equal(coloured);
    });
  }

  it('writes the bytes of a message exactly, and to a terminal only what can be shown of them', () => {
    const bytes = Buffer.from('<a>\r\n\u001b]0;x\u0007\u001b[2J\u009b1m\u202eä\t\u0000</a>\n\xff', 'utf8');
    const [pipe, terminal] = [create(false), create(true)];
    pipe.terminal.write(bytes);
    expect(pipe.out.text).to.equal(bytes.toString());
    terminal.terminal.write(bytes);
    expect(terminal.out.text)
      .to.match(/^<a>\n\ufffd\]0;x/)
      .and.to.include('ä\t');
    expect(terminal.out.text).not.to.match(/[^\P{Cc}\n\t]|\u202e/u);
  });

  it('moves one progress line on a terminal and clears it at the end', () => {
    let at = 0;
    const { terminal, err } = create(true, { NO_COLOR: '1' }, () => at);
    const progress = terminal.progress(10, 'orders');
    at = 500;
    progress.update(5);
    progress.finish();
    expect(err.text).to.equal('\r\u001b[2K  5/10 orders, about 1 s left\r\u001b[2K');
  });

  it('writes sparse lines of progress into a pipe', () => {
    let at = 0;
    const { terminal, err, out } = create(false, {}, () => at);
    const progress = terminal.progress(100, 'orders');
    for (let done = 1; done <= 100; done += 1) {
      at += 120;
      progress.update(done, 'all 200');
    }
    progress.finish();
    expect(err.text.split('\n')).to.have.length(3);
    expect(err.text).to.match(/^ {2}42\/100 orders, about 7 s left, all 200\n/);
    expect(out.text).to.equal('');
  });

  it('tells an error with its next step on standard error', () => {
    const { terminal, err, out } = create(false);
    terminal.complainOf(new StartupError('one\ntwo', { hint: 'do this' }));
    expect(err.text).to.equal('✖ one\n  two\n→ do this\n');
    expect(out.text).to.equal('');
  });
});

/** What a command prints on: colours and moving progress on a terminal, plain lines everywhere else. */
import { stripVTControlCharacters } from 'node:util';
import type { StartupError } from '../errors.ts';
import { harmlessLines } from './harmless.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Style = (text: string) => string;

interface Stream {
  readonly isTTY?: boolean;
  write(text: string | Uint8Array): unknown;
}

/** What a command is given. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly env: Env;
}

export interface TimedSurroundings extends Surroundings {
  readonly now: () => Date;
}

/** 0 done, 1 the answer is no, 2 usage or environment. */
export type ExitCode = 0 | 1 | 2;

export interface Progress {
  update(done: number, note?: string): void;
  /** Removes the moving line, so that what is printed next starts clean. */
  finish(): void;
}

export interface Terminal {
  readonly bold: Style;
  readonly dim: Style;
  readonly green: Style;
  readonly yellow: Style;
  readonly red: Style;
  readonly cyan: Style;
  /** ✔ ! ✖ in their colours. */
  readonly mark: Readonly<Record<'yes' | 'warn' | 'no', string>>;
  /** One or more lines to standard output. */
  print(...lines: readonly string[]): void;
  /** To standard error. */
  complain(...lines: readonly string[]): void;
  /** Bytes to standard output, exactly; on a terminal, which would obey them, what can be shown of them. */
  write(bytes: Uint8Array): void;
  /** Counted progress on standard error, so that standard output stays clean for a pipe. */
  progress(total: number, what: string): Progress;
  /** What happened, and the one next step. */
  complainOf(error: StartupError): void;
}

const MOVING_EVERY_MS = 100;
const SPARSE_EVERY_MS = 5_000;

export function createTerminal({
  out,
  err,
  env,
  now,
}: {
  readonly out: Stream;
  readonly err: Stream;
  readonly env: Env;
  readonly now: () => number;
}): Terminal {
  const colour = wantsColour(out, env);
  const paint =
    (open: number, close: number): Style =>
    (text) =>
      colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  const [bold, dim, red, green, yellow, cyan] = [
    paint(1, 22),
    paint(2, 22),
    paint(31, 39),
    paint(32, 39),
    paint(33, 39),
    paint(36, 39),
  ];
  const mark = { yes: green('✔'), warn: yellow('!'), no: red('✖') };
  const plainErr = colour && !wantsColour(err, env);
  const complain = (...lines: readonly string[]): void => {
    const text = `${lines.join('\n')}\n`;
    err.write(plainErr ? stripVTControlCharacters(text) : text);
  };

  return {
    bold,
    dim,
    green,
    yellow,
    red,
    cyan,
    mark,
    print(...lines) {
      if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
    },
    complain,
    write: (bytes) =>
      void out.write(out.isTTY === true ? harmlessLines(Buffer.from(bytes).toString()) : bytes),
    progress: (total, what) => createProgress({ err, total, what, now }),
    complainOf(error) {
      const [first = '', ...rest] = error.message.split('\n');
      complain(`${mark.no} ${first}`, ...rest.map((line) => `  ${line}`), `${cyan('→')} ${error.hint}`);
    },
  };
}

/** `NO_COLOR` outranks `FORCE_COLOR` (no-color.org: any value but the empty one); `FORCE_COLOR=0` is a no. */
function wantsColour(out: Stream, env: Env): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return out.isTTY === true && env.TERM !== 'dumb';
}

function createProgress({
  err,
  total,
  what,
  now,
}: {
  readonly err: Stream;
  readonly total: number;
  readonly what: string;
  readonly now: () => number;
}): Progress {
  const moving = err.isTTY === true;
  const every = moving ? MOVING_EVERY_MS : SPARSE_EVERY_MS;
  const started = now();
  let last = started;
  return {
    update(done, note = '') {
      const at = now();
      if (at - last < every) return;
      last = at;
      const left = done === 0 ? 0 : ((at - started) / done) * (total - done);
      const text = `${done}/${total} ${what}, about ${Math.ceil(left / 1_000)} s left${note === '' ? '' : `, ${note}`}`;
      err.write(moving ? `\r\u001b[2K  ${text}` : `  ${text}\n`);
    },
    finish() {
      if (moving) err.write('\r\u001b[2K');
    },
  };
}

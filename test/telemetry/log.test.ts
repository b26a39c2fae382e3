import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { Secret } from '../../src/config.ts';
import { createLog, type Log } from '../../src/telemetry/log.ts';

const HIDDEN = 'hunter2-4111111111111111';

/** A log, and its lines as written. */
function record(level: 'info' | 'error' = 'info'): {
  log: Log;
  lines: string[];
  last: () => Record<string, unknown>;
} {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: createLog({ level, destination }), lines, last: () => JSON.parse(lines.at(-1) ?? '') };
}

describe('createLog', () => {
  it('writes one JSON object a line: level by name, time in UTC, the fields, the message', () => {
    const { log, lines, last } = record();
    log.info({ buyer: 'acme', revision: 1 }, 'order kept');
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^\{[^\n]*\}\n$/);
    const { time, ...rest } = last();
    expect(rest).to.deep.equal({ level: 'info', buyer: 'acme', revision: 1, msg: 'order kept' });
    expect(new Date(String(time)).toISOString()).to.equal(time);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = record('error');
    log.warn({}, 'client refused');
    log.error({}, 'store failed');
    expect(lines).to.have.length(1);
  });

  it('takes out what is private, at any depth and however it is spelled', () => {
    const { log, lines } = record();
    const names = [
      'sharedSecret',
      'SharedSecret',
      'shared_secret',
      'Authorization',
      'proxy-authorization',
      'cookie',
    ];
    for (const name of [
      ...names,
      'body',
      'cardNumber',
      'CardNumber',
      'key',
      'password',
      'headers',
      'bytes',
    ]) {
      log.info({ [name]: HIDDEN, a: { [name]: HIDDEN, b: [{ c: { [name]: { d: HIDDEN } } }] } }, 'x');
      expect(lines.at(-1), name).not.to.include('hunter2');
      expect(lines.at(-1), name).to.include('[redacted]');
    }
  });

  it('shows no bytes and no secrets, whatever they are called', () => {
    const { log, lines, last } = record();
    log.info({ a: Buffer.from(HIDDEN), b: [new Uint8Array([104, 117])], c: new Secret(HIDDEN) }, 'x');
    expect(lines[0]).not.to.include('hunter2');
    expect(last()).to.include({ a: '[redacted]', c: '[secret]' });
    expect(last().b).to.deep.equal(['[redacted]']);
  });

  it('shows of an error its type, text, code, stack and causes, and nothing that hangs on it', () => {
    const { log, lines, last } = record();
    const cause = Object.assign(new TypeError('inner'), { code: 'EPIPE', request: { text: HIDDEN } });
    log.error({ err: Object.assign(new Error('outer', { cause }), { document: HIDDEN }) }, 'x');
    expect(lines[0]).not.to.include('hunter2');
    const { err } = last() as { err: { message: string; stack: string; cause: object } };
    expect(err.message).to.equal('outer');
    expect(err.stack).to.include('log.test.ts');
    expect(err.cause).to.include({ type: 'TypeError', message: 'inner', code: 'EPIPE' });
  });

  it('keeps line ends, escape sequences and characters that turn a line around from reaching a terminal', () => {
    const { log, lines, last } = record();
    const hostile = 'a\n{"level":"fatal"}\r\u001b[2J\u009b31m\u202eevil\u2028';
    log.warn({ detail: hostile, [hostile]: 1 }, 'request refused');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    expect(lines[0]?.slice(0, -1)).not.to.match(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/);
    expect(last().detail).to.include('a\n{"level":"fatal"}');
  });

  it('bounds long text, deep objects, long lists and circles', () => {
    const { log, lines } = record();
    const circle: Record<string, unknown> = { many: Array(10_000).fill(1) };
    circle.self = circle;
    log.info({ text: 'x'.repeat(1_000_000), circle }, 'x');
    expect(lines[0]?.length).to.be.below(10_000);
  });

  it('writes dates and big numbers', () => {
    const { log, last } = record();
    log.info({ at: new Date(0), size: 12n, none: undefined, nothing: null }, 'x');
    expect(last(), inspect(last())).to.deep.include({
      at: '1970-01-01T00:00:00.000Z',
      size: 12,
      nothing: null,
    });
  });
});

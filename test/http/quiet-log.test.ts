import { expect } from 'chai';
import { createQuietLog } from '../../src/http/quiet-log.ts';
import { recordLog } from './open-listener.ts';

describe('createQuietLog', () => {
  it('writes a burst up to the rate, and then says how many lines it left out', () => {
    const { log, lines } = recordLog();
    let at = 0;
    const quiet = createQuietLog({ log, clock: () => at, linesPerSecond: 5 });
    for (let index = 0; index < 100; index += 1) quiet.warn({ index }, 'client refused');
    expect(lines).to.have.length(5);
    quiet[Symbol.dispose]();
    expect(lines.at(-1)).to.deep.include({ message: 'log lines suppressed', fields: { suppressed: 95 } });
    at = 1_000;
    for (let index = 0; index < 10; index += 1) quiet.warn({ index }, 'client refused');
    expect(lines).to.have.length(11);
    quiet[Symbol.dispose]();
  });

  it('does not let lines of one kind silence another', () => {
    const { log, lines } = recordLog();
    using quiet = createQuietLog({ log, clock: () => 0, linesPerSecond: 5 });
    for (let index = 0; index < 100; index += 1) {
      quiet.warn({ index }, 'connection dropped');
      quiet.warn({ index }, 'client refused', 'strangers');
    }
    quiet.warn({}, 'client refused', 'near misses');
    quiet.warn({}, 'request refused');
    expect(lines).to.have.length(12);
    expect(lines.slice(-2).map(({ message }) => message)).to.deep.equal([
      'client refused',
      'request refused',
    ]);
  });

  it('writes every line of a slow stream', () => {
    const { log, lines } = recordLog();
    let at = 0;
    using quiet = createQuietLog({ log, clock: () => at, linesPerSecond: 5 });
    for (let index = 0; index < 50; index += 1) {
      quiet.warn({ index }, 'client refused');
      at += 200;
    }
    expect(lines).to.have.length(50);
  });
});

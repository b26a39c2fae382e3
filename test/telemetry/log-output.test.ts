import { expect } from 'chai';
import { createLogOutput } from '../../src/telemetry/log-output.ts';

/** Somewhere to write that takes so many bytes in all, and a retry that runs when it is told to. */
function create(room: number) {
  const place = { room, text: '' };
  const retries: (() => void)[] = [];
  const output = createLogOutput({
    put: (bytes) => {
      const taken = bytes.subarray(0, place.room);
      if (taken.length === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      place.room -= taken.length;
      place.text += Buffer.from(taken).toString('latin1');
      return taken.length;
    },
    later: (retry) => retries.push(retry),
  });
  return { output, place, retries, retry: () => retries.shift()?.() };
}

describe('createLogOutput', () => {
  it('writes a line before it returns', () => {
    const { output, place } = create(1_000);
    output.write('one\n');
    expect(place.text).to.equal('one\n');
  });

  it('keeps lines in order while nothing can be written, and goes on where it stopped', () => {
    const { output, place, retries, retry } = create(6);
    for (const line of ['one\n', 'two\n', 'three\n']) output.write(line);
    expect(place.text).to.equal('one\ntw');
    expect(retries).to.have.length(1);
    retry();
    place.room = 1_000;
    retry();
    output.write('four\n');
    expect(place.text).to.equal('one\ntwo\nthree\nfour\n');
    expect(retries).to.have.length(0);
  });

  it('holds a bounded number of bytes, and says how many lines are lost', () => {
    const { output, place, retry } = create(0);
    const line = `${'x'.repeat(99)}\n`;
    for (let count = 0; count < 20_000; count += 1) output.write(line);
    place.room = Number.POSITIVE_INFINITY;
    retry();
    output.write('next\n');
    const lines = place.text.trimEnd().split('\n');
    const waited = Math.floor(1024 ** 2 / 100);
    expect(lines).to.have.length(waited + 2);
    expect(JSON.parse(lines.at(-2) ?? '')).to.include({ msg: 'log lines lost', lost: 20_000 - waited });
    expect(lines.at(-1)).to.equal('next');
  });
});

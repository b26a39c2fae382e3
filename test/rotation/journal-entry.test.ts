import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { isSealed, NO_HASH, readEntry, sealEntry } from '../../src/rotation/journal-entry.ts';
import { needsTool } from '../support/needs.ts';
import { facts } from './place.ts';

const PLACE = { seq: 1, at: '2026-11-21T08:00:00.000Z', previous: NO_HASH };

describe('sealEntry', () => {
  it('reads back as it was written, with the anchors sorted and each once', () => {
    const { entry, line } = sealEntry(facts({ anchors: ['c', 'a', 'c', 'b'] }), PLACE);
    expect(readEntry(Buffer.from(line))).to.deep.equal(entry);
    expect(entry.anchors).to.deep.equal(['a', 'b', 'c']);
    expect(isSealed(Buffer.from(line))).to.equal(true);
  });

  it('keeps what a person typed on one line, whatever it is', () => {
    const reason = 'line\nbreak \u2028 "quote" ,"hash":"0"} \ud800 ✔';
    const { entry, line } = sealEntry(facts({ reason }), PLACE);
    expect(line).to.not.include('\n');
    expect(readEntry(Buffer.from(line))?.reason).to.equal(reason.toWellFormed());
    expect(isSealed(Buffer.from(line))).to.equal(true);
    expect(entry.what).to.deep.equal({ certificates: [], keys: [], evidence: null, forced: false });
  });

  it('cuts a text that would fill the file, and shows it', () => {
    const { entry } = sealEntry(facts({ reason: 'x'.repeat(1_000_000) }), PLACE);
    expect(entry.reason).to.have.length(2_000);
    expect(entry.reason?.at(-1)).to.equal('…');
  });

  it('can be proved with sed and sha256sum alone', function () {
    needsTool(this, 'sha256sum');
    const { entry, line } = sealEntry(facts({ reason: 'ümlaut' }), PLACE);
    const script = `sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\\n' | sha256sum`;
    const sum = execFileSync('sh', ['-c', script], { input: `${line}\n`, encoding: 'utf8' });
    expect(sum.split(' ')[0]).to.equal(entry.hash);
  });
});

describe('readEntry', () => {
  it('takes an entry of a newer receiver, with words and members of its own', () => {
    const { line } = sealEntry(facts(), PLACE);
    const newer = line.replace('"promote"', '"handover"').replace('{"seq"', '{"extra":1,"seq"');
    expect(readEntry(Buffer.from(newer))?.action).to.equal('handover');
  });

  it('takes nothing else for an entry', () => {
    const { line } = sealEntry(facts(), PLACE);
    for (const text of [
      '',
      'null',
      '[]',
      '{}',
      line.slice(0, -1),
      line.replace('"seq":1', '"seq":"1"'),
      line.replace('"forced":false', '"forced":0'),
      line.replace('"certificates":[]', '"certificates":[null]'),
      line.replace('"keys":[]', '"keys":{}'),
      line.replace('"generation":7', '"generation":7.5'),
    ]) {
      expect(readEntry(Buffer.from(text)), text.slice(0, 40)).to.equal(undefined);
    }
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { NO_HASH, sealEntry } from '../../src/rotation/journal-entry.ts';
import { readJournal, verifyJournal } from '../../src/rotation/read-journal.ts';
import { facts, journalText } from './place.ts';

const TEXT = journalText([
  { action: 'opened' },
  { action: 'stage', what: { certificates: [{ fingerprint: 'f', pin: 'p', subject: 'CN=Ümlaut G2' }] } },
  { action: 'rehearse', what: { evidence: '412 handshakes replayed, 0 would be refused' }, reason: null },
  { action: 'promote', generation: null, what: { forced: true } },
  { action: 'retire', what: { keys: ['spki:00'] } },
]);
const LINES = TEXT.trimEnd().split('\n');
const join = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const whole = verifyJournal(TEXT);
const anyLine = fc.integer({ min: 0, max: LINES.length - 1 });

describe('verifyJournal', () => {
  it('finds nothing wrong with what was written, and tells its head', () => {
    const head = /"hash":"([0-9a-f]{64})"\}$/.exec(LINES.at(-1) ?? '')?.[1];
    expect(whole).to.deep.equal({ intact: true, entries: 5, problems: [], head });
    expect(verifyJournal(Buffer.from(TEXT))).to.deep.equal(whole);
  });

  it('finds nothing wrong with a journal that has no entry yet', () => {
    expect(verifyJournal('')).to.deep.equal({ intact: true, entries: 0, problems: [], head: null });
  });

  it('finds every change of a single byte', () => {
    const bytes = Buffer.from(TEXT);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const changed = Buffer.from(bytes);
          changed[at] = ((changed[at] ?? 0) + by) % 256;
          expect(verifyJournal(changed).intact).to.equal(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('finds every byte that was taken out or put in', () => {
    const bytes = Buffer.from(TEXT);
    const anywhere = fc.integer({ min: 0, max: bytes.length - 1 });
    fc.assert(
      fc.property(anywhere, fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
        expect(verifyJournal(Buffer.concat([before, after.subarray(1)])).intact).to.equal(false);
        expect(verifyJournal(Buffer.concat([before, Buffer.from([byte]), after])).intact).to.equal(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds every line that was taken out, except at the end, where the head shows it', () => {
    for (const [gone] of LINES.entries()) {
      const { intact, head, problem } = verifyJournal(join(LINES.filter((_, at) => at !== gone)));
      if (gone === LINES.length - 1) {
        expect(intact).to.equal(true);
        expect(head).to.not.equal(whole.head);
      } else {
        expect(problem).to.deep.equal({
          line: gone + 1,
          what: `entry ${gone + 1} is missing before entry ${gone + 2}`,
        });
      }
    }
  });

  it('finds lines that were swapped, repeated or brought from another journal', () => {
    fc.assert(
      fc.property(anyLine, anyLine, (one, other) => {
        const [first = '', second = ''] = [LINES[one], LINES[other]];
        if (one !== other) {
          expect(verifyJournal(join(LINES.with(one, second).with(other, first))).intact).to.equal(false);
        }
        expect(verifyJournal(join(LINES.toSpliced(one, 0, second))).intact).to.equal(false);
        const stranger = sealEntry(facts({ by: 'eve' }), { seq: one + 1, at: 'now', previous: NO_HASH }).line;
        expect(verifyJournal(join(LINES.toSpliced(one, 0, stranger))).intact).to.equal(false);
        if (one > 0) expect(verifyJournal(join(LINES.with(one, stranger))).intact).to.equal(false);
      }),
    );
  });

  it('finds an entry that was changed and sealed again, by the one after it', () => {
    const forged = sealEntry(facts({ action: 'stage', by: 'eve' }), {
      seq: 2,
      at: '2026-11-21T08:01:00.000Z',
      previous: /"previous":"(\w+)"/.exec(LINES[1] ?? '')?.[1] ?? '',
    });
    expect(verifyJournal(join(LINES.with(1, forged.line))).problems).to.deep.equal([
      { line: 3, what: 'entry 3 does not follow the one before it: that one is not what was written' },
    ]);
  });

  it('tells one change once, with its line', () => {
    const changed = join(LINES.with(2, (LINES[2] ?? '').replace('0 would', '9 would')));
    expect(verifyJournal(changed)).to.deep.include({
      intact: false,
      entries: 5,
      problem: { line: 3, what: 'entry 3 was changed after it was written' },
      head: whole.head,
    });
    expect(verifyJournal(changed).problems).to.have.length(1);
    expect(verifyJournal(join(LINES.with(2, 'rubbish'))).problems).to.deep.equal([
      { line: 3, what: 'not an entry of a journal' },
    ]);
  });

  it('takes an excerpt only when told that it is one', () => {
    const excerpt = join(LINES.slice(2));
    expect(verifyJournal(excerpt).problems).to.deep.equal([
      { line: 1, what: 'entries 1 to 2 are missing before entry 3' },
    ]);
    expect(verifyJournal(excerpt, { excerpt: true })).to.include({ intact: true, head: whole.head });
    expect(verifyJournal(join([...LINES.slice(1, 2), ...LINES.slice(3)]), { excerpt: true }).intact).to.equal(
      false,
    );
  });
});

describe('readJournal', () => {
  it('tells what a crash tore apart from what was damaged', () => {
    const bytes = Buffer.from(TEXT);
    const lastLine = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
    for (let end = lastLine + 1; end < bytes.length - 1; end += 1) {
      const { torn, keepBytes, verdict } = readJournal(bytes.subarray(0, end));
      expect(keepBytes).to.equal(lastLine);
      expect(torn).to.have.length(end - lastLine);
      expect(verdict.problem?.what).to.include('cut off');
      expect(verdict.entries).to.equal(4);
    }
    const nothing = readJournal(Buffer.concat([bytes, Buffer.alloc(4096)]));
    expect(nothing.torn, 'zeros, as a file system leaves them after a power cut').to.have.length(4096);
    const half = readJournal(Buffer.concat([bytes, Buffer.from('{"seq":6,"at\n')]));
    expect(half.torn).to.have.length(13);
    const middle = readJournal(Buffer.from(join(LINES.toSpliced(2, 0, '{"seq":'))));
    expect(middle.torn).to.have.length(0);
  });

  it('takes a last entry that lacks no more than its line end for whole', () => {
    const { lines, lacksLineEnd, torn, verdict } = readJournal(Buffer.from(TEXT.slice(0, -1)));
    expect(lines).to.have.length(5);
    expect(lacksLineEnd).to.equal(true);
    expect(torn).to.have.length(0);
    expect(verdict.problems).to.deep.equal([{ line: 5, what: 'the line end is missing' }]);
  });
});

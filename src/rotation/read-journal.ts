/**
 * Whether a journal is as it was written. What the chain proves: no line was changed, taken out, put in or moved
 * without changing every later one. What it does not: that the end is still there, and that nobody who may write
 * the file wrote all of it anew. Both show only against a hash that was noted elsewhere, which is why the hash of the
 * newest entry, the head, is printed and logged.
 */
import { isSealed, type JournalEntry, NO_HASH, readEntry } from './journal-entry.ts';

export interface JournalProblem {
  /** Of the file, from 1. */
  readonly line: number;
  readonly what: string;
}

export interface JournalVerdict {
  readonly intact: boolean;
  /** How many could be read. */
  readonly entries: number;
  /** The first of `problems`. */
  readonly problem?: JournalProblem;
  /** A change in one line is one problem; what comes after it is judged by itself. */
  readonly problems: readonly JournalProblem[];
  /** Hash of the newest entry; null when there is none. */
  readonly head: string | null;
}

export interface JournalLine {
  /** Of the file, from 1. */
  readonly line: number;
  /** Its first byte in the file, from 0. */
  readonly start: number;
  readonly entry: JournalEntry;
}

export interface JournalReading {
  /** Those that could be read, altered or not. */
  readonly lines: readonly JournalLine[];
  readonly verdict: JournalVerdict;
  /** Bytes from the start of the file that may stay when the next entry is written. */
  readonly keepBytes: number;
  /** What a crash left behind them: the beginning of an entry that was never acknowledged. */
  readonly torn: Buffer;
  /** The last entry is whole and only its line end is missing. */
  readonly lacksLineEnd: boolean;
}

/** @param excerpt the first entries may be missing, as in `audit export --since` */
export function verifyJournal(text: string | Buffer, { excerpt = false } = {}): JournalVerdict {
  return readJournal(Buffer.from(text), { excerpt }).verdict;
}

export function readJournal(file: Buffer, { excerpt = false } = {}): JournalReading {
  const found: JournalLine[] = [];
  const problems: JournalProblem[] = [];
  let before: Before | undefined = excerpt ? undefined : { seq: 0, hash: NO_HASH };
  let [start, line, keepBytes] = [0, 0, 0];
  let lacksLineEnd = false;
  while (start < file.length) {
    line += 1;
    const report = (what: string): void => void problems.push({ line, what });
    const lineEnd = file.indexOf(0x0a, start);
    const end = lineEnd === -1 ? file.length : lineEnd;
    const next = lineEnd === -1 ? end : end + 1;
    const bytes = file.subarray(start, end);
    const entry = readEntry(bytes);
    const isWhole = entry !== undefined && (lineEnd !== -1 || isSealed(bytes));
    if (lineEnd === -1) report(isWhole ? 'the line end is missing' : TORN);
    else if (entry === undefined) report(next === file.length ? TORN : 'not an entry of a journal');
    if (isWhole) {
      for (const what of checkEntry(entry, bytes, before)) report(what);
      found.push({ line, start, entry });
      before = entry;
      lacksLineEnd = lineEnd === -1;
    } else if (before !== undefined) {
      before = { seq: before.seq + 1, hash: undefined }; // its own hash is lost, so the next is not asked for it
    }
    // Only at the very end is it a crash: what is damaged in the middle stays, to be seen.
    if (isWhole || next < file.length) keepBytes = next;
    start = next;
  }
  const [problem] = problems;
  return {
    lines: found,
    verdict: {
      intact: problem === undefined,
      entries: found.length,
      ...(problem === undefined ? {} : { problem }),
      problems,
      head: found.at(-1)?.entry.hash ?? null,
    },
    keepBytes,
    torn: file.subarray(keepBytes),
    lacksLineEnd,
  };
}

const TORN = 'cut off: the beginning of an entry whose writing did not end';

interface Before {
  readonly seq: number;
  readonly hash: string | undefined;
}

/** At most one, so that one change is told once. */
function* checkEntry(entry: JournalEntry, bytes: Buffer, before: Before | undefined): Generator<string> {
  const { seq, previous } = entry;
  if (!isSealed(bytes)) return yield `entry ${seq} was changed after it was written`;
  if (before === undefined) return;
  const expected = before.seq + 1;
  if (seq > expected) yield `${missing(expected, seq - 1)} missing before entry ${seq}`;
  else if (seq < expected) yield `entry ${seq} stands where entry ${expected} belongs`;
  else if (before.hash !== undefined && previous !== before.hash) {
    yield `entry ${seq} does not follow the one before it: that one is not what was written`;
  }
}

function missing(first: number, last: number): string {
  return first === last ? `entry ${first} is` : `entries ${first} to ${last} are`;
}

/** What needs attention, worst first, and the one next step. `trust show` and `doctor` tell the same. */
import type { Certificate } from '../trust/certificate.ts';
import { checkPin } from '../trust/check-pin.ts';
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { Attention, TrustReport } from './rotation.ts';
import { GET_SUCCESSOR, isShort, warnAboutClients, warnAboutPins } from './warn-about-dates.ts';
import { warnAboutUsage } from './warn-about-usage.ts';
import { counted, DAY_MS, namePin } from './words.ts';

export type Shown = Omit<TrustReport, 'warnings' | 'attention' | 'next'>;

/** How far back refusals and changes by others are told of. */
export const TOLD_DAYS = 7;

export interface Known {
  readonly report: Shown;
  readonly staged: readonly Certificate[];
  readonly seen: readonly SeenChain[];
  /** Of the last `TOLD_DAYS`. */
  readonly refused: readonly RefusedHandshakeRecord[];
  readonly entries: readonly JournalEntry[];
  readonly now: Date;
}

export function warnAboutTrust({ report, staged, seen, refused, entries, now }: Known): Attention[] {
  return [
    ...warnAboutJournal(report),
    ...warnAboutRefused(ofLastDay(refused, now)),
    ...warnAboutPins(report.pins),
    ...warnAboutUnfit(staged, now),
    ...warnAboutClients(report.clients),
    ...warnAboutUsage(seen, refused),
    ...warnAboutFound(entries, now),
  ];
}

export function nextStep({ journal, pins }: Shown, refused: readonly RefusedHandshakeRecord[]): string {
  if (!journal.intact) return `see what is wrong with the journal: ${VERIFY}`;
  const miss = refused.find(({ nearMiss }) => nearMiss);
  if (miss !== undefined) return seeRefused(miss);
  if (pins.some(({ state }) => state === 'staged')) return 'sallyport trust rehearse';
  return pins.some((pin) => pin.state === 'active' && isShort(pin)) ? GET_SUCCESSOR : '';
}

export function ofLastDay(refused: readonly RefusedHandshakeRecord[], now: Date): RefusedHandshakeRecord[] {
  return refused.filter(({ lastAt }) => lastAt.getTime() >= now.getTime() - DAY_MS);
}

/** A file of ours, or of the operator, that is not what it should be. */
export function warnAboutFiles(texts: readonly string[], next: string): Attention[] {
  return texts.map((text) => ({ state: 'warn', about: 'files', of: null, text, next }));
}

const VERIFY = 'sallyport audit verify';

function warnAboutJournal({ journal }: Shown): Attention[] {
  if (journal.intact) return [];
  const text = `the journal is not as it was written: ${journal.problem ?? `see ${VERIFY}`}`;
  return [{ state: 'no', about: 'journal', of: null, text, next: VERIFY }];
}

function warnAboutRefused(refused: readonly RefusedHandshakeRecord[]): Attention[] {
  const misses = refused.filter(({ nearMiss }) => nearMiss);
  const [latest] = misses;
  if (latest === undefined) return [];
  const who = counted(misses.length, 'client');
  const what = misses.length === 1 ? 'was' : 'were';
  const text =
    `${who} with the right name ${what} refused in the last 24 hours, as a new issuer at Coupa would be: ` +
    `sallyport trust refused show ${latest.id}`;
  return [{ state: 'warn', about: 'refused', of: null, text, next: seeRefused(latest) }];
}

function seeRefused({ id }: RefusedHandshakeRecord): string {
  return `see who was refused and why: sallyport trust refused show ${id}`;
}

/** Staged although the bundle would not take it: somebody put the file there, or its time has come since. */
function warnAboutUnfit(staged: readonly Certificate[], now: Date): Attention[] {
  return staged.flatMap((certificate) => {
    const [fault] = checkPin(certificate, 'its file', now);
    if (fault === undefined || fault.fault === 'expired') return []; // the days tell of that
    return [
      {
        state: 'warn',
        about: 'pin',
        of: certificate.fingerprint,
        text: `staged ${namePin({ certificate })} cannot be promoted: ${fault.what}`,
        next: fault.hint,
      },
    ];
  });
}

function warnAboutFound(entries: readonly JournalEntry[], now: Date): Attention[] {
  const since = new Date(now.getTime() - TOLD_DAYS * DAY_MS).toISOString();
  const found = entries.filter(({ action, at }) => action === 'found' && at >= since);
  const last = found.at(-1);
  if (last === undefined) return [];
  const text =
    `${last.what.keys.length === 0 ? 'the files of the bundle were' : 'what is trusted was'} changed outside of these ` +
    `commands on ${last.at.slice(0, 10)} ` +
    `(entry ${last.seq}): ${last.what.evidence ?? ''}`;
  return warnAboutFiles([text], 'see whether that was meant: sallyport audit show');
}

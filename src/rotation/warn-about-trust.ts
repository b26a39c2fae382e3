/** What needs attention, worst first, and the one next step. */
import type { RefusedHandshakeRecord, SeenChain } from '../trust/evidence.ts';
import type { JournalEntry } from './journal-entry.ts';
import { DAY_MS } from './procedure.ts';
import type { ClientReport, PinReport, TrustReport } from './rotation.ts';
import { warnAboutUsage } from './warn-about-usage.ts';
import { counted } from './words.ts';

export type Shown = Omit<TrustReport, 'warnings' | 'next'>;

/** A warning changes its words as each of these days goes by, so that whoever has seen one looks again. */
const MARKS = [1, 7, 14, 30, 60, 90];

export function warnAboutTrust({
  report,
  seen,
  refused,
  entries,
  now,
}: {
  readonly report: Shown;
  readonly seen: readonly SeenChain[];
  readonly refused: readonly RefusedHandshakeRecord[];
  readonly entries: readonly JournalEntry[];
  readonly now: Date;
}): string[] {
  return [
    ...warnAboutJournal(report),
    ...warnAboutRefused(refused),
    ...warnAboutPins(report),
    ...warnAboutClients(report.clients),
    ...warnAboutUsage(seen, refused),
    ...warnAboutFound(entries, now),
  ];
}

export function nextStep({ journal, pins }: Shown, refused: readonly RefusedHandshakeRecord[]): string {
  if (!journal.intact) return 'see what is wrong with the journal: sallyport audit verify';
  const miss = refused.find(({ nearMiss }) => nearMiss);
  if (miss !== undefined) return `see who was refused and why: sallyport trust refused show ${miss.id}`;
  if (pins.some(({ state }) => state === 'staged')) return 'sallyport trust rehearse';
  const active = pins.filter(({ state }) => state === 'active');
  const short = active.some(({ daysLeft }) => markOf(daysLeft) !== undefined);
  if (short) return 'get the successor from the page where Coupa publishes it: sallyport trust stage FILE';
  return '';
}

function warnAboutJournal({ journal }: Shown): string[] {
  if (journal.intact) return [];
  return [`the journal is not as it was written: ${journal.problem ?? 'see sallyport audit verify'}`];
}

function warnAboutRefused(refused: readonly RefusedHandshakeRecord[]): string[] {
  const misses = refused.filter(({ nearMiss }) => nearMiss);
  const [latest] = misses;
  if (latest === undefined) return [];
  const who = counted(misses.length, 'client');
  const what = misses.length === 1 ? 'was' : 'were';
  return [
    `${who} with the right name ${what} refused in the last 24 hours, as a new issuer at Coupa would be: ` +
      `sallyport trust refused show ${latest.id}`,
  ];
}

function warnAboutPins({ pins }: Shown): string[] {
  const active = pins.filter(({ state }) => state === 'active');
  const successors = pins.filter(({ state }) => state === 'staged');
  const [only] = active;
  const dying = active.flatMap((pin) => warnAboutEnd(pin, hasSuccessor(pin, [...active, ...successors])));
  if (active.length !== 1 || only === undefined || successors.length > 0) return dying;
  const single = `pin ${only.pin} is the only one, and no successor is staged: when Coupa changes its issuer, orders are refused`;
  return [...dying, single];
}

function warnAboutEnd({ pin, subject, daysLeft, notAfter }: PinReport, succeeded: boolean): string[] {
  const mark = markOf(daysLeft);
  if (mark === undefined) return [];
  const end =
    daysLeft < 0 ? `expired on ${dateOf(notAfter)}` : `expires ${inDays(daysLeft)}, on ${dateOf(notAfter)}`;
  return [
    `pin ${pin} (${subject}) ${end}${succeeded ? '' : ', and nothing that lasts longer is pinned or staged'}`,
  ];
}

/** One that is good beyond the end of this one, and for longer than the first mark that matters. */
function hasSuccessor({ fingerprint, notAfter }: PinReport, others: readonly PinReport[]): boolean {
  return others.some((each) => each.fingerprint !== fingerprint && each.notAfter > notAfter);
}

/** Of each name and issuer the newest alone: what was replaced may end. */
function warnAboutClients(clients: readonly ClientReport[]): string[] {
  const newest = new Map<string, ClientReport>();
  for (const client of clients) {
    const before = newest.get(client.name);
    if (before === undefined || before.notAfter < client.notAfter) newest.set(client.name, client);
  }
  return [...newest.values()].flatMap(({ name, fingerprint, daysLeft, notAfter }) => {
    if (markOf(daysLeft) === undefined) return [];
    const end = daysLeft < 0 ? 'expired' : `expires ${inDays(daysLeft)}`;
    return [
      `the newest client certificate of ${name} (${fingerprint.slice(0, 12)}) ${end}, on ${dateOf(notAfter)}: ` +
        'Coupa will come with another one, perhaps of another issuer',
    ];
  });
}

const TOLD_DAYS = 7;

function warnAboutFound(entries: readonly JournalEntry[], now: Date): string[] {
  const since = new Date(now.getTime() - TOLD_DAYS * DAY_MS).toISOString();
  const found = entries.filter(({ action, at }) => action === 'found' && at >= since);
  const last = found.at(-1);
  if (last === undefined) return [];
  return [
    `the files of the bundle were changed outside of these commands on ${dateOf(last.at)} (entry ${last.seq}): ` +
      `${last.what.evidence ?? ''}`,
  ];
}

/** The mark that a number of days has come below. */
function markOf(daysLeft: number): number | undefined {
  return MARKS.find((mark) => daysLeft <= mark);
}

function inDays(daysLeft: number): string {
  if (daysLeft === 0) return 'within a day';
  return `in ${counted(daysLeft, 'day')}`;
}

function dateOf(iso: string): string {
  return iso.slice(0, 10);
}

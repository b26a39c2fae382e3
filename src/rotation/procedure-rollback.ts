/** `rollback` goes back to a set that was in force before, through the same checks as any other. */
import type { Certificate } from '../trust/certificate.ts';
import { inTurns } from '../turns.ts';
import { withAnchors } from './candidate.ts';
import { changeTrust } from './change-trust.ts';
import { findLosses, warnOfLosses } from './find-losses.ts';
import { isSealed, type JournalEntry } from './journal-entry.ts';
import {
  asAnchor,
  certificatesOf,
  fingerprintsOf,
  isSameSet,
  type RotationParts,
  readSeen,
  type TrustNow,
} from './procedure.ts';
import { refuseUnsound } from './procedure-promote.ts';
import { reportChange } from './report-change.ts';
import { type Actor, type ChangeReport, RotationError } from './rotation.ts';
import { counted, DAY_MS, NOTHING_CHANGED } from './words.ts';

export async function rollback(
  parts: RotationParts,
  current: TrustNow,
  { toEntry }: { readonly toEntry?: number },
  actor: Actor,
): Promise<ChangeReport> {
  const now = parts.now();
  const { trust } = current;
  const active = certificatesOf(trust.anchors);
  const entries = parts.journal.entries();
  const target = findTarget(entries, fingerprintsOf(active), toEntry);
  refuseAltered(target, entries);
  const wanted = await findAll(parts, active, target);
  const add = wanted.filter(({ fingerprint }) => active.every((each) => each.fingerprint !== fingerprint));
  // All of them or none: a set that lets fewer in than it did would be no way back. What is in force stays as it is.
  for (const each of add) refuseUnsound(each, current, now);
  const remove = trust.anchors.filter(({ certificate }) => !target.anchors.includes(certificate.fingerprint));
  const { seen, problem } = await readSeen(parts);
  const recent = seen.filter(({ lastSeen }) => lastSeen.getTime() >= now.getTime() - 30 * DAY_MS);
  const after = withAnchors(trust, wanted.map(asAnchor));
  const { lost } = await inTurns(findLosses({ before: trust, after, seen: recent, now }));
  const changed = await changeTrust(parts, current, {
    action: 'rollback',
    actor,
    add,
    remove,
    evidence: `to the set of entry ${target.seq}; ${counted(lost.length, 'chain')} seen in 30 days would be refused`,
    forced: false,
  });
  return reportChange({
    changed,
    seen,
    warnings: warnOfLosses(lost, problem),
    next: 'see who is let in: sallyport trust show; forward again: sallyport trust rollback',
    now,
  });
}

function findTarget(
  entries: readonly JournalEntry[],
  inForce: readonly string[],
  toEntry: number | undefined,
): JournalEntry {
  // An entry about damage at the very beginning knows of no set.
  const sets = entries.filter(({ anchors }) => anchors.length > 0);
  if (toEntry === undefined) {
    const before = sets.findLast(({ anchors }) => !isSameSet(anchors, inForce));
    if (before !== undefined) return before;
    throw new RotationError('the journal tells of no other set than the one in force', {
      meaning: NOTHING_CHANGED,
      next: 'see what was done: sallyport audit show',
    });
  }
  const entry = sets.find(({ seq }) => seq === toEntry);
  if (entry === undefined) {
    throw new RotationError(`the journal has no set of entry ${toEntry}`, {
      meaning: NOTHING_CHANGED,
      next: 'see which entries there are: sallyport audit show',
    });
  }
  if (!isSameSet(entry.anchors, inForce)) return entry;
  throw new RotationError(`the set of entry ${toEntry} is the one in force`, {
    meaning: NOTHING_CHANGED,
    next: 'nothing: it is as you want it',
  });
}

/**
 * Whatever was ever staged is kept, what nobody wanted included: an entry that somebody changed could bring any of it in
 * force. That the newest was written anew shows by nothing in the file.
 */
function refuseAltered(target: JournalEntry, entries: readonly JournalEntry[]): void {
  const next = entries[entries.indexOf(target) + 1];
  const isAsWritten = isSealed(Buffer.from(JSON.stringify(target)));
  if (isAsWritten && (next === undefined || next.previous === target.hash)) return;
  throw new RotationError(
    `entry ${target.seq} of the journal is not as it was written, so its set proves nothing`,
    {
      meaning: NOTHING_CHANGED,
      next: 'see where the journal was changed (sallyport audit verify), then go to another entry: sallyport trust rollback --to N',
    },
  );
}

async function findAll(
  { shelf }: RotationParts,
  active: readonly Certificate[],
  { anchors, seq }: JournalEntry,
): Promise<Certificate[]> {
  const found: Certificate[] = [];
  for (const fingerprint of anchors) {
    const certificate =
      active.find((each) => each.fingerprint === fingerprint) ?? (await shelf.findKnown(fingerprint));
    if (certificate === undefined) {
      throw new RotationError(
        `the certificate ${fingerprint.slice(0, 16)} of entry ${seq} is not kept here`,
        {
          meaning: NOTHING_CHANGED,
          next: 'stage it again (sallyport trust stage FILE), then try again',
        },
      );
    }
    found.push(certificate);
  }
  return found;
}

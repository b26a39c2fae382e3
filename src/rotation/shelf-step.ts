/** A step that touches the shelf alone: on record, or not done. */
import { messageOf } from '../errors.ts';
import type { Certificate } from '../trust/certificate.ts';
import { type JournalEntry, type JournalFacts, nameCertificate } from './journal-entry.ts';
import { certificatesOf, fingerprintsOf, type RotationParts, type TrustNow } from './procedure.ts';
import { type Actor, RotationError } from './rotation.ts';
import { NOTHING_CHANGED } from './words.ts';

export async function recordShelf(
  { journal, log }: RotationParts,
  { trust, generation }: TrustNow,
  {
    action,
    actor,
    certificates,
  }: {
    readonly action: JournalFacts['action'];
    readonly actor: Actor;
    readonly certificates: readonly Certificate[];
  },
): Promise<JournalEntry> {
  const named = certificates.map(nameCertificate);
  const anchors = fingerprintsOf(certificatesOf(trust.anchors));
  const entry = await journal.append({
    action,
    ...actor,
    what: { certificates: named },
    anchors,
    generation,
  });
  const pins = named.map(({ pin }) => pin);
  log.info({ action, by: actor.by, pins, entry: entry.seq, head: entry.hash }, 'trust step taken');
  return entry;
}

export async function orTakeBack<T>(undo: () => Promise<void>, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const failure = await undo().then(
      () => '',
      (problem: unknown) => `; and what was done could not be taken back: ${messageOf(problem)}`,
    );
    throw new RotationError(`the folder of trust.state cannot be written: ${messageOf(error)}${failure}`, {
      meaning: NOTHING_CHANGED,
      next: 'make room, and let this user write there; then try again',
    });
  }
}

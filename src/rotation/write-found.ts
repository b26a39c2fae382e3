/**
 * What changed without a step, on record: the files of the bundle and the list of distrusted keys may be edited by hand,
 * and a process may die between a change and its entry. Then the journal says that it was found so.
 */
import { StartupError } from '../errors.ts';
import { distrustedPath, loadDistrusted } from '../trust/distrusted.ts';
import { nameMeant } from './distrusted-key.ts';
import { type JournalEntry, nameCertificate } from './journal-entry.ts';
import {
  certificatesOf,
  fingerprintsOf,
  isSameSet,
  type RotationParts,
  type TrustNow,
  unwritable,
} from './procedure.ts';
import { RotationError } from './rotation.ts';
import { listed } from './words.ts';

export async function writeFound(
  { journal, shelf, state, log }: RotationParts,
  { trust, generation }: TrustNow,
  why: string,
): Promise<void> {
  const certificates = certificatesOf(trust.anchors);
  const anchors = fingerprintsOf(certificates);
  const last = journal.last()?.anchors;
  const keys = await findChangedKeys(state, journal.entries());
  if (last !== undefined && isSameSet(last, anchors) && keys.length === 0) return;
  try {
    await shelf.keep(certificates);
    const { certificates: known } = await shelf.listKnown();
    const changed = [
      ...anchors.filter((each) => last?.includes(each) !== true),
      ...(last ?? []).filter((each) => !anchors.includes(each)),
    ];
    const named = changed.map((fingerprint) => {
      const found = known.find((each) => each.fingerprint === fingerprint);
      return found === undefined ? { fingerprint, pin: '', subject: '' } : nameCertificate(found);
    });
    const { action, seq, hash } = await journal.append({
      action: last === undefined ? 'opened' : 'found',
      by: 'sallyport',
      reason: why,
      what: {
        certificates: named,
        keys: keys.map(({ key }) => key),
        evidence: last === undefined ? null : describe({ now: anchors, before: last, keys }),
      },
      anchors,
      generation,
    });
    log.info({ action, why, entry: seq, head: hash }, 'trust journal written');
  } catch (error) {
    if (error instanceof RotationError) throw error;
    throw unwritable('the journal cannot be written', error);
  }
}

/** Rows of the list of distrusted ones, as `nameMeant` has them, that there are by what the journal tells. */
export function distrustedBy(entries: readonly JournalEntry[]): ReadonlySet<string> {
  const rows = new Set<string>();
  for (const { action, what } of entries) {
    for (const key of what.keys) {
      if (action === 'distrust') rows.add(key);
      else if (action === 'lift') rows.delete(key);
      // Found changed, either way: what was not there is.
      else if (!rows.delete(key)) rows.add(key);
    }
  }
  return rows;
}

interface ChangedKey {
  readonly key: string;
  readonly isListed: boolean;
}

async function findChangedKeys(state: string, entries: readonly JournalEntry[]): Promise<ChangedKey[]> {
  const told = distrustedBy(entries);
  const rows = await readRows(state);
  if (rows === undefined) return [];
  return [
    ...[...rows].filter((key) => !told.has(key)).map((key) => ({ key, isListed: true })),
    ...[...told].filter((key) => !rows.has(key)).map((key) => ({ key, isListed: false })),
  ];
}

/** Undefined when it cannot be read: whoever needs it says so. */
async function readRows(state: string): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await loadDistrusted(distrustedPath(state))).map(nameMeant));
  } catch (error) {
    if (error instanceof StartupError) return undefined;
    throw error;
  }
}

function describe({
  now,
  before,
  keys,
}: {
  readonly now: readonly string[];
  readonly before: readonly string[];
  readonly keys: readonly ChangedKey[];
}): string {
  const short = (prints: readonly string[]): string =>
    prints.length === 0 ? 'none' : prints.map((each) => each.slice(0, 12)).join(', ');
  const added = now.filter((each) => !before.includes(each));
  const removed = before.filter((each) => !now.includes(each));
  const pins =
    added.length + removed.length === 0 ? [] : [`added ${short(added)}; removed ${short(removed)}`];
  const rows = ([true, false] as const).flatMap((isListed) => {
    const found = keys.filter((each) => each.isListed === isListed).map(({ key }) => key);
    return found.length === 0
      ? []
      : [`${isListed ? 'distrusted' : 'not distrusted any more'} ${listed(found)}`];
  });
  return `by somebody else: ${[...pins, ...rows].join('; ')}`;
}

/**
 * `lift` takes a key or a serial number off the list of distrusted ones again. It brings nothing back: a pin that was
 * taken out stays out. Whoever a pin in force vouches for is let in at once, and that is told.
 */

import type { Certificate } from '../trust/certificate.ts';
import { type Distrusted, denyDistrusted, distrustedPath, loadDistrusted } from '../trust/distrusted.ts';
import type { Trust } from '../trust/trust.ts';
import { inTurns } from '../turns.ts';
import { changeTrust, isDenied } from './change-trust.ts';
import { findListed, isMeant, type Meant, nameMeant } from './distrusted-key.ts';
import { findLosses, nameClients } from './find-losses.ts';
import { type RotationParts, readSeen, type TrustNow } from './procedure.ts';
import { reportChange } from './report-change.ts';
import { type Actor, type ChangeReport, type DistrustQuery, RotationError } from './rotation.ts';
import { counted, NOTHING_CHANGED, namePin } from './words.ts';

export async function lift(
  parts: RotationParts,
  current: TrustNow,
  query: DistrustQuery,
  actor: Actor,
): Promise<ChangeReport> {
  if (actor.reason === null) throw withoutReason();
  const { state, shelf } = parts;
  const now = parts.now();
  const { trust } = current;
  const { seen, problem } = await readSeen(parts);
  const before = await loadDistrusted(distrustedPath(state));
  const { certificates: known } = await shelf.listKnown();
  const meant = findListed(before, [...known, ...seen], query);
  const isLifted = (each: Distrusted): boolean => nameMeant(each) === nameMeant(meant);
  const after = withoutRow(trust, before.filter(isLifted));
  // Who is let in by what comes, and refused by what is: the losses of the way back.
  const { lost: gained } = await inTurns(findLosses({ before: after, after: trust, seen, now }));
  const changed = await changeTrust(parts, current, {
    action: 'lift',
    actor,
    add: [],
    remove: [],
    distrusted: before.filter((each) => !isLifted(each)),
    keys: [nameMeant(meant)],
    evidence: problem ?? `${counted(gained.length, 'chain')} seen before would be let in again`,
    forced: false,
  });
  const isPinned = trust.anchors.some(({ certificate }) => isMeant(certificate, meant));
  const wasPinned = known.some((each) => isMeant(each, meant));
  return reportChange({
    changed,
    keys: [nameMeant(meant)],
    seen,
    warnings: [
      ...(gained.length === 0 ? [] : [`let in again from now on: ${nameClients(gained)}`]),
      ...warnOfRest(changed.trust, meant, known),
      ...(problem === null ? [] : [problem]),
    ],
    next: !isPinned && wasPinned ? TRUST_AGAIN : 'see who is let in: sallyport trust show',
    now,
  });
}

const TRUST_AGAIN =
  'it is not distrusted any more, and not pinned either; to trust it again: sallyport trust rollback, or ' +
  'sallyport trust stage FILE';

function withoutReason(): RotationError {
  return new RotationError('a distrust is lifted for a reason, and none was given', {
    meaning: NOTHING_CHANGED,
    next: 'say why, for the journal: --reason TEXT',
  });
}

/** Rows of the configuration stay, whatever they name. */
function withoutRow(trust: Trust, lifted: readonly Distrusted[]): Trust {
  const rows = denyDistrusted(lifted).map((row) => `${nameMeant(row)} ${row.comment}`);
  return { ...trust, deny: trust.deny.filter((row) => !rows.includes(`${nameMeant(row)} ${row.comment}`)) };
}

/** What else refuses it. */
function warnOfRest(trust: Trust, meant: Meant, known: readonly Certificate[]): string[] {
  if (trust.deny.some((row) => nameMeant(row) === nameMeant(meant))) {
    return ['trust.deny of the configuration names it as well: whoever shows it stays refused'];
  }
  return known
    .filter((each) => isMeant(each, meant) && isDenied(each, trust))
    .map((certificate) => `${namePin({ certificate })} stays refused by another row of a deny-list`);
}

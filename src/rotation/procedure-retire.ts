/** `retire` takes a pin out of the set, once nobody needs it any more as far as was seen. */
import type { Anchor } from '../trust/bundle.ts';
import { inTurns } from '../turns.ts';
import { leavesEnough, withAnchors, without } from './candidate.ts';
import { changeTrust } from './change-trust.ts';
import { findLosses, nameClients, warnOfLosses } from './find-losses.ts';
import { matchPin } from './pin-report.ts';
import { certificatesOf, type RotationParts, readSeen, type TrustNow } from './procedure.ts';
import { reportChange } from './report-change.ts';
import { type Actor, type ChangeReport, RotationError } from './rotation.ts';
import { counted, DAY_MS, NOTHING_CHANGED, namePin } from './words.ts';

/** A client that came within it still needs the pin. Orders may come once a week; a warning tells of those. */
const STILL_SEEN_MS = 72 * 3_600_000;
const LAST_DAYS = 30;

export async function retire(
  parts: RotationParts,
  current: TrustNow,
  { pin, force }: { readonly pin: string; readonly force: boolean },
  actor: Actor,
): Promise<ChangeReport> {
  const now = parts.now();
  const { trust } = current;
  const anchor = chooseActive(current, pin);
  const left = without(trust.anchors, [anchor]);
  if (!leavesEnough(left, [anchor], now)) {
    throw new RotationError(`${namePin(anchor)} is the only one there is that has not expired`, {
      meaning: `${NOTHING_CHANGED}; without it no client could be let in`,
      next: 'put its successor in first: sallyport trust stage FILE, then sallyport trust promote',
    });
  }
  const { seen, problem } = await readSeen(parts);
  const recent = seen.filter(({ lastSeen }) => lastSeen.getTime() >= now.getTime() - LAST_DAYS * DAY_MS);
  const after = withAnchors(trust, left);
  const { lost, kept } = await inTurns(findLosses({ before: trust, after, seen: recent, now }));
  const still = lost.filter(({ lastSeen }) => lastSeen.getTime() >= now.getTime() - STILL_SEEN_MS);
  const hindrance = findHindrance({ anchor, still, kept, problem });
  if (hindrance !== undefined && !force) throw hindrance;
  const changed = await changeTrust(parts, current, {
    action: 'retire',
    actor,
    add: [],
    remove: [anchor],
    evidence: `${counted(lost.length, 'chain')} seen in ${LAST_DAYS} days would be refused, ${still.length} of them seen in 72 hours; ${kept.length} would be let in`,
    forced: hindrance !== undefined,
  });
  return reportChange({
    changed,
    seen,
    warnings: warnOfLosses(lost, problem),
    next: 'watch for refused clients (sallyport trust refused list); the way back: sallyport trust rollback',
    now,
  });
}

/** @throws {RotationError} when no pin in force is named so, or several are */
function chooseActive({ trust }: TrustNow, pin: string): Anchor {
  const certificate = matchPin(pin, certificatesOf(trust.anchors));
  const anchor = trust.anchors.find((each) => each.certificate === certificate);
  if (anchor === undefined) throw new Error('a pin was found and is not there');
  return anchor;
}

/** What is not known is no reason to go on: the way to go on all the same is to say so. */
function findHindrance({
  anchor,
  still,
  kept,
  problem,
}: {
  readonly anchor: Anchor;
  readonly still: Parameters<typeof nameClients>[0];
  readonly kept: readonly unknown[];
  readonly problem: string | null;
}): RotationError | undefined {
  const orForce = '; or, if that is meant: --force --reason TEXT';
  if (problem !== null) {
    return new RotationError(`nobody knows who needs ${namePin(anchor)}: ${problem}`, {
      meaning: NOTHING_CHANGED,
      next: `mend that first${orForce}`,
      forceable: true,
    });
  }
  if (still.length > 0) {
    return new RotationError(`${namePin(anchor)} is still needed: ${nameClients(still)}`, {
      meaning: `${NOTHING_CHANGED}; without it these clients would be refused, and their orders with them`,
      next: `wait until they come with a certificate of another pin (sallyport trust show)${orForce}`,
      forceable: true,
    });
  }
  if (kept.length > 0) return undefined;
  return new RotationError(
    `no client was seen in the last ${LAST_DAYS} days that would be let in without ${namePin(anchor)}`,
    {
      meaning: `${NOTHING_CHANGED}; nothing shows that what would be left lets anybody in`,
      next: `wait until an order has come by another pin (sallyport trust show)${orForce}`,
      forceable: true,
    },
  );
}

/**
 * `distrust`, for emergencies: one action, at once. A key goes on the list of distrusted keys, and an anchor with it out
 * of the set. Whom it locks out is told, and hinders nothing.
 */
import { messageOf } from '../errors.ts';
import type { Anchor } from '../trust/bundle.ts';
import { type Distrusted, denyDistrusted, distrustedPath, loadDistrusted } from '../trust/distrusted.ts';
import { inTurns } from '../turns.ts';
import { leavesEnough, withAnchors, without } from './candidate.ts';
import { changeTrust } from './change-trust.ts';
import { findKey, isMeant, listMet, nameMeant, readSerial } from './distrusted-key.ts';
import { findLosses, warnOfLosses } from './find-losses.ts';
import { type RotationParts, readSeen, type TrustNow } from './procedure.ts';
import { reportChange } from './report-change.ts';
import { type Actor, type ChangeReport, type DistrustQuery, RotationError } from './rotation.ts';
import { counted, NOTHING_CHANGED, namePin } from './words.ts';

export async function distrust(
  parts: RotationParts,
  current: TrustNow,
  query: DistrustQuery,
  actor: Actor,
): Promise<ChangeReport> {
  const { state, shelf, log } = parts;
  const now = parts.now();
  const { trust } = current;
  const { seen, problem } = await readSeen(parts);
  const met = await listMet(parts, current, seen);
  const meant = 'key' in query ? { spki: findKey(met, query.key) } : readSerial(query);
  const before = await loadDistrusted(distrustedPath(state));
  const isListed = before.some((each) => nameMeant(each) === nameMeant(meant));
  const remove = trust.anchors.filter(({ certificate }) => isMeant(certificate, meant));
  if (isListed && remove.length === 0) {
    throw new RotationError(`${nameMeant(meant)} is distrusted already`, {
      meaning: 'whoever shows it, or is vouched for by it, is refused already',
      next: 'nothing; see the list: sallyport trust show',
    });
  }
  const left = without(trust.anchors, remove);
  if (!leavesEnough(left, remove, now)) throw lastPin(remove);
  const entry: Distrusted = { ...meant, since: now.toISOString(), by: actor.by, reason: actor.reason };
  const distrusted = isListed ? before : [...before, entry];
  const after = withAnchors({ ...trust, deny: [...trust.deny, ...denyDistrusted([entry])] }, left);
  const { lost } = await inTurns(findLosses({ before: trust, after, seen, now }));
  const changed = await changeTrust(parts, current, {
    action: 'distrust',
    actor,
    add: [],
    remove,
    distrusted,
    keys: [nameMeant(meant)],
    evidence: problem ?? `${counted(lost.length, 'chain')} seen before would be refused`,
    forced: false,
  });
  const warnings = [
    ...(met.some((each) => isMeant(each, meant)) ? [] : [NOBODY_MET]),
    ...warnOfLosses(lost, problem),
  ];
  try {
    const { certificates } = await shelf.listStaged();
    for (const each of certificates) if (isMeant(each, meant)) await shelf.unstage(each.fingerprint);
  } catch (error) {
    log.warn({ err: error }, 'distrusted pins still staged'); // promoting them is refused all the same
    warnings.push(`still on the list of staged pins: ${messageOf(error)}`);
  }
  return reportChange({
    changed,
    removedAre: 'distrusted',
    keys: isListed ? [] : [nameMeant(meant)],
    seen,
    warnings,
    next: 'tell Coupa which key is not trusted any more; who is refused now: sallyport trust refused list',
    now,
  });
}

/** The list takes whatever is asked for, and a slip would look like a distrust. */
const NOBODY_MET =
  'no certificate that was seen or pinned here has this key or serial number: a key is named by the SHA-256 of the ' +
  'public key, not of the certificate, and an issuer as it is shown here; lift takes a slip back';

function lastPin(remove: readonly Anchor[]): RotationError {
  return new RotationError(
    `this is all that is pinned and has not expired: ${remove.map(namePin).join(', ')}`,
    {
      meaning: `${NOTHING_CHANGED}; without it no client could be let in`,
      next:
        'promote its successor first (sallyport trust stage FILE, sallyport trust promote), then distrust it; ' +
        'if nobody may be let in until then, stop the receiver: Coupa repeats for five hours',
    },
  );
}

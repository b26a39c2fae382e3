/** `rehearse` replays what the gate saw; `promote` makes staged pins trusted beside those in force, if that is sound. */
import { messageOf } from '../errors.ts';
import type { Certificate } from '../trust/certificate.ts';
import { minuteOf } from '../trust/check-certificate.ts';
import { checkPin } from '../trust/check-pin.ts';
import { inTurns } from '../turns.ts';
import { changeTrust, isDenied } from './change-trust.ts';
import { lockedOutBy, worstFirst } from './conclude-rehearsal.ts';
import { matchPin } from './pin-report.ts';
import {
  asAnchor,
  certificatesOf,
  type RotationParts,
  readRefused,
  readSeen,
  type TrustNow,
} from './procedure.ts';
import { chooseStaged } from './procedure-unstage.ts';
import { rehearse } from './rehearse.ts';
import { reportChange } from './report-change.ts';
import { type Actor, type ChangeReport, type RehearseReport, RotationError } from './rotation.ts';
import { counted, DAY_MS, NOTHING_CHANGED } from './words.ts';

const LAST_DAYS = 30;
/** As long as days are kept. */
const MOST_DAYS = 400;

export async function rehearseNow(
  parts: RotationParts,
  { trust }: TrustNow,
  {
    lastDays = LAST_DAYS,
    without = [],
    staged,
  }: {
    readonly lastDays?: number;
    readonly without?: readonly string[];
    /** Left out: all that are staged. */
    readonly staged?: readonly Certificate[];
  } = {},
): Promise<RehearseReport> {
  const now = parts.now();
  if (!Number.isInteger(lastDays) || lastDays < 1 || lastDays > MOST_DAYS) {
    throw new RotationError(`a rehearsal goes back 1 to ${MOST_DAYS} days`, {
      meaning: NOTHING_CHANGED,
      next: 'sallyport trust rehearse --last 30d',
    });
  }
  const since = new Date(now.getTime() - lastDays * DAY_MS);
  const { seen, problem: unseen } = await readSeen(parts, { since });
  const { refused, problem } = await readRefused(parts, since);
  const candidates = staged ?? (await parts.shelf.listStaged()).certificates;
  const all = [...certificatesOf(trust.anchors), ...candidates];
  const leftOut = without.map((pin) => asAnchor(matchPin(pin, all)));
  const gone = new Set(leftOut.map(({ certificate }) => certificate.fingerprint));
  if (all.every(({ fingerprint }) => gone.has(fingerprint))) {
    throw new RotationError('without these pins there would be none, and no client could be let in', {
      meaning: NOTHING_CHANGED,
      next: 'stage the successor first: sallyport trust stage FILE',
    });
  }
  const report = await inTurns(
    rehearse({ trust, staged: candidates.map(asAnchor), leftOut, seen, refused, lastDays, now }),
  );
  const problems = [unseen, problem].filter((each) => each !== null);
  const told = problems.map((text) => ({ state: 'warn' as const, text }));
  return { ...report, conclusions: worstFirst([...told, ...report.conclusions]) };
}

export async function promote(
  parts: RotationParts,
  current: TrustNow,
  { pins, force }: { readonly pins: readonly string[]; readonly force: boolean },
  actor: Actor,
): Promise<ChangeReport> {
  const { shelf, log } = parts;
  const now = parts.now();
  const chosen = await chooseStaged(parts, pins);
  for (const each of chosen) refuseUnsound(each, current, now);
  const rehearsal = await rehearseNow(parts, current, { staged: chosen });
  const lost = lockedOutBy(rehearsal.scenarios, 'with staged');
  if (lost.length > 0 && !force) {
    throw new RotationError(
      `${counted(lost.length, 'client')} that is let in today would be refused: ${lost[0]?.name ?? ''}`,
      {
        meaning: NOTHING_CHANGED,
        next: 'see who and why: sallyport trust rehearse; or --force --reason TEXT',
        forceable: true,
      },
    );
  }
  const { seen } = await readSeen(parts);
  const changed = await changeTrust(parts, current, {
    action: 'promote',
    actor,
    add: chosen,
    remove: [],
    evidence: `${counted(rehearsal.handshakes, 'handshake')} of ${counted(rehearsal.clients, 'client')} replayed, ${counted(lost.length, 'client')} would be refused`,
    forced: force && lost.length > 0,
  });
  const warnings = rehearsal.conclusions
    .filter(({ state }) => state !== 'yes')
    .map(({ text }) => text)
    .concat(chosen.filter(({ notBefore }) => notBefore > now).map(warnOfStart));
  // Active from here on; that a file still says staged as well harms nobody.
  try {
    for (const { fingerprint } of chosen) await shelf.unstage(fingerprint);
  } catch (error) {
    log.warn({ err: error }, 'promoted pins still staged');
    warnings.push(`still on the list of staged pins: ${messageOf(error)}`);
  }
  return reportChange({
    changed,
    seen,
    warnings,
    next: 'watch which pin vouches (sallyport trust show); once the old one is not used: sallyport trust retire PIN',
    now,
  });
}

/** What the bundle would refuse, or should never trust. Not forceable: nobody would be let in by it. */
export function refuseUnsound(certificate: Certificate, { trust }: TrustNow, now: Date): void {
  if (isDenied(certificate, trust)) {
    throw new RotationError(`${certificate.subject.text} is distrusted`, {
      meaning: NOTHING_CHANGED,
      next: 'it cannot be trusted again; ask Coupa for an issuer with a new key',
    });
  }
  const [fault] = checkPin(certificate, 'it', now);
  if (fault === undefined) return;
  throw new RotationError(fault.what, { meaning: NOTHING_CHANGED, next: fault.hint });
}

function warnOfStart({ subject, notBefore }: Certificate): string {
  return `${subject.text} is valid only from ${minuteOf(notBefore)}: until then nobody is let in by it`;
}

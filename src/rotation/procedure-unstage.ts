/** `unstage` takes certificates off the shelf again. */
import type { Certificate } from '../trust/certificate.ts';
import { matchPin } from './pin-report.ts';
import { asAnchor, type RotationParts, type TrustNow } from './procedure.ts';
import { reportChange } from './report-change.ts';
import { type Actor, type ChangeReport, RotationError } from './rotation.ts';
import { orTakeBack, recordShelf } from './shelf-step.ts';
import { NOTHING_CHANGED } from './words.ts';

export async function unstage(
  parts: RotationParts,
  current: TrustNow,
  { pins }: { readonly pins: readonly string[] },
  actor: Actor,
): Promise<ChangeReport> {
  const { shelf, now } = parts;
  const chosen = await chooseStaged(parts, pins);
  const undo = async (): Promise<void> => {
    for (const each of chosen) await shelf.stage(each);
  };
  const entry = await orTakeBack(undo, async () => {
    for (const { fingerprint } of chosen) await shelf.unstage(fingerprint);
    return await recordShelf(parts, current, { action: 'unstage', actor, certificates: chosen });
  });
  return reportChange({
    changed: {
      ...current,
      change: { action: 'unstage', add: [], remove: chosen.map(asAnchor) },
      entry,
      tookMs: 0,
      warnings: [],
    },
    removedAre: 'staged',
    seen: [],
    warnings: [],
    next: 'nothing: who is let in has not changed',
    now: now(),
  });
}

/** Those named, or all. @throws {RotationError} when there are none */
export async function chooseStaged(
  { shelf }: Pick<RotationParts, 'shelf'>,
  pins: readonly string[],
): Promise<Certificate[]> {
  const { certificates, problems } = await shelf.listStaged();
  if (certificates.length === 0) {
    const why = problems.length === 0 ? 'nothing is staged' : problems.join('; ');
    throw new RotationError(why, { meaning: NOTHING_CHANGED, next: 'sallyport trust stage FILE' });
  }
  if (pins.length === 0) return [...certificates];
  return [...new Set(pins.map((pin) => matchPin(pin, certificates)))];
}

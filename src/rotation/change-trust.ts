/**
 * A step that changes who is let in, whole or not at all: files, then in force, then on record. Whatever fails on the
 * way, the files are put back as they were and read again. A process that dies in between leaves files that are sound
 * and in force at the next start, where the journal says that they were found so.
 */
import { messageOf } from '../errors.ts';
import type { Certificate } from '../trust/certificate.ts';
import { checkDenied } from '../trust/deny.ts';
import { type Distrusted, denyDistrusted, distrustedPath, loadDistrusted } from '../trust/distrusted.ts';
import type { Trust } from '../trust/trust.ts';
import { editBundle } from './bundle-files.ts';
import { without } from './candidate.ts';
import {
  type Applied,
  certificatesOf,
  fingerprintsOf,
  isSameSet,
  type RotationParts,
  type TrustNow,
  unwritable,
} from './procedure.ts';
import { type Recorded, recordChange, type TrustChange } from './record-change.ts';
import { RotationError } from './rotation.ts';
import { takeSnapshot } from './snapshot.ts';
import { NOTHING_CHANGED } from './words.ts';

export interface TrustChanged extends TrustNow, Recorded {
  readonly change: Pick<TrustChange, 'action' | 'add' | 'remove'>;
  readonly tookMs: number;
}

export async function changeTrust(
  parts: RotationParts,
  before: TrustNow,
  change: TrustChange,
): Promise<TrustChanged> {
  const { settings, state, shelf, now } = parts;
  const { bundle } = settings();
  await orExplain('the folder of trust.state cannot be written', () =>
    shelf.keep([...certificatesOf(before.trust.anchors), ...change.add]),
  );
  const files = await takeSnapshot(bundle);
  const distrustedBefore = change.distrusted && (await loadDistrusted(distrustedPath(state)));
  const startedAt = now().getTime();
  let changed: readonly string[] | undefined;
  const undo = async (): Promise<void> => {
    await files.restore(changed);
    if (distrustedBefore !== undefined) await shelf.writeDistrusted(distrustedBefore);
  };
  try {
    // First the list: a process that dies in between has refused too many, never too few.
    if (change.distrusted !== undefined) {
      const { distrusted } = change;
      await orExplain('the list of distrusted keys cannot be written', () =>
        shelf.writeDistrusted(distrusted),
      );
    }
    const remove = fingerprintsOf(certificatesOf(change.remove));
    ({ files: changed } = await editBundle(bundle, { add: change.add, remove }));
    const applied = await parts.apply();
    const tookMs = now().getTime() - startedAt;
    proveApplied(applied, before.trust, change);
    return { ...(await recordChange(parts, applied, change)), ...pick(applied), change, tookMs };
  } catch (error) {
    throw await takenBack(parts, change, { undo, distrusted: distrustedBefore ?? [] }, error);
  }
}

function pick({ trust, generation }: Applied): TrustNow {
  return { trust, generation };
}

function proveApplied(applied: Applied, before: Trust, { add, remove, distrusted }: TrustChange): void {
  if (applied.outcome === 'failed') {
    throw new RotationError(`the changed files would not be taken: ${applied.problem ?? 'see the log'}`, {
      meaning: NOTHING_CHANGED,
      next: 'mend what is named there, then try again',
    });
  }
  const expected = [...certificatesOf(without(before.anchors, remove)), ...add];
  const found = certificatesOf(applied.trust.anchors);
  const isDenying = deniesAll(applied.trust, distrusted ?? []);
  if (isSameSet(fingerprintsOf(expected), fingerprintsOf(found)) && isDenying) return;
  throw new RotationError(
    'what came in force is not what was asked for: somebody changed the files meanwhile',
    {
      meaning: NOTHING_CHANGED,
      next: 'see what is there: sallyport trust show',
    },
  );
}

function deniesAll({ deny }: Trust, distrusted: readonly Distrusted[]): boolean {
  return denyDistrusted(distrusted).every(({ spki, serial, issuer }) =>
    deny.some((each) => each.spki === spki && each.serial === serial && each.issuer === issuer),
  );
}

/** @returns what to throw: the error itself once all is as before, or one that says what is not */
async function takenBack(
  { apply, log }: RotationParts,
  { add, remove }: TrustChange,
  { undo, distrusted }: { readonly undo: () => Promise<void>; readonly distrusted: readonly Distrusted[] },
  error: unknown,
): Promise<unknown> {
  try {
    await undo();
    const { trust, outcome, problem } = await apply();
    // What somebody else did meanwhile is theirs.
    const inForce = new Set(fingerprintsOf(certificatesOf(trust.anchors)));
    const isAsBefore =
      certificatesOf(remove).every(({ fingerprint }) => inForce.has(fingerprint)) &&
      add.every(({ fingerprint }) => !inForce.has(fingerprint)) &&
      deniesAll(trust, distrusted);
    if (isAsBefore) return error;
    throw new Error(problem ?? `what is in force is not what it was (${outcome})`);
  } catch (failure) {
    log.error({ err: failure, because: messageOf(error) }, 'trust step not taken back');
    return new RotationError(`${messageOf(error)}; and it could not be taken back: ${messageOf(failure)}`, {
      meaning: 'the files of the bundle may hold the change by half; orders are taken by what was in force',
      next: 'see what is in force (sallyport trust show), and put the files of the bundle right by hand',
    });
  }
}

async function orExplain<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RotationError) throw error;
    throw unwritable(what, error);
  }
}

/** Whether it is on a deny-list, by its key or its serial number. */
export function isDenied(certificate: Certificate, { deny }: Trust): boolean {
  return checkDenied(certificate, '', deny).length > 0;
}

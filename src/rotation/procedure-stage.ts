/** `stage` lays certificates on the shelf, judged and not trusted. */
import type { Certificate } from '../trust/certificate.ts';
import { readLeaf } from '../trust/sent-chain.ts';
import { inTurns } from '../turns.ts';
import { candidateFromRefused } from './candidate-from-refused.ts';
import { isDenied } from './change-trust.ts';
import { lintCandidate } from './lint-candidate.ts';
import { openAside } from './open-aside.ts';
import { describePin } from './pin-report.ts';
import { usesOfPins } from './pin-uses.ts';
import { certificatesOf, fingerprintsOf, type RotationParts, readSeen, type TrustNow } from './procedure.ts';
import { type Actor, RotationError, type StageReport, type StageSource } from './rotation.ts';
import { orTakeBack, recordShelf } from './shelf-step.ts';
import { DAY_MS } from './words.ts';

export async function stage(
  parts: RotationParts,
  current: TrustNow,
  source: StageSource,
  actor: Actor,
): Promise<StageReport> {
  const { shelf, now } = parts;
  const { trust } = current;
  const at = now();
  const opened = await openSource(parts, source);
  const { seen } = await readSeen(parts, { since: new Date(at.getTime() - 30 * DAY_MS) });
  const before = await shelf.listStaged();
  const lint = await inTurns(
    lintCandidate({
      certificates: opened.certificates,
      active: certificatesOf(trust.anchors),
      staged: before.certificates,
      names: trust.names,
      seen: seen.map(({ chainPem }) => readLeaf(chainPem)).filter((each) => each !== undefined),
      now: at,
    }),
  );
  const denied = lint.staged.find(({ certificate }) => isDenied(certificate, trust));
  if (denied !== undefined) {
    throw new RotationError(`${denied.certificate.subject.text} is distrusted`, {
      meaning: 'nothing was staged; nobody it vouches for is let in',
      next: 'ask Coupa for an issuer with a new key',
    });
  }
  const certificates = lint.staged.map(({ certificate }) => certificate);
  const known = new Set(fingerprintsOf(before.certificates));
  const added = certificates.filter(({ fingerprint }) => !known.has(fingerprint));
  const undo = async (): Promise<void> => {
    for (const { fingerprint } of added) await shelf.unstage(fingerprint);
  };
  await orTakeBack(undo, async () => {
    for (const each of added) await shelf.stage(each);
    if (added.length > 0) await recordShelf(parts, current, { action: 'stage', actor, certificates: added });
  });
  const uses = usesOfPins(seen, at);
  const promotable = lint.staged.some(({ checks }) => checks.every(({ state }) => state !== 'no'));
  return {
    staged: lint.staged.map(({ certificate, checks, change }) => ({
      ...describePin(certificate, { state: 'staged', file: null, now: at, use: uses.get(certificate.spki) }),
      checks,
      change,
    })),
    leftOut: lint.leftOut,
    warnings: [...opened.warnings, ...lint.warnings],
    next: nextStep(lint.staged.length, promotable),
  };
}

function nextStep(staged: number, promotable: boolean): string {
  if (staged === 0) return 'nothing to do: all of it is active already';
  return promotable
    ? 'nothing is trusted yet; next: sallyport trust rehearse'
    : 'this would not be taken by the bundle: sallyport trust unstage, then stage what Coupa publishes now';
}

async function openSource(
  { evidence, flushEvidence }: RotationParts,
  source: StageSource,
): Promise<{ readonly certificates: readonly Certificate[]; readonly warnings: readonly string[] }> {
  if ('bytes' in source) {
    return await openAside(source);
  }
  await flushEvidence();
  const record = await evidence?.findRefusedHandshake(source.fromRefused);
  if (record !== undefined) return candidateFromRefused(record);
  throw new RotationError(`there is no refused handshake ${source.fromRefused}`, {
    meaning: 'nothing was staged; nothing that is trusted has changed',
    next: 'see which there are: sallyport trust refused list',
  });
}

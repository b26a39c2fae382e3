/** Which of those refused the trust in force would let in by now: nobody needs to look into them any more. */
import type { RefusedHandshakeRecord } from '../trust/evidence.ts';
import type { Trust } from '../trust/trust.ts';
import { asRequired, judgeReplayed, replayRefused } from './candidate.ts';

/**
 * As `rehearse` judges them. In turns.
 *
 * @param refused whole: with their chains
 * @returns their ids
 */
export function* findMended({
  trust,
  refused,
  now,
}: {
  readonly trust: Trust;
  readonly refused: readonly RefusedHandshakeRecord[];
  readonly now: Date;
}): Generator<undefined, ReadonlySet<number>, void> {
  const mended = new Set<number>();
  for (const record of refused) {
    const around = { before: trust.anchors, at: now };
    if (judgeReplayed(replayRefused(record), asRequired(trust), around).trusted) mended.add(record.id);
    yield;
  }
  return mended;
}

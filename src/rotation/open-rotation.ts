/** The rotation put together: every step behind every other, each with what it needs. */
import type { Measured } from '../telemetry/trust-metrics.ts';
import { measureTrust } from './measure-trust.ts';
import { orRefuse, type RotationParts } from './procedure.ts';
import { distrust } from './procedure-distrust.ts';
import { lift } from './procedure-lift.ts';
import { promote, rehearseNow } from './procedure-promote.ts';
import { retire } from './procedure-retire.ts';
import { rollback } from './procedure-rollback.ts';
import { stage } from './procedure-stage.ts';
import { unstage } from './procedure-unstage.ts';
import type { Rotation } from './rotation.ts';
import { showTrust } from './show-trust.ts';
import { createSteps } from './take-step.ts';

/** Disposing waits for the steps that were asked for. */
export interface NotedRotation extends Rotation, AsyncDisposable {
  /**
   * To be told at the start and whenever other trust has come in force: what somebody else changed goes on record.
   * Never throws.
   *
   * @param why Example: `receiver started`, `files changed`
   */
  noteInForce(why: string): Promise<void>;
  /** For metrics. */
  measure(): Promise<Measured>;
}

export function createRotation(parts: RotationParts): NotedRotation {
  const steps = createSteps(parts);
  return {
    show: () => orRefuse(() => steps.look((now) => showTrust(parts, now))),
    stage: (source, actor) => orRefuse(() => steps.take((now) => stage(parts, now, source, actor))),
    unstage: (query, actor) => orRefuse(() => steps.take((now) => unstage(parts, now, query, actor))),
    rehearse: (query) => orRefuse(() => steps.look((now) => rehearseNow(parts, now, query))),
    promote: (query, actor) => orRefuse(() => steps.take((now) => promote(parts, now, query, actor))),
    retire: (query, actor) => orRefuse(() => steps.take((now) => retire(parts, now, query, actor))),
    rollback: (query, actor) => orRefuse(() => steps.take((now) => rollback(parts, now, query, actor))),
    distrust: (query, actor) => orRefuse(() => steps.take((now) => distrust(parts, now, query, actor))),
    lift: (query, actor) => orRefuse(() => steps.take((now) => lift(parts, now, query, actor))),
    noteInForce: (why) => steps.note(why),
    measure: async () => measureTrust(parts, await steps.proveJournal()),
    [Symbol.asyncDispose]: () => steps.settled(),
  };
}

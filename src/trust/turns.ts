/** Long work in short turns, so that orders come in meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Runs a generator to its end; after every `yield` the event loop gets its turn. */
export async function inTurns<T>(steps: Generator<undefined, T, void>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    await nextTurn();
    step = steps.next();
  }
  return step.value;
}

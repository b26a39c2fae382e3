/** Runs a reader that pauses now and then without pausing: a command has nobody else to serve. */
export function drain<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Waits for the wish to stop. The first signal is a request, the second an order. */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** npm passes Ctrl-C on to a child that the terminal has told already, so one wish can arrive twice. */
const SAME_WISH_MS = 1_000;

export interface Stop extends Disposable {
  /** Resolves with the first signal. */
  readonly asked: Promise<NodeJS.Signals>;
}

/** @param force called by a second signal, given after a moment */
export function waitForStop(force: () => void): Stop {
  let firstAt: number | undefined;
  const { promise: asked, resolve } = Promise.withResolvers<NodeJS.Signals>();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      resolve(signal);
    } else if (performance.now() - firstAt > SAME_WISH_MS) {
      force();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    asked,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

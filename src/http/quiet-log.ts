/** A log that a flood of strangers cannot fill: so many lines a second, then a count of those left out. */
import type { Log } from '../telemetry/log.ts';

export interface QuietLog extends Disposable {
  warn(fields: object, message: string): void;
}

/** @param clock milliseconds, monotonic */
export function createQuietLog({
  log,
  clock,
  linesPerSecond = 20,
}: {
  log: Log;
  clock: () => number;
  linesPerSecond?: number;
}): QuietLog {
  let lines = linesPerSecond;
  let filledAt = clock();
  let suppressed = 0;
  let timer: NodeJS.Timeout | undefined;

  const refill = (): void => {
    const at = clock();
    lines = Math.min(linesPerSecond, lines + ((at - filledAt) / 1000) * linesPerSecond);
    filledAt = at;
  };
  const tellSuppressed = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (suppressed > 0) log.warn({ suppressed }, 'log lines suppressed');
    suppressed = 0;
  };

  return {
    warn(fields, message) {
      refill();
      if (lines < 1) {
        suppressed += 1;
        timer ??= setTimeout(tellSuppressed, 1000).unref();
        return;
      }
      lines -= 1;
      log.warn(fields, message);
    },
    [Symbol.dispose]: tellSuppressed,
  };
}

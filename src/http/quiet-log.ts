/** A log that a flood of strangers cannot fill: so many lines a second, then a count of those left out. */
import type { Log } from '../telemetry/log.ts';

export interface QuietLog extends Disposable {
  /** @param kind what shares one rate, of a closed list: no flood of one kind hides a line of another. Default: the message */
  warn(fields: object, message: string, kind?: string): void;
}

interface Allowance {
  lines: number;
  filledAt: number;
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
  const allowances = new Map<string, Allowance>();
  let suppressed = 0;
  let timer: NodeJS.Timeout | undefined;

  const allowanceOf = (kind: string): Allowance => {
    const at = clock();
    const { lines, filledAt } = allowances.get(kind) ?? { lines: linesPerSecond, filledAt: at };
    const more = ((at - filledAt) / 1000) * linesPerSecond;
    const allowance = { lines: Math.min(linesPerSecond, lines + more), filledAt: at };
    allowances.set(kind, allowance);
    return allowance;
  };
  const tellSuppressed = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (suppressed > 0) log.warn({ suppressed }, 'log lines suppressed');
    suppressed = 0;
  };

  return {
    warn(fields, message, kind = message) {
      const allowance = allowanceOf(kind);
      if (allowance.lines < 1) {
        suppressed += 1;
        timer ??= setTimeout(tellSuppressed, 1000).unref();
        return;
      }
      allowance.lines -= 1;
      log.warn(fields, message);
    },
    [Symbol.dispose]: tellSuppressed,
  };
}

/** What a scrape has to ask for, because nobody reports it as it happens. */
import type { Measured } from './trust-metrics.ts';

export interface Sources {
  counts(): Promise<{ readonly messages: number; readonly refused: number; readonly conflicts: number }>;
  freeBytes(): number | Promise<number>;
  refusedRecords?(): Promise<{
    readonly nearMisses: number;
    readonly strangers: number;
    readonly onTrial: number;
  }>;
  trust?(): Promise<Measured>;
}

/** What did not fail, nor take too long. */
export type Asked = {
  readonly [Source in keyof Sources]?: Awaited<ReturnType<NonNullable<Sources[Source]>>> | undefined;
};

const PATIENCE_MS = 3_000;
/** Counting is not free, and several may scrape. */
const FRESH_MS = 1_000;

/**
 * @param clock milliseconds, monotonic
 * @returns asks, or gives what was answered a moment ago, unless it has to be asked anew
 */
export function createAsking(
  sources: Sources,
  { clock, patienceMs = PATIENCE_MS }: { clock: () => number; patienceMs?: number },
): (anew?: boolean) => Promise<Asked> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<Asked> | undefined;
  const ask = async (): Promise<Asked> => {
    const answers = Object.entries(sources).map(async ([name, source]) => [
      name,
      await patiently<unknown>(async () => source(), patienceMs),
    ]);
    return Object.fromEntries(await Promise.all(answers));
  };
  return (anew = false) => {
    if (anew || asking === undefined || clock() - askedAt >= FRESH_MS) {
      askedAt = clock();
      asking = ask();
    }
    return asking;
  };
}

/** The answer, or undefined: a scrape that shows the rest is worth more than none. */
async function patiently<T>(ask: () => Promise<T>, patienceMs: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), patienceMs);
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

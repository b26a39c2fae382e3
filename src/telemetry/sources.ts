/** What a scrape has to ask for, because nobody reports it as it happens. */

export interface Sources {
  counts(): Promise<{ readonly messages: number; readonly refused: number; readonly conflicts: number }>;
  freeBytes(): number | Promise<number>;
}

/** What did not fail, nor take too long. */
export interface Asked {
  readonly counts?: Awaited<ReturnType<Sources['counts']>>;
  readonly freeBytes?: number;
}

const PATIENCE_MS = 3_000;
/** Counting is not free, and several may scrape. */
const FRESH_MS = 1_000;

/** @param clock milliseconds, monotonic */
export function createAsking(
  sources: Sources,
  { clock, patienceMs = PATIENCE_MS }: { clock: () => number; patienceMs?: number },
): () => Promise<Asked> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<Asked> | undefined;
  const ask = async (): Promise<Asked> => {
    const [counts, freeBytes] = await Promise.all([
      patiently(async () => sources.counts(), patienceMs),
      patiently(async () => sources.freeBytes(), patienceMs),
    ]);
    return { counts, freeBytes };
  };
  return () => {
    if (asking === undefined || clock() - askedAt >= FRESH_MS) {
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

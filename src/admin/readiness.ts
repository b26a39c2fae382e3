/** Whether orders can be taken now, and if not, why, in words a person understands. */
import { Refusal } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Trust } from '../trust/trust.ts';

export interface ReadinessParts {
  readonly store: Pick<Store, 'probe'>;
  readonly freeBytes: () => number | Promise<number>;
  readonly minFreeBytes: number;
  readonly trust: () => Pick<Trust, 'anchors'> | undefined;
  /** What a person should know although orders can be taken. */
  readonly warning?: () => string | undefined;
  readonly listening: () => boolean;
  readonly stopping: () => boolean;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  readonly patienceMs?: number;
}

export interface CheckResult {
  readonly name: string;
  readonly status: 'ok' | 'failed';
  readonly reason?: string;
  /** Of what is well, and still not as it should be. */
  readonly warning?: string;
}

export interface Readiness {
  report(): Promise<{ readonly ready: boolean; readonly checks: readonly CheckResult[] }>;
}

/** A probe of the store is a commit: however often it is asked for, it is made once a second. */
const FRESH_MS = 1_000;
const PATIENCE_MS = 3_000;

/** What is wrong, or undefined. */
type Look = () => Promise<string | undefined>;

export function createReadiness(parts: ReadinessParts): Readiness {
  const {
    store,
    freeBytes,
    minFreeBytes,
    trust,
    warning = () => undefined,
    listening,
    stopping,
    clock,
    patienceMs = PATIENCE_MS,
  } = parts;
  const looks: Readonly<Record<string, Look>> = {
    store: onceASecond(clock, async () => {
      await store.probe();
      return undefined;
    }),
    disk: async () => {
      const free = await freeBytes();
      return free >= minFreeBytes
        ? undefined
        : `only ${mib(free)} free where the store is, ${mib(minFreeBytes)} needed`;
    },
    trust: async () =>
      trust()?.anchors.length ? undefined : 'no pinned certificate is loaded, so no client can be let in',
    listener: async () => (listening() ? undefined : 'the receiving port is not open'),
    running: async () => (stopping() ? 'the receiver is shutting down' : undefined),
  };
  return {
    async report() {
      const checks = await Promise.all(
        Object.entries(looks).map(([name, look]) => check(name, look, patienceMs)),
      );
      const told = warning();
      return {
        ready: checks.every(({ status }) => status === 'ok'),
        checks: checks.map((each) =>
          each.name === 'trust' && told !== undefined ? { ...each, warning: told } : each,
        ),
      };
    },
  };
}

async function check(name: string, look: Look, patienceMs: number): Promise<CheckResult> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve('gave no answer in time'), patienceMs);
  try {
    const reason = await Promise.race([look(), late]);
    return reason === undefined ? { name, status: 'ok' } : { name, status: 'failed', reason };
  } catch (error) {
    // Only a Refusal is written for others to read.
    return {
      name,
      status: 'failed',
      reason: error instanceof Refusal ? error.message : 'could not be looked at',
    };
  } finally {
    clearTimeout(timer);
  }
}

function onceASecond(clock: () => number, look: Look): Look {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let last: Promise<string | undefined> | undefined;
  return () => {
    if (last === undefined || clock() - lookedAt >= FRESH_MS) {
      lookedAt = clock();
      last = look();
    }
    return last;
  };
}

function mib(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MiB`;
}

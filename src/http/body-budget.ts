/** How many bytes of bodies may be in memory at once, over all requests. */
import { Refusal } from '../errors.ts';

/** The share of one request. Disposing gives it back; twice is once. */
export interface Hold extends Disposable {
  /** @returns false when the budget is spent; then nothing was taken */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export interface BodyBudget {
  hold(): Hold;
  readonly heldBytes: () => number;
}

export function createBodyBudget(limitBytes: number): BodyBudget {
  let total = 0;
  return {
    heldBytes: () => total,
    hold() {
      let mine = 0;
      const give = (bytes: number): void => {
        mine -= bytes;
        total -= bytes;
      };
      return {
        take(bytes) {
          if (total + bytes > limitBytes) return false;
          mine += bytes;
          total += bytes;
          return true;
        },
        give,
        [Symbol.dispose]: () => give(mine),
      };
    },
  };
}

/** For whatever there is too much of at the moment. */
export function overloaded(): Refusal {
  return new Refusal('overloaded', 'The receiver is handling as many messages as it can.');
}

const LIST_LENGTH = 50;
/** A list is read while orders wait for the same thread, so it is never longer than this. */
const LIST_LENGTH_MAX = 1_000;

export function listLimit(limit = LIST_LENGTH): number {
  return Math.min(Math.max(Math.trunc(limit), 1), LIST_LENGTH_MAX);
}

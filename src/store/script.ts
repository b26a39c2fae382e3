/**
 * A script is one piece of store work written once for every database: it yields statements and receives their rows.
 * SQLite drives it synchronously inside its writer thread, PostgreSQL can drive the same one with awaits.
 */

/** Booleans, Dates and undefined cannot be bound by every driver, so they are not values here. */
export type Value = string | number | Uint8Array | null;

export type Row = Readonly<Record<string, Value>>;

export interface Statement {
  /** One of `SQL` or `EVIDENCE_SQL`. */
  readonly sql: string;
  /** For `$1`, `$2`, … in order. */
  readonly values: readonly Value[];
  /**
   * `id`: one row with the `id` of the row that was inserted. PostgreSQL appends `RETURNING id`; SQLite knows the
   * number anyway, and RETURNING would make it copy every page it changes first (measured: 15 µs an order).
   */
  readonly gives: 'rows' | 'id';
}

export type Script<T> = Generator<Statement, T, readonly Row[]>;

/** Runs one statement and gives its rows. `Result` names the columns that the statement selects. */
export function* query<Result>(sql: string, values: readonly Value[]): Script<readonly Result[]> {
  return (yield { sql, values, gives: 'rows' }) as readonly unknown[] as readonly Result[];
}

/** Inserts one row into a table with an `id`. @returns that id */
export function* insert(sql: string, values: readonly Value[]): Script<number> {
  const [row] = yield { sql, values, gives: 'id' };
  return Number(row?.id);
}

/** Drives a script with a database that answers at once. */
export function runScript<T>(script: Script<T>, execute: (statement: Statement) => readonly Row[]): T {
  let step = script.next();
  while (step.done !== true) step = script.next(execute(step.value));
  return step.value;
}

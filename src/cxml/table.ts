/**
 * The words in which the order's model is written down. A table says for every key where in the document its value
 * stands, how it is read, and in one sentence what it means. Reading (`read-table.ts`), the TypeScript types, the
 * JSON Schema (`order-schema.ts`) and the way back into the document (`places.ts`) come from the same tables.
 *
 * A place is a path from the table's element: `@name`, `text()`, `City`, `ItemID/SupplierPartID`. `A|B` takes either
 * element as the same one, `A*` says that a step on the way may repeat.
 */
import { compilePaths, type Node } from './compile-paths.ts';
import { createMold, type Mold } from './mold.ts';
import type { Spot } from './spot.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** How characters become a value. Without `convert` the value is the characters. */
export interface Characters {
  readonly schema: JsonSchema;
  /** Undefined: it is no such value, and what was sent is kept as unmapped, unless it is `dropped`. */
  readonly convert?: (sent: string) => unknown;
  readonly dropped?: true;
}

/** What an element becomes as a whole. */
export interface Readable<T> {
  /** Of its type, in the schema too. */
  readonly name: string;
  readonly says: string;
  readonly fields: Fields;
  /** Undefined: it tells nothing, and there is no key. */
  readonly read: (at: Spot) => T | undefined;
}

export interface Field<T = unknown, Always extends boolean = boolean> {
  readonly says: string;
  readonly from: readonly string[];
  readonly many: boolean;
  /** Takes the second and every further element, where another field has the first. */
  readonly rest: boolean;
  readonly characters?: Characters;
  readonly part?: Readable<unknown>;
  /** Not read by the table: made when all is read. */
  readonly made?: JsonSchema;
  /** What stands there when the document says nothing. A field without is absent then. */
  readonly absent: Always extends true ? () => T : undefined;
  /** For the compiler only. */
  readonly value?: T;
}

export type Fields = Readonly<Record<string, Field>>;

type Kept<F extends Fields> = { [K in keyof F as F[K] extends Withheld ? never : K]: F[K] };
type AlwaysKeys<F> = { [K in keyof F]: F[K] extends Field<infer _, true> ? K : never }[keyof F];
type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

/** The type of what a table with these fields reads. */
export type Infer<F extends Fields> = {
  readonly [K in keyof Kept<F> as K extends AlwaysKeys<F> ? K : never]: ValueOf<F[K]>;
} & { readonly [K in keyof Kept<F> as K extends AlwaysKeys<F> ? never : K]?: ValueOf<F[K]> };

export type Draft<F extends Fields> = { -readonly [K in keyof Infer<F>]: Infer<F>[K] };

export interface Table<F extends Fields = Fields> extends Readable<Infer<F>> {
  readonly fields: F;
}

/** A table as the reader walks it. */
export interface Plan {
  readonly fields: Fields;
  readonly root: Node;
  readonly mold: Mold;
  /** What stands in the slots before reading. */
  readonly blank: readonly undefined[];
  /** What goes into slots that stay empty. */
  readonly absent: readonly { readonly slot: number; readonly make: () => unknown }[];
}

export function planOf(fields: Fields): Plan {
  const all = Object.values(fields);
  return {
    fields,
    root: compilePaths(all),
    mold: createMold(Object.keys(fields)),
    blank: all.map(() => undefined),
    absent: all.flatMap(({ absent: make }, slot) => (make === undefined ? [] : [{ slot, make }])),
  };
}

const TEXT: Characters = { schema: { type: 'string' } };
const trimmed = (sent: string): string => sent.trim();
const DECIMAL: Characters = { schema: { type: 'string', 'x-kind': 'decimal' }, convert: trimmed };
const DATE: Characters = { schema: { type: 'string', 'x-kind': 'date' } };
const LABEL: Characters = {
  schema: { type: 'string' },
  convert: (sent) => (sent === 'default' ? undefined : sent),
  dropped: true,
};
const AMOUNT: Characters = {
  schema: { type: ['string', 'null'], 'x-kind': 'decimal' },
  convert: (sent) => sent.trim() || null,
};
const FLAG: Characters = {
  schema: { type: 'boolean' },
  convert: (sent) => (sent === 'yes' ? true : sent === 'no' ? false : undefined),
};

type Maybe<T> = Field<T, false>;

function field<T>(from: string | readonly string[], says: string, more: Partial<Field<T, false>>): Maybe<T> {
  const paths = typeof from === 'string' ? [from] : from;
  return { says, from: paths, many: false, rest: false, absent: undefined, ...more };
}

/** An attribute as it was sent; an element's own text without the blanks around it. */
export function text(from: string | readonly string[], says: string): Maybe<string> {
  return field(from, says, { characters: TEXT });
}

/** A number as sent: digits, never a float. It may be no decimal; a finding says so. */
export function decimal(from: string, says: string): Maybe<string> {
  return field(from, says, { characters: DECIMAL });
}

/** A decimal whose emptiness is told: null. */
export function amount(from: string, says: string): Maybe<string | null> {
  return field(from, says, { characters: AMOUNT });
}

/** A day or a time as sent, with its offset. */
export function date(from: string, says: string): Maybe<string> {
  return field(from, says, { characters: DATE });
}

/** `yes` or `no`. Anything else stays in `unmapped`. */
export function flag(from: string, says: string): Maybe<boolean> {
  return field(from, says, { characters: FLAG });
}

/** A name that is none when it is `default`. */
export function label(from: string, says: string): Maybe<string> {
  return field(from, says, { characters: LABEL });
}

/** Characters with a meaning of their own. */
export function converted<T>(
  from: string,
  says: string,
  characters: Characters & { readonly convert: (sent: string) => T | undefined },
): Maybe<T> {
  return field(from, says, { characters });
}

/** One text for every element of that name. */
export function texts(from: string, says: string): Maybe<readonly string[]> {
  return field(from, says, { characters: TEXT, many: true });
}

export function part<T>(part: Readable<T>, from: string | readonly string[], says: string): Maybe<T> {
  return field(from, says, { part });
}

/** One value for every element of that name, in document order. */
export function parts<T>(
  part: Readable<T>,
  from: string | readonly string[],
  says: string,
): Maybe<readonly T[]> {
  return field<readonly T[]>(from, says, { part, many: true });
}

/** The second and every further element, where another field takes the first. */
export function rest<T>(part: Readable<T>, from: string, says: string): Maybe<readonly T[]> {
  return field<readonly T[]>(from, says, { part, many: true, rest: true });
}

/** Made when the rest is read. `from` tells what it is made of. */
export function made<T>(says: string, schema: JsonSchema, from: readonly string[] = []): Maybe<T> {
  return field<T>(from, says, { made: schema });
}

/** A key that is there even when the document says nothing. */
export function always<T>(maybe: Maybe<T>, absent: () => T): Field<T, true> {
  return { ...maybe, absent };
}

/** A key that whoever makes it always sets. */
export function filled<T>(maybe: Maybe<T>): Field<T, true> {
  return always(maybe, () => null as T);
}

/** Has no key. */
export interface Withheld extends Field<never, false> {
  readonly withheld: true;
}

/** Read, and told somewhere else. */
export function aside(part: Readable<unknown>, from: string, says: string): Withheld {
  return { ...field<never>(from, says, { part, many: true }), withheld: true };
}

/** Known, and in no model, no JSON and no `unmapped`. `says` is why. */
export function withheld(from: string, says: string): Withheld {
  const nothing: Characters = { schema: {}, convert: () => undefined, dropped: true };
  return { ...field<never>(from, says, { characters: nothing }), withheld: true };
}

export function isWithheld(field: Field): boolean {
  return (field as Partial<Withheld>).withheld === true;
}

/** The same fields, found inside another element. */
export function within<F extends Fields>(prefix: string, fields: F): F {
  const moved = Object.entries(fields).map(
    ([key, each]) => [key, { ...each, from: each.from.map((path) => `${prefix}/${path}`) }] as const,
  );
  return Object.fromEntries(moved) as unknown as F;
}

/**
 * What changed between two revisions of an order, field by field. A revision replaces the whole order, so nobody but the
 * reader can tell what is new in it. Lines are matched by number and part, never by their position alone.
 */
import { flatten } from './flatten-order.ts';
import { compare, isDecimal } from './money.ts';
import type { Line, Order } from './order.ts';

/** `path` is the field's name in the JSON, as in `shipTo.city` or `extrinsics[Project]`. Absent: was not there. */
export interface FieldChange {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

export interface LineChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** As in the later revision; of a removed line as it was. */
  readonly lineNumber: string | null;
  readonly part?: string;
  readonly description?: string;
  /** Of `changed`. */
  readonly fields: readonly FieldChange[];
}

export interface RevisionChanges {
  readonly header: readonly FieldChange[];
  readonly lines: readonly LineChange[];
  readonly unchangedLines: number;
}

/** Not part of the agreement: where it stood, what is computed here, what counts messages. */
const NOT_COMPARED = ['schemaVersion', 'revision', 'revisionSource', 'documentReference', 'lines'] as const;
const NOT_COMPARED_OF_LINE = ['place', 'position', 'lineTotal'] as const;
/** Where `10` and `10.00` say the same. */
const DECIMALS = /(^|\.)(amount|quantity|alternateAmount|percentage|conversionFactor|discountPercent)$/i;

export function compareRevisions(before: Order, after: Order): RevisionChanges {
  const { pairs, removed, added } = matchLines(before.lines, after.lines);
  const changed = pairs
    .map(([old, now]) => ({ now, fields: compareFields(old, now, NOT_COMPARED_OF_LINE) }))
    .filter(({ fields }) => fields.length > 0);
  return {
    header: compareFields(before, after, NOT_COMPARED),
    lines: [
      ...changed.map(({ now, fields }) => describe('changed', now, fields)),
      ...added.map((line) => describe('added', line)),
      ...removed.map((line) => describe('removed', line)),
    ],
    unchangedLines: pairs.length - changed.length,
  };
}

function describe(kind: LineChange['kind'], line: Line, fields: readonly FieldChange[] = []): LineChange {
  const part = partOf(line);
  return {
    kind,
    lineNumber: numberOf(line),
    ...(part === undefined ? {} : { part }),
    ...(line.description === undefined ? {} : { description: line.description }),
    fields,
  };
}

function compareFields(before: object, after: object, skipped: readonly string[]): FieldChange[] {
  const old = flatten(before, skipped);
  const now = flatten(after, skipped);
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is || isSameNumber(path, was, is)) return [];
    return [
      { path, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) },
    ];
  });
}

function isSameNumber(path: string, one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || !DECIMALS.test(path)) return false;
  return isDecimal(one) && isDecimal(other) && compare(one, other) === 0;
}

interface Matched {
  readonly pairs: readonly (readonly [Line, Line])[];
  readonly removed: readonly Line[];
  readonly added: readonly Line[];
}

/**
 * First what has both the number and the part in common, then the part alone (the line got another number), then the
 * number alone (another part was put there). Several alike are taken in their order. Blank keys match nothing.
 */
function matchLines(before: readonly Line[], after: readonly Line[]): Matched {
  const pairs: (readonly [Line, Line])[] = [];
  let old = before;
  let now = after;
  for (const keyOf of [bothOf, partOf, numberOf]) {
    const waiting = new Map<string, Line[]>();
    for (const line of old) {
      const key = keyOf(line);
      if (key != null) waiting.set(key, [...(waiting.get(key) ?? []), line]);
    }
    const taken = new Set<Line>();
    now = now.filter((line) => {
      const key = keyOf(line);
      const match = key == null ? undefined : waiting.get(key)?.shift();
      if (match === undefined) return true;
      taken.add(match);
      pairs.push([match, line]);
      return false;
    });
    old = old.filter((line) => !taken.has(line));
  }
  return {
    pairs: pairs.sort(([, one], [, other]) => one.position - other.position),
    removed: old,
    added: now,
  };
}

function bothOf(line: Line): string | null {
  const [number, part] = [numberOf(line), partOf(line)];
  return number === null || part === undefined ? null : JSON.stringify([number, part]);
}

function numberOf({ lineNumber, lineNumberText }: Line): string | null {
  return lineNumberText ?? (lineNumber === null ? null : String(lineNumber));
}

/** Coupa leaves SupplierPartID empty for free-text lines. */
function partOf({ supplierPartId, supplierPartAuxiliaryId, buyerPartId }: Line): string | undefined {
  const part = supplierPartId || buyerPartId || undefined;
  return part === undefined || !supplierPartAuxiliaryId ? part : `${part} ${supplierPartAuxiliaryId}`;
}

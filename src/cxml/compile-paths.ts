/** The paths of a table as a tree that follows the document's own, so that one pass over an element fills all of them. */

import type { Spot } from './spot.ts';
import type { Characters, Field } from './table.ts';

/** What is known of an element: its attributes, its text, and the elements in it. */
export interface Node {
  readonly attributes: Map<string, Target>;
  readonly children: Map<string, Known>;
  text: Target | undefined;
}

/** Where characters go. */
export interface Target {
  readonly slot: number;
  readonly characters: Characters;
}

export interface Known {
  /** One binary digit, to remember that the element was met. 0: it may repeat. */
  readonly once: number;
  first: Taker | undefined;
  /** Takes all but the first. */
  rest: Taker | undefined;
}

/** What becomes of an element: a look inside for the same table, a text of a list, or a value of its own. */
export type Taker =
  | { readonly kind: 'inside'; readonly node: Node }
  | { readonly kind: 'text'; readonly slot: number }
  | {
      readonly kind: 'part';
      readonly slot: number;
      readonly many: boolean;
      readonly read: (at: Spot) => unknown;
    };

/** Bitwise operators have 32, one of them the sign. */
const MOST_KNOWN = 31;

/** A field's slot is its position in the list. */
export function compilePaths(fields: readonly Field[]): Node {
  const root = createNode();
  fields.forEach((field, slot) => {
    if (field.made !== undefined) return;
    // A path from the document's root is filled by others.
    for (const path of field.from) if (!path.startsWith('/')) lay(root, path.split('/'), field, slot);
  });
  return root;
}

function createNode(): Node {
  return { attributes: new Map(), children: new Map(), text: undefined };
}

function lay(node: Node, [step = '', ...further]: readonly string[], field: Field, slot: number): void {
  const { characters, part, many } = field;
  if (step.startsWith('@')) {
    node.attributes.set(step.slice(1), { slot, characters: needed(characters, step) });
    return;
  }
  if (step === 'text()') {
    node.text = { slot, characters: needed(characters, step) };
    return;
  }
  const known = knownAt(node, step, further.length === 0 && many && !field.rest);
  if (further.length === 0 && part !== undefined) {
    const taker: Taker = { kind: 'part', slot, many, read: part.read };
    if (field.rest) known.rest = taker;
    else known.first = free(known, step, taker);
  } else if (further.length === 0 && many) {
    known.first = free(known, step, { kind: 'text', slot });
  } else {
    known.first ??= { kind: 'inside', node: createNode() };
    if (known.first.kind !== 'inside') throw new Error(`${step}: the table takes it in two ways`);
    lay(known.first.node, further.length === 0 ? ['text()'] : further, field, slot);
  }
}

function knownAt(node: Node, step: string, many: boolean): Known {
  const repeats = step.endsWith('*');
  const names = (repeats ? step.slice(0, -1) : step).split('|');
  const before = node.children.get(names[0] ?? '');
  if (before !== undefined) return before;
  const ones = new Set([...node.children.values()].filter(({ once }) => once !== 0)).size;
  if (ones === MOST_KNOWN) throw new Error(`${step}: the table knows too many elements in one`);
  const known: Known = { once: many || repeats ? 0 : 1 << ones, first: undefined, rest: undefined };
  for (const name of names) node.children.set(name, known);
  return known;
}

function free(known: Known, step: string, taker: Taker): Taker {
  if (known.first !== undefined) throw new Error(`${step}: the table takes it in two ways`);
  return taker;
}

function needed(characters: Characters | undefined, step: string): Characters {
  if (characters === undefined) throw new Error(`${step}: no element stands there`);
  return characters;
}

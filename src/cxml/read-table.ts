/** Reads an element as its table says, in one pass, and keeps what the table does not name. */
import type { Known, Node, Target } from './compile-paths.ts';
import type { Element } from './element.ts';
import {
  below,
  isLabelDefault,
  isNamespace,
  keepAttribute,
  keepElement,
  keepText,
  type Spot,
} from './spot.ts';
import { type Draft, type Fields, type Infer, type Plan, planOf, type Table } from './table.ts';

/**
 * @param finish sets what is made of the rest; false when all of it tells nothing
 */
export function table<F extends Fields>(
  name: string,
  says: string,
  fields: F,
  finish?: (draft: Draft<F>, at: Spot) => boolean,
): Table<F> {
  const plan = planOf(fields);
  const read = (at: Spot): Infer<F> | undefined => {
    const draft = readPlan(plan, at) as Draft<F>;
    return finish === undefined || finish(draft, at) ? (draft as unknown as Infer<F>) : undefined;
  };
  return { name, says, fields, read };
}

/** Keys in the order of the table, whatever the order of the document. */
function readPlan(plan: Plan, at: Spot): object {
  const slots: unknown[] = plan.blank.slice();
  readInside(plan.root, at, slots);
  for (const { slot, make } of plan.absent) if (slots[slot] === undefined) slots[slot] = make();
  const value = plan.mold.cast(slots);
  at.basket.recorder?.close(slots, plan, value, at);
  return value;
}

function readInside(node: Node, at: Spot, slots: unknown[]): void {
  const { attributes, children } = at.element;
  for (let index = 0; index < attributes.length; index++) {
    const each = attributes[index] as Element['attributes'][number];
    const target = node.attributes.get(each.name);
    if (target === undefined) {
      // The language of a text says nothing about the order; see `order.ts`.
      const known =
        isLabelDefault(each) || isNamespace(each) || (each.name === 'xml:lang' && node.text !== undefined);
      if (!known) keepAttribute(at, each);
    } else if (!store(target, each.value, at, slots, each.name)) {
      keepAttribute(at, each);
    }
  }
  let own = '';
  let met = 0;
  for (let index = 0; index < children.length; index++) {
    const each = children[index] as Element | string;
    if (typeof each === 'string') {
      if (node.text === undefined) keepText(at, each);
      else own += each;
      continue;
    }
    const known = node.children.get(each.name);
    const again = known !== undefined && (met & known.once) !== 0;
    if (known === undefined || !take(known, again, each, at, slots)) keepElement(at, each);
    else met |= known.once;
  }
  if (node.text !== undefined && !store(node.text, own.trim(), at, slots)) keepText(at, own);
}

/** False: nothing was taken. */
function take(known: Known, again: boolean, element: Element, at: Spot, slots: unknown[]): boolean {
  const taker = again ? known.rest : known.first;
  if (taker === undefined) return false;
  if (taker.kind === 'inside') {
    const { node } = taker;
    const plain = node.text !== undefined && element.attributes.length === 0 ? plainText(element) : undefined;
    const recorded = at.basket.recorder !== undefined;
    // Most elements hold a text and nothing else.
    if (plain === undefined || recorded || !store(node.text as Target, plain, at, slots)) {
      readInside(node, below(at, element), slots);
    }
    return true;
  }
  const one = taker.kind === 'part' && !taker.many;
  if (one && slots[taker.slot] !== undefined) return false;
  const spot = below(at, element);
  const value = taker.kind === 'text' ? readText(spot) : taker.read(spot);
  if (value === undefined) return true;
  at.basket.recorder?.note(slots, taker.slot, spot);
  const list = slots[taker.slot] as unknown[] | undefined;
  if (one) slots[taker.slot] = value;
  else if (list === undefined) slots[taker.slot] = [value];
  else list.push(value);
  return true;
}

/** False: it is no such value, or another place told it before. */
function store(
  { slot, characters }: Target,
  sent: string,
  at: Spot,
  slots: unknown[],
  attribute?: string,
): boolean {
  const { convert, dropped } = characters;
  const value = convert === undefined ? sent : convert(sent);
  if (value === undefined) return dropped === true;
  if (slots[slot] !== undefined) return false;
  slots[slot] = value;
  at.basket.recorder?.note(slots, slot, at, attribute);
  return true;
}

const TEXT: Target = { slot: 0, characters: { schema: {} } };
const TEXT_NODE: Node = { attributes: new Map(), children: new Map(), text: TEXT };

function readText(at: Spot): string {
  const { attributes } = at.element;
  const plain = attributes.length === 0 ? plainText(at.element) : undefined;
  if (plain !== undefined) return plain;
  const slots: unknown[] = [undefined];
  readInside(TEXT_NODE, at, slots);
  return slots[0] as string;
}

/** The text of an element that holds nothing else. */
function plainText({ children }: Element): string | undefined {
  if (children.length === 0) return '';
  const [only] = children;
  return children.length === 1 && typeof only === 'string' ? only.trim() : undefined;
}

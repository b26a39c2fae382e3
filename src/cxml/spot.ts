/**
 * Reading without losing anything. A Spot is an element on its way through a reader; every reader goes through all
 * children of its element, takes what the model names and keeps the rest as it is.
 */
import type { Attribute, Element } from './element.ts';
import {
  isCard,
  maskAttribute,
  maskCardNumbers,
  writeAttribute,
  writeFragment,
  writeText,
} from './fragment.ts';
import type { AttachmentReference, Extrinsic, Unmapped } from './order.ts';

/** What is gathered on the way, for the header or for one line. */
export interface Basket {
  readonly extrinsics: Extrinsic[];
  readonly attachments: AttachmentReference[];
  readonly unmapped: Unmapped[];
  /** Shared by all baskets of an order. */
  readonly budget: Budget;
}

/** How many more unmapped things are kept one by one; beyond, they are counted. Only a hostile document comes near. */
export interface Budget {
  left: number;
  uncounted: number;
}

export const UNMAPPED_LIMIT = 20_000;

export interface Spot {
  readonly element: Element;
  readonly parent: Spot | undefined;
  readonly basket: Basket;
  /** Written once something needs it. */
  path: string | undefined;
  /** Last steps of the children's paths, once one is needed. */
  steps: ReadonlyMap<Element, string> | undefined;
}

export function createBasket(budget: Budget): Basket {
  return { extrinsics: [], attachments: [], unmapped: [], budget };
}

export function spotAt(element: Element, basket: Basket, parent?: Spot): Spot {
  return { element, parent, basket, path: undefined, steps: undefined };
}

export function below(at: Spot, element: Element): Spot {
  return spotAt(element, at.basket, at);
}

export function pathOf(at: Spot): string {
  at.path ??= at.parent === undefined ? at.element.name : stepTo(at.parent, at.element);
  return at.path;
}

/** Up to here counting siblings anew is cheaper than remembering; beyond, it would be quadratic. */
const FEW = 40;

/** `Extrinsic[2]` where siblings share the name, else the name alone. */
function stepTo(parent: Spot, element: Element): string {
  const { children } = parent.element;
  if (children.length > FEW) {
    parent.steps ??= stepsOf(children);
    return `${pathOf(parent)}/${parent.steps.get(element) ?? element.name}`;
  }
  let total = 0;
  let position = 0;
  for (const each of children) {
    if (typeof each === 'string' || each.name !== element.name) continue;
    total++;
    if (each === element) position = total;
  }
  return `${pathOf(parent)}/${total === 1 ? element.name : `${element.name}[${position}]`}`;
}

function stepsOf(children: Element['children']): ReadonlyMap<Element, string> {
  const totals = new Map<string, number>();
  for (const each of children) {
    if (typeof each !== 'string') totals.set(each.name, (totals.get(each.name) ?? 0) + 1);
  }
  const counts = new Map<string, number>();
  const steps = new Map<Element, string>();
  for (const each of children) {
    if (typeof each === 'string' || totals.get(each.name) === 1) continue;
    const count = (counts.get(each.name) ?? 0) + 1;
    counts.set(each.name, count);
    steps.set(each, `${each.name}[${count}]`);
  }
  return steps;
}

/** The child elements. Text beside them is kept as unmapped, unless the caller takes it (`'text'`). */
export function elementsOf(at: Spot, takes?: 'text'): readonly Element[] {
  const elements: Element[] = [];
  for (const each of at.element.children) {
    if (typeof each !== 'string') elements.push(each);
    else if (takes === undefined && each.trim() !== '') keepText(at, each.trim());
  }
  return elements;
}

/** Reads the first of its kind; a second one is kept whole. */
export function first<T>(
  before: T | undefined,
  read: (at: Spot) => T,
  at: Spot,
  element: Element,
): T | undefined {
  if (before === undefined) return read(below(at, element));
  keepElement(at, element);
  return before;
}

/** The element's own text. Elements inside it are kept. */
export function readText(at: Spot, taken: readonly string[] = LANGUAGE): string {
  const { children } = at.element;
  const only = children[0];
  keepOtherAttributes(at, taken);
  if (children.length === 0) return '';
  if (children.length === 1 && typeof only === 'string') return only.trim();
  let all = '';
  for (const each of children) {
    if (typeof each === 'string') all += each;
    else keepElement(at, each);
  }
  return all.trim();
}

const LANGUAGE = ['xml:lang'];

export function keepElement(at: Spot, element: Element): void {
  keep(at, stepTo(at, element), () => writeFragment(element, isInCard(at)));
}

function keepText(at: Spot, text: string): void {
  keep(at, pathOf(at), () => writeText(isInCard(at) ? maskCardNumbers(text) : text));
}

const NONE: readonly string[] = [];

/** Keeps every attribute but those that were taken, namespace declarations and the label "default". */
export function keepOtherAttributes(at: Spot, taken: readonly string[] = NONE): void {
  for (const each of at.element.attributes) {
    const { name } = each;
    if (taken.includes(name) || (name === 'name' && each.value === 'default')) continue;
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    keepAttribute(at, each);
  }
}

export function keepAttribute(at: Spot, attribute: Attribute): void {
  keep(at, `${pathOf(at)}/@${attribute.name}`, () =>
    writeAttribute(maskAttribute(at.element, attribute, isInCard(at))),
  );
}

function isInCard(at: Spot): boolean {
  return isCard(at.element.name) || (at.parent !== undefined && isInCard(at.parent));
}

function keep({ basket: { unmapped, budget } }: Spot, path: string, write: () => string): void {
  if (budget.left === 0) {
    budget.uncounted++;
    return;
  }
  budget.left--;
  unmapped.push({ path, xml: write() });
}

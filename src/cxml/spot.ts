/**
 * Reading without losing anything. A Spot is an element on its way through a reader; every reader goes through all
 * children of its element, takes what the model names and keeps the rest as it is.
 */
import type { Attribute, Element } from './element.ts';
import {
  isOfCard,
  maskAttribute,
  maskCardNumbers,
  writeAttribute,
  writeFragment,
  writeText,
} from './fragment.ts';
import type { AttachmentReference, Unmapped } from './order.ts';
import type { Plan } from './table.ts';

/** What is gathered on the way, for the header or for one line. */
export interface Basket {
  /** Of the line, from 1, in order of appearance; 0 is the header. */
  readonly position: number;
  readonly attachments: AttachmentReference[];
  readonly unmapped: Unmapped[];
  /** Shared by all baskets of an order. */
  readonly budget: Budget;
  /** Only when somebody wants to know where each value stands. */
  readonly recorder: Recorder | undefined;
}

/** Told of every value that is read, and when the object that holds it is made. */
export interface Recorder {
  note(slots: readonly unknown[], slot: number, at: Spot, attribute?: string): void;
  close(slots: readonly unknown[], plan: Plan, value: object, at: Spot): void;
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

export function createBasket(position: number, budget: Budget, recorder?: Recorder): Basket {
  return { position, attachments: [], unmapped: [], budget, recorder };
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

export function keepElement(at: Spot, element: Element): void {
  keep(at, stepTo(at, element), () => writeFragment(element, isInCard(at)));
}

/** Text where none belongs; mere blanks say nothing. */
export function keepText(at: Spot, text: string): void {
  const words = text.trim();
  if (words === '') return;
  keep(at, pathOf(at), () => writeText(isInCard(at) ? maskCardNumbers(words) : words));
}

/** Every attribute but those that the caller takes. */
export function keepAttributes(at: Spot, taken: readonly string[]): void {
  for (const each of at.element.attributes) {
    if (!taken.includes(each.name) && !isLabelDefault(each) && !isNamespace(each)) keepAttribute(at, each);
  }
}

/** Observed: Coupa and Ariba label nearly every address, e-mail and telephone `name="default"`. */
export function isLabelDefault({ name, value }: Attribute): boolean {
  return name === 'name' && value === 'default';
}

export function isNamespace({ name }: Attribute): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

export function keepAttribute(at: Spot, attribute: Attribute): void {
  keep(at, `${pathOf(at)}/@${attribute.name}`, () =>
    writeAttribute(maskAttribute(at.element, attribute, isInCard(at))),
  );
}

function isInCard(at: Spot): boolean {
  return isOfCard(at.element) || (at.parent !== undefined && isInCard(at.parent));
}

function keep({ basket: { unmapped, budget } }: Spot, path: string, write: () => string): void {
  if (budget.left === 0) {
    budget.uncounted++;
    return;
  }
  budget.left--;
  unmapped.push({ path, xml: write() });
}

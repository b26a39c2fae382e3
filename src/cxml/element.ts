/** The light tree: what the strict reader builds, and the few ways to look into it. */
import type { Place } from '../errors.ts';

export interface Attribute {
  /** As sent, with its prefix: `xml:lang`. */
  readonly name: string;
  readonly value: string;
}

/** Elements are matched by local name: one real-world sender puts the root into a namespace. */
export interface Element {
  /** Local name, without prefix. */
  readonly name: string;
  readonly prefix?: string;
  readonly attributes: readonly Attribute[];
  /** Elements and text in document order; adjoining text and CDATA are one string, mere indentation is left out. */
  readonly children: readonly (Element | string)[];
  readonly line: number;
  readonly column: number;
}

export function childElements(element: Element): Element[] {
  return element.children.filter((child): child is Element => typeof child !== 'string');
}

/** The first child element of that name. */
export function child(element: Element | undefined, name: string): Element | undefined {
  if (element === undefined) return undefined;
  for (const each of element.children) {
    if (typeof each !== 'string' && each.name === name) return each;
  }
  return undefined;
}

/** Every child element of that name, in order. */
export function childrenNamed(element: Element | undefined, name: string): Element[] {
  if (element === undefined) return [];
  return element.children.filter((each): each is Element => typeof each !== 'string' && each.name === name);
}

/** The attribute's value, exactly as XML gives it, or undefined when it is not there. */
export function attribute(element: Element | undefined, name: string): string | undefined {
  if (element === undefined) return undefined;
  for (const each of element.attributes) {
    if (each.name === name) return each.value;
  }
  return undefined;
}

/** The element's own text, without that of its children, white space at both ends removed. */
export function text(element: Element | undefined): string | undefined {
  if (element === undefined) return undefined;
  const { children } = element;
  if (children.length === 1 && typeof children[0] === 'string') return children[0].trim();
  return children
    .filter((each): each is string => typeof each === 'string')
    .join('')
    .trim();
}

/** The first of these names that is `wanted` but for its capitals, which count in XML. */
export function misspelt(names: readonly string[], wanted: string): string | undefined {
  return names.find((name) => name !== wanted && name.toLowerCase() === wanted.toLowerCase());
}

export function placeOf(element: Element, path?: string): Place {
  return { line: element.line, column: element.column, ...(path === undefined ? {} : { path }) };
}

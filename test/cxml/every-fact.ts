/** Every value of a tree with its path, gathered by a walk that knows nothing of the model. */
import type { Element } from '../../src/cxml/element.ts';

export interface Fact {
  readonly path: string;
  readonly value: string;
  /** Of the attribute, or undefined for an element's own text. */
  readonly attribute?: string;
  readonly element: Element;
  readonly parent: Element | undefined;
}

/** @param skip elements that are not of the order */
export function everyFact(root: Element, skip: readonly string[] = []): Fact[] {
  const facts: Fact[] = [];
  visit(root, undefined, root.name);
  return facts;

  function visit(element: Element, parent: Element | undefined, path: string): void {
    for (const { name, value } of element.attributes) {
      if (value.trim() === '' || name.startsWith('xmlns')) continue;
      facts.push({ path: `${path}/@${name}`, value, attribute: name, element, parent });
    }
    const own = element.children.filter((each) => typeof each === 'string').join('');
    if (own.trim() !== '') facts.push({ path, value: own.trim(), element, parent });
    const inside = element.children.filter((each): each is Element => typeof each !== 'string');
    for (const each of inside) {
      if (skip.includes(`${path}/${each.name}`)) continue;
      const namesakes = inside.filter(({ name }) => name === each.name);
      const position = namesakes.length > 1 ? `[${namesakes.indexOf(each) + 1}]` : '';
      visit(each, element, `${path}/${each.name}${position}`);
    }
  }
}

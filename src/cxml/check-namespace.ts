/** A prefix that nobody declared: cXML has no namespaces, so the reader looks at local names and takes it all the same. */
import type { Attribute, Element } from './element.ts';
import type { Message } from './message.ts';
import { quoted, type Rule, type Where } from './rule.ts';

export const NAMESPACE_RULES: readonly Rule<Message>[] = [
  {
    id: 'W-NAMESPACE-001',
    trait: 'the name of an element or attribute has a prefix that is declared nowhere',
    when: ({ root }) => undeclared(root) !== undefined,
    where: ({ root }) => undeclared(root)?.where ?? { element: root, path: 'cXML' },
    value: ({ root }) => undeclared(root)?.name,
    say: ({ root }) => {
      const { name = '' } = undeclared(root) ?? {};
      return `${quoted(name)} has a prefix that is declared nowhere; it is read as ${quoted(afterPrefix(name))}.`;
    },
    remedy: 'Ask the sender to leave the prefix out or to declare it: other readers refuse the document.',
  },
];

/**
 * Bound without a declaration in the document: `xml` by XML itself, the others by every cXML DTD
 * (`<!ATTLIST ds:Signature xmlns:ds CDATA #FIXED …`).
 */
const BOUND: readonly string[] = ['xml', 'xmlns', 'ds', 'xades'];

interface Undeclared {
  /** With its prefix. */
  readonly name: string;
  readonly where: Where;
}

/** The first in document order. Depth is bounded by the strict reader. */
function undeclared(root: Element): Undeclared | undefined {
  /** How many of the open elements declare a prefix: to copy a set for each would be quadratic. */
  const bound = new Map(BOUND.map((prefix) => [prefix, 1]));
  const declare = ({ attributes }: Element, change: 1 | -1): void => {
    for (const { name } of attributes) {
      if (!name.startsWith('xmlns:')) continue;
      const prefix = name.slice(6);
      bound.set(prefix, (bound.get(prefix) ?? 0) + change);
    }
  };
  const isBound = (prefix: string): boolean => (bound.get(prefix) ?? 0) > 0;

  function find(element: Element, path: string): Undeclared | undefined {
    const { prefix, attributes, children } = element;
    const plain = !attributes.some(hasPrefix); // almost every element
    if (!plain) declare(element, 1);
    if (prefix !== undefined && !isBound(prefix)) {
      return { name: `${prefix}:${element.name}`, where: { element, path } };
    }
    const odd = plain ? undefined : attributes.find((each) => hasPrefix(each) && !isBound(prefixOf(each)));
    if (odd !== undefined) return { name: odd.name, where: { element, path: `${path}/@${odd.name}` } };
    for (const each of children) {
      const found = typeof each === 'string' ? undefined : find(each, each.name);
      if (found === undefined || typeof each === 'string') continue;
      return { ...found, where: { ...found.where, path: `${path}/${stepTo(element, each, found)}` } };
    }
    if (!plain) declare(element, -1);
    return undefined;
  }
  return find(root, 'cXML');
}

/** The step is counted once something is found, not on the way of every element. */
function stepTo({ children }: Element, child: Element, { where }: Undeclared): string {
  const alike = children.filter((each) => typeof each !== 'string' && each.name === child.name);
  if (alike.length === 1) return where.path;
  return `${child.name}[${alike.indexOf(child) + 1}]${where.path.slice(child.name.length)}`;
}

function hasPrefix({ name }: Attribute): boolean {
  return name.indexOf(':') > 0;
}

function prefixOf({ name }: Attribute): string {
  return name.slice(0, name.indexOf(':'));
}

function afterPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

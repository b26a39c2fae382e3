/**
 * The order's content as one text that depends on nothing but the content: what is hashed to tell a new revision
 * from the same order sent again. The envelope is left out; indentation, attribute order, quotes, CDATA, comments,
 * empty-tag style and namespace prefixes do not show.
 */
import type { Attribute, Element } from './element.ts';
import type { Message } from './message.ts';

// Control characters that XML 1.0 allows neither raw nor by reference (production [2], Char), so that none of them
// can come from a document and no two trees give one text.
const OPEN = '\x01';
const NAME = '\x02';
const VALUE = '\x03';
const TEXT = '\x04';
const CLOSE = '\x05';

/** Stands first, so that another form gives other digests on purpose, not by accident. */
const FORM = 'order/1';

/** In pieces: one for the start, one for each child of the request element. */
export function* canonicalOrder({ request }: Message): Generator<string, void, void> {
  if (request === undefined) return;
  const { element, deploymentMode } = request;
  yield FORM + TEXT + deploymentMode + opening(element);
  for (const each of element.children) yield typeof each === 'string' ? run(each) : whole(each);
  yield CLOSE;
}

function whole(element: Element): string {
  const { children } = element;
  let all = opening(element);
  for (let index = 0; index < children.length; index++) {
    const each = children[index] as Element | string;
    all += typeof each === 'string' ? run(each) : whole(each);
  }
  return all + CLOSE;
}

function opening({ name, attributes }: Element): string {
  let all = OPEN + name;
  for (const each of isSorted(attributes) ? attributes : [...attributes].sort(byName)) {
    const { name: key, value } = each;
    if (!key.startsWith('xmlns') || (key.length > 5 && key[5] !== ':')) all += NAME + key + VALUE + value;
  }
  return all;
}

function byName(left: Attribute, right: Attribute): number {
  return left.name < right.name ? -1 : 1; // no two are equal
}

function isSorted(attributes: readonly Attribute[]): boolean {
  for (let index = 1; index < attributes.length; index++) {
    if (byName(attributes[index - 1] as Attribute, attributes[index] as Attribute) > 0) return false;
  }
  return true;
}

/** Text with the blanks of XML at both ends removed; a no-break space is content. */
function run(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === to ? '' : TEXT + text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

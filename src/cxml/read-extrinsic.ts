/** Reads an Extrinsic, the one element that may hold anything. No table can say that. */
import { attribute, childElements, text } from './element.ts';
import { isCardLabel, maskCardNumbers, writeFragment } from './fragment.ts';
import type { Extrinsic } from './order.ts';
import { below, keepAttributes, pathOf, type Spot } from './spot.ts';

const TAKEN = ['name'];

/** Names repeat, values may be empty, and elements may stand inside: all of it is kept, in order. */
export function readExtrinsic(at: Spot): Extrinsic {
  const { element } = at;
  const name = attribute(element, 'name') ?? '';
  const value = text(element) ?? '';
  const careful = isCardLabel(name);
  const children = childElements(element).map((each) => ({
    path: pathOf(below(at, each)),
    xml: writeFragment(each, careful),
  }));
  keepAttributes(at, TAKEN);
  return {
    name,
    value: careful ? maskCardNumbers(value) : value,
    path: pathOf(at),
    ...(children.length === 0 ? {} : { children }),
  };
}

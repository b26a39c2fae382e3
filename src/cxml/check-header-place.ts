/** What a rule about a whole order looks at, and where in it something stands. */
import { child, childrenNamed, type Element } from './element.ts';
import type { Message } from './message.ts';
import type { Order } from './order.ts';
import type { Where } from './rule.ts';

/** A part that came beside the document. */
export interface ArrivedPart {
  /** Without brackets; null when it has none. */
  readonly contentId: string | null;
}

export interface OrderSubject {
  readonly message: Message;
  readonly order: Order;
  /** The OrderRequestHeader. */
  readonly header: Element;
  /** What came beside the document. */
  readonly parts: readonly ArrivedPart[];
}

/** The element around the request, and its path. The root where the order stands in no Request. */
export function holderOf({ root, request }: Message): Where {
  const holds = ({ children }: Element): boolean => children.includes(request?.element ?? '');
  const requests = childrenNamed(root, 'Request');
  const at = requests.findIndex(holds);
  const element = requests[at];
  if (element === undefined) return { element: root, path: 'cXML' };
  return { element, path: requests.length === 1 ? 'cXML/Request' : `cXML/Request[${at + 1}]` };
}

export function orderPath(message: Message): string {
  return `${holderOf(message).path}/OrderRequest`;
}

/** The header itself, or the way down to one of its elements as far as it is there. */
export function atHeader(...names: readonly string[]): (subject: OrderSubject) => Where {
  return ({ message, header }) =>
    wayDown({ element: header, path: `${orderPath(message)}/OrderRequestHeader` }, names);
}

/** From an element down to an attribute (`@type`) or an element, as far as it is there. */
export function wayDown({ element, path }: Where, names: readonly string[]): Where {
  const [name, ...rest] = names;
  if (name === undefined) return { element, path };
  if (name.startsWith('@')) return { element, path: `${path}/${name}` };
  const next = child(element, name);
  return next === undefined ? { element, path } : wayDown({ element: next, path: `${path}/${name}` }, rest);
}

/** The element that a path of the model names: `cXML/Request/OrderRequest/ItemOut[2]/Comments`. */
export function atPath({ root }: Message, path: string): Where {
  let element = root;
  for (const step of path.split('/').slice(1)) {
    const [, name = '', position = '1'] = /^([^[\]@]*)(?:\[(\d+)\])?$/.exec(step) ?? [];
    const next = childrenNamed(element, name)[Number(position) - 1];
    if (next === undefined) break;
    element = next;
  }
  return { element, path };
}

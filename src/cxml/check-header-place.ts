/** What a rule about a whole order looks at, and where in its header something stands. */
import { child, type Element } from './element.ts';
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

export const HEADER_PATH = 'cXML/Request/OrderRequest/OrderRequestHeader';

/** The header itself, or the way down to one of its elements as far as it is there. */
export function atHeader(...names: readonly string[]): (subject: Pick<OrderSubject, 'header'>) => Where {
  return ({ header }) => {
    let element = header;
    let path = HEADER_PATH;
    for (const name of names) {
      if (name.startsWith('@')) return { element, path: `${path}/${name}` };
      const next = child(element, name);
      if (next === undefined) break;
      element = next;
      path += `/${name}`;
    }
    return { element, path };
  };
}

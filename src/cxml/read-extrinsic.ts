/** Reads what buyers add in their own words: Extrinsic and Comments, with the attachments they point to. */
import { attribute, text } from './element.ts';
import { maskCardNumbers, writeFragment } from './fragment.ts';
import type { AttachmentReference, Comment, Extrinsic } from './order.ts';
import {
  below,
  elementsOf,
  first,
  keepElement,
  keepOtherAttributes,
  pathOf,
  readText,
  type Spot,
} from './spot.ts';

const EXTRINSIC_ATTRIBUTES = ['name'];

/** Names repeat, values may be empty, and an Extrinsic may hold elements: all of it is kept, in order. */
export function readExtrinsic(at: Spot): Extrinsic {
  const { element } = at;
  const name = attribute(element, 'name') ?? '';
  const value = text(element) ?? '';
  const children = elementsOf(at, 'text').map((each) => ({
    path: pathOf(below(at, each)),
    xml: writeFragment(each),
  }));
  keepOtherAttributes(at, EXTRINSIC_ATTRIBUTES);
  return {
    name,
    value: /card/i.test(name) ? maskCardNumbers(value) : value,
    path: pathOf(at),
    children: children.length === 0 ? undefined : children,
  };
}

const COMMENT_ATTRIBUTES = ['xml:lang', 'type'];

/** Comments hold text and attachments in any mixture. Undefined when there is an attachment and no text. */
export function readComment(at: Spot): Comment | undefined {
  const { element } = at;
  let attachments = 0;
  for (const each of elementsOf(at, 'text')) {
    const attachment = each.name === 'Attachment' ? readAttachment(below(at, each)) : undefined;
    if (attachment === undefined) {
      keepElement(at, each);
    } else {
      at.basket.attachments.push(attachment);
      attachments++;
    }
  }
  keepOtherAttributes(at, COMMENT_ATTRIBUTES);
  const words = text(element) ?? '';
  if (words === '' && attachments > 0) return undefined;
  return { text: words, lang: attribute(element, 'xml:lang'), type: attribute(element, 'type') };
}

const ATTACHMENT_ATTRIBUTES = ['visibility'];

/** Undefined when it points nowhere. */
function readAttachment(at: Spot): AttachmentReference | undefined {
  if (!at.element.children.some((each) => typeof each !== 'string' && each.name === 'URL')) return undefined;
  let url: string | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'URL') url = first(url, readText, at, each);
    else keepElement(at, each);
  }
  keepOtherAttributes(at, ATTACHMENT_ATTRIBUTES);
  return { url: url ?? '', visibility: attribute(at.element, 'visibility'), path: pathOf(at) };
}

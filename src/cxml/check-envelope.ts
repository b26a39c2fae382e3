/** Rules about the envelope: the root, the Header, and how the document was written. */
import { holderOf, orderPath } from './check-header-place.ts';
import { attribute, childElements, type Element } from './element.ts';
import type { Message } from './message.ts';
import { quoted, type Rule, type Where } from './rule.ts';
import { zoneForm } from './when.ts';

export const atRoot = ({ root }: Message): Where => ({ element: root, path: 'cXML' });

const atRootAttribute =
  (name: string) =>
  ({ root }: Message): Where => ({ element: root, path: `cXML/@${name}` });

const atMode = (message: Message): Where => {
  const { element, path } = holderOf(message);
  return { element, path: `${path}/@deploymentMode` };
};

/** Observed: `PROD`, of a retailer's orders and of a stationer's hub. It can mean nothing else. */
const MODE = /^\s*(prod(uction)?|test)\s*$/i;

export const ENVELOPE_RULES: readonly Rule<Message>[] = [
  {
    id: 'N-PAYLOAD-001',
    trait: 'the payloadID is missing or empty',
    when: ({ payloadId }) => payloadId === undefined,
    where: atRootAttribute('payloadID'),
    say: () => 'There is no payloadID, so a repetition is recognised by sender, order and content only.',
    remedy: 'Ask the sender to give every message a payloadID of its own.',
  },
  {
    id: 'N-TIME-001',
    trait: 'the timestamp is missing or empty',
    when: ({ timestamp }) => timestamp === undefined,
    where: atRootAttribute('timestamp'),
    say: () => 'There is no timestamp.',
    remedy: 'Nothing to do here; the sender should write when the message was made.',
  },
  {
    id: 'N-TIME-002',
    trait: 'the timestamp ends in Z',
    when: ({ timestamp }) => timestamp !== undefined && zoneForm(timestamp) === 'zulu',
    where: atRootAttribute('timestamp'),
    value: ({ timestamp }) => timestamp,
    say: ({ timestamp }) =>
      `The timestamp ${quoted(timestamp ?? '')} ends in Z, where cXML asks for an offset; it is read as UTC.`,
    remedy: 'Nothing to do here; by the cXML guide the sender writes +00:00 instead.',
  },
  {
    id: 'N-TIME-003',
    trait: 'the timestamp names no time zone, or is a day only',
    when: ({ timestamp }) => timestamp !== undefined && ['none', 'date'].includes(zoneForm(timestamp)),
    where: atRootAttribute('timestamp'),
    value: ({ timestamp }) => timestamp,
    say: ({ timestamp }) =>
      `The timestamp ${quoted(timestamp ?? '')} names no time zone; it is kept as it is.`,
    remedy: 'Do not compare it with other times; the sender should add its offset.',
  },
  {
    id: 'N-TIME-004',
    trait: 'the timestamp is no ISO 8601 time',
    when: ({ timestamp }) => timestamp !== undefined && zoneForm(timestamp) === 'unreadable',
    where: atRootAttribute('timestamp'),
    value: ({ timestamp }) => timestamp,
    say: ({ timestamp }) =>
      `The timestamp ${quoted(timestamp ?? '')} is no ISO 8601 time; it is kept as it is.`,
    remedy:
      'Do not let a later step guess the time; the sender should write an ISO 8601 time with its offset.',
  },
  {
    id: 'N-MODE-001',
    trait: 'the deploymentMode is production or test in another spelling',
    when: ({ request }) => MODE.test(request?.deploymentModeText ?? ''),
    where: atMode,
    value: ({ request }) => request?.deploymentModeText,
    say: ({ request }) =>
      `deploymentMode ${quoted(request?.deploymentModeText ?? '')} is read as ${request?.deploymentMode}.`,
    remedy: 'Nothing to do here; the sender should write it in small letters.',
  },
  {
    id: 'W-MODE-002',
    trait: 'the deploymentMode is neither production nor test',
    when: ({ request }) => !MODE.test(request?.deploymentModeText?.trim() || 'production'),
    where: atMode,
    value: ({ request }) => request?.deploymentModeText,
    say: ({ request }) =>
      `deploymentMode ${quoted(request?.deploymentModeText ?? '')} is neither production nor test; the order counts as production.`,
    remedy: 'Ask the sender whether this was meant as a test.',
  },
  {
    id: 'N-ROOT-001',
    trait: 'the root holds more than Header, Request and Signature',
    when: (message) => strangers(message).length > 0,
    where: (message) => {
      const element = strangers(message)[0] ?? message.root;
      return { element, path: `cXML/${element.name}` };
    },
    value: (message) => strangers(message)[0]?.name,
    say: (message) => {
      const names = strangers(message).map(({ name }) => name);
      return `Beside Header and Request the root holds ${listed(names)}; it is kept and not interpreted.`;
    },
    remedy: 'Nothing to do here; networks in between add such elements. The original document has it.',
  },
  {
    id: 'N-ROOT-002',
    trait: 'the root is in a namespace',
    when: ({ root }) => root.prefix !== undefined || attribute(root, 'xmlns') !== undefined,
    where: atRoot,
    value: ({ root }) => attribute(root, 'xmlns') ?? root.prefix,
    say: () => 'The root is in a namespace, which cXML has none of; elements are found by their local names.',
    remedy: 'Nothing to do here; the sender should write cXML without a namespace.',
  },
  {
    id: 'N-ROOT-003',
    trait: 'the OrderRequest stands in the root, and not in a Request',
    when: (message) => message.request !== undefined && holderOf(message).element === message.root,
    where: (message) => ({ element: message.request?.element ?? message.root, path: orderPath(message) }),
    say: () => 'The OrderRequest stands in no Request. It is read all the same, and counts as production.',
    remedy: 'Nothing to do here; the sender should put it into a Request.',
  },
  {
    id: 'N-DOCTYPE-001',
    trait: 'the DOCTYPE declares a parameter entity that nothing uses',
    when: ({ doctype }) => doctype?.subset === 'harmless',
    where: atRoot,
    say: () => 'The DOCTYPE declares a parameter entity that nothing uses; it changes nothing.',
    remedy: 'Nothing to do here; the sender should leave the declaration out.',
  },
  {
    id: 'N-ENCODING-001',
    trait: 'the XML declaration names another encoding than the bytes prove',
    when: ({ encoding }) => encoding.declared !== undefined,
    where: atRoot,
    value: ({ encoding }) => encoding.declared,
    say: ({ encoding }) =>
      `The XML declaration says ${quoted(encoding.declared ?? '')}, but the bytes are ${encoding.name} and are read as that.`,
    remedy: 'Ask the sender to declare the encoding it writes.',
  },
  {
    id: 'W-ENCODING-002',
    trait: 'the document is read in the encoding that the sender names, and its bytes are UTF-8',
    when: ({ encoding }) => encoding.likely !== undefined,
    where: atRoot,
    value: ({ encoding }) => encoding.name,
    say: ({ encoding }) =>
      `The document is read as ${encoding.name}, as ${encoding.from === 'header' ? 'its Content-Type' : 'it'} says, but its bytes are ${encoding.likely}: letters such as accented ones are probably wrong.`,
    remedy: 'Compare names and descriptions with the buyer; the sender must name the encoding it writes.',
  },
];

/** Children of the root that cXML does not have there. Observed: networks in between append an EDICustomerID. */
function strangers({ root, request }: Message): Element[] {
  return childElements(root).filter(
    (each) => each !== request?.element && !['Header', 'Request', 'Signature'].includes(each.name),
  );
}

export function listed(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 5).map(quoted).join(', ');
  return names.length > 5 ? `${shown} and others` : shown;
}

/** Rules about the envelope: the root, the Header, and how the document was written. */
import { attribute, child, childElements, type Element } from './element.ts';
import type { Message } from './message.ts';
import { quoted, type Rule, type Where } from './rule.ts';
import { zoneForm } from './when.ts';

const atRoot = ({ root }: Message): Where => ({ element: root, path: 'cXML' });

const atRootAttribute =
  (name: string) =>
  ({ root }: Message): Where => ({ element: root, path: `cXML/@${name}` });

const atHeader =
  (name: string) =>
  (message: Message): Where => {
    const header = child(message.root, 'Header');
    const element = child(header, name);
    if (element !== undefined) return { element, path: `cXML/Header/${name}` };
    return header === undefined ? atRoot(message) : { element: header, path: 'cXML/Header' };
  };

const atRequest = (message: Message): Where => {
  const request = child(message.root, 'Request');
  return request === undefined ? atRoot(message) : { element: request, path: 'cXML/Request/@deploymentMode' };
};

export const ENVELOPE_RULES: readonly Rule<Message>[] = [
  {
    id: 'N-PAYLOAD-001',
    when: ({ payloadId }) => payloadId === undefined,
    where: atRootAttribute('payloadID'),
    say: () => 'There is no payloadID, so a repetition is recognised by sender, order and content only.',
    remedy: 'Ask the sender to give every message a payloadID of its own.',
  },
  {
    id: 'N-TIME-001',
    when: ({ timestamp }) => timestamp === undefined,
    where: atRootAttribute('timestamp'),
    say: () => 'There is no timestamp.',
  },
  {
    id: 'N-TIME-002',
    when: ({ timestamp }) => timestamp !== undefined && zoneForm(timestamp) === 'zulu',
    where: atRootAttribute('timestamp'),
    say: ({ timestamp }) =>
      `The timestamp ${quoted(timestamp ?? '')} ends in Z, where cXML asks for an offset; it is read as UTC.`,
  },
  {
    id: 'N-TIME-003',
    when: ({ timestamp }) => timestamp !== undefined && ['none', 'date'].includes(zoneForm(timestamp)),
    where: atRootAttribute('timestamp'),
    say: ({ timestamp }) =>
      `The timestamp ${quoted(timestamp ?? '')} names no time zone; it is kept as it is.`,
  },
  {
    id: 'N-TIME-004',
    when: ({ timestamp }) => timestamp !== undefined && zoneForm(timestamp) === 'unreadable',
    where: atRootAttribute('timestamp'),
    say: ({ timestamp }) =>
      `The timestamp ${quoted(timestamp ?? '')} is no ISO 8601 time; it is kept as it is.`,
  },
  {
    id: 'N-MODE-001',
    when: ({ request }) => /^\s*(production|test)\s*$/i.test(request?.deploymentModeText ?? ''),
    where: atRequest,
    say: ({ request }) =>
      `deploymentMode ${quoted(request?.deploymentModeText ?? '')} is read as ${request?.deploymentMode}.`,
  },
  {
    id: 'W-MODE-002',
    when: ({ request }) => !/^\s*(production|test|)\s*$/i.test(request?.deploymentModeText ?? ''),
    where: atRequest,
    say: ({ request }) =>
      `deploymentMode ${quoted(request?.deploymentModeText ?? '')} is neither production nor test; the order counts as production.`,
    remedy: 'Ask the sender whether this was meant as a test.',
  },
  {
    id: 'N-ROOT-001',
    when: (message) => strangers(message).length > 0,
    where: (message) => {
      const element = strangers(message)[0] ?? message.root;
      return { element, path: `cXML/${element.name}` };
    },
    say: (message) => {
      const names = strangers(message).map(({ name }) => name);
      return `Beside Header and Request the root holds ${listed(names)}; it is kept and not interpreted.`;
    },
  },
  {
    id: 'N-ROOT-002',
    when: ({ root }) => root.prefix !== undefined || attribute(root, 'xmlns') !== undefined,
    where: atRoot,
    say: () => 'The root is in a namespace, which cXML has none of; elements are found by their local names.',
  },
  {
    id: 'N-DOCTYPE-001',
    when: ({ doctype }) => doctype?.subset === 'harmless',
    where: atRoot,
    say: () => 'The DOCTYPE declares a parameter entity that nothing uses; it changes nothing.',
  },
  {
    id: 'N-ENCODING-001',
    when: ({ encoding }) => encoding.declared !== undefined,
    where: atRoot,
    say: ({ encoding }) =>
      `The XML declaration says ${quoted(encoding.declared ?? '')}, but the bytes are ${encoding.name} and are read as that.`,
    remedy: 'Ask the sender to declare the encoding it writes.',
  },
  {
    id: 'N-PARTY-001',
    when: ({ header }) => header !== undefined && (header.from.length === 0 || header.to.length === 0),
    where: (message) => atHeader(message.header?.from.length === 0 ? 'From' : 'To')(message),
    say: ({ header }) => `${header?.from.length === 0 ? 'From' : 'To'} holds no Credential.`,
  },
  {
    id: 'N-PARTY-002',
    when: (message) => spellings(message) !== undefined,
    where: atHeader('From'),
    say: (message) =>
      `One credential domain is spelled in several ways: ${listed(spellings(message) ?? [])}.`,
  },
  {
    id: 'N-AGENT-001',
    when: ({ header }) => header !== undefined && header.userAgent === undefined,
    where: atHeader('Sender'),
    say: () => 'Sender names no UserAgent.',
  },
];

/** Children of the root that cXML does not have there. Observed: networks in between append an EDICustomerID. */
function strangers({ root }: Message): Element[] {
  return childElements(root).filter(
    ({ name }) => name !== 'Header' && name !== 'Request' && name !== 'Signature',
  );
}

/** The ways one domain is written, when there is more than one. Observed: `duns` and `Duns` in one document. */
function spellings({ header }: Message): string[] | undefined {
  if (header === undefined) return undefined;
  const ways = new Map<string, Set<string>>();
  for (const { domain } of [...header.from, ...header.to, ...header.sender]) {
    const key = domain.toLowerCase();
    ways.set(key, (ways.get(key) ?? new Set()).add(domain));
  }
  const several = [...ways.values()].find(({ size }) => size > 1);
  return several === undefined ? undefined : [...several];
}

function listed(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 5).map(quoted).join(', ');
  return names.length > 5 ? `${shown} and others` : shown;
}

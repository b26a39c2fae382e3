/** Rules about the files an order refers to, beside those that came with it (cXML guide, "Attachments"). */
import { type ArrivedPart, atHeader, type OrderSubject } from './check-header-place.ts';
import type { AttachmentReference, Order } from './order.ts';
import { quoted, type Rule } from './rule.ts';

/** Every reference of the order, header first. */
export function referencesOf({ attachmentReferences, lines }: Order): AttachmentReference[] {
  return [...attachmentReferences, ...lines.flatMap((line) => line.attachmentReferences)];
}

/**
 * The Content-ID that a `cid:` address means (RFC 2392: percent-encoded in the address alone), or undefined for an
 * address of another kind.
 */
export function contentIdOf(url: string): string | undefined {
  const [, encoded] = /^cid:(.*)$/is.exec(url.trim()) ?? [];
  if (encoded === undefined) return undefined;
  const bare = encoded.replace(/^<(.*)>$/s, '$1');
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare; // a sender that does not encode may have a plain % in it
  }
}

/** Does this part bear that name? Some senders encode the header as they encode the address. */
export function isNamed({ contentId }: ArrivedPart, wanted: string): boolean {
  return contentId !== null && (contentId === wanted || contentIdOf(`cid:${contentId}`) === wanted);
}

function wantedIds({ order }: OrderSubject): string[] {
  return referencesOf(order)
    .map(({ url }) => contentIdOf(url))
    .filter((id) => id !== undefined);
}

const missing = (subject: OrderSubject): string[] =>
  wantedIds(subject).filter((id) => !subject.parts.some((part) => isNamed(part, id)));

const doubled = (subject: OrderSubject): string[] =>
  wantedIds(subject).filter((id) => subject.parts.filter((part) => isNamed(part, id)).length > 1);

const unreferenced = (subject: OrderSubject): readonly ArrivedPart[] => {
  const wanted = wantedIds(subject);
  return subject.parts.filter((part) => !wanted.some((id) => isNamed(part, id)));
};

const andMore = ({ length }: readonly unknown[]): string => (length > 1 ? ` and ${length - 1} more` : '');

export const ATTACHMENT_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'W-ATTACHMENT-001',
    when: (subject) => missing(subject).length > 0,
    where: atHeader('Comments'),
    say: (subject) => {
      const ids = missing(subject);
      return `The order refers to the attachment ${quoted(`cid:${ids[0] ?? ''}`)}${andMore(ids)}, which did not come with it.`;
    },
    remedy: 'Ask the buyer for the file if the order cannot be filled without it.',
  },
  {
    id: 'W-ATTACHMENT-002',
    when: (subject) => doubled(subject).length > 0,
    where: atHeader('Comments'),
    say: (subject) => {
      const ids = doubled(subject);
      return `Several files came under the name ${quoted(`cid:${ids[0] ?? ''}`)}${andMore(ids)}; nothing says which is meant.`;
    },
    remedy: 'Look at all of them; the buyer must give each file a name of its own.',
  },
  {
    id: 'N-ATTACHMENT-003',
    when: (subject) => unreferenced(subject).length > 0,
    where: atHeader('Comments'),
    say: (subject) => {
      const parts = unreferenced(subject);
      return `${parts.length} ${parts.length === 1 ? 'file' : 'files'} came along that the order does not refer to, first ${quoted(parts[0]?.contentId ?? 'without a Content-ID')}.`;
    },
  },
];

/** Rules about the files an order refers to, beside those that came with it (cXML guide, "Attachments"). */
import { type ArrivedPart, atHeader, atPath, type OrderSubject } from './check-header-place.ts';
import type { AttachmentReference, Order } from './order.ts';
import { quoted, type Rule, type Where } from './rule.ts';

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

/** The names a part can be referred to by: some senders encode the header as they encode the address. */
export function namesOf({ contentId }: ArrivedPart): readonly string[] {
  if (contentId === null) return [];
  const decoded = contentIdOf(`cid:${contentId}`) ?? contentId;
  return decoded === contentId ? [contentId] : [contentId, decoded];
}

interface Wanted {
  readonly id: string;
  readonly path: string;
}

function wantedOf({ order }: OrderSubject): Wanted[] {
  return referencesOf(order).flatMap(({ url, path }) => {
    const id = contentIdOf(url);
    return id === undefined ? [] : [{ id, path }];
  });
}

/** How many parts bear a name. Counted once: a hostile order has a hundred thousand references. */
function countNames(parts: readonly ArrivedPart[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of parts.flatMap(namesOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function missing(subject: OrderSubject): Wanted[] {
  const names = countNames(subject.parts);
  return wantedOf(subject).filter(({ id }) => !names.has(id));
}

function doubled(subject: OrderSubject): Wanted[] {
  const names = countNames(subject.parts);
  return wantedOf(subject).filter(({ id }) => (names.get(id) ?? 0) > 1);
}

function unreferenced(subject: OrderSubject): readonly ArrivedPart[] {
  if (subject.parts.length === 0) return [];
  const wanted = new Set(wantedOf(subject).map(({ id }) => id));
  return subject.parts.filter((part) => !namesOf(part).some((name) => wanted.has(name)));
}

const andMore = ({ length }: readonly unknown[]): string => (length > 1 ? ` and ${length - 1} more` : '');

/** The first of the references that a rule is about. */
const atFirst =
  (find: (subject: OrderSubject) => readonly Wanted[]) =>
  (subject: OrderSubject): Where => {
    const [first] = find(subject);
    return first === undefined ? atHeader('Comments')(subject) : atPath(subject.message, first.path);
  };

export const ATTACHMENT_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'W-ATTACHMENT-001',
    trait: 'the order refers to an attachment (cid:) that did not come with it',
    when: (subject) => missing(subject).length > 0,
    where: atFirst(missing),
    value: (subject) => `cid:${missing(subject)[0]?.id}`,
    say: (subject) => {
      const ids = missing(subject);
      return `The order refers to the attachment ${quoted(`cid:${ids[0]?.id ?? ''}`)}${andMore(ids)}, which did not come with it.`;
    },
    remedy: 'Ask the buyer for the file if the order cannot be filled without it.',
  },
  {
    id: 'W-ATTACHMENT-002',
    trait: 'several files came under the name that the order refers to',
    when: (subject) => doubled(subject).length > 0,
    where: atFirst(doubled),
    value: (subject) => `cid:${doubled(subject)[0]?.id}`,
    say: (subject) => {
      const ids = doubled(subject);
      return `Several files came under the name ${quoted(`cid:${ids[0]?.id ?? ''}`)}${andMore(ids)}; nothing says which is meant.`;
    },
    remedy: 'Look at all of them; the buyer must give each file a name of its own.',
  },
  {
    id: 'N-ATTACHMENT-003',
    trait: 'a file came along that the order does not refer to',
    when: (subject) => unreferenced(subject).length > 0,
    where: atHeader('Comments'),
    value: (subject) => unreferenced(subject)[0]?.contentId,
    say: (subject) => {
      const parts = unreferenced(subject);
      return `${parts.length} ${parts.length === 1 ? 'file' : 'files'} came along that the order does not refer to, first ${quoted(parts[0]?.contentId ?? 'without a Content-ID')}.`;
    },
    remedy: 'Look at the file before the order is filled; it is kept.',
  },
];

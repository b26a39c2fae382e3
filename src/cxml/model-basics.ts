/** What stands everywhere in an order: money, references, comments, and what buyers add in their own words. */
import { childElements } from './element.ts';
import { isCardLabel, maskCardNumbers } from './fragment.ts';
import type { Comment, Extrinsic } from './order.ts';
import { readExtrinsic } from './read-extrinsic.ts';
import { table } from './read-table.ts';
import { pathOf } from './spot.ts';
import {
  always,
  amount,
  aside,
  date,
  decimal,
  type Field,
  filled,
  made,
  parts,
  type Readable,
  text,
} from './table.ts';

const empty = (): string => '';
const TEXT = { type: 'string' };

export const MONEY = table('Money', 'An amount of money, exactly as it was sent.', {
  amount: always(amount('text()', 'The digits as sent; null when the element is empty.'), () => null),
  currency: text('@currency', 'ISO 4217 code.'),
  alternateAmount: decimal('@alternateAmount', 'The same in another currency.'),
  alternateCurrency: text('@alternateCurrency', 'ISO 4217 code of the alternate amount.'),
  derived: made<true>('Computed here, not received.', { const: true }),
});

export const UNMAPPED = table('Unmapped', 'What the model does not name, kept as it is.', {
  path: filled(made<string>('Where it stands: local names from the root, numbered among namesakes.', TEXT)),
  xml: filled(made<string>('What stands there, as XML; secrets and card numbers are masked.', TEXT)),
});

/** Names repeat, values may be empty, and an Extrinsic may hold elements: all of it is kept, in order. */
export const EXTRINSIC: Readable<Extrinsic> = {
  name: 'Extrinsic',
  says: "A name and a value of the buyer's own.",
  fields: {
    name: filled(made<string>('What the buyer calls it.', TEXT, ['@name'])),
    value: filled(made<string>('Its text, without the blanks around it.', TEXT, ['text()'])),
    path: filled(made<string>('Where it stands.', TEXT)),
    children: parts(UNMAPPED, [], 'The elements in it, in order, where it holds any.'),
  },
  read: readExtrinsic,
};

export function extrinsics(
  from: string | readonly string[] = 'Extrinsic',
): Field<readonly Extrinsic[], false> {
  return parts(EXTRINSIC, from, "Names and values of the buyer's own, in order; names may repeat.");
}

/** A file that a comment points to. It is told at the order or line that the comment belongs to. */
export const ATTACHMENT = table(
  'AttachmentReference',
  'What the document says of an attachment; the file itself comes beside it.',
  {
    url: always(text('URL', 'Where the file is: `cid:` names a part of the same message.'), empty),
    visibility: text('@visibility', '`internal`: it must not leave the receiving organisation.'),
    path: filled(made<string>('Where it stands.', TEXT)),
  },
  (draft, at) => {
    draft.path = pathOf(at);
    at.basket.attachments.push(draft);
    return false;
  },
);

export const COMMENT = table(
  'Comment',
  'What somebody wrote about the order or a part of it.',
  {
    text: always(text('text()', 'The words.'), empty),
    lang: text('@xml:lang', 'Their language.'),
    type: text('@type', 'What kind of comment it is, in words of the sender.'),
    attachments: aside(ATTACHMENT, 'Attachment', 'Told in `attachmentReferences`.'),
  },
  ({ text, type }, { element }) =>
    text !== '' || type !== undefined || !childElements(element).some(({ name }) => name === 'Attachment'),
);

export function comments(from: string | readonly string[] = 'Comments'): Field<readonly Comment[], false> {
  return parts(COMMENT, from, 'Comments, in order; files they point to are in `attachmentReferences`.');
}

export const ID_REFERENCE = table(
  'IdReference',
  'A number under which somebody knows the thing it stands at.',
  {
    domain: text('@domain', 'Whose number, or what kind of number it is.'),
    identifier: text('@identifier', 'The number.'),
    creator: text('Creator', 'Who gave it.'),
    description: text('Description', 'What it is.'),
  },
  (draft) => {
    if (isCardLabel(draft.domain ?? '')) draft.identifier = maskCardNumbers(draft.identifier ?? '');
    return true;
  },
);

export const PERIOD = table('Period', 'From when to when.', {
  startDate: date('@startDate', 'The first day or moment.'),
  endDate: date('@endDate', 'The last day or moment.'),
});

export const TEXT_IN_LANGUAGE = table('Description', 'A text, and what kind of text it is.', {
  text: always(text('text()', 'The words.'), empty),
  shortName: text('ShortName', 'The same, shorter.'),
  lang: text('@xml:lang', 'Their language.'),
  type: text('@type', 'What kind of text it is, in words of the sender.'),
});

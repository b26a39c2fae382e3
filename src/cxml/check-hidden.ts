/** Rules about values that look like something else: blanks at the ends, and characters that nobody sees. */

import type { OrderSubject } from './check-header-place.ts';
import { HEADER_PATH } from './check-header-place.ts';
import type { LineSubject } from './check-lines.ts';
import { attribute } from './element.ts';
import { quoted, type Rule } from './rule.ts';

/** Control and format characters (zero width, direction marks, C1), odd blanks, private use. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00A0\u2000-\u200B\u202F\u205F\u3000]/u;

export const HIDDEN_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'N-HIDDEN-001',
    when: ({ order }) => isOdd(order.purchaseOrderNumber),
    where: ({ header }) => ({ element: header, path: `${HEADER_PATH}/@orderID` }),
    say: ({ order }) => `orderID ${quoted(order.purchaseOrderNumber)} ${oddity(order.purchaseOrderNumber)}.`,
    remedy: 'It is kept exactly; look-ups must use it as it is.',
  },
  {
    id: 'N-HIDDEN-002',
    when: ({ message }) => isOdd(message.payloadId ?? ''),
    where: ({ message: { root } }) => ({ element: root, path: 'cXML/@payloadID' }),
    say: ({ message: { payloadId = '' } }) => `payloadID ${quoted(payloadId)} ${oddity(payloadId)}.`,
  },
  {
    id: 'N-HIDDEN-003',
    when: ({ message: { header } }) =>
      [...(header?.from ?? []), ...(header?.to ?? []), ...(header?.sender ?? [])].some(({ identity }) =>
        isOdd(identity ?? ''),
      ),
    where: ({ message: { root } }) => ({ element: root, path: 'cXML/Header' }),
    say: () => 'An Identity has a character in it that nobody sees.',
  },
];

export const HIDDEN_LINE_RULES: readonly Rule<LineSubject>[] = [
  {
    id: 'N-HIDDEN-004',
    when: ({ line }) => isOdd(line.supplierPartId ?? '') || isOdd(line.supplierPartAuxiliaryId ?? ''),
    where: ({ line, element }) => ({ element, path: `${line.place.path}/ItemID` }),
    say: ({ line }) => `Line ${line.position}: a part number has a character in it that nobody sees.`,
  },
  {
    id: 'N-HIDDEN-005',
    when: ({ element }) => attribute(element, 'quantity')?.trim() !== attribute(element, 'quantity'),
    where: ({ line, element }) => ({ element, path: `${line.place.path}/@quantity` }),
    say: ({ line }) => `Line ${line.position}: quantity has blanks around it.`,
  },
];

/** What almost every value is: no look at Unicode's tables is needed. */
const PLAIN = /^[!-~]*$/;

function isOdd(value: string): boolean {
  return !PLAIN.test(value) && isSuspicious(value);
}

function isSuspicious(value: string): boolean {
  return value !== value.trim() || INVISIBLE.test(value);
}

function oddity(value: string): string {
  return INVISIBLE.test(value) ? 'has a character in it that nobody sees' : 'has blanks around it';
}

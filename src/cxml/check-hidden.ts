/** Rules about values that look like something else: blanks at the ends, and characters that nobody sees. */
import { atHeader, type OrderSubject } from './check-header-place.ts';
import type { LineSubject } from './check-line.ts';
import { attribute } from './element.ts';
import type { Line } from './order.ts';
import { quoted, type Rule } from './rule.ts';

/** Control and format characters (zero width, direction marks, C1), odd blanks, private use. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00A0\u2000-\u200B\u202F\u205F\u3000]/u;

export const HIDDEN_RULES: readonly Rule<OrderSubject>[] = [
  {
    id: 'N-HIDDEN-001',
    trait: 'the orderID has blanks around it, or a character that nobody sees',
    when: ({ order }) => isOdd(order.purchaseOrderNumber),
    where: atHeader('@orderID'),
    value: ({ order }) => order.purchaseOrderNumber,
    say: ({ order }) => `orderID ${quoted(order.purchaseOrderNumber)} ${oddity(order.purchaseOrderNumber)}.`,
    remedy: 'It is kept exactly; look-ups must use it as it is.',
  },
  {
    id: 'N-HIDDEN-002',
    trait: 'the payloadID has blanks around it, or a character that nobody sees',
    when: ({ message }) => isOdd(message.payloadId ?? ''),
    where: ({ message: { root } }) => ({ element: root, path: 'cXML/@payloadID' }),
    value: ({ message }) => message.payloadId,
    say: ({ message: { payloadId = '' } }) => `payloadID ${quoted(payloadId)} ${oddity(payloadId)}.`,
    remedy: 'Nothing to do here; it is kept and compared exactly.',
  },
  {
    id: 'N-HIDDEN-003',
    trait: 'an Identity has a character that nobody sees',
    when: ({ message: { header } }) =>
      [...(header?.from ?? []), ...(header?.to ?? []), ...(header?.sender ?? [])].some(({ identity }) =>
        isOdd(identity ?? ''),
      ),
    where: ({ message: { root } }) => ({ element: root, path: 'cXML/Header' }),
    say: () => 'An Identity has a character in it that nobody sees.',
    remedy: 'Configure the buyer with the Identity as it is sent, or ask the sender to mend it.',
  },
];

export const HIDDEN_LINE_RULES: readonly Rule<LineSubject>[] = [
  {
    id: 'N-HIDDEN-004',
    trait: 'a part number has blanks around it, or a character that nobody sees',
    when: ({ line }) => oddPart(line) !== undefined,
    where: ({ line, element }) => ({ element, path: `${line.place.path}/ItemID` }),
    value: ({ line }) => oddPart(line),
    say: ({ line }) => `Line ${line.position}: a part number has a character in it that nobody sees.`,
    remedy: 'Compare with the catalogue by eye; it is kept exactly.',
  },
  {
    id: 'N-HIDDEN-005',
    trait: 'a quantity has blanks around it',
    when: ({ element }) => attribute(element, 'quantity')?.trim() !== attribute(element, 'quantity'),
    where: ({ line, element }) => ({ element, path: `${line.place.path}/@quantity` }),
    value: ({ element }) => attribute(element, 'quantity'),
    say: ({ line }) => `Line ${line.position}: quantity has blanks around it.`,
    remedy: 'Nothing to do here; the blanks are left out.',
  },
];

function oddPart({ supplierPartId, supplierPartAuxiliaryId }: Line): string | undefined {
  return [supplierPartId, supplierPartAuxiliaryId].find((id) => isOdd(id ?? '')) ?? undefined;
}

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

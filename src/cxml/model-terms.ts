/** On what terms: payment, confirmation and the other instructions, tolerances, agreements. */
import { child } from './element.ts';
import { lastDigits, maskCardNumbers } from './fragment.ts';
import { CARD_ADDRESS } from './model-address.ts';
import { extrinsics, ID_REFERENCE, MONEY } from './model-basics.ts';
import { readInteger } from './money.ts';
import { table } from './read-table.ts';
import {
  always,
  converted,
  date,
  decimal,
  type Field,
  filled,
  flag,
  made,
  part,
  parts,
  text,
  withheld,
  within,
} from './table.ts';

const TEXT = { type: 'string' };
const INTEGER = { type: ['integer', 'null'] };

/** A card's number and expiry stay in the original document; see `fragment.ts` for whatever else is said of it. */
export const PAYMENT = table(
  'Payment',
  'How the order is paid, without the number of any card.',
  {
    method: filled(made<'pcard' | 'other'>('`pcard` when a card was sent.', { enum: ['pcard', 'other'] })),
    cardLast4: converted('PCard/@number', 'The last four digits of the card.', {
      schema: TEXT,
      convert: lastDigits,
      dropped: true,
    }),
    cardName: converted('PCard/@name', 'Name on the card.', { schema: TEXT, convert: maskCardNumbers }),
    cardExpiration: withheld('PCard/@expiration', 'With the last digits it helps to guess the card.'),
    cardAddress: part(CARD_ADDRESS, 'PCard/PostalAddress', 'Where its holder lives.'),
  },
  (draft, { element }) => {
    draft.method = child(element, 'PCard') === undefined ? 'other' : 'pcard';
    return true;
  },
);

/** Two keys for one number: the integer to work with, and what was sent where that says more. */
export function numbered(
  path: string,
  says: string,
): { number: Field<number | null, true>; text: Field<string, false> } {
  return {
    number: filled(made<number | null>(`${says} null when it is no plain integer.`, INTEGER, [path])),
    text: text(path, 'The same as sent, when the integer alone would not give it back.'),
  };
}

const DAYS = numbered('@payInNumberOfDays', 'Days after the invoice;');

export const PAYMENT_TERM = table(
  'PaymentTerm',
  'When to pay, and what paying early is worth.',
  {
    payInDays: DAYS.number,
    payInDaysText: DAYS.text,
    discountPercent: decimal(
      'Discount/DiscountPercent/@percent',
      'Discount in percent; below zero it is a penalty.',
    ),
    discountAmount: part(MONEY, 'Discount/DiscountAmount/Money', 'Discount as an amount.'),
    extrinsics: extrinsics(),
  },
  (draft) => {
    const { integer, text } = readInteger(draft.payInDaysText);
    draft.payInDays = integer;
    draft.payInDaysText = text;
    return true;
  },
);

export const TOLERANCES = table('Tolerances', 'How far a delivery may differ.', {
  quantityPercent: decimal('QuantityTolerance/Percentage/@percent', 'In quantity, in percent.'),
  quantity: decimal('QuantityTolerance/Value/@value', 'In quantity, in units.'),
  pricePercent: decimal('PriceTolerance/Percentage/@percent', 'In price, in percent.'),
  price: part(MONEY, 'PriceTolerance/Money', 'In price, as an amount.'),
  time: text('TimeTolerance/@limit', 'In time.'),
  timeUnit: text('TimeTolerance/@type', 'Unit of the time: `minutes`, `hours`, `days`, `weeks`.'),
});

const BOUNDS = {
  lower: part(TOLERANCES, 'Lower/Tolerances', 'What less is still accepted.'),
  upper: part(TOLERANCES, 'Upper/Tolerances', 'What more is still accepted.'),
};

/** Coupa Supply Chain Collaboration: may, must or must not the supplier confirm, and at which level. */
const CONFIRMATION = table(
  'Confirmation',
  'Whether the buyer wants the order confirmed.',
  {
    level: filled(made<'header' | 'line'>('Where the instruction stands.', { enum: ['header', 'line'] })),
    allowed: filled(made<boolean>('False: the buyer wants no confirmation.', { type: 'boolean' })),
    value: always(text('@value', 'As sent: `allowed`, `notAllowed`, `requiredBeforeASN`.'), () => ''),
    ...BOUNDS,
  },
  (draft, { basket }) => {
    draft.level = basket.position === 0 ? 'header' : 'line';
    draft.allowed = draft.value !== 'notAllowed';
    return true;
  },
);

const INSTRUCTION = table('Instruction', 'Whether the buyer wants a document of this kind.', {
  value: text('@value', 'As sent: `allowed`, `notAllowed`, `isERS`, …'),
  verificationType: text('@verificationType', 'What an invoice is checked against: `goodsReceipt`.'),
  unitPriceEditable: flag('@unitPriceEditable', 'The supplier may change the price.'),
  temporaryPrice: flag('TemporaryPrice/@value', 'The price is not final.'),
  ...BOUNDS,
});

export const CONTROL_KEYS = within('ControlKeys', {
  confirmation: part(CONFIRMATION, 'OCInstruction', 'Whether the buyer wants a confirmation.'),
  shipNotice: part(INSTRUCTION, 'ASNInstruction', 'Whether the buyer wants a ship notice.'),
  invoicing: part(
    INSTRUCTION,
    'InvoiceInstruction',
    'Whether the buyer wants an invoice, and how it is checked.',
  ),
  serviceEntry: part(INSTRUCTION, 'SESInstruction', 'Whether the buyer wants a service entry sheet.'),
});

export const MASTER_AGREEMENT = table('MasterAgreement', 'The agreement under which a line is ordered.', {
  agreementId: text('@agreementID', 'Its number.'),
  agreementDate: date('@agreementDate', 'Its date.'),
  agreementType: text('@agreementType', 'What it is: `scheduling_agreement`.'),
  payloadId: text('DocumentReference/@payloadID', 'payloadID of the message that brought it.'),
  references: parts(ID_REFERENCE, 'IdReference', 'Other numbers of it.'),
});

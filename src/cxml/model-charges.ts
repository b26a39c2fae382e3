/** What is charged beside the goods, and to whom: modifications, shipping, tax, accounting. */
import { isCardLabel, maskCardNumbers } from './fragment.ts';
import { extrinsics, ID_REFERENCE, MONEY } from './model-basics.ts';
import { isDecimal } from './money.ts';
import { table } from './read-table.ts';
import { always, date, decimal, flag, made, part, parts, text, within } from './table.ts';

const empty = (): string => '';

const SEGMENT = table(
  'AccountingSegment',
  "One part of an account, in the buyer's own words; both forms that cXML has had.",
  {
    name: always(text(['@type', 'Name'], 'What the part is: `Cost Center`, …'), empty),
    id: always(text('@id', 'Its value.'), empty),
    description: text(['@description', 'Description'], 'What the value means.'),
  },
  (draft) => {
    if (isCardLabel(draft.name)) draft.id = maskCardNumbers(draft.id);
    return true;
  },
);

export const DISTRIBUTION = table(
  'Accounting',
  'An account, and what is charged to it.',
  {
    name: text('Accounting/@name', 'Name of the account or of the combination.'),
    percentage: made<string>('Share in percent, where one of the segments says it.', { type: 'string' }),
    charge: part(MONEY, 'Charge/Money', 'How much is charged to the account.'),
    segments: always(
      parts(
        SEGMENT,
        ['Accounting/Segment', 'Accounting/AccountingSegment'],
        'The parts of the account, in order.',
      ),
      () => [],
    ),
  },
  (draft) => {
    // A share of the line is sent as one more segment called "Percentage".
    const share = draft.segments.find(({ name, id }) => /^percent(age)?$/i.test(name) && isDecimal(id));
    draft.percentage = share?.id;
    return true;
  },
);

const TAX_DETAIL = table('TaxDetail', 'One tax among several.', {
  category: text('@category', 'What tax: `sales`, `vat`, `gst`, …'),
  purpose: text('@purpose', 'What is taxed: `tax`, `shippingTax`, …'),
  percentageRate: decimal('@percentageRate', 'Rate in percent.'),
  basePercentageRate: decimal('@basePercentageRate', 'Rate that a rate on a part of the amount is based on.'),
  taxRateType: text('@taxRateType', 'What kind of rate it is.'),
  taxedElement: text('@taxedElement', 'Id of the element that is taxed.'),
  taxPointDate: date('@taxPointDate', 'When the tax falls due.'),
  paymentDate: date('@paymentDate', 'When it is to be paid.'),
  isVatRecoverable: flag('@isVatRecoverable', 'The buyer can recover it.'),
  isTriangularTransaction: flag('@isTriangularTransaction', 'The goods go through a third country.'),
  isWithholdingTax: flag('@isWithholdingTax', 'It is withheld from the payment.'),
  isIncludedInPrice: flag('@isIncludedInPrice', 'The price has it in it.'),
  exemptDetail: text('@exemptDetail', '`zeroRated` or `exempt`.'),
  taxableAmount: part(MONEY, 'TaxableAmount/Money', 'What is taxed.'),
  amount: part(MONEY, 'TaxAmount/Money', 'The tax.'),
  adjustment: part(MONEY, 'TaxAdjustmentAmount/Money', 'Correction of the tax.'),
  location: text('TaxLocation', 'Where it is levied.'),
  description: text('Description', 'The tax in words.'),
  triangularTransactionLaw: text(
    'TriangularTransactionLawReference',
    'The law behind a triangular transaction.',
  ),
  regime: text('TaxRegime', 'Tax regime.'),
  exemptCode: text('TaxExemption/@exemptCode', 'Code of the reason for which it is not levied.'),
  exemptReason: text('TaxExemption/ExemptReason', 'That reason in words.'),
  extrinsics: extrinsics(),
});

export const TAX = table('Tax', 'Tax on the order or the line.', {
  amount: part(MONEY, 'Money', 'All taxes together.'),
  description: text('Description', 'What it is.'),
  adjustment: part(MONEY, 'TaxAdjustmentAmount/Money', 'Correction of the tax.'),
  details: parts(TAX_DETAIL, 'TaxDetail', 'The taxes one by one.'),
  accounting: parts(DISTRIBUTION, 'Distribution', 'Which accounts pay the tax.'),
  extrinsics: extrinsics(),
});

export const MODIFICATION = table('Modification', 'A surcharge or discount on an amount.', {
  level: text('@level', 'In which order the modifications apply.'),
  ...within('ModificationDetail', {
    name: text('@name', 'What it is: `Freight`, `Volume Discount`, …'),
    code: text('@code', 'Code of it.'),
    description: text('Description', 'The same in words.'),
    startDate: date('@startDate', 'From when it applies.'),
    endDate: date('@endDate', 'Until when it applies.'),
    scope: text('@scope', 'What it applies to.'),
    calculationType: text('@calculationType', 'How it is calculated.'),
    reference: part(ID_REFERENCE, 'IdReference', 'Number under which it is known.'),
    parentId: text('ParentID', 'The modification it belongs to.'),
    extrinsics: extrinsics(),
  }),
  originalPrice: part(MONEY, 'OriginalPrice/Money', 'The amount before.'),
  originalPriceType: text('OriginalPrice/@type', 'What kind of amount that is.'),
  deductionType: text('AdditionalDeduction/@type', 'What kind of discount it is.'),
  deductionAmount: part(MONEY, 'AdditionalDeduction/DeductionAmount/Money', 'Discount as an amount.'),
  deductionPercent: decimal('AdditionalDeduction/DeductionPercent/@percent', 'Discount in percent.'),
  deductedPrice: part(MONEY, 'AdditionalDeduction/DeductedPrice/Money', 'The amount after the discount.'),
  costAmount: part(MONEY, 'AdditionalCost/Money', 'Surcharge as an amount.'),
  costPercent: decimal('AdditionalCost/Percentage/@percent', 'Surcharge in percent.'),
  costType: text('AdditionalCost/@type', 'What kind of surcharge it is.'),
  tax: part(TAX, 'Tax', 'Tax on it.'),
});

export const SHIPPING = table('Shipping', 'What transport costs, and how to follow it.', {
  amount: part(MONEY, 'Money', 'What it costs.'),
  description: text('Description', 'What it is.'),
  trackingDomain: text('@trackingDomain', 'Whose number `trackingId` is.'),
  trackingId: text('@trackingId', 'Number to follow the goods by.'),
  tracking: text('@tracking', 'How to follow the goods, the older way.'),
  modifications: parts(MODIFICATION, 'Modifications/Modification', 'Surcharges and discounts.'),
});

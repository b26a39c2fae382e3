/** Reads what surrounds the goods: shipping, tax, payment and its terms, and whether a confirmation is wanted. */
import { attribute, type Element } from './element.ts';
import { lastDigits } from './fragment.ts';
import { readInteger, readMoney, readMoneyWithin } from './money.ts';
import type { Charge, Confirmation, Money, Order, PaymentTerm } from './order.ts';
import { readExtrinsic } from './read-extrinsic.ts';
import { below, elementsOf, first, keepElement, keepOtherAttributes, readText, type Spot } from './spot.ts';

const CHARGE_ATTRIBUTES = ['trackingDomain', 'trackingId'];

/** Shipping and Tax: an amount and what it is for. The details of a tax stay unmapped. */
export function readCharge(at: Spot): Charge {
  let amount: Money | undefined;
  let description: string | undefined;
  for (const each of elementsOf(at)) {
    switch (each.name) {
      case 'Money':
        amount = first(amount, readMoney, at, each);
        break;
      case 'Description':
        description = first(description, readText, at, each);
        break;
      case 'Extrinsic':
        at.basket.extrinsics.push(readExtrinsic(below(at, each)));
        break;
      default:
        keepElement(at, each);
    }
  }
  keepOtherAttributes(at, CHARGE_ATTRIBUTES);
  return {
    amount,
    description,
    trackingDomain: attribute(at.element, 'trackingDomain'),
    trackingId: attribute(at.element, 'trackingId'),
  };
}

const TERM_ATTRIBUTES = ['payInNumberOfDays'];

export function readPaymentTerm(at: Spot): PaymentTerm {
  let discount: Discount | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'Discount') discount = first(discount, readDiscount, at, each);
    else if (each.name === 'Extrinsic') at.basket.extrinsics.push(readExtrinsic(below(at, each)));
    else keepElement(at, each);
  }
  keepOtherAttributes(at, TERM_ATTRIBUTES);
  const { integer, text } = readInteger(attribute(at.element, 'payInNumberOfDays'));
  return { payInDays: integer, payInDaysText: text, ...discount };
}

type Discount = Pick<PaymentTerm, 'discountPercent' | 'discountAmount'>;

const PERCENT_ATTRIBUTES = ['percent'];

function readDiscount(at: Spot): Discount {
  let discountPercent: string | undefined;
  let discountAmount: Money | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'DiscountPercent' && discountPercent === undefined) {
      discountPercent = attribute(each, 'percent') ?? '';
      readText(below(at, each), PERCENT_ATTRIBUTES);
    } else if (each.name === 'DiscountAmount' && discountAmount === undefined) {
      discountAmount = readMoneyWithin(below(at, each));
    } else {
      keepElement(at, each);
    }
  }
  keepOtherAttributes(at);
  return { discountPercent, discountAmount };
}

type Payment = NonNullable<Order['payment']>;

/** A card's number and expiry stay in the original document; see `fragment.ts` for whatever else is said of it. */
export function readPayment(at: Spot): Payment {
  let card: Payment | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'PCard') card = first(card, readCard, at, each);
    else keepElement(at, each);
  }
  keepOtherAttributes(at);
  return card ?? { method: 'other' };
}

const CARD_ATTRIBUTES = ['number', 'expiration', 'name'];

function readCard(at: Spot): Payment {
  for (const each of elementsOf(at)) keepElement(at, each);
  keepOtherAttributes(at, CARD_ATTRIBUTES);
  return {
    method: 'pcard',
    cardLast4: lastDigits(attribute(at.element, 'number') ?? ''),
    cardName: attribute(at.element, 'name'),
  };
}

/** ControlKeys: `notAllowed` means that the buyer wants no confirmation of this order or line. */
export function readConfirmation(at: Spot, level: Confirmation['level']): Confirmation | undefined {
  let instruction: Element | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'OCInstruction' && instruction === undefined) instruction = each;
    else keepElement(at, each);
  }
  keepOtherAttributes(at);
  if (instruction === undefined) return undefined;
  const inside = below(at, instruction);
  for (const each of elementsOf(inside)) keepElement(inside, each);
  keepOtherAttributes(inside, VALUE);
  const value = attribute(instruction, 'value') ?? '';
  return { level, allowed: value !== 'notAllowed', value };
}

const VALUE = ['value'];

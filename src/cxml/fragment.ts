/** Writes a piece of the tree as XML again, for what the model does not name. Secrets and card numbers never. */
import type { Attribute, Element } from './element.ts';

const MASK = '****';
const SECRET = /secret(?!ar)|password|credentialmac/i;
const CARD = /(?:^|p|credit|debit|payment|purchas\w*)card(?:number|info|details?)?$/i;

const CARD_LABEL = /card(?!board)/i;

/** The element is a card, or calls itself something of one: `Extrinsic name="Card number"`. */
export function isOfCard({ name, attributes }: Element): boolean {
  if (CARD.test(name)) return true;
  for (const each of attributes) if (LABELS.has(each.name) && isCardLabel(each.value)) return true;
  return false;
}

export function isCardLabel(label: string): boolean {
  return CARD_LABEL.test(label);
}

const LABELS: ReadonlySet<string> = new Set(['name', 'domain', 'type']);

/** @param inCard the element stands inside a card, so any number in it may be the card's */
export function writeFragment(element: Element, inCard = false): string {
  const tag = element.prefix === undefined ? element.name : `${element.prefix}:${element.name}`;
  const careful = inCard || isOfCard(element);
  let xml = `<${tag}`;
  for (const each of element.attributes) xml += ` ${writeAttribute(maskAttribute(element, each, careful))}`;
  if (element.children.length === 0) return `${xml}/>`;
  if (SECRET.test(element.name)) return `${xml}>${MASK}</${tag}>`;
  xml += '>';
  for (const each of element.children) {
    if (typeof each !== 'string') xml += writeFragment(each, careful);
    else xml += writeText(careful ? maskCardNumbers(each) : each);
  }
  return `${xml}</${tag}>`;
}

export function writeAttribute({ name, value }: Attribute): string {
  const escaped = writeText(value)
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;');
  return `${name}="${escaped}"`;
}

/** Text as XML: what would not come back as it is becomes a reference. */
export function writeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(']]>', ']]&gt;')
    .replaceAll('\r', '&#13;');
}

/** Of a card only the holder's name is shown, and the last digits of its number. */
export function maskAttribute({ name: element }: Element, attribute: Attribute, inCard: boolean): Attribute {
  const { name, value } = attribute;
  if (SECRET.test(element) || SECRET.test(name)) return { name, value: MASK };
  if (CARD.test(element) && name !== 'name') return { name, value: MASK + (lastDigits(value) ?? '') };
  return inCard ? { name, value: maskCardNumbers(value) } : attribute;
}

/** Four digits that may be shown, of something long enough to be a card number. */
export function lastDigits(number: string): string | undefined {
  const digits = number.replace(/[\s-]/g, '');
  return digits.length >= 12 && /\d{4}$/.test(digits) ? digits.slice(-4) : undefined;
}

/** Masks what may be a card number: 12 to 19 digits, with blanks or hyphens between them or without. */
export function maskCardNumbers(text: string): string {
  return text.replace(/(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)/g, (number) => MASK + (lastDigits(number) ?? ''));
}

/** Money and decimals as characters. Nothing here is ever a float, and nothing is rounded. */
const DECIMAL = /^-?(?:\d+(?:\.\d+)?|\.\d+)$/;

/** Multiplying is quadratic in the digits; no order needs more (Coupa: 32 digits at most), a hostile one would like to. */
export const DIGITS_LIMIT = 100;

/** `12`, `-1505.0`, `.34`: digits with at most one point. No sign but a minus, no exponent, no separators. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** Whatever its capitals, and the blanks around it: `usd` is USD. */
export function isSameCurrency(one: string | undefined, other: string | undefined): boolean {
  return one === other || one?.trim().toUpperCase() === other?.trim().toUpperCase();
}

/** A count or a number of days: the integer, and the text as sent where the integer alone would not give it back. */
export function readInteger(sent: string | undefined): { integer: number | null; text: string | undefined } {
  const digits = sent?.trim() ?? '';
  const integer = /^\d{1,15}$/.test(digits) ? Number(digits) : null;
  return { integer, text: String(integer) === sent ? undefined : sent };
}

/** A decimal as an integer and how many of its digits stand behind the point. */
interface Scaled {
  readonly digits: bigint;
  readonly scale: number;
}

/** @returns the exact product, with as many decimals as both together; null when one is no decimal or too long */
export function multiply(left: string, right: string): string | null {
  const a = scaled(left);
  const b = scaled(right);
  return a === null || b === null ? null : written({ digits: a.digits * b.digits, scale: a.scale + b.scale });
}

/** @returns the exact quotient; null when it never ends, or one is no decimal, too long, or zero below the line */
export function divide(dividend: string, divisor: string): string | null {
  const a = scaled(dividend);
  const b = scaled(divisor);
  if (a === null || b === null || b.digits === 0n) return null;
  // It ends when the divisor, freed of its twos and fives, divides the dividend.
  let rest = b.digits;
  let twos = 0;
  let fives = 0;
  for (; rest % 2n === 0n; rest /= 2n) twos++;
  for (; rest % 5n === 0n; rest /= 5n) fives++;
  if (a.digits % rest !== 0n) return null;
  const extra = Math.max(twos, fives);
  return written({
    digits: (a.digits * 10n ** BigInt(extra + b.scale)) / b.digits,
    scale: a.scale + extra,
  });
}

/** @returns the exact sum; null when one is no decimal or too long */
export function add(left: string, right: string): string | null {
  const a = scaled(left);
  const b = scaled(right);
  if (a === null || b === null) return null;
  const scale = Math.max(a.scale, b.scale);
  return written({ digits: widened(a, scale) + widened(b, scale), scale });
}

/** @returns below 0, 0 or above 0, by value: `1.50` equals `1.5`; null when one is no decimal or too long */
export function compare(left: string, right: string): number | null {
  const a = scaled(left);
  const b = scaled(right);
  if (a === null || b === null) return null;
  const scale = Math.max(a.scale, b.scale);
  const difference = widened(a, scale) - widened(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** How many digits stand behind the point: 2 for `10.00`. */
export function decimals(text: string): number {
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}

/** Drops zeros at the end, down to `keep` decimals: `10.0000` with 2 is `10.00`. */
export function shorten(text: string, keep: number): string {
  let end = text.length;
  const least = text.length - Math.max(0, decimals(text) - keep);
  while (end > least && text[end - 1] === '0') end--;
  return text[end - 1] === '.' ? text.slice(0, end - 1) : text.slice(0, end);
}

function scaled(text: string): Scaled | null {
  if (text.length > DIGITS_LIMIT || !isDecimal(text)) return null;
  const scale = decimals(text);
  return { digits: BigInt(text.replace('.', '')), scale };
}

function widened({ digits, scale }: Scaled, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}

function written({ digits, scale }: Scaled): string {
  const sign = digits < 0n ? '-' : '';
  const all = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = all.slice(0, all.length - scale);
  return scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${all.slice(all.length - scale)}`;
}

/**
 * Times as senders write them. The order keeps the characters; here they are read only to tell earlier from later,
 * and to say what is odd about them.
 */

/** `zulu` ends in Z, `none` is a time without a zone, `date` a day only. The guide wants an offset. */
export type ZoneForm = 'offset' | 'zulu' | 'none' | 'date' | 'unreadable';

// Observed: `2018-03-22T17:10:07 -04:00` beside `2018-03-22T17:10:07-0400`, and `2020-09-25 15:30:43`.
const INSTANT =
  /^([1-9]\d{3})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(Z|[+-]\d\d(?::?\d\d)?))?)?$/i;

/**
 * @returns the instant; a time without a zone counts as UTC, a day as its first moment. Null for what is no ISO 8601
 *   time, or no day of the calendar (`2000-02-30`)
 */
export function readInstant(text: string | undefined): Date | null {
  return read(text)?.instant ?? null;
}

export function zoneForm(text: string): ZoneForm {
  return read(text)?.form ?? 'unreadable';
}

function read(text: string | undefined): { instant: Date; form: ZoneForm } | null {
  const found = INSTANT.exec(text?.trim() ?? '');
  if (found === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '0', zone] = found;
  const midnight = dayOf(Number(year), Number(month), Number(day));
  const offset = offsetMinutes(zone);
  if (midnight === null || offset === null) return null;
  if (hour === undefined) return { instant: new Date(midnight), form: 'date' };
  const seconds = Number(second ?? 0);
  if (Number(hour) > 23 || Number(minute) > 59 || seconds > 60) return null;
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  const milliseconds = Math.trunc(Number(`0.${fraction}`) * 1000);
  return {
    instant: new Date(midnight + (minutes * 60 + seconds) * 1000 + milliseconds),
    form: zone === undefined ? 'none' : /z/i.test(zone) ? 'zulu' : 'offset',
  };
}

function dayOf(year: number, month: number, day: number): number | null {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (lengths[month - 1] ?? 0) ? Date.UTC(year, month - 1, day) : null;
}

/** @returns `orderVersion` as a number that can be compared; null when it is absent or no plain integer */
export function orderVersionNumber(text: string | undefined): number | null {
  const digits = text?.trim() ?? '';
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || /z/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

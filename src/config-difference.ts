/** Where two configurations differ, by key and never by value: what was read again may not be what runs. */
import { Secret } from './config.ts';

/**
 * @returns keys as the file spells them: `listen.port`, `buyers[0].shared_secret`; a list that grew or shrank by its name
 */
export function differingKeys(one: unknown, other: unknown, prefix = ''): string[] {
  if (one === other) return [];
  if (one instanceof Secret || other instanceof Secret) {
    return one instanceof Secret && other instanceof Secret && one.isSame(other) ? [] : [prefix];
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    if (one.length !== other.length) return [prefix];
    return one.flatMap((each, index) => differingKeys(each, other[index], `${prefix}[${index}]`));
  }
  if (!isGroup(one) || !isGroup(other)) return [prefix];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
    differingKeys(one[key], other[key], prefix === '' ? key : `${prefix}.${key}`),
  );
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The three states of a check. */
import type { Check } from './rotation.ts';

export function yes(text: string): Check {
  return { state: 'yes', text };
}

export function warn(text: string): Check {
  return { state: 'warn', text };
}

export function no(text: string): Check {
  return { state: 'no', text };
}

/** What a rule about documents is made of, and the few words the tables of rules share. */
import { type Element, placeOf } from './element.ts';
import type { Finding, Order, Severity } from './order.ts';

/** `W-TOTAL-001`: the letter is the severity. None is an error: what reads is kept. */
export type RuleId = `${'W' | 'N'}-${string}`;

/** Where a finding stands, told as the element it is about. */
export interface Where {
  readonly element: Element;
  readonly path: string;
}

export interface Rule<Subject> {
  readonly id: RuleId;
  readonly when: (subject: Subject) => boolean;
  readonly where: (subject: Subject) => Where;
  /** One sentence; a value in it goes through `quoted`. */
  readonly say: (subject: Subject) => string;
  readonly remedy?: string;
}

export function findingOf<Subject>({ id, where, say, remedy }: Rule<Subject>, subject: Subject): Finding {
  const { element, path } = where(subject);
  return {
    id,
    severity: severityOf(id),
    place: placeOf(element, path),
    message: say(subject),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function severityOf(id: RuleId): Severity {
  return id.startsWith('W') ? 'warning' : 'note';
}

/** A value from the document in quotes: short, on one line, and nothing in it that a terminal would act on. */
export function quoted(value: string): string {
  const short = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return `"${short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�')}"`;
}

/** Everything of an order's lines a rule counts over. */
export function isBlanket({ orderType }: Order): boolean {
  return orderType.toLowerCase() === 'blanket';
}

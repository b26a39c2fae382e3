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

/** What is told of a rule without a document. Rules that share an id look at several places and say the same. */
export interface RuleWords {
  readonly id: RuleId;
  /** When it is found, as one clause: `the payloadID is missing or empty`. */
  readonly trait: string;
  /** What to do, or that nothing is to be done. */
  readonly remedy: string;
}

export interface Rule<Subject> extends RuleWords {
  readonly when: (subject: Subject) => boolean;
  readonly where: (subject: Subject) => Where;
  /** What stands there, as sent. Undefined where that is nothing. A secret never comes out of here whole. */
  readonly value?: (subject: Subject) => string | null | undefined;
  /** One sentence; a value in it goes through `quoted`. */
  readonly say: (subject: Subject) => string;
}

/** Values are for recognising, not for copying: the document has them whole. */
const VALUE_LENGTH = 200;

export function findingOf<Subject>(rule: Rule<Subject>, subject: Subject): Finding {
  const { id, where, value, say, remedy } = rule;
  const { element, path } = where(subject);
  const sent = value?.(subject) ?? undefined;
  return {
    id,
    severity: severityOf(id),
    place: placeOf(element, path),
    ...(sent === undefined ? {} : { value: cut(sent, VALUE_LENGTH) }),
    message: say(subject),
    remedy,
  };
}

export function severityOf(id: RuleId): Severity {
  return id.startsWith('W') ? 'warning' : 'note';
}

/** A value from the document in quotes: short, on one line, and nothing in it that a terminal would act on. */
export function quoted(value: string): string {
  return `"${cut(value, 60).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '�')}"`;
}

/** Never through the middle of a character. */
function cut(value: string, most: number): string {
  if (value.length <= most) return value;
  const half = /[\uD800-\uDBFF]/.test(value[most - 1] ?? '');
  return `${value.slice(0, half ? most - 1 : most)}…`;
}

/** Everything of an order's lines a rule counts over. */
export function isBlanket({ orderType }: Order): boolean {
  return orderType.toLowerCase() === 'blanket';
}

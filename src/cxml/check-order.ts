/**
 * What is odd about an order that is kept all the same, for the person who looks at it. The rules are the tables of
 * the `check-*` files. None refuses: the corpus shows real senders with every one of these traits.
 */
import { ENVELOPE_RULES } from './check-envelope.ts';
import { HEADER_RULES } from './check-header.ts';
import { type ArrivedPart, atHeader, type OrderSubject } from './check-header-place.ts';
import { HIDDEN_LINE_RULES, HIDDEN_RULES } from './check-hidden.ts';
import { LINE_RULES, type LineSubject } from './check-line.ts';
import { LINES_RULES } from './check-lines.ts';
import { NAMESPACE_RULES } from './check-namespace.ts';
import { PARTY_RULES } from './check-parties.ts';
import { child, childrenNamed } from './element.ts';
import type { Message } from './message.ts';
import type { Finding, Order } from './order.ts';
import { findingOf, type Rule, type RuleWords } from './rule.ts';

/** Enough for a person; a trait that ten thousand lines share is not told ten thousand times. */
const LIMIT = 200;
const LIMIT_PER_RULE = 25;

const MORE: RuleWords = {
  id: 'N-MORE-001',
  trait: 'there are more findings than are told: 25 of a rule, 200 of an order',
  remedy: 'Mend the ones that are told first.',
};

const MESSAGE_RULES = [...ENVELOPE_RULES, ...NAMESPACE_RULES, ...PARTY_RULES];
const ORDER_RULES = [...HEADER_RULES, ...LINES_RULES, ...HIDDEN_RULES];
const EACH_LINE_RULES = [...LINE_RULES, ...HIDDEN_LINE_RULES];

/** Every rule once, in the order in which findings are told. The ids are a closed list, fit for a metric's label. */
export const RULES: readonly RuleWords[] = [
  ...new Map(
    [...MESSAGE_RULES, ...ORDER_RULES, ...EACH_LINE_RULES, MORE].map(({ id, trait, remedy }) => [
      id,
      { id, trait, remedy },
    ]),
  ).values(),
];

/** Of all lines by one rule: about a millisecond's work. */
const LOOKS_PER_STEP = 2_000;

/**
 * Yields between rules and on the way through many lines: 300,000 empty ones take three quarters of a second.
 *
 * @param parts what came beside the document
 * @returns notes and warnings in the order of the rules; at most 200, and one more that counts the rest
 */
export function* checkOrder(
  message: Message,
  order: Order,
  parts: readonly ArrivedPart[] = [],
): Generator<undefined, readonly Finding[], void> {
  const request = message.request?.element;
  const header = child(request, 'OrderRequestHeader');
  if (header === undefined) return [];
  const subject: OrderSubject = { message, order, header, parts };
  const items = childrenNamed(request, 'ItemOut');
  const lines = order.lines.flatMap((line, index): LineSubject[] => {
    const element = items[index];
    return element === undefined ? [] : [{ order, line, element }];
  });
  const tally: Tally = { found: [], more: 0 };
  yield* apply(MESSAGE_RULES, [message], tally);
  yield* apply(ORDER_RULES, [subject], tally);
  yield* apply(EACH_LINE_RULES, lines, tally);
  const { found, more } = tally;
  if (more === 0) return found;
  const rest = { ...MORE, where: atHeader(), say: () => `And ${more} more findings.`, when: () => true };
  return [...found, findingOf(rest, subject)];
}

interface Tally {
  readonly found: Finding[];
  /** Found, and not told. */
  more: number;
}

function* apply<Subject>(
  rules: readonly Rule<Subject>[],
  subjects: readonly Subject[],
  tally: Tally,
): Generator<undefined, void, void> {
  let looks = 0;
  for (const rule of rules) {
    let told = 0;
    for (const each of subjects) {
      if (++looks % LOOKS_PER_STEP === 0) yield;
      if (!rule.when(each)) continue;
      if (tally.found.length < LIMIT && told++ < LIMIT_PER_RULE) tally.found.push(findingOf(rule, each));
      else tally.more++;
    }
    yield;
  }
}

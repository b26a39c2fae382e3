/** What saxes finds wrong becomes one plain sentence with a place. Text of the document is never repeated: it may be a secret. */
import type { SaxesParser } from 'saxes';
import { Refusal } from '../errors.ts';
import { describeBeginning } from './not-xml.ts';
import { describePlace, placeAt, shown } from './text-place.ts';

/** Enough to know what a body is that is no XML. */
const LOOKED_AT = 80;

interface Named {
  readonly name: string;
  readonly line: number;
}

export interface Circumstances {
  readonly text: string;
  /** From here on every `&` starts a reference, except inside a comment, CDATA or instruction that has not ended. */
  readonly mark: number;
  readonly parser: Pick<SaxesParser, 'position'>;
  /** The innermost open element. */
  readonly current: Named | undefined;
  /** The element closed last. */
  readonly closed: Named | undefined;
}

export function malformed(reason: string, around: Circumstances): Refusal {
  const { text, parser } = around;
  const behind = Math.min(parser.position, text.length);
  const [index, sentence] = explain(reason, behind, around);
  const place = placeAt(text, index);
  return new Refusal(
    'xml-malformed',
    `The document is not well-formed XML at ${describePlace(place)}: ${sentence}.`,
    { place },
  );
}

/**
 * The index of the first `&` from `from` that starts no reference, or -1. saxes reads on to the next `;`, however
 * far that is, and would report the fault there.
 */
export function bareAmpersand(text: string, from: number, to: number): number {
  for (let at = text.indexOf('&', from); at !== -1 && at < to; at = text.indexOf('&', at + 1)) {
    REFERENCE.lastIndex = at;
    if (REFERENCE.test(text)) continue;
    const markup = text.indexOf('<!', from);
    const instruction = text.indexOf('<?', from);
    const hidden = (markup !== -1 && markup < at) || (instruction !== -1 && instruction < at);
    return hidden || UNFINISHED.test(text.slice(at, at + 64)) ? -1 : at;
  }
  return -1;
}

const REFERENCE = /&(?:[\p{L}_:][\p{L}\p{M}\p{N}.\-_:·]*|#[0-9]+|#x[0-9a-fA-F]+);/uy;
/** A reference cut off by the end of the document. */
const UNFINISHED = /^&[#\p{L}\p{N}]*$/u;

const EARLY = 'the XML declaration is not at the very start; not even a blank line may stand before it';

/** Sentences for faults that stand where the reader stopped. What is missing here is said in saxes' words, which repeat no input. */
const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['malformed comment.', 'a comment contains "--"'],
  ['disallowed character in tag name', 'a "<" is not followed by a name; a plain "<" is written as &lt;'],
  [
    'disallowed character in tag name.',
    'the name of an element contains a character that is not allowed there',
  ],
  ['disallowed character in attribute name.', 'a tag contains a character that is not allowed there'],
  ['disallowed character in closing tag.', 'an end tag contains a character that is not allowed there'],
  ['attribute without value.', 'an attribute has no value'],
  ['no whitespace between attributes.', 'there is no blank between two attributes'],
  ['forward-slash in opening tag not followed by >.', 'a "/" in a tag is not followed by ">"'],
  ['weird empty close tag.', 'an end tag has no name'],
  ['documents may contain only one root.', 'there is a second root element'],
  ['inappropriately located doctype declaration.', 'a DOCTYPE stands where none may be'],
  ['incorrect syntax.', 'a "<!" starts neither a comment nor CDATA nor a DOCTYPE'],
  ['the string "]]>" is disallowed in char data.', 'a text contains "]]>"'],
  ['no blank behind the name of an instruction.', 'the name of an instruction has no blank behind it'],
  ['processing instruction without a target.', 'a "<?" is not followed by a name'],
  ['an XML declaration must be at the start of the document.', EARLY],
  ['the XML declaration must appear at the start of the document.', EARLY],
]);

function explain(reason: string, behind: number, around: Circumstances): [index: number, sentence: string] {
  const { text, mark, current, closed } = around;
  const last = Math.max(0, behind - 1);
  const known = SENTENCES.get(reason);
  if (known !== undefined) return [last, known];

  if (reason === 'unquoted attribute value.') return [last, unquoted(text.charAt(last))];
  if (reason === 'disallowed character.') return character(text, last);
  if (REFERENCE_FAULTS.has(reason)) return reference(reason, last, around);
  if (reason === 'text data outside of root node.') {
    const index = firstInk(text, text.lastIndexOf('>', last - 1) + 1);
    const isFirst = text[index] !== '<' && firstInk(text, 0) === index;
    if (isFirst) return [index, describeBeginning(text.slice(index, index + LOOKED_AT))];
    return [index, `there is text ${closed === undefined ? 'before' : 'behind'} the root element`];
  }
  if (reason === 'unexpected close tag.') {
    return [text.lastIndexOf('</', last), `an end tag does not match ${opened(closed)}`];
  }
  if (reason.startsWith('unmatched closing tag')) {
    return [text.lastIndexOf('</', last), 'an end tag closes nothing'];
  }
  if (reason.startsWith('duplicate attribute: ')) {
    return [last, `an element has the attribute "${shown(reason.slice(21, -1))}" twice`];
  }
  if (reason.startsWith('unclosed tag') || reason === 'unexpected end.') {
    const bare = bareAmpersand(text, mark, text.length);
    if (bare !== -1) return [bare, BARE];
    return [
      text.length,
      current === undefined ? 'it ends too early' : `it ends before ${opened(current)} is closed`,
    ];
  }
  if (reason === 'document must contain a root element.') return [text.length, 'there is no element in it'];
  return [last, `its XML declaration or an instruction is wrong (${reason.slice(0, 80).replace(/\.$/, '')})`];
}

const BARE = 'an "&" does not start a reference; a plain "&" is written as &amp;';

const REFERENCE_FAULTS = new Set([
  'empty entity name.',
  'undefined entity.',
  'disallowed character in entity name.',
  'malformed character entity.',
]);

function reference(reason: string, last: number, { text, mark, current }: Circumstances): [number, string] {
  const bare = bareAmpersand(text, mark, last);
  if (bare !== -1) return [bare, BARE];
  const index = Math.max(mark, text.lastIndexOf('&', last));
  if (reason === 'malformed character entity.') {
    return [index, 'a character reference names no character that XML allows'];
  }
  const name = text.slice(index + 1, last);
  const harmless = /^[A-Za-z][A-Za-z0-9]{0,30}$/.test(name) && !/secret|password/i.test(current?.name ?? '');
  return [
    index,
    `the entity ${harmless ? `&${name}; ` : ''}is not defined; XML has &amp; &lt; &gt; &quot; &apos; and numbers such as &#160; only`,
  ];
}

/** Word processors and web pages make typographic quotes of plain ones. */
function unquoted(found: string): string {
  if (!/[\u2018-\u201f\u00ab\u00bb]/.test(found)) return 'an attribute value is not in quotes';
  return 'an attribute value is in typographic quotes; XML knows " and \' only';
}

function character(text: string, last: number): [number, string] {
  const index = text.charCodeAt(last) >= 0xdc00 && text.charCodeAt(last) <= 0xdfff ? last - 1 : last;
  const code = text.codePointAt(index) ?? 0;
  if (code === 0x3c) return [index, 'an attribute value contains "<"; it is written as &lt;'];
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return [index, `the character ${name} is not allowed in XML`];
}

function opened(element: Named | undefined): string {
  return element === undefined ? 'the element' : `<${shown(element.name)}> of line ${element.line}`;
}

function firstInk(text: string, from: number): number {
  const found = /[^ \t\r\n]/g;
  found.lastIndex = from;
  return found.exec(text)?.index ?? from;
}

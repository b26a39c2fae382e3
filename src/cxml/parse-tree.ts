/**
 * The strict reader: one pass of saxes over the text builds the light tree and judges on the way. It stops at the
 * first fault, and every limit stops it where it is passed, not after the document was swallowed.
 */
import { Refusal } from '../errors.ts';
import { type Doctype, readDoctype } from './doctype.ts';
import type { Attribute, Element } from './element.ts';
import { bareAmpersand, malformed } from './malformed.ts';
import { createSaxesParser, listen } from './saxes-parser.ts';
import { columnAt, describePlace, placeAt } from './text-place.ts';

export interface XmlLimits {
  /** Elements inside one another. */
  readonly depth: number;
  /** Of one element. */
  readonly attributes: number;
  /** Characters of one text, attribute value, comment, name or DOCTYPE. */
  readonly textLength: number;
  /** Of the whole document. */
  readonly elements: number;
}

/** A line of a real order has 20 to 30 elements, so 300,000 are ten thousand lines. */
export const DEFAULT_XML_LIMITS: XmlLimits = {
  depth: 100,
  attributes: 256,
  textLength: 1_000_000,
  elements: 300_000,
};

export interface ParsedDocument {
  readonly root: Element;
  readonly doctype?: Doctype;
}

/** 64 K characters take a millisecond or less, so between two slices others get their turn. */
const SLICE_LENGTH = 65_536;

/** An element while it grows. All have one shape, so that whoever reads the tree stays fast. */
interface Node {
  readonly name: string;
  readonly prefix: string | undefined;
  attributes: Attribute[];
  children: (Node | string)[];
  readonly line: number;
  readonly column: number;
}

/** What an element has before its first. Growing an empty array reserves 16 places; `[first]` takes one. */
const NONE: never[] = [];

function addChild(parent: Node, child: Node | string): void {
  if (parent.children === NONE) parent.children = [child];
  else parent.children.push(child);
}

/**
 * Yields between the slices of a long text; a short one is read at once.
 *
 * @throws {Refusal} `xml-malformed`, `xml-forbidden` (a DOCTYPE that declares) or `xml-too-complex`, with the place
 */
export function* parseTree(
  text: string,
  limits: XmlLimits = DEFAULT_XML_LIMITS,
): Generator<undefined, ParsedDocument, void> {
  refuseUnreadable(text);
  const parser = createSaxesParser();
  const open: Node[] = [];
  let current: Node | undefined;
  let closed: Node | undefined;
  let root: Node | undefined;
  let doctype: Doctype | undefined;
  let elements = 0;
  /** Grows with every token; a slice in which it stands still lies inside one token. */
  let tokens = 0;
  /** Behind the last start tag's name, comment, CDATA or instruction: from here on every `&` starts a reference. */
  let mark = 0;

  function tooComplex(what: string, index = parser.position - 1): Refusal {
    const place = placeAt(text, index);
    return new Refusal(
      'xml-too-complex',
      `The document has ${what} at ${describePlace(place)}. It was not read any further.`,
      { place },
    );
  }

  function measure(length: number, what: string): void {
    if (length > limits.textLength) throw tooComplex(`${what} of more than ${limits.textLength} characters`);
  }

  function pass(length: number, what: string): void {
    tokens++;
    mark = parser.position;
    measure(length, what);
  }

  function addText(added: string): void {
    tokens++;
    if (current === undefined) return; // blanks beside the root; saxes reports anything else
    const { children } = current;
    const last = children.length - 1;
    const before = children[last];
    if (typeof before === 'string') {
      measure(before.length + added.length, 'a text');
      children[last] = before + added;
    } else if (!isIndentation(added)) {
      measure(added.length, 'a text');
      addChild(current, added);
    }
  }

  listen(parser, {
    errorHandler({ message }) {
      throw malformed(message, { text, mark, parser, current, closed });
    },
    openTagStartHandler({ name }) {
      pass(name.length, 'a name');
      if (++elements > limits.elements) throw tooComplex(`more than ${limits.elements} elements`);
      if (open.length >= limits.depth) throw tooComplex(`elements nested more than ${limits.depth} deep`);
      // saxes has read one character past the name; if that was a line end, the tag began on the line before.
      const lineEnded = parser.column === 0;
      const colon = name.indexOf(':');
      const split = colon > 0 && colon < name.length - 1;
      const node: Node = {
        name: split ? name.slice(colon + 1) : name,
        prefix: split ? name.slice(0, colon) : undefined,
        attributes: NONE,
        children: NONE,
        line: lineEnded ? parser.line - 1 : parser.line,
        column: lineEnded ? columnAt(text, text.lastIndexOf('<', mark)) : parser.column - name.length - 1,
      };
      if (current !== undefined) addChild(current, node);
      else root ??= node;
      open.push(node);
      current = node;
    },
    attributeHandler(attribute) {
      tokens++;
      const node = current as Node;
      if (node.attributes.length >= limits.attributes) {
        throw tooComplex(`an element with more than ${limits.attributes} attributes`);
      }
      measure(attribute.name.length, 'an attribute name');
      measure(attribute.value.length, 'an attribute value');
      if (node.attributes === NONE) node.attributes = [attribute];
      else node.attributes.push(attribute);
    },
    closeTagHandler() {
      tokens++;
      closed = open.pop();
      current = open[open.length - 1];
    },
    textHandler: addText,
    cdataHandler(content) {
      mark = parser.position;
      addText(content);
    },
    commentHandler: (content) => pass(content.length, 'a comment'),
    piHandler({ target, body }) {
      if (body.startsWith('?') && !isBlankBehind(text, `<?${target}`, parser.position - body.length - 3)) {
        parser.fail('no blank behind the name of an instruction.');
      }
      pass(body.length, 'an instruction');
    },
    doctypeHandler(content) {
      const from = text.indexOf('<!DOCTYPE', mark);
      pass(content.length, 'a DOCTYPE');
      doctype = readDoctype(text, from, mark);
    },
  });

  let quiet = 0;
  for (let at = 0; at < text.length; at += SLICE_LENGTH) {
    const before = tokens;
    parser.write(text.length <= SLICE_LENGTH ? text : text.slice(at, at + SLICE_LENGTH));
    quiet = tokens === before ? quiet + SLICE_LENGTH : 0;
    if (quiet > limits.textLength) {
      if (bareAmpersand(text, mark, at) !== -1) parser.fail('disallowed character in entity name.');
      throw tooComplex(`a text, value or name of more than ${limits.textLength} characters`, mark);
    }
    if (at + SLICE_LENGTH < text.length) yield;
  }
  parser.close();
  return { root: root as Node, ...(doctype === undefined ? {} : { doctype }) };
}

/** Blanks with a line end in them, or nothing: half of all texts of a document, and content of none of its elements. */
function isIndentation(text: string): boolean {
  let lineEnd = text.length === 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) lineEnd = true;
    else if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return false;
  }
  return lineEnd;
}

/** Two things saxes lets pass: half of a surrogate pair, and a byte-order mark that is not the first. */
function refuseUnreadable(text: string): void {
  const index = text.isWellFormed() ? (text.startsWith('\uFEFF') ? 0 : -1) : text.search(/\p{Surrogate}/u);
  if (index === -1) return;
  const place = placeAt(text, index);
  const what =
    index === 0 && text.startsWith('\uFEFF') ? 'a second byte-order mark' : 'half a surrogate pair';
  throw new Refusal(
    'xml-malformed',
    `The document is not well-formed XML at ${describePlace(place)}: it has ${what}.`,
    { place },
  );
}

/** saxes takes `<?a?b?>`, which has no blank behind its name (XML 1.0, production 16). @param from where it is looked back */
function isBlankBehind(text: string, start: string, from: number): boolean {
  const at = text.lastIndexOf(start, from);
  return /[ \t\r\n]/.test(text.charAt(at + start.length));
}

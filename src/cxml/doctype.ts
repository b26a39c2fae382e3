/**
 * The DOCTYPE: its names are taken, what it points to is never fetched. An internal subset may declare nothing that
 * could change what the document says. An ATTLIST adds or normalises attribute values, an entity puts text in their
 * place: reading on without them would be misreading, so they are refused.
 */
import { Refusal } from '../errors.ts';
import { describePlace, placeAt, shown } from './text-place.ts';

export interface Doctype {
  readonly name: string;
  readonly publicId?: string;
  readonly systemId?: string;
  /** The internal subset `[…]` when there is one: empty, or with declarations that change nothing. */
  readonly subset?: 'empty' | 'harmless';
}

const LENGTH_OF_OPENING = '<!DOCTYPE'.length;

/** Walks over `text` from `at`; every step either finds what it looks for and moves on, or finds nothing. */
interface Cursor {
  readonly text: string;
  readonly end: number;
  at: number;
}

/**
 * @param from index of `<!DOCTYPE` in `text`
 * @param end index behind its `>`
 * @throws {Refusal} `xml-malformed` or `xml-forbidden`, with the place
 */
export function readDoctype(text: string, from: number, end: number): Doctype {
  const cursor: Cursor = { text, end: end - 1, at: from + LENGTH_OF_OPENING };
  const name = blanks(cursor) ? take(cursor, NAME) : undefined;
  if (name === undefined) throw wrong(cursor, 'the DOCTYPE names no root element');
  const external = readExternalId(cursor);
  blanks(cursor);
  const subset = take(cursor, OPEN) === undefined ? undefined : readSubset(cursor);
  blanks(cursor);
  if (cursor.at !== cursor.end) throw wrong(cursor, 'the DOCTYPE has something that does not belong there');
  return { name, ...external, ...(subset === undefined ? {} : { subset }) };
}

/** XML 1.0 (5th edition), productions 4 and 4a; Unicode's own classes are wider: "¼" is a number there. */
const NAME_START =
  ':A-Z_a-z\\u{c0}-\\u{d6}\\u{d8}-\\u{f6}\\u{f8}-\\u{2ff}\\u{370}-\\u{37d}\\u{37f}-\\u{1fff}\\u{200c}\\u{200d}' +
  '\\u{2070}-\\u{218f}\\u{2c00}-\\u{2fef}\\u{3001}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{fffd}\\u{10000}-\\u{effff}';
const NAME_PATTERN = `[${NAME_START}][${NAME_START}\\-.0-9\\u{b7}\\u{300}-\\u{36f}\\u{203f}\\u{2040}]*`;
const NAME = new RegExp(NAME_PATTERN, 'uy');
const OPEN = /\[/y;
const QUOTED = /"[^"]*"|'[^']*'/y;
const PUBLIC_ID = /"[-a-zA-Z0-9 \r\n'()+,./:=?;!*#@$_%]*"|'[-a-zA-Z0-9 \r\n()+,./:=?;!*#@$_%]*'/y;
const TARGET = new RegExp(`<\\?(?![Xx][Mm][Ll][ \\t\\r\\n?])${NAME_PATTERN}(?=[ \\t\\r\\n]|\\?>)`, 'uy');
const ENTITY = /<!ENTITY(?=[ \t\r\n])/y;
const PERCENT = /%/y;
const CLOSE = />/y;

function readExternalId(cursor: Cursor): { publicId?: string; systemId?: string } {
  const before = cursor.at;
  const kind = blanks(cursor) ? take(cursor, NAME) : undefined;
  if (kind !== 'SYSTEM' && kind !== 'PUBLIC') {
    cursor.at = before;
    return {};
  }
  const publicId = kind === 'PUBLIC' ? literal(cursor, PUBLIC_ID) : undefined;
  const systemId = literal(cursor, QUOTED);
  if (systemId === undefined || (kind === 'PUBLIC' && publicId === undefined)) {
    throw wrong(cursor, `the DOCTYPE's ${kind} identifier is not right`);
  }
  return publicId === undefined ? { systemId } : { publicId, systemId };
}

function readSubset(cursor: Cursor): 'empty' | 'harmless' {
  let found: 'empty' | 'harmless' = 'empty';
  for (;;) {
    const start = cursor.at;
    blanks(cursor);
    if (cursor.text[cursor.at] === ']') {
      cursor.at++;
      return found;
    }
    if (passComment(cursor) || passInstruction(cursor)) continue;
    if (take(cursor, ENTITY) !== undefined) {
      passEntity(cursor);
      found = 'harmless';
      continue;
    }
    if (cursor.text[cursor.at] === '%') throw forbidden(cursor, 'uses a parameter entity');
    for (const [opening, what] of DECLARATIONS) {
      if (cursor.text.startsWith(opening, cursor.at)) throw forbidden(cursor, what);
    }
    throw wrong(cursor, 'the internal subset of the DOCTYPE has something that does not belong there', start);
  }
}

const DECLARATIONS: readonly (readonly [opening: string, what: string])[] = [
  ['<!ELEMENT', 'declares an element (ELEMENT)'],
  ['<!ATTLIST', 'declares attributes (ATTLIST)'],
  ['<!NOTATION', 'declares a notation (NOTATION)'],
  ['<![', 'has a conditional section'],
];

function passComment(cursor: Cursor): boolean {
  if (!cursor.text.startsWith('<!--', cursor.at)) return false;
  const dashes = cursor.text.indexOf('--', cursor.at + 4);
  if (dashes === -1 || cursor.text[dashes + 2] !== '>') throw wrong(cursor, 'a comment contains "--"');
  cursor.at = dashes + 3;
  return true;
}

function passInstruction(cursor: Cursor): boolean {
  if (take(cursor, TARGET) === undefined) return false;
  cursor.at = cursor.text.indexOf('?>', cursor.at) + 2; // saxes has found its end, or there would be no DOCTYPE
  return true;
}

/**
 * Passes over `<!ENTITY % name "value">`: declared and never used, it changes nothing.
 * Observed: an official cXML example declares `<!ENTITY % SGML-help "INCLUDE">`.
 */
function passEntity(cursor: Cursor): void {
  const start = cursor.at - '<!ENTITY'.length;
  blanks(cursor);
  const general = take(cursor, PERCENT) === undefined;
  const name = general || blanks(cursor) ? take(cursor, NAME) : undefined;
  if (name === undefined) throw wrong(cursor, 'an entity declaration has no name');
  const named = `entity "${shown(name)}"`;
  if (general) throw forbidden(cursor, `declares the ${named}`, start);
  const value = literal(cursor, QUOTED);
  if (value === undefined) throw forbidden(cursor, `declares the external parameter ${named}`, start);
  if (/[%&]/.test(value))
    throw forbidden(cursor, `declares the parameter ${named} by means of others`, start);
  blanks(cursor);
  if (take(cursor, CLOSE) === undefined) throw wrong(cursor, 'an entity declaration does not end');
}

/** What `pattern` (sticky) matches here, within the DOCTYPE. */
function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined || cursor.at + found.length > cursor.end) return undefined;
  cursor.at += found.length;
  return found;
}

function literal(cursor: Cursor, pattern: RegExp): string | undefined {
  const quoted = blanks(cursor) ? take(cursor, pattern) : undefined;
  return quoted?.slice(1, -1);
}

/** Moves past blanks; true when there was one. */
function blanks(cursor: Cursor): boolean {
  const before = cursor.at;
  while (' \t\r\n'.includes(cursor.text[cursor.at] ?? '\0')) cursor.at++;
  return cursor.at > before;
}

function wrong(cursor: Cursor, what: string, index = cursor.at): Refusal {
  const place = placeAt(cursor.text, index);
  return new Refusal(
    'xml-malformed',
    `The document is not well-formed XML at ${describePlace(place)}: ${what}.`,
    { place },
  );
}

function forbidden(cursor: Cursor, what: string, index = cursor.at): Refusal {
  const place = placeAt(cursor.text, index);
  return new Refusal(
    'xml-forbidden',
    `The DOCTYPE ${what} at ${describePlace(place)}. Declarations inside a document are not accepted, ` +
      'because they could change what it says; send it without them.',
    { place },
  );
}

/**
 * Makes any text safe to hand to xmlbuilder2, which leaves two gaps: it writes `&` as is in front of anything that
 * looks like an entity (`AT&T; &foo;` comes out malformed), and it passes characters on that XML cannot carry.
 */

/** Not in the Char production of XML 1.0 section 2.2. A lone surrogate matches because of the `u` flag. */
const UNCARRIABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** For the text of an element. CR goes as a reference: written as is, it would be read back as LF. */
export function cleanText(text: string): string {
  return text.replace(UNCARRIABLE, '\u{FFFD}').replaceAll('&', '&amp;').replaceAll('\r', '&#13;');
}

/** For the value of an attribute, where a plain tab or line end would be read back as a space. */
export function cleanAttribute(value: string): string {
  return cleanText(value).replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
}

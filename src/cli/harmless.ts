/**
 * Makes text that came from a document or a peer fit to print: what a buyer wrote must not move the cursor, colour the
 * terminal, ring the bell or turn the line around.
 */
import { stripVTControlCharacters } from 'node:util';

/** C0 and C1 controls, line and paragraph separators: each becomes one blank. */
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
/**
 * What shows nothing yet changes what is seen: marks and overrides of direction, fillers of no width, tag letters, lone
 * surrogates. The joiner and the two selectors of emoji stay.
 */
const INVISIBLES = /(?![\u200d\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]|\p{Cs}/gu;

/** One line of text that is safe to print. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, ' ').replace(INVISIBLES, '').trim();
}

/** `text` in at most `most` characters, harmless. */
export function shorten(text: string, most: number): string {
  const letters = [...harmless(text)];
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`;
}

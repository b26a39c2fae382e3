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

/** Of lines all but their breaks and tabs: each shows that something stands there. */
const CONTROLS_OF_LINES = /(?![\n\t])[\p{Cc}\u2028\u2029]/gu;

/** Lines of which a terminal does nothing but show them. */
export function harmlessLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROLS_OF_LINES, '\ufffd').replace(INVISIBLES, '');
}

/** `text` in at most `most` characters, harmless. */
export function shorten(text: string, most: number): string {
  const letters = [...harmless(text)];
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`;
}

/** What `JSON.stringify` leaves raw and a terminal would act on, or turn the line around for. */
const RAW_IN_JSON = /[\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|(?!\u200d)\p{Cf}/gu;

/** JSON, indented, of which a terminal does nothing but show it. A program reads the very same values. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(RAW_IN_JSON, escapeUnits);
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

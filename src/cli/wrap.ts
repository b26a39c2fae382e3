/** Breaks long text between words, for terminals and for whoever reads it there. */
import { displayWidth } from './table.ts';

export const WIDTH = 100;

/**
 * @param first stands before the first line. Example: a mark
 * @param rest before the others; left out: blanks as wide as `first`
 * @returns a word that is too long for a line has one of its own
 */
export function wrap(text: string, first = '', rest = ' '.repeat(displayWidth(first))): string[] {
  const lines: string[] = [];
  let line = first;
  let isBegun = false;
  for (const word of text.split(' ')) {
    if (isBegun && displayWidth(line) + 1 + displayWidth(word) > WIDTH) {
      lines.push(line.trimEnd());
      line = rest;
      isBegun = false;
    }
    line += isBegun ? ` ${word}` : word;
    isBegun = true;
  }
  return [...lines, line.trimEnd()];
}

/** Aligns columns by what a terminal shows: wide characters take two cells, combining ones none. */
import { stripVTControlCharacters } from 'node:util';

/** East Asian Wide and Fullwidth blocks (Unicode TR 11), and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Cells that `text` takes on a terminal; escape sequences take none. */
export function displayWidth(text: string): number {
  const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });
  let width = 0;
  for (const { segment } of letters.segment(stripVTControlCharacters(text))) {
    if (NO_WIDTH.test(segment)) continue;
    width += WIDE.test(segment) || segment.includes('\ufe0f') ? 2 : 1;
  }
  return width;
}

/** `text` filled up with blanks to `width` cells. */
function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/**
 * @param head styles the titles
 * @returns one string per line, without blanks at the end
 */
export function layTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  head: (text: string) => string = (text) => text,
): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[at] ?? ''))),
  );
  const lay = (cells: readonly string[], style: (text: string) => string): string =>
    cells
      .map((cell, at) => style(pad(cell, widths[at] ?? 0, columns[at]?.align)))
      .join('  ')
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  const lines = rows.map((row) => lay(row, (text) => text));
  return titles.every((title) => title === '') ? lines : [lay(titles, head), ...lines];
}

/** Below a title. */
export function indent(line: string): string {
  return `  ${line}`;
}

/** Two columns, name and value; empty values are left out. */
export function layPairs(
  pairs: readonly (readonly [name: string, value: string | undefined])[],
  head: (text: string) => string = (text) => text,
): string[] {
  const filled = pairs.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...filled.map(([name]) => displayWidth(name)));
  return filled.map(([name, value]) => `${head(pad(name, width))}  ${value}`);
}

/** Where an index of the text stands for a person, and how little of the input a message may repeat. */
import type { Place } from '../errors.ts';

/** Line and column of `index`, both from 1. A line ends with CR LF, LF or CR; a column is a character, not a code unit. */
export function placeAt(text: string, index: number): { line: number; column: number } {
  let line = 1;
  for (let at = 0; at < index; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) line++;
  }
  return { line, column: columnAt(text, index) };
}

/** Looks back to the start of the line only. */
export function columnAt(text: string, index: number): number {
  let column = 1;
  for (let at = index - 1; at >= 0; at--) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || code === 0x0d) break;
    if (code < 0xdc00 || code > 0xdfff) column++; // the second half of a pair counts with the first
  }
  return column;
}

/** A name from the document, harmless in a message, a log line or a terminal: short, and without odd characters. */
export function shown(name: string): string {
  const short = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  return short.replace(/[^\p{L}\p{N}_.:\-…]/gu, '?');
}

export function describePlace({ line, column }: Place): string {
  return `line ${line}, column ${column}`;
}

/**
 * Source text with the inside of comments, strings and regular expressions blanked out, so that a rule about code does
 * not stumble over prose. Lengths and line ends stay: a position here is the same position there.
 */
export function maskSource(source: string): string {
  const pieces: string[] = [];
  /** For each template that is open: how many braces are open in its `${…}`. */
  const templates: number[] = [];
  let at = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const takeTemplate = (): void => {
    const text = take(TEMPLATE) ?? '';
    pieces.push(blank(text));
    if (take(/\$\{/y) !== undefined) {
      templates.push(0);
      pieces.push('  ');
    } else if (take(/`/y) !== undefined) {
      pieces.push('`');
    }
  };

  while (at < source.length) {
    const comment = take(COMMENT);
    if (comment !== undefined) {
      pieces.push(blank(comment));
      continue;
    }
    const string = take(STRING);
    if (string !== undefined) {
      pieces.push(`'${blank(string.slice(1, -1))}'`);
      continue;
    }
    const regex = opensRegex(pieces) ? take(REGEX) : undefined;
    if (regex !== undefined) {
      pieces.push(`'${blank(regex.slice(1, -1))}'`);
      continue;
    }
    const code = take(/[\w$]+|\s+|[\s\S]/y) ?? '';
    if (code === '`') {
      pieces.push(code);
      takeTemplate();
      continue;
    }
    const depth = templates.at(-1);
    if (depth !== undefined && code === '}' && depth === 0) {
      templates.pop();
      pieces.push(' ');
      takeTemplate();
      continue;
    }
    if (depth !== undefined && (code === '{' || code === '}'))
      templates[templates.length - 1] = depth + (code === '{' ? 1 : -1);
    pieces.push(code);
  }
  return pieces.join('');
}

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const TEMPLATE = /(?:[^\\`$]|\\[\s\S]|\$(?!\{))*/y;
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;

/** A slash divides behind a value and opens a regular expression everywhere else. */
function opensRegex(pieces: readonly string[]): boolean {
  const before = pieces.findLast((piece) => piece.trim() !== '')?.trim() ?? '';
  if (/^(return|typeof|case|in|of|await|yield|void|delete)$/.test(before)) return true;
  return !/[\w$)\]'`]$/.test(before);
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}

/**
 * YAML text to a plain value that still knows the line of each key. Refuses what YAML allows and people do not mean:
 * doubled keys, unknown tags, alias bombs. What it says never quotes the file, because a secret may stand in it.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';
import type { Mistake } from './config-checks.ts';

export interface Sheet {
  readonly value: unknown;
  /** With a value, these are mistakes to tell along with the others; without, nothing more can be said. */
  readonly mistakes: readonly (Mistake & { readonly line: number })[];
  /** Line of a key, or of the nearest thing around it that is there. */
  readonly lineOf: (path: Mistake['path']) => number;
}

type Env = Readonly<Record<string, string | undefined>>;
type Note = (offset: number, message: string) => void;

/** Enough for any honest reuse of a block; a bomb needs thousands. */
const MAX_ALIASES = 100;

/** Own words: the parser's own messages quote the file. */
const SYNTAX: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab cannot indent YAML: use spaces',
  BAD_INDENT: 'the indentation does not fit the lines above',
  MULTIPLE_DOCS: 'a second document starts here (---): one is allowed',
  TAG_RESOLVE_FAILED: 'tags (!name) are not used here',
  NON_STRING_KEY: 'a key must be text',
  MISSING_CHAR: 'a closing quote, bracket, comma or colon is missing here',
  BLOCK_AS_IMPLICIT_KEY: 'two keys stand on one line, or a value with a colon needs quotes',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line with its colon',
  BAD_SCALAR_START: 'a value that starts with this character needs quotes',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
};

export function parseSheet(text: string, env: Env): Sheet {
  const lines = new LineCounter();
  const mistakes: (Mistake & { line: number })[] = [];
  const note: Note = (offset, message) => {
    const line = Math.max(1, lines.linePos(offset).line);
    // One slip often makes the parser repeat itself.
    if (mistakes.some((known) => known.line === line && known.message === message)) return;
    mistakes.push({ path: [], message, line });
  };
  const unreadable = { value: undefined, mistakes, lineOf: () => 1 };

  let document: Document;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      logLevel: 'error', // 'silent' would also drop the error about a second document
      // The parser compares every key with every other; `noteDoubledKeys` looks each up once.
      uniqueKeys: false,
    });
  } catch {
    note(0, 'is nested too deeply');
    return unreadable;
  }
  for (const { pos, code } of [...document.errors, ...document.warnings]) {
    note(pos[0], SYNTAX[code] ?? 'is not YAML from here on: look at the colons, quotes and brackets');
  }
  if (mistakes.length > 0) return unreadable;

  noteDoubledKeys(document, note);
  noteLooseAliases(document, note);
  substitute(document, env, note);
  try {
    const value = withoutNulls(document.toJS({ maxAliasCount: MAX_ALIASES }));
    return { value, mistakes, lineOf: (path) => lines.linePos(offsetOf(document, path)).line || 1 };
  } catch {
    if (mistakes.length > 0) return unreadable;
    note(0, `aliases (*name) repeat too much: more than ${MAX_ALIASES} are not taken`);
    return unreadable;
  }
}

function noteDoubledKeys(document: Document, note: Note): void {
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name))
          note((isScalar(key) && key.range?.[0]) || 0, 'this key stands twice in its group');
        seen.add(name);
      }
    },
  });
}

function noteLooseAliases(document: Document, note: Note): void {
  const anchors = new Set<string>();
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Alias: (_, alias) => {
      if (!anchors.has(alias.source))
        note(alias.range?.[0] ?? 0, 'this alias (*name) has no anchor (&name) before it');
    },
  });
}

/**
 * `${NAME}` becomes the variable's value, `$${NAME}` stays `${NAME}`. Without quotes the result is read as YAML would
 * read it (`port: ${PORT}` is a number), with quotes it is text.
 */
function substitute(document: Document, env: Env, note: Note): void {
  visit(document, {
    Scalar(key, scalar) {
      if (key === 'key' || typeof scalar.value !== 'string' || !scalar.value.includes('${')) return;
      const text = scalar.value.replace(/\$?\$\{([^}]*)\}/g, (whole, name: string) => {
        if (whole.startsWith('$$')) return whole.slice(1);
        const value = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? env[name] : undefined;
        if (value === undefined) {
          const isName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name);
          note(
            scalar.range?.[0] ?? 0,
            isName
              ? `\${${name}} is not set in the environment`
              : 'a dollar sign and braces must hold a variable name',
          );
        }
        return value ?? '';
      });
      scalar.value = scalar.type === Scalar.PLAIN ? typed(text) : text;
    },
  });
}

function typed(text: string): string | number | boolean {
  if (/^-?(0|[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

/** A key with nothing behind it (all its lines commented out) counts as not written. The key itself is still judged. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value ?? undefined;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutNulls(each)]));
}

function offsetOf(document: Document, path: Mistake['path']): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step];
      offset = rangeStart(node) ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

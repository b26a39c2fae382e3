/** The rules of the house that a machine can check. Each complaint names the file, the line and the rule. */
import { posix } from 'node:path';
import { maskSource } from './mask-source.ts';

export interface SourceFile {
  /** From the project's root: `src/cxml/order.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
  /** `static`, `dynamic`, a `bare` import for its effect, or a `re-export`. */
  readonly how: 'static' | 'dynamic' | 'bare' | 're-export';
  readonly line: number;
}

/** What a room may import: rooms as code, rooms as types only, and packages. */
export interface Room {
  readonly code?: readonly string[];
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
}

export interface House {
  readonly rooms: Readonly<Record<string, Room>>;
  /** Rooms without I/O, clock and chance. */
  readonly pure: readonly string[];
  /** Files that run when loaded: programs and threads. */
  readonly programs: readonly string[];
  /** Rooms that may print. */
  readonly printing: readonly string[];
}

const MAX_LINES = 300;

export function readImports(text: string): Import[] {
  const code = maskSource(text);
  const found: Import[] = [];
  const add = (how: Import['how'], match: RegExpExecArray, typeOnly: boolean): void => {
    // The specifier is blanked in `code`; its quotes stand where they stand in `text`.
    const end = match.index + match[0].length;
    const start = text.slice(0, end - 1).search(/['"][^'"]*$/) + 1;
    found.push({ target: text.slice(start, end - 1), typeOnly, how, line: lineAt(code, match.index) });
  };
  for (const match of code.matchAll(/^\s*import\s+(type\s)?[^'"();]*?from\s*'[^']*'/gm))
    add('static', match, match[1] !== undefined);
  for (const match of code.matchAll(/^\s*import\s*'[^']*'/gm)) add('bare', match, false);
  for (const match of code.matchAll(/^\s*export\s+(type\s)?(?:\*|\{)[^'"();]*?from\s*'[^']*'/gm)) {
    add('re-export', match, match[1] !== undefined);
  }
  for (const match of code.matchAll(/\bimport\(\s*'[^']*'/g)) add('dynamic', match, false);
  return found.sort((one, other) => one.line - other.line);
}

export function checkHouse(files: readonly SourceFile[], house: House): string[] {
  const paths = new Set(files.map(({ path }) => path));
  return [
    ...files.flatMap((file) => [
      ...checkName(file),
      ...checkText(file, house),
      ...readImports(file.text).flatMap((each) => checkImport(file, each, { house, paths })),
    ]),
    ...checkCircles(files),
  ];
}

function checkName({ path, text }: SourceFile): string[] {
  const complaints: string[] = [];
  const name = posix.basename(path).replace(/\.\w+$/, '');
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > MAX_LINES) complaints.push(`${path}: has ${lines} lines; find its second duty`);
  if (name === 'index') complaints.push(`${path}: no index; import the file that owns the thing`);
  if (/(^|[/.-])(utils?|helpers?|common|types|managers?)(?=[/.-])/.test(path))
    complaints.push(`${path}: the name says nothing; find the owner`);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?$/.test(name)) complaints.push(`${path}: names are kebab-case`);
  return complaints;
}

function checkText({ path, text }: SourceFile, { pure, programs, printing }: House): string[] {
  const code = maskSource(text);
  const room = roomOf(path);
  const complaints: string[] = [];
  const forbid = (pattern: RegExp, rule: string): void => {
    for (const match of code.matchAll(pattern))
      complaints.push(`${path}:${lineAt(code, match.index)}: ${rule}`);
  };
  forbid(/^\s*export\s+default\b|\bas\s+default\b/gm, 'no default export');
  forbid(/\brequire\s*\(/g, 'no require');
  if (room === undefined) return complaints;
  if (!printing.includes(room)) forbid(/\bconsole\s*\./g, 'no console here; use the log');
  if (!programs.includes(path)) {
    forbid(/^(?:let|var)\b/gm, 'no state in a module');
    forbid(
      /^(?:await\b|for\s+await\b|(?:export\s+)?(?:const|let)\b.*=\s*await\b)/gm,
      'nothing waits while a module is loaded',
    );
    // The formatter leaves only the start and the end of a statement in the first column.
    forbid(
      /^(?!(?:import|export|const|let|var|await|for|function|async|class|abstract|interface|type|declare)\b)[\w$(!]/gm,
      'nothing is done while a module is loaded',
    );
  }
  if (pure.includes(room)) {
    const globals =
      'process|performance|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|crypto|Buffer|globalThis|navigator|localStorage|WebSocket';
    forbid(new RegExp(`(?<![.\\w$])(?:${globals})\\b(?!\\s*[?:=](?!=))`, 'g'), 'no I/O, clock or Node here');
    forbid(
      /\bDate\.now\b|\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())|(?<!new\s)(?<![.\w$])Date\s*\(|\bTemporal\.Now\b/g,
      'no clock here',
    );
    forbid(/\bMath\.random\b/g, 'no chance here');
    forbid(/\bimport\.meta\b/g, 'no I/O, clock or Node here');
  }
  return complaints;
}

function checkImport(
  { path }: SourceFile,
  { target, typeOnly, how, line }: Import,
  { house, paths }: { readonly house: House; readonly paths: ReadonlySet<string> },
): string[] {
  const at = `${path}:${line}`;
  if (how === 're-export') return [`${at}: no re-exports; import the file that owns the thing`];
  const room = roomOf(path);
  if (how === 'bare' && room !== undefined) return [`${at}: an import names what it imports`];
  if (!target.startsWith('.'))
    return room === undefined ? [] : checkPackage(at, { room, target, typeOnly }, house);

  if (!/\.(ts|json)$/.test(target)) return [`${at}: ${target} lacks its .ts extension`];
  const file = posix.join(posix.dirname(path), target);
  if (room === undefined) return [];
  const other = roomOf(file);
  if (other === undefined) return target.endsWith('.json') ? [] : [`${at}: ${target} is outside src`];
  if (target.endsWith('.ts') && !paths.has(file)) return [`${at}: ${target} is not there`];
  if (other === room) return [];
  const { code = [], types = [] } = house.rooms[room] ?? {};
  if (code.includes(other) || (typeOnly && types.includes(other))) return [];
  const kind = typeOnly ? 'import' : types.includes(other) ? 'import code from (types only)' : 'import';
  return [`${at}: ${room} may not ${kind} ${other}`];
}

function checkPackage(
  at: string,
  { room, target, typeOnly }: { readonly room: string; readonly target: string; readonly typeOnly: boolean },
  { rooms, pure }: House,
): string[] {
  if (rooms[room] === undefined) return [`${at}: ${room} is no room`];
  if (target.startsWith('node:')) return pure.includes(room) ? [`${at}: no ${target} here`] : [];
  const name = target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
  const { packages = [] } = rooms[room];
  return packages.includes(name)
    ? []
    : [`${at}: ${room} may not import the package ${name}${typeOnly ? ', not even its types' : ''}`];
}

/** Circles of code. That a file takes its types from the file it serves is no circle once types are stripped. */
function checkCircles(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map(({ path, text }) => [
      path,
      readImports(text)
        .filter(({ target, typeOnly }) => target.startsWith('.') && !typeOnly)
        .map(({ target }) => posix.join(posix.dirname(path), target)),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const from = trail.indexOf(path);
    if (from >= 0) circles.push(`circle: ${[...trail.slice(from), path].join(' → ')}`);
    if (from >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return circles;
}

/** `src/cxml/order.ts` → `cxml`, `src/config-file.ts` → `config`; undefined outside `src`. */
function roomOf(path: string): string | undefined {
  const [, folder, file] = /^src\/(?:([^/]+)\/.*|([^/]+?)(?:-[^/]*)?\.\w+)$/.exec(path) ?? [];
  return folder ?? file;
}

function lineAt(code: string, index: number): number {
  const start = index + (/^\s*/.exec(code.slice(index))?.[0].length ?? 0);
  return code.slice(0, start).split('\n').length;
}

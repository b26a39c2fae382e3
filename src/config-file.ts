/**
 * Reads the configuration file and the environment, the only place that does. Every mistake is told at once, with its
 * line, by name and never by value.
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { type Config, createConfigSchema, Secret } from './config.ts';
import type { Mistake } from './config-checks.ts';
import { suggestKey } from './config-docs.ts';
import { parseSheet } from './config-yaml.ts';
import { codeOf, StartupError } from './errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_SECRET_BYTES = 64 * 1024;
const NOT_THERE = 'does not exist';
/** More than a screen of mistakes helps nobody. */
const MAX_TOLD = 50;

/**
 * @param file as the operator named it; messages repeat it so that `file:line` can be clicked
 * @returns deeply frozen, paths absolute, secrets read
 * @throws {StartupError} with one line per mistake: `sallyport.yaml:14: buyers[0].key: …`
 */
export async function loadConfig(
  file: string,
  env: Env,
  { now = () => new Date() }: { readonly now?: () => Date } = {},
): Promise<Config> {
  const sheet = parseSheet(await readText(file), env);
  const readable = sheet.value !== undefined || sheet.mistakes.length === 0;
  const result = readable ? schemaFor(file, env, now()).safeParse(sheet.value ?? {}) : undefined;
  const issues = (result?.error?.issues ?? []).flatMap(eachKey);
  const count = sheet.mistakes.length + issues.length;
  if (result?.success && count === 0) return deepFreeze(result.data);

  const told = [
    ...sheet.mistakes.slice(0, MAX_TOLD).map(({ line, message }) => ({ line, text: message })),
    ...issues.slice(0, MAX_TOLD).map((issue) => ({ line: sheet.lineOf(issue.path), text: inWords(issue) })),
  ];
  const lines = told
    .sort((one, other) => one.line - other.line)
    .slice(0, MAX_TOLD)
    .map(({ line, text }) => `${file}:${line}: ${text}`);
  if (count > lines.length) lines.push(`${file}: and ${count - lines.length} more`);
  throw new StartupError(lines.join('\n'), { hint: hintFor(file) });
}

function hintFor(file: string): string {
  return `Correct ${file} and try again. Nothing was started, no order was touched.`;
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) {
      throw new StartupError(`${file} is larger than 1 MiB: is it the configuration?`, {
        hint: hintFor(file),
      });
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    const fault = faultOf(cause);
    const hint =
      fault === NOT_THERE
        ? 'Name the file with -c, or let `sallyport init` write one to start from.'
        : hintFor(file);
    throw new StartupError(`the configuration ${file} ${fault}`, { hint, cause });
  }
}

function schemaFor(file: string, env: Env, today: Date) {
  const folder = dirname(resolve(file));
  const resolvePath = (path: string): string => resolve(folder, path);
  return createConfigSchema({
    resolvePath,
    findFault: (path) => {
      try {
        accessSync(path, constants.R_OK);
        return undefined;
      } catch (error) {
        return `${path} ${faultOf(error)}`;
      }
    },
    readSecret: (reference) => {
      const name = reference.slice(reference.indexOf(':') + 1);
      return reference.startsWith('env:') ? secretOfEnvironment(name, env) : secretOfFile(resolvePath(name));
    },
    today,
    unsafeTests: env.SALLYPORT_UNSAFE_TESTS === '1',
  });
}

function secretOfEnvironment(name: string, env: Env): Secret {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name))
    throw new Error('env: must be followed by a variable name');
  const value = env[name];
  if (value === undefined) throw new Error(`${name} is not set in the environment`);
  if (value.trim() === '') throw new Error(`${name} is empty in the environment`);
  return new Secret(value);
}

function secretOfFile(path: string): Secret {
  const read = (): string => readSecretFile(path);
  return new Secret(read(), { path, read });
}

function readSecretFile(path: string): string {
  let value: string;
  try {
    const found = statSync(path);
    // It is read again at each reload: a pipe that nobody writes to by then would stop the whole receiver.
    if (!found.isFile() && !found.isDirectory()) throw new Error('is a pipe or a device, and no file');
    if (found.size > MAX_SECRET_BYTES) throw new Error('is larger than 64 KiB');
    value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Error(`${path} ${faultOf(cause)}`, { cause });
  }
  if (value.trim() === '') throw new Error(`${path} is empty`);
  return value;
}

function faultOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return NOT_THERE;
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text';
  return code === undefined && error instanceof Error ? error.message : `cannot be read (${code})`;
}

/** `['buyers', 0, 'key']` is `buyers[0].key`. */
function nameOf(path: Mistake['path']): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}

interface Told {
  readonly path: Mistake['path'];
  readonly issue: z.core.$ZodIssue;
}

/** Unknown keys come as one issue about the group they stand in; each deserves its own line. */
function eachKey(issue: z.core.$ZodIssue): Told[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code !== 'unrecognized_keys') return [{ path, issue }];
  return issue.keys.map((key) => ({ path: [...path, key], issue }));
}

function inWords({ path, issue }: Told): string {
  const words =
    issue.code === 'unrecognized_keys'
      ? `is unknown${suggestKey(path.slice(0, -1), String(path.at(-1)))}`
      : wordsFor(issue);
  return path.length === 0 ? words : `${nameOf(path)}: ${words}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'must be text: put it in quotes',
  number: 'must be a number',
  int: 'must be a whole number',
  array: 'must be a list (lines that start with -)',
  object: 'must be a group of keys',
};

function wordsFor(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      // Zod's message names the two types and never the value.
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : (EXPECTED[issue.expected] ?? 'has the wrong type');
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

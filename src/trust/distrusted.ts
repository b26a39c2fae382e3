/**
 * The keys and certificates that were distrusted while running: a deny-list of its own, written by the rotation. Fails
 * closed: a list that cannot be understood is never taken for a shorter one.
 */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, StartupError } from '../errors.ts';
import type { Denied } from './deny.ts';
import { printable } from './distinguished-name.ts';
import { readBounded } from './read-bounded.ts';

export interface Distrusted {
  /** One of `spki` and `serial` is there; both in the form `Certificate` has them. */
  readonly spki?: string;
  readonly serial?: string;
  /** The issuer's name as text, exactly. Left out: the serial of whatever issuer. */
  readonly issuer?: string;
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly by: string;
  readonly reason: string | null;
}

const FILE_LIMIT_BYTES = 4 * 1_048_576;
/** Every certificate of every handshake is compared with all of them. */
const MOST_ENTRIES = 10_000;
const MOST_TOLD = 20;
const LONGEST_TEXT = 1_000;

/** @param state `trust.state` of the configuration */
export function distrustedPath(state: string): string {
  return join(state, 'distrusted.json');
}

/**
 * @returns none when there is no such file
 * @throws {StartupError} naming the file, and the line or the entries that are not understood
 */
export async function loadDistrusted(path: string): Promise<readonly Distrusted[]> {
  if (!(await isThere(path))) return [];
  const options = { limitBytes: FILE_LIMIT_BYTES, what: 'the list of distrusted keys', key: 'trust.state' };
  return parseDistrusted(path, await readBounded(path, options));
}

/** As the deny-list has them. */
export function denyDistrusted(entries: readonly Distrusted[]): Denied[] {
  return entries.map(({ spki, serial, issuer, reason }) => ({
    ...(spki === undefined ? { serial, ...(issuer === undefined ? {} : { issuer }) } : { spki }),
    comment: reason === null ? 'distrusted' : `distrusted: ${reason}`,
  }));
}

/** A link to nowhere is there, so reading it fails, as it should. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown error';
    if (code === 'ENOENT') return false;
    throw new StartupError(`${path}: the list of distrusted keys cannot be looked at (${code})`, {
      hint: 'check the folder under trust.state and that this user may read it',
      cause,
    });
  }
}

function parseDistrusted(file: string, bytes: Buffer): readonly Distrusted[] {
  const list = parseJson(file, bytes);
  const problems: string[] = [];
  if (!isGroup(list)) problems.push('must be an object with version and entries');
  else {
    problems.push(...unknownKeys(list, ['version', 'entries']));
    if (list.version !== 1) problems.push('version: must be 1');
    if (!Array.isArray(list.entries)) problems.push('entries: must be a list');
    else if (list.entries.length > MOST_ENTRIES) problems.push(`entries: at most ${MOST_ENTRIES} are taken`);
    else problems.push(...list.entries.flatMap(checkEntry));
  }
  if (problems.length === 0) return toDistrusted((list as { readonly entries: Entry[] }).entries);
  const told = problems.slice(0, MOST_TOLD).map((problem) => `${file}: ${problem}`);
  if (problems.length > told.length) told.push(`${file}: and ${problems.length - told.length} more`);
  throw new StartupError(told.join('\n'), { hint: HINT });
}

const HINT =
  'put the file back from a backup; without it nobody knows who is distrusted, so it is never passed over';

type Entry = Omit<Distrusted, 'reason'> & { readonly reason?: string | null };

function toDistrusted(entries: readonly Entry[]): readonly Distrusted[] {
  return entries.map((entry) => ({ ...entry, reason: entry.reason ?? null }));
}

function parseJson(file: string, bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StartupError(`${file}: is not UTF-8 text`, { hint: HINT, cause });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message of the parser quotes the file; of it only the position is told, where there is one.
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? '' : `:${text.slice(0, Number(position)).split('\n').length}`;
    throw new StartupError(`${file}${line}: is not JSON, or was cut off`, { hint: HINT });
  }
}

const ENTRY_KEYS = ['spki', 'serial', 'issuer', 'since', 'by', 'reason'];

function checkEntry(entry: unknown, index: number): string[] {
  const at = `entries[${index}]`;
  if (!isGroup(entry)) return [`${at}: must be an object`];
  const problems = unknownKeys(entry, ENTRY_KEYS).map((problem) => `${at}.${problem}`);
  const against = (key: string, what: string): void => void problems.push(`${at}.${key}: ${what}`);
  const { spki, serial, issuer, since, by, reason } = entry;
  if ((spki === undefined) === (serial === undefined))
    problems.push(`${at}: must name either spki or serial`);
  if (spki !== undefined && !matches(spki, /^[0-9a-f]{64}$/)) {
    against('spki', 'must be the SHA-256 of a public key, 64 hex digits in lower case');
  }
  if (serial !== undefined && !matches(serial, /^(00|(?!00)([0-9a-f]{2}){1,21})$/)) {
    against('serial', 'must be a serial number in whole bytes of hex, in lower case, without leading zeros');
  }
  if (issuer !== undefined && !isText(issuer)) against('issuer', 'must be text');
  if (issuer !== undefined && serial === undefined) against('issuer', 'goes with a serial only');
  if (!matches(since, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/) || Number.isNaN(Date.parse(since))) {
    against('since', 'must be an instant in UTC, as 2026-11-21T08:00:00Z');
  }
  if (!isText(by)) against('by', 'must be text');
  if (reason !== undefined && reason !== null && !isText(reason)) against('reason', 'must be text or null');
  return problems;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_TEXT;
}

function matches(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function unknownKeys(group: object, known: readonly string[]): string[] {
  return Object.keys(group)
    .filter((key) => !known.includes(key))
    .map((key) => `${printable(key, 40)}: is unknown`);
}

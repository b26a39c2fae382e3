/**
 * The log: one JSON object a line, on standard output. What must never be in it is never given to it; taking it out
 * here once more is the second line of defence.
 */
import pino from 'pino';
import type { Config } from '../config.ts';
import { createLogOutput } from './log-output.ts';

/** A fixed lower-case past-tense message, and fields that say the rest. */
export interface Log {
  fatal(fields: object, message: string): void;
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export interface LogOptions {
  readonly level: Config['log']['level'];
  /** Default: standard output, written at once, so that a crash loses no line. */
  readonly destination?: pino.DestinationStream;
}

export function createLog({ level, destination = createLogOutput() }: LogOptions): Log {
  const options: pino.LoggerOptions = {
    level,
    // No host name and no process id: whoever collects the lines (journal, container) adds both.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: (fields) => cleanFields(fields, 0) },
    serializers: { err: (error) => error },
  };
  return pino(options, destination);
}

const REDACTED = '[redacted]';

/** Compared without case, `-` and `_`, so that `SharedSecret`, `shared_secret` and `shared-secret` are one. */
const PRIVATE = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'sharedsecret',
  'secret',
  'password',
  'passphrase',
  'token',
  'key',
  'privatekey',
  'body',
  'bytes',
  'reply',
  'xml',
  'cardnumber',
  'pcard',
  'headers',
]);

const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;
const MAX_TEXT = 4_096;

/** JSON escapes what is below a space. These are left raw by it, and some terminals act on them or turn the line around. */
const UNSAFE = /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function cleanFields(fields: object, depth: number): Record<string, unknown> {
  const cleaned: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, MAX_ENTRIES)) {
    cleaned[cleanText(name)] = isPrivate(name) ? REDACTED : clean(value, depth + 1);
  }
  return cleaned;
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[…]';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return REDACTED;
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((each) => clean(each, depth + 1));
  // Dates and Secrets know best how to show themselves.
  if ('toJSON' in value && typeof value.toJSON === 'function') return clean(value.toJSON(), depth + 1);
  return cleanFields(value, depth);
}

/** Chosen parts only: libraries hang requests, buffers and keys on their errors. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const { cause } = error;
  return {
    type: cleanText(error.name),
    message: cleanText(error.message),
    ...('code' in error && typeof error.code === 'string' ? { code: cleanText(error.code) } : {}),
    stack: cleanText(error.stack ?? ''),
    ...(cause === undefined ? {} : { cause: clean(cause, depth + 1) }),
  };
}

function cleanText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  UNSAFE.lastIndex = 0;
  return UNSAFE.test(short) ? short.replace(UNSAFE, spell) : short;
}

function spell(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function isPrivate(name: string): boolean {
  return PRIVATE.has(name.toLowerCase().replaceAll(/[-_]/g, ''));
}

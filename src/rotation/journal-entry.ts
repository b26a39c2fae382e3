/**
 * One line of the journal. Its last member is the SHA-256 of the line without that member, so that the hash is over
 * bytes and nobody has to agree on how JSON is written:
 * `sed -n 3p journal.jsonl | sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum`
 */
import { createHash } from 'node:crypto';
import type { Certificate } from '../trust/certificate.ts';
import { pinOf } from './words.ts';

/** What is written. What is read may be of a newer receiver, with a word that is not here. */
export type JournalAction =
  /** The journal was begun, or found damaged and continued. */
  | 'opened'
  /** The bundle was found changed by somebody else. */
  | 'found'
  | 'stage'
  | 'unstage'
  | 'rehearse'
  | 'promote'
  | 'retire'
  | 'rollback'
  | 'distrust'
  | 'lift';

export interface JournalCertificate {
  readonly fingerprint: string;
  readonly pin: string;
  readonly subject: string;
}

export function nameCertificate({ fingerprint, spki, subject }: Certificate): JournalCertificate {
  return { fingerprint, pin: pinOf({ spki }), subject: subject.text };
}

/** What the step was about. */
export interface JournalWhat {
  readonly certificates: readonly JournalCertificate[];
  /** Keys and serials, for what is no certificate at hand. Example: `spki:9f86…`, `serial:0a1b` */
  readonly keys: readonly string[];
  /** Example: `412 handshakes replayed, 0 would be refused` */
  readonly evidence: string | null;
  readonly forced: boolean;
}

export interface JournalEntry {
  /** From 1, without a gap. */
  readonly seq: number;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly action: string;
  readonly by: string;
  readonly reason: string | null;
  readonly what: JournalWhat;
  /** Fingerprint of every certificate in force after it, sorted. What a rollback goes back to. */
  readonly anchors: readonly string[];
  /** Of the receiver that was running; null offline. */
  readonly generation: number | null;
  /** Hash of the entry before. */
  readonly previous: string;
  readonly hash: string;
}

/** What whoever takes a step knows of it. */
export interface JournalFacts {
  readonly action: JournalAction;
  readonly by: string;
  readonly reason: string | null;
  readonly what?: Partial<JournalWhat>;
  readonly anchors: readonly string[];
  readonly generation: number | null;
}

export interface SealedEntry {
  readonly entry: JournalEntry;
  /** Without its line end. */
  readonly line: string;
}

/** Before the first entry. */
export const NO_HASH = '0'.repeat(64);

const SEAL = /,"hash":"([0-9a-f]{64})"\}$/;
const SEAL_LENGTH = ',"hash":""}'.length + 64;
/** A reason is for people; a step must not fail because somebody had much to say. */
const LONGEST_TEXT = 2_000;

export function sealEntry(
  { action, by, reason, what, anchors, generation }: JournalFacts,
  { seq, at, previous }: Pick<JournalEntry, 'seq' | 'at' | 'previous'>,
): SealedEntry {
  const body = {
    seq,
    at,
    action,
    by: cut(by),
    reason: reason === null ? null : cut(reason),
    what: {
      certificates: (what?.certificates ?? []).map(({ fingerprint, pin, subject }) => ({
        fingerprint,
        pin,
        subject: cut(subject),
      })),
      keys: (what?.keys ?? []).map(cut),
      evidence: what?.evidence === undefined || what.evidence === null ? null : cut(what.evidence),
      forced: what?.forced ?? false,
    },
    anchors: [...new Set(anchors)].sort(),
    generation,
    previous,
  };
  const text = JSON.stringify(body);
  const hash = hashOf(Buffer.from(text));
  return { entry: { ...body, hash }, line: `${text.slice(0, -1)},"hash":"${hash}"}` };
}

/** @returns undefined when these bytes are no entry at all, altered or not */
export function readEntry(line: Uint8Array): JournalEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    return undefined;
  }
  return isEntry(value) ? value : undefined;
}

/** Whether the bytes are exactly those that were sealed. */
export function isSealed(line: Uint8Array): boolean {
  const bytes = Buffer.from(line);
  const hash = SEAL.exec(bytes.subarray(-SEAL_LENGTH).toString('latin1'))?.[1];
  return hash === hashOf(Buffer.concat([bytes.subarray(0, -SEAL_LENGTH), Buffer.from('}')]));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Half a surrogate pair has no bytes of its own in UTF-8. */
function cut(text: string): string {
  return (text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`).toWellFormed();
}

function isEntry(value: unknown): value is JournalEntry {
  if (!isGroup(value) || !isGroup(value.what)) return false;
  const { seq, at, action, by, reason, what, anchors, generation, previous, hash } = value;
  return (
    Number.isSafeInteger(seq) &&
    [at, action, by, previous, hash].every(isText) &&
    [reason, what.evidence].every((each) => each === null || isText(each)) &&
    (generation === null || Number.isSafeInteger(generation)) &&
    typeof what.forced === 'boolean' &&
    isList(anchors, isText) &&
    isList(what.keys, isText) &&
    isList(what.certificates, isCertificate)
  );
}

function isCertificate(value: unknown): boolean {
  return isGroup(value) && [value.fingerprint, value.pin, value.subject].every(isText);
}

function isList(value: unknown, each: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each);
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

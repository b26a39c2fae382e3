/** A folder of its own for what the rotation writes, gone at the end of the test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalFacts } from '../../src/rotation/journal-entry.ts';
import { NO_HASH, sealEntry } from '../../src/rotation/journal-entry.ts';
import { RotationError } from '../../src/rotation/rotation.ts';

export const NOW = new Date('2026-11-21T08:00:00.000Z');

export interface Folder extends AsyncDisposable {
  readonly path: string;
  at(...names: readonly string[]): string;
}

export async function createFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'sallyport-rotation-'));
  return {
    path,
    at: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export function facts(overrides: Partial<JournalFacts> = {}): JournalFacts {
  return {
    action: 'promote',
    by: 'anna@host',
    reason: 'Coupa’s yearly change',
    anchors: ['b'.repeat(64), 'a'.repeat(64)],
    generation: 7,
    ...overrides,
  };
}

/** A whole journal, as one that was never opened. */
export function journalText(entries: readonly Partial<JournalFacts>[]): string {
  let [text, previous] = ['', NO_HASH];
  for (const [index, each] of entries.entries()) {
    const at = new Date(NOW.getTime() + index * 60_000).toISOString();
    const { entry, line } = sealEntry(facts(each), { seq: index + 1, at, previous });
    text += `${line}\n`;
    previous = entry.hash;
  }
  return text;
}

/** The step that was not taken. Anything else that is thrown, or nothing, fails the test. */
export async function refusalOf(step: Promise<unknown>): Promise<RotationError> {
  try {
    await step;
  } catch (error) {
    if (error instanceof RotationError) return error;
    throw error;
  }
  throw new Error('the step was taken');
}

const NOBODY = 65_534;

/** Does it without the rights of root, which no mode stops. */
export async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/**
 * The journal of trust: every step that changed who is let in, or could have, in a file that is only ever appended to.
 * Each entry carries the hash of the one before (`journal-entry.ts`); what that proves is said in `read-journal.ts`.
 *
 * A damaged journal is never mended and never in the way: an emergency distrust must not wait for somebody to look
 * into a file, so entries go on behind the damage, and the first of them says that and where it was found.
 */
import { constants } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.ts';
import type { JournalEntry, JournalFacts } from './journal-entry.ts';
import { NO_HASH, sealEntry } from './journal-entry.ts';
import type { JournalReading, JournalVerdict } from './read-journal.ts';
import { readJournal } from './read-journal.ts';
import { giveTo, makePrivateFolder, replaceFile, syncFolder } from './whole-files.ts';

export interface Journal {
  /** As of the last `append` or `refresh`; oldest first. Those that could be read, altered or not. */
  entries(): readonly JournalEntry[];
  last(): JournalEntry | undefined;
  /** Of the same reading. */
  verify(): JournalVerdict;
  /** Reads the file again: another process may have appended. Takes no lock. */
  refresh(): Promise<void>;
  /**
   * Durable when it resolves. One at a time, behind whatever is in the file by then.
   *
   * @returns the entry of these facts; one of ours may stand before it, about damage that was found
   * @throws {Error} as the system gives it, when the file cannot be written; it is then as it was before
   */
  append(facts: JournalFacts): Promise<JournalEntry>;
}

export interface JournalParts {
  /** As `journalPath` has it. Neither file nor folder needs to be there. */
  readonly path: string;
  readonly now: () => Date;
  /**
   * Taken for each append, so that a command beside a running receiver does not write into its line. The operating
   * system has to free it however its process ends. Throws when another holds it.
   */
  readonly lock: () => Disposable | Promise<Disposable>;
}

/** A journal with more damage than this is not read by its entries. */
const MOST_TOLD = 10;

/** @param state `trust.state` of the configuration */
export function journalPath(state: string): string {
  return join(state, 'journal.jsonl');
}

/** @throws {Error} as the system gives it, when a file that is there cannot be read */
export async function openJournal({ path, now, lock }: JournalParts): Promise<Journal> {
  let reading = await load(path);
  let running: Promise<unknown> = Promise.resolve();

  const write = async (facts: JournalFacts): Promise<JournalEntry> => {
    await makePrivateFolder(dirname(path));
    using _held = await lock();
    const found = await load(path);
    if (found.torn.length > 0) await keepAside(path, found.torn);
    const at = now().toISOString();
    const before = found.lines.at(-1)?.entry;
    const damage = describeDamage(found, await listAside(path));
    const sealed = [];
    if (damage !== undefined) sealed.push(sealEntry(openedFacts(damage, before), { ...after(before), at }));
    const entry = sealEntry(facts, { ...after(sealed.at(-1)?.entry ?? before), at });
    const lines = [...sealed, entry].map(({ line }) => `${line}\n`).join('');
    await appendBytes(path, `${found.lacksLineEnd ? '\n' : ''}${lines}`, found.keepBytes);
    reading = await load(path);
    return entry.entry;
  };

  return {
    entries: () => reading.lines.map(({ entry }) => entry),
    last: () => reading.lines.at(-1)?.entry,
    verify: () => reading.verdict,
    refresh: async () => {
      reading = await load(path);
    },
    append(facts) {
      const mine = running.then(
        () => write(facts),
        () => write(facts),
      );
      running = mine;
      return mine;
    },
  };
}

async function load(path: string): Promise<JournalReading> {
  try {
    return readJournal(await readFile(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return readJournal(Buffer.alloc(0));
    throw error;
  }
}

function after(entry: JournalEntry | undefined): { readonly seq: number; readonly previous: string } {
  return { seq: (entry?.seq ?? 0) + 1, previous: entry?.hash ?? NO_HASH };
}

/** What no entry has told of yet; undefined when all is well. */
function describeDamage(
  { lines, verdict, lacksLineEnd }: JournalReading,
  aside: readonly string[],
): string | undefined {
  const opened = lines.filter(({ entry }) => entry.action === 'opened');
  const told = opened.at(-1)?.line ?? 0;
  const named = new Set(opened.flatMap(({ entry }) => (entry.what.evidence ?? '').split(/[ ;]+/)));
  const damage = [
    // Also those of an append that failed, or whose process died, after it had put them aside.
    ...aside.filter((name) => !named.has(name)).map((name) => `kept aside as ${name}`),
    ...(lacksLineEnd ? ['the missing line end was put back'] : []),
    ...verdict.problems.filter(({ line }) => line > told).map(({ line, what }) => `line ${line}: ${what}`),
  ];
  return damage.length === 0 ? undefined : damage.slice(0, MOST_TOLD).join('; ');
}

/** Changes nothing that is in force, so a rollback to it is one to the entry before. */
function openedFacts(evidence: string, before: JournalEntry | undefined): JournalFacts {
  return {
    action: 'opened',
    by: 'sallyport',
    reason: 'the journal was found damaged, and goes on',
    what: { evidence },
    anchors: before?.anchors ?? [],
    generation: before?.generation ?? null,
  };
}

/** Durable before it is cut off the journal: at worst it is kept twice. */
async function keepAside(path: string, torn: Buffer): Promise<void> {
  const taken = new Set(await listAside(path));
  let number = 1;
  while (taken.has(`${asideStem(path)}${number}`)) number += 1;
  await replaceFile(join(dirname(path), `${asideStem(path)}${number}`), torn, { mode: 0o600 });
}

async function listAside(path: string): Promise<string[]> {
  const names = await readdir(dirname(path));
  return names.filter((name) => name.startsWith(asideStem(path))).sort();
}

/** `journal.torn-` of `journal.jsonl`. */
function asideStem(path: string): string {
  return `${basename(path, '.jsonl')}.torn-`;
}

/** Behind the first `keep` bytes. What could be written of it is taken away again when not all could. */
async function appendBytes(path: string, text: string, keep: number): Promise<void> {
  // Never through a link: a command that root runs would write wherever the receiver's user wants.
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const handle = await open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  try {
    const { size } = await handle.stat();
    if (size > keep) await handle.truncate(keep);
    try {
      await handle.appendFile(text);
      await handle.sync();
    } catch (error) {
      await handle.truncate(keep).catch(() => {}); // if not even this can be done, it is torn, and found so
      throw error;
    }
    if (size > 0) return;
    await giveTo(handle, await stat(dirname(path)));
    await syncFolder(dirname(path));
  } finally {
    await handle.close();
  }
}

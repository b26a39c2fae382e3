/** The journal of trust from a terminal: whether it is as it was written, what it says, and a copy to keep. */
import { readFile } from 'node:fs/promises';
import { loadConfig } from '../config-file.ts';
import { codeOf, StartupError } from '../errors.ts';
import { journalPath } from '../rotation/journal.ts';
import { type JournalVerdict, readJournal } from '../rotation/read-journal.ts';
import { harmless, harmlessJson } from './harmless.ts';
import { describeEntries } from './print-journal.ts';
import { count } from './print-order.ts';
import type { PrintOptions } from './program-options.ts';
import type { ExitCode, Surroundings, Terminal } from './terminal.ts';

const MOST_TOLD = 20;

/**
 * @param file a journal or an export of one; left out: that of the configuration
 * @param options `head` is a hash that was noted, or its beginning: an entry must have it. `excerpt`: the first entries
 * may be missing.
 * @returns 0 intact, 1 not
 * @throws {StartupError} when it cannot be read
 */
export async function verifyAudit(
  file: string | undefined,
  options: PrintOptions & { readonly head?: string; readonly excerpt?: boolean },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  const noted = options.head === undefined ? undefined : readHash(options.head);
  const path = file ?? (await pathOf(options.config, env));
  const { lines, verdict } = readJournal(await readBytes(path), { excerpt: options.excerpt === true });
  const match = noted === undefined ? undefined : lines.find(({ entry }) => entry.hash.startsWith(noted));
  const isCut = noted !== undefined && match === undefined;
  if (options.json === true) {
    const found = noted === undefined ? {} : { notedEntry: match?.entry.seq ?? null };
    terminal.print(harmlessJson({ file: path, ...verdict, ...found }));
    return verdict.intact && !isCut ? 0 : 1;
  }
  if (!verdict.intact) complainOf(path, verdict, terminal);
  if (isCut) {
    terminal.complain(
      `${terminal.mark.no} no entry of ${harmless(path)} has the hash that was noted`,
      '  Its end was cut off, or all of it was written anew. Orders are not touched by this.',
      `${terminal.cyan('→')} compare it with the last export or backup`,
    );
  }
  if (!verdict.intact || isCut) return 1;
  terminal.print(
    `${terminal.mark.yes} ${harmless(path)} is as it was written: ${count(verdict.entries, 'entry', 'entries')}`,
  );
  if (match === undefined) terminal.print(...describeHead(verdict, terminal));
  else terminal.print(`${terminal.mark.yes} the hash that was noted is that of entry ${match.entry.seq}`);
  return 0;
}

/**
 * The lines themselves to standard output, and nothing else there: a copy is verified like the journal. The head goes
 * to standard error.
 *
 * @param options `since` is a date or an instant, ISO 8601
 */
export async function exportAudit(
  { config, since }: PrintOptions & { readonly since?: string },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : readInstant(since);
  const path = await pathOf(config, env);
  const bytes = await readBytes(path);
  const { lines, verdict, keepBytes, lacksLineEnd } = readJournal(bytes);
  // One stretch to the end, whatever clocks did in between: only that is a chain. Damage goes with it, as evidence.
  const first = since === undefined ? { start: 0 } : lines.find(({ entry }) => Date.parse(entry.at) >= from);
  if (first !== undefined) {
    terminal.write(bytes.subarray(first.start, keepBytes));
    if (lacksLineEnd) terminal.write(Buffer.from('\n'));
  }
  if (!verdict.intact) complainOf(path, verdict, terminal);
  terminal.complain(...describeHead(verdict, terminal));
  return verdict.intact ? 0 : 1;
}

/** Newest last, where the eye is. */
export async function showAudit(
  { config, json = false }: PrintOptions,
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  const path = await pathOf(config, env);
  const { lines, verdict } = readJournal(await readBytes(path));
  const entries = lines.map(({ entry }) => entry);
  if (json) {
    const { intact, problems, head } = verdict;
    terminal.print(harmlessJson({ intact, problems, head, entries }));
  } else {
    terminal.print(...describeEntries(entries, terminal), ...describeHead(verdict, terminal));
    if (!verdict.intact) complainOf(path, verdict, terminal);
  }
  return verdict.intact ? 0 : 1;
}

async function pathOf(config: string, env: Surroundings['env']): Promise<string> {
  const { trust } = await loadConfig(config, env);
  return journalPath(trust.state);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') {
      throw new StartupError(
        `there is no journal ${harmless(path)}: nothing was recorded yet, or it is gone`,
        {
          hint: 'name the file, or set trust.state to the folder with the journal; the first step makes it',
          cause,
        },
      );
    }
    throw new StartupError(`the journal ${harmless(path)} cannot be read (${code ?? 'unknown error'})`, {
      hint: 'check that this user may read it; orders are not touched by this',
      cause,
    });
  }
}

function complainOf(path: string, { problems }: JournalVerdict, { complain, mark, cyan }: Terminal): void {
  const told = problems.slice(0, MOST_TOLD).map(({ line, what }) => `  line ${line}: ${what}`);
  if (problems.length > told.length) told.push(`  and ${problems.length - told.length} more`);
  complain(
    `${mark.no} ${harmless(path)} is not as it was written`,
    ...told,
    '  Its entries prove nothing from there on. Orders and trust are not touched by this.',
    `${cyan('→')} compare it with the last export or backup, and look at what is trusted: sallyport trust show`,
  );
}

/** To be noted: a file whose end was cut off shows by nothing else. */
function describeHead({ head }: JournalVerdict, { dim }: Terminal): string[] {
  return head === null ? [] : [`${dim('head')} ${harmless(head)}`];
}

function readHash(text: string): string {
  const hash = text.trim().toLowerCase();
  if (/^[0-9a-f]{8,64}$/.test(hash)) return hash;
  throw new StartupError('the noted head must be a hash in hex, or at least its first 8 digits', {
    hint: 'take it from the log, or from what audit export said on standard error',
  });
}

function readInstant(text: string): number {
  const instant = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  throw new StartupError(`"${harmless(text)}" is neither a date nor an instant`, {
    hint: 'write --since 2026-11-01, or --since 2026-11-01T08:00:00Z',
  });
}

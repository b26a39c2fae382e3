/** The entries of the journal of trust as a person reads them. */
import type { JournalEntry } from '../rotation/journal-entry.ts';
import { harmless, shorten } from './harmless.ts';
import { layTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const COLUMNS = [
  { title: 'no.', align: 'right' },
  { title: 'when' },
  { title: 'what' },
  { title: 'by' },
  { title: 'in force', align: 'right' },
  { title: 'about' },
] as const;

/** A table with lines of reason and evidence below the entries that have them. */
export function describeEntries(entries: readonly JournalEntry[], { dim, yellow }: Terminal): string[] {
  if (entries.length === 0) return ['nothing was recorded yet'];
  const [titles = '', ...rows] = layTable(COLUMNS, entries.map(row), dim);
  return [
    titles,
    ...entries.flatMap(({ reason, what }, at) => [
      rows[at] ?? '',
      ...(what.forced ? [`     ${yellow('forced')}`] : []),
      ...(reason === null ? [] : [dim(`     reason: ${shorten(reason, 160)}`)]),
      ...(what.evidence === null ? [] : [dim(`     ${shorten(what.evidence, 160)}`)]),
    ]),
  ];
}

function row({ seq, at, action, by, what, anchors }: JournalEntry): string[] {
  const about = [...what.certificates.map(({ pin, subject }) => `${pin} ${subject}`), ...what.keys];
  return [
    String(seq),
    harmless(at)
      .replace(/\.\d+Z$/, 'Z')
      .replace('T', ' '),
    shorten(action, 12),
    shorten(by, 32),
    String(anchors.length),
    shorten(about.join(', '), 80),
  ];
}

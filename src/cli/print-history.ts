/** The history of an order for a person: one line a revision, and below it what it changed. */
import type { FieldChange, LineChange, RevisionChanges } from '../cxml/compare-revisions.ts';
import { shorten } from './harmless.ts';
import type { Step } from './order-history.ts';
import { count, summarise } from './print-order.ts';
import { formatTime } from './stored-orders.ts';
import { layTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Of one revision; the JSON has them all. */
const MOST_CHANGES = 12;
const LONGEST_VALUE = 40;

export function describeHistory(
  { steps, leftOut }: { readonly steps: readonly Step[]; readonly leftOut: number },
  inForce: number,
  { bold, dim, green, yellow }: Terminal,
): string[] {
  const rows = steps.map(({ message: { revision, receivedAt, operation }, ...step }) => [
    String(revision),
    formatTime(receivedAt),
    operation,
    revision === inForce ? green('in force') : step.tookForce ? '' : yellow('never in force'),
    tell(step),
  ]);
  const columns = [
    { title: '', align: 'right' },
    { title: '' },
    { title: '' },
    { title: '' },
    { title: '' },
  ] as const;
  const lines = layTable(columns, rows).flatMap((line, at) => [
    `    ${line}`,
    ...listChanges(steps[at]?.changes).map((change) => `         ${dim('·')} ${change}`),
  ]);
  const older = leftOut === 0 ? [] : [dim(`    ${count(leftOut, 'older revision')} not shown`)];
  return [`  ${bold('history')}`, ...older, ...lines];
}

function tell({ order, tookForce, changes }: Omit<Step, 'message'>): string {
  if (order === undefined) return 'its bytes are kept, and can no longer be read as an order';
  if (!tookForce) return 'is older than what was in force when it came';
  if (changes === undefined) return summarise(order);
  const { header, lines } = changes;
  const total = header.length + lines.length;
  return total === 0 ? 'changes nothing that is read' : count(total, 'change');
}

function listChanges(changes: RevisionChanges | undefined): string[] {
  if (changes === undefined) return [];
  const all = [...changes.header.map(describeField), ...changes.lines.map(describeLine)];
  const shown = all.slice(0, MOST_CHANGES);
  return all.length > shown.length
    ? [...shown, `and ${all.length - shown.length} more; --json has them all`]
    : shown;
}

function describeLine({ kind, lineNumber, part, description, fields }: LineChange): string {
  const name = [
    `line ${shorten(lineNumber ?? 'without a number', 20)}`,
    part === undefined ? '' : `(${shorten(part, 32)})`,
  ];
  const what = description === undefined ? kind : `${kind}: ${shorten(description, 48)}`;
  return [...name, kind === 'changed' ? fields.map(describeField).join(', ') : what]
    .filter(Boolean)
    .join(' ');
}

function describeField({ path, before, after }: FieldChange): string {
  const name = shorten(path, 60);
  if (before === undefined) return `${name} is now ${quote(after)}`;
  if (after === undefined) return `${name} is gone, was ${quote(before)}`;
  return `${name} ${quote(before)} → ${quote(after)}`;
}

function quote(value = ''): string {
  const shown = shorten(value, LONGEST_VALUE);
  return shown === '' ? 'empty' : shown;
}

/** What `check` looks for: every rule, when it is found, and what to do about it. */
import { RULES } from '../cxml/check-order.ts';
import { READER_RULE } from '../cxml/compare-readings.ts';
import { type RuleWords, severityOf } from '../cxml/rule.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export const DTD_RULE: RuleWords = {
  id: 'N-DTD-001',
  trait: 'with --dtd: the document is not valid by that DTD',
  remedy: 'Nothing to do here; of real orders about half are not valid. Tell a sender who says they are.',
};

const ALL: readonly RuleWords[] = [...RULES, READER_RULE, DTD_RULE];

export function printRules({ json = false }: { readonly json?: boolean }, terminal: Terminal): ExitCode {
  if (json) {
    const rows = ALL.map(({ id, trait, remedy }) => ({ id, severity: severityOf(id), when: trait, remedy }));
    terminal.print(JSON.stringify(rows, undefined, 2));
    return 0;
  }
  const { bold, cyan, dim, mark } = terminal;
  const width = Math.max(...ALL.map(({ id }) => id.length));
  const rows = ALL.flatMap(({ id, trait, remedy }) => [
    `${severityOf(id) === 'warning' ? mark.warn : dim('·')} ${bold(id.padEnd(width))}  ${trait}`,
    `  ${' '.repeat(width)}  ${cyan('→')} ${remedy}`,
  ]);
  const explained = `${mark.warn} warning, ${dim('·')} note; neither refuses an order.`;
  terminal.print(...rows, '', `${ALL.length} rules: ${explained}`);
  return 0;
}

/** The README's table. */
export function rulesTable(): string {
  const rows = ALL.map(({ id, trait, remedy }) => `| \`${id}\` | ${severityOf(id)} | ${trait} | ${remedy} |`);
  return ['| rule | severity | found when | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

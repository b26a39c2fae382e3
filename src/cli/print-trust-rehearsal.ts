/** Who would be let in by what trust could become: a matrix of sets and times, then names and reasons. */
import type { RehearsedClient, RehearseReport, Scenario } from '../rotation/rotation.ts';
import { harmless, shorten } from './harmless.ts';
import { count } from './print-order.ts';
import { minuteOf } from './print-trust.ts';
import { layTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const TIMES = [0, 30, 90] as const;
const COLUMNS = [
  { title: 'set' },
  { title: 'today' },
  { title: 'in 30 days' },
  { title: 'in 90 days' },
] as const;
const MOST_NAMED = 10;
const MOST_PINS = 6;

export function describeRehearsal(report: RehearseReport, terminal: Terminal): string[] {
  const { scenarios, conclusions, safeToPromote, next } = report;
  const { mark, cyan, green, red } = terminal;
  const isStaged = scenarios.some(({ set }) => set === 'with staged');
  const asksToRetire = scenarios.some(({ set }) => set === 'without');
  const isLocked = asksToRetire && safeToPromote && conclusions.some(({ state }) => state === 'no');
  return [
    '',
    ...describeEvidence(report, terminal),
    '',
    ...describeMatrix(scenarios, terminal),
    ...describeRefused(scenarios, terminal),
    ...describeNew(scenarios, terminal),
    '',
    ...conclusions.flatMap(({ state, text }) => wrap(harmless(text), `${mark[state]} `)),
    ...(isStaged ? [safeToPromote ? green('safe to promote') : red('not safe to promote')] : []),
    ...(isLocked ? [red('not safe to retire those asked about')] : []),
    ...(next === '' ? [] : wrap(harmless(next), `${cyan('→')} `)),
  ];
}

function describeEvidence(
  { lastDays, clients, handshakes, refusedReplayed }: RehearseReport,
  { bold }: Terminal,
): string[] {
  const also = refusedReplayed === 0 ? '' : `, and ${count(refusedReplayed, 'refused client')}`;
  return wrap(
    `${bold('Rehearsed')}: ${count(clients, 'client')} with ${count(handshakes, 'handshake')} of the last ${count(lastDays, 'day')}${also}`,
  );
}

function describeMatrix(scenarios: readonly Scenario[], { dim, green, red, mark }: Terminal): string[] {
  const sets = [...new Set(scenarios.map(({ set }) => set))];
  const cell = (scenario: Scenario | undefined): string => {
    if (scenario === undefined) return '';
    const { accepted, refused } = scenario;
    if (refused.length === 0) return `${mark.yes} ${green(`${accepted.clients} let in`)}`;
    return `${mark.no} ${red(`${accepted.clients} let in, ${refused.length} refused`)}`;
  };
  const rows = sets.map((set) => [
    set,
    ...TIMES.map((inDays) => cell(scenarios.find((each) => each.set === set && each.inDays === inDays))),
  ]);
  const [titles = '', ...lines] = layTable(COLUMNS, rows, dim);
  return [
    `  ${titles}`,
    ...sets.flatMap((set, at) => [`  ${lines[at] ?? ''}`, dim(`    pins ${pinsOf(scenarios, set)}`)]),
  ];
}

function pinsOf(scenarios: readonly Scenario[], set: Scenario['set']): string {
  const pins = scenarios.find((each) => each.set === set)?.pins ?? [];
  const shown = pins.slice(0, MOST_PINS).map(harmless).join(', ');
  return pins.length > MOST_PINS ? `${shown} and ${pins.length - MOST_PINS} more` : shown;
}

/** Each client once for each set, at the first time it would be refused; sets that refuse the same are told together. */
function describeRefused(scenarios: readonly Scenario[], terminal: Terminal): string[] {
  const told = new Map<Scenario['set'], Set<string>>();
  return TIMES.flatMap((inDays) => {
    const alike = new Map<
      string,
      { readonly sets: string[]; readonly clients: readonly RehearsedClient[] }
    >();
    for (const { set, refused } of scenarios.filter((each) => each.inDays === inDays)) {
      const before = told.get(set) ?? new Set();
      const clients = refused.filter(({ fingerprint }) => !before.has(fingerprint));
      told.set(set, new Set([...before, ...clients.map(({ fingerprint }) => fingerprint)]));
      const key = JSON.stringify(clients);
      const group = alike.get(key);
      if (group === undefined) alike.set(key, { sets: [set], clients });
      else group.sets.push(set);
    }
    const when = inDays === 0 ? 'today' : `in ${inDays} days`;
    return [...alike.values()].flatMap(({ sets, clients }) =>
      describeClients(`Refused ${when}: ${sets.join(', ')}`, clients, terminal),
    );
  });
}

function describeNew(scenarios: readonly Scenario[], terminal: Terminal): string[] {
  const promoted = scenarios.find(({ set, inDays }) => set === 'with staged' && inDays === 0);
  return describeClients('Refused until now, let in with staged', promoted?.newlyAccepted ?? [], terminal);
}

function describeClients(
  title: string,
  clients: readonly RehearsedClient[],
  { bold, dim }: Terminal,
): string[] {
  if (clients.length === 0) return [];
  const more = clients.length - MOST_NAMED;
  return [
    '',
    bold(title),
    ...clients
      .slice(0, MOST_NAMED)
      .flatMap(({ name, issuer, fingerprint, lastSeen, handshakes, findings }) => [
        `  ${shorten(name, 40)}, certificate ${harmless(fingerprint).slice(0, 12)}`,
        dim(`    ${count(handshakes, 'handshake')}, last seen ${minuteOf(lastSeen)}`),
        dim(`    issued by ${shorten(issuer, 86)}`),
        ...findings.flatMap(({ reason, detail }) => wrap(harmless(`${reason}: ${detail}`), '    ')),
      ]),
    ...(more > 0 ? [dim(`  and ${more} more: --json has all`)] : []),
  ];
}

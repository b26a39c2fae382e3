/** Who is trusted, staged and seen, for somebody who sees it for the first time. */
import type { ClientReport, PinReport, PinState, TrustReport } from '../rotation/rotation.ts';
import { harmless, shorten } from './harmless.ts';
import { count } from './print-order.ts';
import { indent, layPairs, layTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const PIN_COLUMNS = [
  { title: 'pin' },
  { title: 'state' },
  { title: 'days left' },
  { title: 'first seen' },
  { title: 'last seen' },
  { title: '24 h', align: 'right' },
  { title: '30 d', align: 'right' },
] as const;

const CLIENT_COLUMNS = [
  { title: 'certificate' },
  { title: 'let in by' },
  { title: 'days left', align: 'right' },
  { title: 'last seen' },
  { title: '30 d', align: 'right' },
  { title: 'last order' },
] as const;

const MOST_SHOWN = 20;
const BAR_CELLS = 10;
const YEAR_DAYS = 365;
const SOON_DAYS = 60;
const VERY_SOON_DAYS = 14;

export function describeTrust(report: TrustReport, terminal: Terminal): string[] {
  const { pins, clients, warnings, next } = report;
  const { bold, dim, cyan, mark } = terminal;
  const sections = [
    [bold('Trust in force'), ...describeFacts(report, terminal)],
    [
      bold('Pinned certificates'),
      ...layBelow(PIN_COLUMNS, pins, (pin) => pinRow(pin, terminal), pinNotes, terminal),
    ],
    [
      bold('Clients that were let in'),
      ...(clients.length === 0
        ? [dim('  none yet: nothing can be rehearsed before the first order has come')]
        : layBelow(CLIENT_COLUMNS, clients, (client) => clientRow(client, terminal), clientNotes, terminal)),
    ],
    describeDistrusted(report, terminal),
    warnings.length === 0
      ? [`${mark.yes} nothing needs attention`]
      : warnings.flatMap((text) => wrap(harmless(text), `${mark.warn} `)),
  ].filter((lines) => lines.length > 0);
  return [
    ...sections.flatMap((lines) => ['', ...lines]),
    ...(next === '' ? [] : wrap(harmless(next), `${cyan('→')} `)),
  ];
}

/** Example: `2026-11-21 08:00Z`. */
export function minuteOf(iso: string | null): string {
  return iso === null ? 'never' : `${harmless(iso).slice(0, 16).replace('T', ' ')}Z`;
}

/** Example: `2026-11-21`. */
export function dayOf(iso: string | null): string {
  return iso === null ? 'never' : harmless(iso).slice(0, 10);
}

function describeFacts(
  { generation, mode, names, fingerprint, refused24h, journal }: TrustReport,
  { dim, yellow, red }: Terminal,
): string[] {
  const { nearMisses, mended = 0, others } = refused24h; // a receiver of an older version tells no mended
  const since = mended === 0 ? '' : ` (${mended} let in by now)`;
  const refused =
    nearMisses + others === 0
      ? 'nobody'
      : `${count(nearMisses, 'client')} with Coupa's name${since}, ${count(others, 'other')}`;
  const last =
    journal.last === null
      ? ''
      : `; last: ${harmless(journal.last.action)} by ${shorten(journal.last.by, 32)}, ${minuteOf(journal.last.at)}`;
  const entries = `${count(journal.entries, 'entry', 'entries')}${last}`;
  return layPairs(
    [
      ['generation', generation === null ? 'none: no receiver runs' : String(generation)],
      ['certificates', mode === 'required' ? 'required' : yellow(harmless(mode))],
      ['lets in', shorten(names.join(', '), 80)],
      ['set', `SHA-256 ${harmless(fingerprint).slice(0, 32)}…`],
      ['refused 24 h', nearMisses > mended ? yellow(refused) : refused],
      ['journal', journal.intact ? entries : red(`${entries}; not as it was written`)],
    ],
    dim,
  ).map(indent);
}

/** A table with lines of their own below each row. */
function layBelow<T>(
  columns: Parameters<typeof layTable>[0],
  items: readonly T[],
  row: (item: T) => readonly string[],
  notes: (item: T) => readonly string[],
  { dim }: Terminal,
): string[] {
  const shown = items.slice(0, MOST_SHOWN);
  const [titles = '', ...rows] = layTable(columns, shown.map(row), dim);
  const more = items.length - shown.length;
  return [
    `  ${titles}`,
    ...shown.flatMap((item, at) => [
      `  ${rows[at] ?? ''}`,
      ...notes(item).map((note) => dim(`    ${shorten(note, 96)}`)),
    ]),
    ...(more > 0 ? [dim(`  and ${more} more: --json has all`)] : []),
  ];
}

function pinRow(pin: PinReport, terminal: Terminal): string[] {
  return [
    harmless(pin.pin),
    styleOf(pin.state, terminal)(pin.state),
    describeDays(pin, terminal),
    dayOf(pin.firstSeen),
    minuteOf(pin.lastSeen),
    String(pin.handshakes24h),
    String(pin.handshakes30d),
  ];
}

function pinNotes({ subject, key, notBefore, notAfter, isRoot, file }: PinReport): string[] {
  const place = file === null ? '' : `, ${file}`;
  return [
    subject,
    `${key}${isRoot ? ', a root' : ''}, valid ${dayOf(notBefore)} to ${dayOf(notAfter)}${place}`,
  ];
}

function styleOf(state: PinState, { green, cyan, dim, red }: Terminal): (text: string) => string {
  return { active: green, staged: cyan, retired: dim, distrusted: red }[state] ?? dim;
}

/** A bar as long as the days that are left, full from a year on: so one can be held against another. */
function describeDays(
  { notAfter, daysLeft, state }: PinReport,
  { green, yellow, red, dim }: Terminal,
): string {
  if (daysLeft < 0) return red(`expired ${dayOf(notAfter)}`);
  const cells = Math.min(BAR_CELLS, Math.ceil((daysLeft / YEAR_DAYS) * BAR_CELLS));
  const style = daysLeft < VERY_SOON_DAYS ? red : daysLeft < SOON_DAYS ? yellow : green;
  const paint = state === 'active' || state === 'staged' ? style : dim;
  return `${paint('█'.repeat(cells))}${dim('░'.repeat(BAR_CELLS - cells))} ${paint(String(daysLeft).padStart(4))}`;
}

function clientRow(
  { fingerprint, pin, daysLeft, lastSeen, handshakes30d, lastOrder }: ClientReport,
  { yellow, red }: Terminal,
): string[] {
  const style = daysLeft < VERY_SOON_DAYS ? red : daysLeft < SOON_DAYS ? yellow : String;
  return [
    harmless(fingerprint).slice(0, 12),
    harmless(pin),
    style(daysLeft < 0 ? 'expired' : String(daysLeft)),
    minuteOf(lastSeen),
    String(handshakes30d),
    shorten(lastOrder ?? 'none', 24),
  ];
}

function clientNotes({ name, issuer }: ClientReport): string[] {
  return [`${shorten(name, 40)}, issued by ${issuer}`];
}

function describeDistrusted({ distrusted }: TrustReport, { bold, dim, red }: Terminal): string[] {
  if (distrusted.length === 0) return [];
  return [
    bold('Distrusted, whatever vouches for them'),
    ...distrusted
      .slice(0, MOST_SHOWN)
      .flatMap(({ key, what, since, by, reason }) => [
        `  ${red(shorten(key, 96))}`,
        dim(`    ${shorten(what, 96)}`),
        dim(`    since ${minuteOf(since)} by ${shorten(by, 64)}`),
        ...(reason === null ? [] : [dim(`    reason: ${shorten(reason, 86)}`)]),
      ]),
    ...(distrusted.length > MOST_SHOWN
      ? [dim(`  and ${distrusted.length - MOST_SHOWN} more: --json has all`)]
      : []),
  ];
}

/** What a step of the rotation did, for whoever took it. */
import type { ChangeReport, PinReport, StagedPin, StageReport } from '../rotation/rotation.ts';
import { harmless, shorten } from './harmless.ts';
import { dayOf } from './print-trust.ts';
import { indent, layPairs } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

const CHANGES: Readonly<Record<StagedPin['change'], string>> = {
  added: 'a new name and a new key',
  renewed: 'the key of a pin in force, with other dates',
  rekeyed: 'the name of a pin in force, with a new key',
  known: 'there already',
};

const DONE: Readonly<Record<ChangeReport['action'], string>> = {
  promote: 'promoted',
  retire: 'retired',
  rollback: 'rolled back',
  distrust: 'distrusted',
  lift: 'not distrusted any more',
  unstage: 'no longer staged',
};

export function describeStaged(
  { staged, leftOut, warnings, next }: StageReport,
  terminal: Terminal,
): string[] {
  const { bold, dim, cyan, mark } = terminal;
  return [
    ...staged.flatMap((pin) => ['', ...describeStagedPin(pin, terminal)]),
    ...(leftOut.length === 0 ? [] : ['', bold('Left out')]),
    ...leftOut.flatMap(({ subject, why }) =>
      wrap(harmless(`${shorten(subject, 80)}: ${why}`), `  ${dim('-')} `),
    ),
    '',
    ...warnings.flatMap((text) => wrap(harmless(text), `${mark.warn} `)),
    ...(next === '' ? [] : wrap(harmless(next), `${cyan('→')} `)),
  ];
}

function describeStagedPin(pin: StagedPin, { bold, dim, mark }: Terminal): string[] {
  const { subject, issuer, fingerprint, spki, notBefore, notAfter, change, checks } = pin;
  const facts = layPairs(
    [
      ['subject', shorten(subject, 80)],
      ['issuer', shorten(issuer, 80)],
      ['valid', `${dayOf(notBefore)} to ${dayOf(notAfter)}`],
      ['SHA-256', harmless(fingerprint)],
      ['key', `${harmless(pin.key)}, SHA-256 ${harmless(spki)}`],
      ['beside', CHANGES[change] ?? harmless(change)],
    ],
    dim,
  );
  const isFit = checks.every(({ state }) => state !== 'no');
  return [
    `${isFit ? mark.yes : mark.no} staged pin ${bold(harmless(pin.pin))}, trusted by nobody yet`,
    ...facts.map(indent),
    ...checks.flatMap(({ state, text }) => wrap(harmless(text), `  ${mark[state]} `)),
  ];
}

export function describeChange(
  { action, generation, added, removed, keys = [], tookMs, warnings, journalEntry, next }: ChangeReport,
  { green, red, bold, dim, cyan, mark }: Terminal,
): string[] {
  const isTrustChanged = action !== 'unstage';
  const force =
    generation === null
      ? 'the next receiver starts with it'
      : `generation ${generation} is in force, ${seconds(tookMs)}`;
  const entry = journalEntry > 0 ? `journal entry ${journalEntry}` : 'not in the journal';
  return [
    '',
    `${mark.yes} ${bold(DONE[action] ?? harmless(action))}${isTrustChanged ? `: ${force}` : ''}${dim(`, ${entry}`)}`,
    ...added.flatMap((pin) => wrap(nameOf(pin), `  ${green('+')} `)),
    ...removed.flatMap((pin) => wrap(nameOf(pin), `  ${red('-')} `)),
    // What no certificate above stands for. A receiver of an older version tells none.
    ...(removed.length > 0 ? [] : keys.map((key) => `  ${shorten(key, 96)}`)),
    ...warnings.flatMap((text) => wrap(harmless(text), `${mark.warn} `)),
    ...(next === '' ? [] : wrap(harmless(next), `${cyan('→')} `)),
  ];
}

function nameOf({ pin, subject, notAfter, handshakes30d }: PinReport): string {
  const used = handshakes30d === 0 ? '' : `, ${handshakes30d} in 30 days`;
  return `${harmless(pin)} ${shorten(subject, 90)}, until ${dayOf(notAfter)}${used}`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

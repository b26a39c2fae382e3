/** What a rehearsal comes to, in plain words. What is not known is said, and never counted as fine. */
import type { Anchor } from '../trust/bundle.ts';
import type { RefusedHandshakeRecord } from '../trust/evidence.ts';
import type { TrustMode } from '../trust/unproven.ts';
import type { Check, RehearsedClient, RehearseReport, Scenario } from './rotation.ts';
import { counted, dayOf, listed, pinOf } from './words.ts';

export interface Rehearsed
  extends Pick<RehearseReport, 'lastDays' | 'clients' | 'handshakes' | 'refusedReplayed' | 'scenarios'> {
  readonly refused: readonly RefusedHandshakeRecord[];
  readonly mode: TrustMode;
  readonly inForce: readonly Anchor[];
  readonly leftOut: readonly Anchor[];
}

type Conclusion = Pick<RehearseReport, 'conclusions' | 'safeToPromote' | 'next'>;

export function conclude(rehearsed: Rehearsed): Conclusion {
  const { scenarios, clients } = rehearsed;
  const isStaged = find(scenarios, 'with staged') !== undefined;
  const lockedOut = lockedOutBy(scenarios, isStaged ? 'with staged' : 'in force');
  const conclusions = [
    ...concludeMode(rehearsed),
    ...(clients === 0 ? [nothingSeen(rehearsed)] : [...concludeSets(rehearsed), ...concludeTime(rehearsed)]),
    ...concludeRefused(rehearsed),
  ];
  const safeToPromote = clients > 0 && lockedOut.length === 0;
  return {
    conclusions: worstFirst(conclusions),
    safeToPromote,
    next: nextStep({ clients, isStaged, lockedOut }),
  };
}

/** Clients that the trust in force lets in today, and this candidate would not. */
export function lockedOutBy(
  scenarios: readonly Scenario[],
  set: Scenario['set'],
): readonly RehearsedClient[] {
  const today = new Set(find(scenarios, 'in force')?.refused.map(({ fingerprint }) => fingerprint));
  return find(scenarios, set)?.refused.filter(({ fingerprint }) => !today.has(fingerprint)) ?? [];
}

function nextStep({
  clients,
  isStaged,
  lockedOut,
}: {
  readonly clients: number;
  readonly isStaged: boolean;
  readonly lockedOut: readonly RehearsedClient[];
}): string {
  if (clients === 0) return 'wait until an order has come, then again: sallyport trust rehearse';
  if (!isStaged) return 'stage what is to come: sallyport trust stage FILE';
  if (lockedOut.length === 0) return 'sallyport trust promote';
  return 'do not promote; take the staged pins away again: sallyport trust unstage';
}

function concludeMode({ mode }: Rehearsed): Check[] {
  if (mode === 'required') return [];
  const text = `trust.client_certificate is ${mode}, so nobody is refused for it today; this is who would be if it were required`;
  return [{ state: 'warn', text }];
}

function nothingSeen({ lastDays }: Rehearsed): Check {
  return {
    state: 'warn',
    text: `no client was seen in the last ${counted(lastDays, 'day')}, so this rehearsal proves nothing`,
  };
}

function concludeSets({ scenarios, lastDays, clients, handshakes, inForce, leftOut }: Rehearsed): Check[] {
  const replayed = `${counted(handshakes, 'handshake')} of ${counted(clients, 'client')} replayed`;
  const names = (anchors: readonly Anchor[]): string =>
    listed(anchors.map(({ certificate }) => pinOf(certificate)));
  const found: Check[] = [];
  const today = find(scenarios, 'in force');
  if (today !== undefined && today.refused.length > 0) {
    const who = explain(today.refused);
    found.push({ state: 'warn', text: `let in before, and refused today already: ${who}` });
  }
  if (today !== undefined && find(scenarios, 'with staged') === undefined) {
    const text = `the last ${counted(lastDays, 'day')}, ${replayed}: as it is ${tally(today)}`;
    found.push({ state: 'yes', text });
  }
  for (const [set, words, hinders] of [
    ['with staged', 'with the staged pins', 'do not promote them'],
    ['staged alone', 'with the staged pins alone', `do not retire ${names(inForce)} yet`],
    ['without', `without ${names(leftOut)}`, `do not retire ${names(leftOut)} yet`],
  ] as const) {
    const scenario = find(scenarios, set);
    if (scenario === undefined) continue;
    const lost = lockedOutBy(scenarios, set);
    const said = `the last ${counted(lastDays, 'day')}, ${replayed}: ${words} ${tally(scenario)}`;
    if (lost.length === 0)
      found.push({ state: 'yes', text: `${said}${set === 'with staged' ? '' : OPENSSL}` });
    // The staged pins alone are not what comes next, so that nobody uses them yet hinders nothing.
    else
      found.push({
        state: set === 'staged alone' ? 'warn' : 'no',
        text: `${said}: ${hinders} (${explain(lost)})`,
      });
  }
  return found;
}

/** What dies with time alone, told apart from what is refused before. By the set that comes next. */
function concludeTime({ scenarios }: Rehearsed): Check[] {
  const set = find(scenarios, 'with staged') === undefined ? 'in force' : 'with staged';
  const told = new Set(find(scenarios, set)?.refused.map(({ fingerprint }) => fingerprint));
  const found: Check[] = [];
  for (const inDays of [30, 90] as const) {
    const ended =
      find(scenarios, set, inDays)?.refused.filter(({ fingerprint }) => !told.has(fingerprint)) ?? [];
    for (const { fingerprint } of ended) told.add(fingerprint);
    const texts = ended.slice(0, MOST_ENDS).map(explainEnd);
    if (ended.length > texts.length) {
      texts.push(`${counted(ended.length - texts.length, 'more client')} would be refused`);
    }
    found.push(...texts.map((text): Check => ({ state: 'warn', text: `in ${inDays} days ${text}` })));
  }
  return found;
}

const MOST_ENDS = 10;

function explainEnd({ name, fingerprint, findings }: RehearsedClient): string {
  const who = `${name} (certificate ${fingerprint.slice(0, 12)})`;
  const own = findings.find(({ reason, detail }) => reason === 'expired' && detail.startsWith(OWN));
  if (own !== undefined) {
    return `the client certificate of ${name} itself has expired: its successor must be let in by a pin by then (${own.detail})`;
  }
  return `${who} would be refused: ${findings.map(({ detail }) => detail).join('; ')}`;
}

/** As `checkLeaf` begins. */
const OWN = 'the client certificate ';

function concludeRefused({ scenarios, refused }: Rehearsed): Check[] {
  const today = fingerprintsOf(find(scenarios, 'in force'));
  const promoted = fingerprintsOf(find(scenarios, 'with staged'));
  const later = fingerprintsOf(find(scenarios, 'with staged', 90));
  const isOf = (set: ReadonlySet<string>) => (record: RefusedHandshakeRecord) => set.has(keyOf(record));
  const mended = refused.filter(isOf(today));
  const open = refused.filter((record) => !isOf(today)(record));
  const helped = open.filter(isOf(promoted));
  const waiting = open.filter((record) => !isOf(promoted)(record) && isOf(later)(record));
  const left = open.filter((record) => record.nearMiss && !isOf(promoted)(record) && !isOf(later)(record));
  return [
    ...tellOf(mended, 'yes', 'would be let in by now'),
    ...tellOf(helped, 'yes', `would be let in after promote${OPENSSL}`),
    ...tellOf(
      waiting,
      'warn',
      'would be let in after promote, but not today: look at the dates of the staged pins',
    ),
    ...tellOf(left, 'warn', 'of a client with the right name would still be refused'),
  ];
}

/** Which anchor OpenSSL would take cannot be replayed. */
const OPENSSL = ", as far as can be told without the client's key";

function tellOf(records: readonly RefusedHandshakeRecord[], state: Check['state'], what: string): Check[] {
  if (records.length === 0) return [];
  const times = records.reduce((sum, each) => sum + each.times, 0);
  const first = new Date(Math.min(...records.map(({ firstAt }) => firstAt.getTime())));
  const references = listed(records.map(({ id, reference }) => `${id} (${reference})`));
  const text = `${counted(times, 'refused handshake')} since ${dayOf(first)} ${what}: ${references}`;
  return [{ state, text }];
}

function keyOf({ leaf, reference }: RefusedHandshakeRecord): string {
  return leaf?.fingerprint ?? reference;
}

function fingerprintsOf(scenario: Scenario | undefined): ReadonlySet<string> {
  return new Set(scenario?.newlyAccepted.map(({ fingerprint }) => fingerprint));
}

function tally({ accepted, refused }: Scenario): string {
  if (refused.length === 0) return `all are accepted`;
  return `${accepted.handshakes} accepted, ${counted(refused.length, 'client')} refused`;
}

function explain(clients: readonly RehearsedClient[]): string {
  return listed(
    clients.map(
      ({ name, fingerprint, findings }) =>
        `${name}, certificate ${fingerprint.slice(0, 12)}: ${findings.map(({ detail }) => detail).join('; ')}`,
    ),
    3,
    '; ',
  );
}

function find(
  scenarios: readonly Scenario[],
  set: Scenario['set'],
  inDays: Scenario['inDays'] = 0,
): Scenario | undefined {
  return scenarios.find((each) => each.set === set && each.inDays === inDays);
}

export function worstFirst(checks: readonly Check[]): Check[] {
  const order = ['no', 'warn', 'yes'];
  return checks.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
}

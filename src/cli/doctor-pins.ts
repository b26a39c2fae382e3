/**
 * The part of `doctor` that looks at who vouches, who came, and what needs attention: each with the days that are left.
 * The rules are those of the rotation, so that `trust show` never says otherwise.
 */
import type { Config } from '../config.ts';
import { openOfflineRotation } from '../receiver-rotation.ts';
import { describePin } from '../rotation/pin-report.ts';
import {
  type Attention,
  type ClientReport,
  type PinReport,
  RotationError,
  type TrustReport,
} from '../rotation/rotation.ts';
import { warnAboutPins } from '../rotation/warn-about-dates.ts';
import type { Anchor } from '../trust/bundle.ts';
import { loadTrust } from '../trust/load-trust.ts';
import { attempt, type Check, describeDays } from './doctor-check.ts';
import { checkState, isThere, storeFile } from './doctor-machine.ts';
import { describeNarrower } from './doctor-trust.ts';
import { harmless } from './harmless.ts';
import { count } from './print-order.ts';
import { minuteOf } from './print-trust.ts';

const MOST_CLIENTS = 10;
/** A client that was not seen for longer is told of by `trust show`. */
const RECENT_DAYS = 90;

export async function checkTrust(config: Config, now: () => Date): Promise<Check[]> {
  const checks: Check[] = [];
  const at = now();
  const loaded = await attempt(checks, 'trust', () => loadTrust(config.trust, { generation: 1, now: at }));
  if (loaded === undefined) return checks;
  const { trust, warnings } = loaded;
  const { anchors } = trust;
  const report = await showOffline(config, now, checks);
  const pins =
    report?.pins ??
    anchors.map(({ certificate, file }) => describePin(certificate, { state: 'active', file, now: at }));
  const attention = await dropWhatIsNotYet(report?.attention ?? warnAboutPins(pins), config);
  const told = new Set<Attention>();
  /** The facts, in the state of what is to be said of them. */
  const judge = (about: string, of: string, text: string): Check => {
    const own = attention.filter((each) => each.of === of && !told.has(each));
    for (const each of own) told.add(each);
    const worst = own.find(({ state }) => state === 'no') ?? own[0];
    return {
      state: worst?.state ?? 'yes',
      about,
      text: [text, ...own.map((each) => harmless(each.text))].join('\n'),
      ...(worst && { remedy: harmless(worst.next) }),
    };
  };
  checks.push(
    ...pins
      .filter(({ state }) => state === 'active' || state === 'staged')
      .map((pin) =>
        judge(
          pin.state === 'staged' ? 'staged CA' : 'pinned CA',
          pin.fingerprint,
          describe(pin, anchors, at),
        ),
      ),
    ...warnings.map((text) => ({ state: 'warn' as const, about: 'trust', text: harmless(text) })),
    { state: 'yes', about: 'trust', text: `CA names told to clients:\n${namesOf(anchors).join('\n')}` },
    { state: 'yes', about: 'trust', text: `common names let in: ${trust.names.join(', ')}` },
    ...describeNarrower(trust, at),
  );
  if (report !== undefined) {
    checks.push(
      ...recentClients(report, at).map((client) =>
        judge('client', client.fingerprint, describeClient(client, at)),
      ),
      ...describeQuiet(report),
    );
  }
  const others = attention.filter((each) => !told.has(each));
  checks.push(...others.map(toCheck), await checkState(config.trust.state));
  return checks;
}

/** Beside a running receiver, too: it only reads. */
async function showOffline(
  config: Config,
  now: () => Date,
  checks: Check[],
): Promise<TrustReport | undefined> {
  const log = { info() {}, warn() {}, error() {} };
  await using rotation = await openOfflineRotation({ config, log, now });
  try {
    return await rotation.show();
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    checks.push({ state: 'no', about: 'trust', text: harmless(error.message), remedy: harmless(error.next) });
    return undefined;
  }
}

/** Before the first start there is no store, and that is as it should be. */
async function dropWhatIsNotYet(
  attention: readonly Attention[],
  { store }: Config,
): Promise<readonly Attention[]> {
  const hasStore = await isThere(storeFile(store.url));
  return attention.filter(({ about }) => about !== 'evidence' || hasStore);
}

function describe(
  { subject, spki, notAfter, fingerprint, lastSeen, state }: PinReport,
  anchors: readonly Anchor[],
  at: Date,
): string {
  const anchor = anchors.find(({ certificate }) => certificate.fingerprint === fingerprint);
  const place =
    anchor === undefined ? 'lets nobody in before it is promoted' : `${harmless(anchor.file)}:${anchor.line}`;
  return [
    harmless(subject),
    `${describeDays(new Date(notAfter), at)}, ${place}`,
    ...(state === 'active' && lastSeen !== null ? [`vouched last ${minuteOf(lastSeen)}`] : []),
    `SPKI sha256 ${spki}`,
  ].join('\n');
}

function namesOf(anchors: readonly Anchor[]): string[] {
  return [...new Set(anchors.map(({ certificate }) => harmless(certificate.subject.text)))];
}

function recentClients({ clients }: TrustReport, at: Date): ClientReport[] {
  const since = new Date(at.getTime() - RECENT_DAYS * 86_400_000).toISOString();
  return clients.filter(({ lastSeen }) => lastSeen >= since).slice(0, MOST_CLIENTS);
}

function describeClient({ name, issuer, fingerprint, notAfter, lastSeen }: ClientReport, at: Date): string {
  return [
    `${harmless(name)}, ${describeDays(new Date(notAfter), at)}`,
    `certificate ${harmless(fingerprint).slice(0, 12)}, last seen ${minuteOf(lastSeen)}, issued by ${harmless(issuer)}`,
  ].join('\n');
}

/** What is well, and what there is to know: what is not well is among what needs attention. */
function describeQuiet({ clients, refused24h, distrusted, journal }: TrustReport): Check[] {
  const { nearMisses, mended, others } = refused24h;
  const last = journal.last;
  const checks: Check[] = [];
  const say = (about: string, text: string): void => void checks.push({ state: 'yes', about, text });
  if (clients.length === 0) say('client', 'none was let in yet');
  if (nearMisses === 0) say('refused', `none with an allowed name in 24 hours, ${count(others, 'stranger')}`);
  else if (mended === nearMisses)
    say(
      'refused',
      `${count(mended, 'client')} with an allowed name in 24 hours, which would be let in by now`,
    );
  if (distrusted.length > 0)
    say(
      'distrusted',
      `${count(distrusted.length, 'row')}: keys and serial numbers that are refused, whatever vouches for them`,
    );
  if (journal.intact) {
    const end =
      last === null
        ? ''
        : `, the last ${minuteOf(last.at)}: ${harmless(last.action)} by ${harmless(last.by)}`;
    say('journal', `as it was written, ${count(journal.entries, 'entry', 'entries')}${end}`);
  }
  return checks;
}

const ABOUT: Readonly<Record<Attention['about'], string>> = {
  journal: 'journal',
  refused: 'refused',
  pin: 'trust',
  client: 'client',
  files: 'trust',
  evidence: 'store',
};

function toCheck({ state, about, text, next }: Attention): Check {
  return { state, about: ABOUT[about], text: harmless(text), remedy: harmless(next) };
}

/** Everything a person needs to see of trust: pins, clients, refusals, the journal, and what needs attention. */
import { messageOf } from '../errors.ts';
import type { Certificate } from '../trust/certificate.ts';
import { type Distrusted, distrustedPath, loadDistrusted } from '../trust/distrusted.ts';
import type { RefusedHandshakeRecord } from '../trust/evidence.ts';
import type { Trust } from '../trust/trust.ts';
import { inTurns } from '../turns.ts';
import { isDenied } from './change-trust.ts';
import { findMended } from './find-mended.ts';
import { describePin } from './pin-report.ts';
import { describeClients, usesOfPins } from './pin-uses.ts';
import { type RotationParts, readSeen, type TrustNow } from './procedure.ts';
import type {
  Attention,
  DistrustReport,
  JournalState,
  PinReport,
  PinState,
  TrustReport,
} from './rotation.ts';
import { nextStep, ofLastDay, TOLD_DAYS, warnAboutFiles, warnAboutTrust } from './warn-about-trust.ts';
import { DAY_MS } from './words.ts';

export async function showTrust(parts: RotationParts, current: TrustNow): Promise<TrustReport> {
  const { settings, state, shelf, journal } = parts;
  const now = parts.now();
  const { trust, generation } = current;
  const { seen, problem } = await readSeen(parts);
  const {
    records,
    mended,
    problem: refusedProblem,
  } = await listRefused(parts, { trust, since: new Date(now.getTime() - TOLD_DAYS * DAY_MS), now });
  const refused = records.filter(({ id }) => !mended.has(id));
  const today = ofLastDay(records, now);
  const distrusted = await loadDistrusted(distrustedPath(state));
  const [staged, known] = await Promise.all([shelf.listStaged(), shelf.listKnown()]);
  const uses = usesOfPins(seen, now);
  const told = new Set<string>();
  const describe = (certificate: Certificate, of: PinState, file: string | null = null): PinReport[] => {
    if (told.has(certificate.fingerprint)) return [];
    told.add(certificate.fingerprint);
    return [describePin(certificate, { state: of, file, now, use: uses.get(certificate.spki) })];
  };
  const everInForce = new Set(journal.entries().flatMap(({ anchors }) => anchors));
  const pins = [
    ...trust.anchors.flatMap(({ certificate, file }) => describe(certificate, 'active', file)),
    ...staged.certificates.flatMap((each) => describe(each, isDenied(each, trust) ? 'distrusted' : 'staged')),
    ...known.certificates.flatMap((each) => {
      if (isDenied(each, trust)) return describe(each, 'distrusted');
      return everInForce.has(each.fingerprint) ? describe(each, 'retired') : [];
    }),
  ];
  const report = {
    generation,
    mode: settings().client_certificate,
    names: trust.names,
    fingerprint: trust.fingerprint,
    pins,
    clients: describeClients(seen, now),
    refused24h: {
      nearMisses: today.filter(({ nearMiss }) => nearMiss).length,
      mended: today.filter(({ id }) => mended.has(id)).length,
      others: today.filter(({ nearMiss }) => !nearMiss).length,
    },
    distrusted: distrusted.map((entry) => describeDistrusted(entry, known.certificates)),
    journal: describeJournal(parts),
  };
  const evidenceProblems = [...new Set([problem, refusedProblem])].filter((each) => each !== null);
  const attention = [
    ...warnAboutTrust({
      report,
      staged: staged.certificates,
      seen,
      refused,
      entries: journal.entries(),
      now,
    }),
    ...evidenceProblems.map(unknownEvidence),
    ...warnAboutFiles([...staged.problems, ...known.problems], 'take the file away, and stage it again'),
    ...warnAboutFiles(
      await shelf.warnings(),
      'take that right away, then see what was done: sallyport audit show',
    ),
  ].sort((one, other) => Number(other.state === 'no') - Number(one.state === 'no'));
  const warnings = [...new Set(attention.map(({ text }) => text))];
  return { ...report, warnings, attention, next: nextStep(report, ofLastDay(refused, now)) };
}

/** Without it nothing can be said of clients, pins in use and refusals. */
function unknownEvidence(text: string): Attention {
  const next = 'see what is wrong with the store: sallyport doctor';
  return { state: 'warn', about: 'evidence', of: null, text, next };
}

async function listRefused(
  { evidence }: RotationParts,
  { trust, since, now }: { readonly trust: Trust; readonly since: Date; readonly now: Date },
): Promise<Refused> {
  try {
    const listed = (await evidence?.listRefusedHandshakes({ since, limit: 1_000 })) ?? [];
    const records = listed.filter(({ enforced }) => enforced);
    const whole: RefusedHandshakeRecord[] = [];
    for (const { id } of records.filter(({ nearMiss }) => nearMiss)) {
      const record = await evidence?.findRefusedHandshake(String(id));
      if (record !== undefined) whole.push(record); // undefined: gone meanwhile, they are bounded
    }
    return { records, mended: await inTurns(findMended({ trust, refused: whole, now })), problem: null };
  } catch (error) {
    const problem = `what the gate saw cannot be read: ${messageOf(error)}`;
    return { records: [], mended: new Set(), problem };
  }
}

interface Refused {
  readonly records: readonly RefusedHandshakeRecord[];
  /** Near misses that the trust in force would let in. */
  readonly mended: ReadonlySet<number>;
  readonly problem: string | null;
}

function describeDistrusted(
  { spki, serial, issuer, since, by, reason }: Distrusted,
  known: readonly Certificate[],
): DistrustReport {
  const key = spki ?? `serial ${serial}${issuer === undefined ? '' : ` of ${issuer}`}`;
  const what = known.find((each) => each.spki === spki)?.subject.text;
  return { key, what: what ?? (spki === undefined ? 'a certificate' : 'a key'), since, by, reason };
}

function describeJournal({ journal }: RotationParts): JournalState {
  const { entries, intact, problem } = journal.verify();
  const last = journal.last();
  return {
    entries,
    intact,
    problem: problem === undefined ? null : `line ${problem.line}: ${problem.what}`,
    last: last === undefined ? null : { at: last.at, action: last.action, by: last.by },
  };
}

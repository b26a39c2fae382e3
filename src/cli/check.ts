/** Would these documents be kept? Reads them as the receiver would, offline, and says what it finds. */
import { readFile } from 'node:fs/promises';
import type { Limits } from '../config.ts';
import { loadConfig } from '../config-file.ts';
import { limits, xmlLimitsOf } from '../config-limits.ts';
import { decode } from '../cxml/decode.ts';
import { Refusal } from '../errors.ts';
import { ANSWERS, type AnswerStyle } from '../http/answer.ts';
import { seeAsBuyer, writeMail } from './buyers-eye.ts';
import { DTD_RULE, printRules } from './check-rules.ts';
import { formatBytes } from './describe-exchange.ts';
import { type DtdJudge, openDtd } from './dtd-judge.ts';
import { guessOrderId } from './guess-order.ts';
import { harmless, harmlessJson, shorten } from './harmless.ts';
import { placesJson, printedSchema, verdictJson } from './order-json.ts';
import { count, describeFinding, namePlace, summarise } from './print-order.ts';
import { type Reading, readDocument } from './read-document.ts';
import type { ExitCode, Surroundings, Terminal } from './terminal.ts';

interface Seen {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly reading: Reading;
}

export interface CheckOptions {
  readonly json?: boolean;
  /** A configuration whose limits and DTD count; left out: the limits by default, and no DTD. */
  readonly config?: string;
  /** A DTD by which the documents are judged too. */
  readonly dtd?: string;
  /** Instead of reading documents, say what is looked for. */
  readonly rules?: boolean;
  /** With `json`: where in the document every value stands. */
  readonly places?: boolean;
  /** Instead of reading documents, print the JSON Schema of what `json` prints. */
  readonly schema?: boolean;
}

export async function check(
  files: readonly string[],
  { json = false, config: file, dtd, rules = false, places = false, schema = false }: CheckOptions,
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  if (rules) return printRules({ json }, terminal);
  if (schema) {
    terminal.print(JSON.stringify(printedSchema(), undefined, 2));
    return 0;
  }
  const config = file === undefined ? undefined : await loadConfig(file, env);
  const allowed = config?.limits ?? limits.parse({});
  const dtdFile = dtd ?? config?.check.dtd;
  using judge = dtdFile === undefined ? undefined : await openDtd(dtdFile);
  const seen: Seen[] = [];
  const missing: string[] = [];
  for (const file of files) {
    const bytes = await readBytes(file);
    if (typeof bytes === 'string') missing.push(`${terminal.mark.no} ${harmless(file)}: ${bytes}`);
    else seen.push({ file, bytes, reading: judged(readWithinLimit(bytes, allowed), bytes, judge) });
  }
  if (json) {
    const all = seen.map(({ file, bytes, reading }) => ({
      ...verdictJson(reading, bytes, { file }),
      ...(places && placesJson(reading)),
    }));
    const told = files.length === 1 ? all[0] : all;
    if (told !== undefined) terminal.print(harmlessJson(told));
  } else {
    for (const each of seen) terminal.print(...describe(each, terminal));
    const [only] = files.length === 1 ? seen : [];
    if (only !== undefined) terminal.print(...mailAbout(only, config?.answers ?? 'envelope', terminal));
    if (files.length > 1) terminal.print('', tally(seen, missing.length));
  }
  if (files.length === 0) {
    terminal.complain(
      `${terminal.mark.no} no file is named`,
      `${terminal.cyan('→')} sallyport check order.xml`,
    );
    return 2;
  }
  if (missing.length > 0) {
    terminal.complain(
      ...missing,
      `${terminal.cyan('→')} Name a file that you may read. The others were checked.`,
    );
    return 2;
  }
  return seen.every(({ reading }) => reading.verdict !== 'refused') ? 0 : 1;
}

/** The receiver looks at no body that is larger. */
function readWithinLimit(bytes: Uint8Array, allowed: Limits): Reading {
  const { body_bytes: most } = allowed;
  if (bytes.byteLength <= most) return readDocument(bytes, { limits: xmlLimitsOf(allowed) });
  const text = `${formatBytes(bytes.byteLength)} are more than limits.body_bytes allows, ${formatBytes(most)}.`;
  return { verdict: 'refused', findings: [], refusal: new Refusal('body-too-large', text) };
}

/** Adds what the DTD says of a document that is well-formed. */
function judged(reading: Reading, bytes: Uint8Array, judge: DtdJudge | undefined): Reading {
  if (judge === undefined || reading.message === undefined) return reading;
  const found = judge.judge(decode(bytes).text).map((each) => ({ remedy: DTD_RULE.remedy, ...each }));
  return { ...reading, findings: [...reading.findings, ...found] };
}

function describe({ file, reading }: Seen, terminal: Terminal): string[] {
  const { mark, bold, dim, cyan } = terminal;
  const { verdict, order, refusal, findings } = reading;
  const name = bold(harmless(file));
  // What several findings in a row call for is said once, behind the last of them.
  const told = findings.flatMap(({ remedy, ...finding }, at) =>
    describeFinding({ ...finding, ...(remedy !== findings[at + 1]?.remedy && { remedy }) }, terminal, file),
  );
  if (refusal !== undefined) {
    const { status } = ANSWERS[refusal.code];
    const where = [namePlace(refusal.place ?? {}, file), harmless(refusal.place?.path ?? '')];
    return [
      `${mark.no} refused  ${name}`,
      `  ${mark.no} ${refusal.code}  ${shorten(refusal.message, 400)}`,
      `      ${dim(where.join('  ').trimEnd())}`,
      `      ${cyan('→')} the buyer would read: ${status.code} ${status.text}`,
      ...told,
    ];
  }
  if (verdict === 'answered')
    return [`${mark.yes} answered ${name}  a ProfileRequest: what is taken, and where`, ...told];
  return [`${mark.yes} kept     ${name}  ${order === undefined ? '' : summarise(order)}`, ...told];
}

/** What to write to the buyer, of a document that would be refused. */
function mailAbout({ bytes, reading }: Seen, style: AnswerStyle, { bold }: Terminal): string[] {
  const { refusal, order, message } = reading;
  if (refusal === undefined) return [];
  const { code, message: text, place } = refusal;
  const about = { orderId: order?.purchaseOrderNumber ?? guessOrderId(bytes), payloadId: message?.payloadId };
  const { paragraph } = seeAsBuyer({ code, text, place, style, ...about });
  return ['', bold('A text for the buyer'), ...writeMail(paragraph)];
}

function tally(seen: readonly Seen[], missing: number): string {
  const of = (verdict: Reading['verdict']): number =>
    seen.filter(({ reading }) => reading.verdict === verdict).length;
  const parts = [`${of('kept')} kept`, `${of('refused')} refused`];
  if (of('answered') > 0) parts.push(`${of('answered')} answered`);
  if (missing > 0) parts.push(`${missing} not read`);
  return `${count(seen.length + missing, 'document')}: ${parts.join(', ')}`;
}

async function readBytes(file: string): Promise<Uint8Array | string> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'there is no such file';
    if (code === 'EISDIR') return 'is a folder; name the files in it';
    if (code === 'EACCES') return 'may not be read by this user';
    return message;
  }
}

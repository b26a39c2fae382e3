/** The clients that the gate refused, for the person who finds out why: the list, and one of them whole. */
import { readCertificate } from '../trust/certificate.ts';
import { UnreadableDer } from '../trust/der.ts';
import type { RefusedHandshakeRecord } from '../trust/evidence.ts';
import { explainRecord } from '../trust/explain-refusal.ts';
import { readChain } from '../trust/sent-chain.ts';
import { harmless, harmlessJson, shorten } from './harmless.ts';
import { count } from './print-order.ts';
import type { ListOptions, PrintOptions } from './program-options.ts';
import { formatTime, openReader } from './stored-orders.ts';
import { indent, layPairs, layTable } from './table.ts';
import type { ExitCode, Surroundings, Terminal } from './terminal.ts';

export async function listRefusedHandshakes(
  { config, limit, json = false, nearMisses = false }: ListOptions & { readonly nearMisses?: boolean },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(config, env);
  const records = await store.listRefusedHandshakes({ limit, nearMissesOnly: nearMisses });
  if (json) {
    terminal.print(harmlessJson(records));
    return 0;
  }
  if (records.length === 0) {
    const who = nearMisses ? "client with Coupa's name" : 'client';
    terminal.print(`${terminal.mark.yes} no ${who} was refused`);
    return 0;
  }
  const columns = [
    { title: 'no.', align: 'right' },
    { title: 'last seen' },
    { title: 'times', align: 'right' },
    { title: 'from' },
    { title: 'who' },
    { title: 'name' },
    { title: 'reasons' },
  ] as const;
  const { cyan, dim } = terminal;
  terminal.print(
    ...layTable(columns, records.map(row), dim),
    ...(records.length < limit ? [] : [dim('there may be older ones; --limit shows more')]),
    `${cyan('→')} sallyport trust refused show NO. says what it means and what to do`,
  );
  return 0;
}

export async function showRefusedHandshake(
  numberOrReference: string,
  { config, json = false, pem = false }: PrintOptions & { readonly pem?: boolean },
  { terminal, env }: Surroundings,
): Promise<ExitCode> {
  await using store = await openReader(config, env);
  const record = await store.findRefusedHandshake(numberOrReference);
  if (record === undefined) {
    const { complain, cyan, mark } = terminal;
    complain(
      `${mark.no} no refused client ${harmless(numberOrReference)} is on record: the oldest go when newer ones need their place, and of a flood only some are kept; the log has them all`,
      `${cyan('→')} sallyport trust refused list -c ${harmless(config)} shows what is there`,
    );
    return 1;
  }
  if (pem) {
    if (record.chainPem === '') {
      terminal.complain(`${terminal.mark.no} this client showed no certificate`);
      return 1;
    }
    terminal.write(Buffer.from(record.chainPem));
    return 0;
  }
  if (json) terminal.print(harmlessJson({ ...record, explanation: explainRecord(record) }));
  else terminal.print(...describe(record, terminal));
  return 0;
}

function row({
  id,
  lastAt,
  times,
  remoteAddress,
  leaf,
  findings,
  ...record
}: RefusedHandshakeRecord): string[] {
  return [
    String(id),
    formatTime(lastAt),
    String(times),
    harmless(remoteAddress),
    whoOf(record),
    shorten(leaf?.names.join(', ') ?? '', 32),
    [...new Set(findings.map(({ reason }) => reason))].join(', '),
  ];
}

function whoOf({ enforced, nearMiss }: Pick<RefusedHandshakeRecord, 'enforced' | 'nearMiss'>): string {
  if (!enforced) return 'let in, on trial';
  return nearMiss ? 'near miss' : 'stranger';
}

function describe(record: RefusedHandshakeRecord, { bold, cyan, dim, mark, yellow }: Terminal): string[] {
  const { headline, reasons, meaning, seenByBuyer, next } = explainRecord(record);
  const { id, reference, firstAt, lastAt, times, remoteAddress, protocol, opensslError } = record;
  const facts = layPairs(
    [
      ['number', `${id}, reference ${reference}`],
      ['when', times === 1 ? formatTime(lastAt) : `${formatTime(firstAt)} to ${formatTime(lastAt)}`],
      ['how often', count(times, 'time')],
      ['from', `${harmless(remoteAddress)}, ${harmless(protocol)}`],
      ['OpenSSL', opensslError === null ? undefined : harmless(opensslError)],
    ],
    dim,
  );
  const why = reasons.flatMap((reason, at) => [yellow(reason), `  ${harmless(meaning[at] ?? '')}`]);
  return [
    `${record.enforced ? mark.no : mark.warn} ${bold(headline)}`,
    '',
    ...facts.map(indent),
    '',
    bold('What it showed'),
    ...describeChain(record, dim).map(indent),
    '',
    bold('Why'),
    ...why.map(indent),
    '',
    bold("What Coupa's administrators see"),
    indent(harmless(seenByBuyer)),
    '',
    `${cyan('→')} ${harmless(next)}`,
  ];
}

/** Every certificate, the client's own first. */
function describeChain({ chainPem }: RefusedHandshakeRecord, dim: Terminal['dim']): string[] {
  if (chainPem === '') return ['no certificate'];
  const lines = readChain(chainPem).flatMap((der, index) => {
    const name = index === 0 ? "the client's own" : `issuer ${index}`;
    try {
      const { subject, issuer, serial, notBefore, notAfter, fingerprint } = readCertificate(der);
      return layPairs(
        [
          [name, harmless(subject.text)],
          ['  issued by', harmless(issuer.text)],
          ['  serial', serial],
          ['  valid', `${formatTime(notBefore)} to ${formatTime(notAfter)}`],
          ['  SHA-256', fingerprint],
        ],
        dim,
      );
    } catch (error) {
      if (!(error instanceof UnreadableDer)) throw error;
      return layPairs([[name, `cannot be read: ${harmless(error.message)}`]], dim);
    }
  });
  const cut = /^Left out: .*$/m.exec(chainPem)?.[0];
  return cut === undefined ? lines : [...lines, cut];
}

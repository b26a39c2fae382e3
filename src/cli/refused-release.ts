/** A refused message taken after all: by the running receiver, or on its store while none runs. */
import { LONGEST_REASON } from '../admin/control-input.ts';
import type { Config } from '../config.ts';
import { loadConfig } from '../config-file.ts';
import { StartupError } from '../errors.ts';
import type { ReleaseReport, Releases } from '../intake/release.ts';
import type { Log } from '../telemetry/log.ts';
import { harmless, harmlessJson, shorten } from './harmless.ts';
import { NOTES } from './print-message.ts';
import { namePlace } from './print-order.ts';
import { findRunning, OFFLINE } from './reach-rotation.ts';
import type { ExitCode, Terminal, TimedSurroundings } from './terminal.ts';
import { whoAsks } from './who-asks.ts';
import { wrap } from './wrap.ts';

export interface ReleaseOptions {
  readonly config: string;
  readonly reason: string;
  readonly json?: boolean;
}

export interface ReleaseSurroundings extends TimedSurroundings {
  /** As `openOfflineReleases` of the receiver. */
  readonly openOffline: (parts: {
    readonly config: Config;
    readonly log: Log;
    readonly now: () => Date;
  }) => Promise<Releases & AsyncDisposable>;
}

/** Exit 0: it is an order now, or has become one meanwhile. 1: it stays refused. */
export async function releaseRefused(
  id: number,
  { config: file, reason: given, json = false }: ReleaseOptions,
  { terminal, env, now, openOffline }: ReleaseSurroundings,
): Promise<ExitCode> {
  const reason = given.trim();
  if (reason === '') {
    throw new StartupError('--reason is empty, and stands beside the order for good; nothing was changed', {
      hint: 'say what was mended: --reason TEXT',
    });
  }
  if (reason.length > LONGEST_REASON) {
    throw new StartupError(`--reason is longer than ${LONGEST_REASON} characters; nothing was changed`, {
      hint: 'say in a line what was mended, and where to read more',
    });
  }
  const config = await loadConfig(file, env, { now });
  await using reached = await reach(config, () => openOffline({ config, log: logTo(terminal), now }));
  (json ? terminal.complain : terminal.print)(terminal.dim(reached.where));
  const report = await reached.releases.release(id, { by: whoAsks(env), reason });
  if (json) terminal.print(harmlessJson(report));
  else if (report.released) terminal.print(...describeOrder(report, terminal));
  else terminal.complain(...describeRefusal(report, terminal));
  return report.released ? 0 : 1;
}

interface Reached extends AsyncDisposable {
  readonly releases: Releases;
  readonly where: string;
}

async function reach(
  config: Config,
  openOffline: () => Promise<Releases & AsyncDisposable>,
): Promise<Reached> {
  const running = await findRunning(config.trust.state);
  if (running !== undefined) return { ...running, async [Symbol.asyncDispose]() {} };
  const releases = await openOffline();
  return { releases, where: OFFLINE, [Symbol.asyncDispose]: () => releases[Symbol.asyncDispose]() };
}

/** What a receiver would log; a person is told the outcome, and here only what is amiss with the store. */
function logTo({ complain, mark }: Terminal): Log {
  const ignore = (): void => {};
  const tell = (_fields: object, message: string): void => complain(`${mark.warn} ${harmless(message)}`);
  return { fatal: tell, error: tell, warn: ignore, info: ignore, debug: ignore };
}

function describeOrder(
  report: Extract<ReleaseReport, { released: true }>,
  { mark, cyan, bold, yellow }: Terminal,
): string[] {
  const { refused, outcome, buyer, orderId, revision, current, notes } = report;
  const name = shorten(orderId, 60);
  const what = {
    kept: `kept as order ${name}, revision ${revision}${current ? ', in force' : ''}`,
    resent: `has the content of order ${name}, revision ${revision}, and is kept beside it`,
    replayed: `was sent again and kept meanwhile: order ${name}, revision ${revision}`,
  }[outcome];
  return [
    `${mark.yes} ${bold(`refused message ${refused} ${what}`)}`,
    `  buyer ${harmless(buyer)}`,
    ...notes.map((note) => `  ${mark.warn} ${yellow(NOTES[note])}`),
    ...wrap(
      'the buyer was told that it was not taken, and may send it again: the same order is not taken twice',
      '  ',
    ),
    `${cyan('→')} sallyport orders show ${shorten(orderId, 60)}`,
  ];
}

function describeRefusal(
  { refused, problem, place, next }: Extract<ReleaseReport, { released: false }>,
  { mark, cyan }: Terminal,
): string[] {
  const where = [namePlace(place ?? {}), shorten(place?.path ?? '', 200)].filter((part) => part !== '');
  return [
    ...wrap(`refused message ${refused} was not released: ${shorten(problem, 600)}`, `${mark.no} `),
    ...(where.length === 0 ? [] : [`  where: ${where.join(', ')}`]),
    '  nothing was changed: what is held stays as it was',
    ...wrap(shorten(next, 300), `${cyan('→')} `),
  ];
}

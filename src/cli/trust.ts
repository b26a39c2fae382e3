/** The steps of a rotation from a terminal: asked for, confirmed, taken by the rotation, and printed. */
import { loadConfig } from '../config-file.ts';
import { StartupError } from '../errors.ts';
import { type Actor, type DistrustQuery, type Rotation, RotationError } from '../rotation/rotation.ts';
import type { Ask } from './confirm.ts';
import { harmless, harmlessJson } from './harmless.ts';
import { describeTrust } from './print-trust.ts';
import { describeRehearsal } from './print-trust-rehearsal.ts';
import { describeChange, describeStaged } from './print-trust-steps.ts';
import type { PrintOptions } from './program-options.ts';
import { type OpenOffline, reachRotation } from './reach-rotation.ts';
import type { ExitCode, Surroundings, Terminal, TimedSurroundings } from './terminal.ts';
import { readSource, type StageOptions } from './trust-source.ts';
import { whoAsks } from './who-asks.ts';
import { wrap } from './wrap.ts';

export interface TrustSurroundings extends TimedSurroundings {
  readonly openOffline: OpenOffline;
  /** Undefined where nobody could answer. */
  readonly ask?: Ask | undefined;
}

export interface ChangeOptions extends PrintOptions {
  readonly reason?: string;
}

interface ForceOptions extends ChangeOptions {
  readonly force?: boolean;
}

interface GraveOptions extends ChangeOptions {
  readonly yes?: boolean;
}

export function showTrust(options: PrintOptions, around: TrustSurroundings): Promise<ExitCode> {
  return reach(options, around, async (rotation) => {
    const report = await rotation.show();
    print(report, describeTrust, options, around);
    return 0;
  });
}

export async function stageTrust(
  file: string | undefined,
  options: ChangeOptions & StageOptions,
  around: TrustSurroundings,
): Promise<ExitCode> {
  const actor = actorOf(options, around);
  const source = await readSource(file, options, around.env);
  return await reach(options, around, async (rotation) => {
    print(await rotation.stage(source, actor), describeStaged, options, around);
    return 0;
  });
}

export function unstageTrust(
  pins: readonly string[],
  options: ChangeOptions,
  around: TrustSurroundings,
): Promise<ExitCode> {
  return change(options, around, (rotation, actor) => rotation.unstage({ pins }, actor));
}

/** @returns 0 when no client would be locked out by what was asked about */
export function rehearseTrust(
  {
    last,
    without,
    ...options
  }: PrintOptions & { readonly last: number; readonly without?: readonly string[] },
  around: TrustSurroundings,
): Promise<ExitCode> {
  return reach(options, around, async (rotation) => {
    const query = { lastDays: last, ...(without === undefined ? {} : { without }) };
    const report = await rotation.rehearse(query);
    print(report, describeRehearsal, options, around);
    return report.safeToPromote && report.conclusions.every(({ state }) => state !== 'no') ? 0 : 1;
  });
}

export async function promoteTrust(
  pins: readonly string[],
  { force = false, ...options }: ForceOptions,
  around: TrustSurroundings,
): Promise<ExitCode> {
  needReason(force, options);
  return await change(options, around, (rotation, actor) => rotation.promote({ pins, force }, actor));
}

export async function retireTrust(
  pin: string,
  { force = false, ...options }: ForceOptions & GraveOptions,
  around: TrustSurroundings,
): Promise<ExitCode> {
  needReason(force, options);
  return await change(options, around, (rotation, actor) => rotation.retire({ pin, force }, actor), {
    what: `Take pin ${pin} out of the set in force? Clients that it alone vouches for are refused from then on.`,
  });
}

export function rollbackTrust(
  { to, ...options }: GraveOptions & { readonly to?: number },
  around: TrustSurroundings,
): Promise<ExitCode> {
  const target = to === undefined ? 'the set before the last change' : `the set of journal entry ${to}`;
  const query = to === undefined ? {} : { toEntry: to };
  return change(options, around, (rotation, actor) => rotation.rollback(query, actor), {
    what: `Go back to ${target}? Pins that came in since then vouch for nobody from then on.`,
  });
}

interface ListedOptions extends GraveOptions {
  readonly serial?: string;
  readonly issuer?: string;
}

export async function distrustTrust(
  key: string | undefined,
  { serial, issuer, ...options }: ListedOptions,
  around: TrustSurroundings,
): Promise<ExitCode> {
  const { query, named } = readListed('distrust', key, serial, issuer);
  return await change(options, around, (rotation, actor) => rotation.distrust(query, actor), {
    what: `Distrust ${named}? Whoever shows it, or is vouched for by it, is refused at once; rollback does not undo it.`,
  });
}

export async function liftTrust(
  key: string | undefined,
  { serial, issuer, ...options }: ListedOptions,
  around: TrustSurroundings,
): Promise<ExitCode> {
  const { query, named } = readListed('lift', key, serial, issuer);
  if ((options.reason ?? '').trim() === '') {
    throw new StartupError('lifting a distrust needs a reason, for the journal; nothing was changed', {
      hint: 'add --reason TEXT',
    });
  }
  return await change(options, around, (rotation, actor) => rotation.lift(query, actor), {
    what: `Lift the distrust of ${named}? Whoever shows it, and is vouched for by a pin in force, is let in at once.`,
  });
}

function readListed(
  step: 'distrust' | 'lift',
  key: string | undefined,
  serial: string | undefined,
  issuer: string | undefined,
): { readonly query: DistrustQuery; readonly named: string } {
  if (key !== undefined && (serial ?? issuer) === undefined) return { query: { key }, named: `key ${key}` };
  if (key === undefined && serial !== undefined) {
    return { query: { serial, ...(issuer && { issuer }) }, named: `serial number ${serial}` };
  }
  throw new StartupError('this step is about either a key or a serial number; nothing was changed', {
    hint: `sallyport trust ${step} KEY, or sallyport trust ${step} --serial S --issuer DN`,
  });
}

/** One step that changes something; a grave one is confirmed first. */
async function change(
  options: GraveOptions,
  around: TrustSurroundings,
  take: (rotation: Rotation, actor: Actor) => ReturnType<Rotation['promote']>,
  grave?: { readonly what: string },
): Promise<ExitCode> {
  const actor = actorOf(options, around);
  if (grave !== undefined && options.yes !== true && around.ask === undefined) {
    throw new StartupError('this step wants to be confirmed, and there is no terminal; nothing was changed', {
      hint: 'give --yes if it is meant',
    });
  }
  return await reach(options, around, async (rotation) => {
    if (grave !== undefined && options.yes !== true && !(await confirm(grave.what, around))) return 1;
    print(await take(rotation, actor), describeChange, options, around);
    return 0;
  });
}

async function confirm(what: string, { ask, terminal }: TrustSurroundings): Promise<boolean> {
  terminal.complain(...wrap(harmless(what)));
  if (await ask?.('[y/N] ')) return true;
  terminal.complain(`${terminal.mark.no} not confirmed; nothing was changed`);
  return false;
}

async function reach(
  { config: file, json = false }: PrintOptions,
  { terminal, env, now, openOffline }: TrustSurroundings,
  act: (rotation: Rotation) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { print, complain, dim } = terminal;
  const config = await loadConfig(file, env, { now });
  await using reached = await reachRotation({ config, terminal, now, openOffline });
  (json ? complain : print)(dim(reached.where));
  try {
    return await act(reached.rotation);
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    const { message, meaning, next, forceable } = error;
    if (json) print(harmlessJson({ error: { message, meaning, next, forceable } }));
    else complain(...describeError(error, terminal));
    return 1;
  }
}

function print<T>(
  report: T,
  describe: (report: T, terminal: Terminal) => string[],
  { json = false }: PrintOptions,
  { terminal }: Surroundings,
): void {
  terminal.print(...(json ? [harmlessJson(report)] : describe(report, terminal)));
}

function describeError({ message, meaning, next, forceable }: RotationError, { mark, cyan }: Terminal) {
  return [
    ...wrap(harmless(message), `${mark.no} `),
    ...wrap(harmless(meaning), '  '),
    ...wrap(harmless(next), `${cyan('→')} `),
    ...(forceable && !next.includes('--force')
      ? [`${cyan('→')} --force with --reason TEXT does it all the same`]
      : []),
  ];
}

function actorOf({ reason }: ChangeOptions, { env }: Surroundings): Actor {
  const given = reason?.trim() ?? '';
  return { by: whoAsks(env), reason: given === '' ? null : given };
}

function needReason(force: boolean, { reason = '' }: ChangeOptions): void {
  if (!force || reason.trim() !== '') return;
  throw new StartupError('--force needs a reason, for the journal; nothing was changed', {
    hint: 'add --reason TEXT',
  });
}

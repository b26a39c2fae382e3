/** What a command may ask for: each field with its type and its bounds, and no other field. */
import type { Releases } from '../intake/release.ts';
import type { Actor, DistrustQuery, Rotation, StageSource } from '../rotation/rotation.ts';

/** A request that is not as it must be. `message` names the field and never what is in it. */
export class UnfitRequest extends Error {
  override readonly name = 'UnfitRequest';
}

type Read<T> = (value: unknown, field: string) => T;

/** What commands have to do with. */
export interface Controlled {
  readonly rotation: Rotation;
  readonly releases: Releases;
}

/** What is asked, ready to be done. */
type Step = (controlled: Controlled) => Promise<object>;

const STAGED_LIMIT_BYTES = 1_048_576;
/** Of the reason for a step, in characters. */
export const LONGEST_REASON = 2_000;
const MOST_PINS = 100;
const MOST_DAYS = 400;

const text =
  (most: number, least = 1): Read<string> =>
  (value, field) => {
    if (typeof value === 'string' && value.length >= least && value.length <= most) return value;
    throw new UnfitRequest(`${field} must be text of ${least} to ${most} characters`);
  };

const flag: Read<boolean> = (value, field) => {
  if (typeof value === 'boolean') return value;
  throw new UnfitRequest(`${field} must be true or false`);
};

const whole =
  (least: number, most: number): Read<number> =>
  (value, field) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new UnfitRequest(`${field} must be a whole number from ${least} to ${most}`);
  };

const names: Read<string[]> = (value, field) => {
  if (Array.isArray(value) && value.length <= MOST_PINS) return value.map((each) => pin(each, field));
  throw new UnfitRequest(`${field} must be a list of at most ${MOST_PINS}`);
};

const optional =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value, field) =>
    value === undefined ? undefined : read(value, field);

const nullable =
  <T>(read: Read<T>): Read<T | null> =>
  (value, field) =>
    value === null ? null : read(value, field);

/** Of the whole bytes alone: Node's decoder passes over whatever it does not know. */
const base64: Read<Buffer> = (value, field) => {
  const encoded = text(Math.ceil(STAGED_LIMIT_BYTES / 3) * 4, 0)(value, field);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) throw new UnfitRequest(`${field} must be base64`);
  if (bytes.length > STAGED_LIMIT_BYTES) throw new UnfitRequest(`${field} must be at most 1 MiB`);
  return bytes;
};

const pin = text(200);
const ACTOR = { by: text(300), reason: nullable(text(LONGEST_REASON)) };
const SERIAL = { serial: text(200), issuer: optional(text(4_000)), ...ACTOR };
const PASSPHRASE = text(1_024, 0);
const FILE = { file: text(4_096), bytes: base64, passphrase: optional(PASSPHRASE), ...ACTOR };
const REFUSED = { fromRefused: text(100), ...ACTOR };

/** By the last two parts of the path: what it takes, and what is done with it. */
const STEPS: Readonly<Record<string, (body: unknown) => Step>> = {
  'trust/show'(body) {
    readFields({}, body);
    return ({ rotation }) => rotation.show();
  },
  'trust/stage'(body) {
    const { by, reason, ...source } = has(body, 'fromRefused')
      ? readFields(REFUSED, body)
      : readFields(FILE, body);
    return ({ rotation }) => rotation.stage(source as StageSource, { by, reason });
  },
  'trust/unstage'(body) {
    const { pins, ...actor } = readFields({ pins: names, ...ACTOR }, body);
    return ({ rotation }) => rotation.unstage({ pins }, actor);
  },
  'trust/rehearse'(body) {
    const query = readFields({ lastDays: optional(whole(1, MOST_DAYS)), without: optional(names) }, body);
    return ({ rotation }) => rotation.rehearse(query);
  },
  'trust/promote'(body) {
    const { pins, force, ...actor } = readFields({ pins: names, force: flag, ...ACTOR }, body);
    needReason(force, actor);
    return ({ rotation }) => rotation.promote({ pins, force }, actor);
  },
  'trust/retire'(body) {
    const { pin: name, force, ...actor } = readFields({ pin, force: flag, ...ACTOR }, body);
    needReason(force, actor);
    return ({ rotation }) => rotation.retire({ pin: name, force }, actor);
  },
  'trust/rollback'(body) {
    const entry = optional(whole(1, Number.MAX_SAFE_INTEGER));
    const { toEntry, ...actor } = readFields({ toEntry: entry, ...ACTOR }, body);
    return ({ rotation }) => rotation.rollback(toEntry === undefined ? {} : { toEntry }, actor);
  },
  'trust/distrust'(body) {
    const { query, actor } = readListed(body);
    return ({ rotation }) => rotation.distrust(query, actor);
  },
  'trust/lift'(body) {
    const { query, actor } = readListed(body);
    if (actor.reason === null) throw new UnfitRequest('a distrust is lifted with a reason alone');
    return ({ rotation }) => rotation.lift(query, actor);
  },
  'refused/release'(body) {
    const number = whole(1, Number.MAX_SAFE_INTEGER);
    const { id, ...releaser } = readFields({ id: number, by: text(300), reason: text(LONGEST_REASON) }, body);
    return ({ releases }) => releases.release(id, releaser);
  },
};

export function isStep(name: string): boolean {
  return Object.hasOwn(STEPS, name);
}

/** @throws {UnfitRequest} */
export function readStep(name: string, body: unknown): Step {
  const read = STEPS[name];
  if (read === undefined) throw new Error(`${name} is no step`);
  return read(body);
}

/** A key, or a serial number with or without its issuer. */
function readListed(body: unknown): { readonly query: DistrustQuery; readonly actor: Actor } {
  if (has(body, 'key')) {
    const { key, ...actor } = readFields({ key: pin, ...ACTOR }, body);
    return { query: { key }, actor };
  }
  const { serial, issuer, ...actor } = readFields(SERIAL, body);
  return { query: issuer === undefined ? { serial } : { serial, issuer }, actor };
}

/** Every field of the shape, and none besides. */
function readFields<S extends Readonly<Record<string, Read<unknown>>>>(
  shape: S,
  body: unknown,
): { [K in keyof S]: ReturnType<S[K]> } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new UnfitRequest('the body must be a JSON object');
  }
  const given = new Map(Object.entries(body));
  for (const field of given.keys()) {
    // Not repeated whole: it could be a secret in the wrong place.
    if (!Object.hasOwn(shape, field)) throw new UnfitRequest(`there is a field that this step does not take`);
  }
  const fields = Object.entries(shape).map(([field, read]) => [field, read(given.get(field), field)]);
  return Object.fromEntries(fields);
}

function has(body: unknown, field: string): boolean {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, field);
}

function needReason(force: boolean, { reason }: Actor): void {
  if (force && reason === null) throw new UnfitRequest('force needs a reason');
}

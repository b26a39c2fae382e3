/**
 * Where each value of an order stands in the document as it was sent. The document is read once more with somebody
 * taking notes, so that reading for an answer pays nothing for it.
 */
import type { Place } from '../errors.ts';
import { attribute, child, type Element, placeOf } from './element.ts';
import type { Message } from './message.ts';
import { readOrder } from './read-order.ts';
import { below, pathOf, type Recorder, type Spot } from './spot.ts';
import type { Fields } from './table.ts';

interface Note {
  readonly at: Spot;
  readonly attribute?: string;
}

interface Noted {
  readonly at: Spot;
  readonly fields: Fields;
  readonly notes: ReadonlyMap<string, readonly Note[]>;
}

/** @returns JSON pointer → place, for every value: `/lines/0/unitPrice/amount` */
export function* readPlaces(message: Message): Generator<undefined, ReadonlyMap<string, Place>, void> {
  const { recorder, of } = createRecorder();
  const order = yield* readOrder(message, recorder);
  const places = new Map<string, Place>();
  walk(order, '', undefined, undefined);
  return places;

  /** @param fields of the value, when it was read without a table */
  function walk(value: unknown, pointer: string, found: Note | undefined, fields: Fields | undefined): void {
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null) {
      if (found !== undefined) places.set(pointer, placeOfNote(found));
      return;
    }
    const noted = of.get(value) ?? (found && fields && { at: found.at, fields, notes: NOTHING });
    const here = noted === undefined ? found : { at: noted.at };
    if (here !== undefined) places.set(pointer, placeOfNote(here));
    for (const [key, each] of Object.entries(value)) {
      const field = noted?.fields[key];
      const list = Array.isArray(each);
      (list ? each : [each]).forEach((item, index) => {
        const made = noted && field && resolve(noted.at, field.from);
        const note = noted?.notes.get(key)?.[index] ?? made ?? here;
        walk(item, list ? `${pointer}/${key}/${index}` : `${pointer}/${key}`, note, field?.part?.fields);
      });
    }
  }
}

const NOTHING: ReadonlyMap<string, readonly Note[]> = new Map();

function createRecorder(): { recorder: Recorder; of: ReadonlyMap<object, Noted> } {
  const open = new Map<readonly unknown[], { slot: number; note: Note }[]>();
  const of = new Map<object, Noted>();
  const recorder: Recorder = {
    note(slots, slot, at, name) {
      const all = open.get(slots) ?? [];
      all.push({ slot, note: { at, ...(name === undefined ? {} : { attribute: name }) } });
      open.set(slots, all);
    },
    close(slots, { fields }, value, at) {
      const notes = new Map<string, Note[]>();
      const keys = Object.keys(fields);
      for (const { slot, note } of open.get(slots) ?? []) {
        const key = keys[slot] ?? '';
        const others = notes.get(key);
        if (others === undefined) notes.set(key, [note]);
        else others.push(note);
      }
      open.delete(slots);
      of.set(value, { at, fields, notes });
    },
  };
  return { recorder, of };
}

/** For what was made of something else: the first of its paths that leads somewhere. */
function resolve(at: Spot, from: readonly string[]): Note | undefined {
  for (const path of from) {
    const steps = path.split('/');
    let spot: Spot | undefined = at;
    if (steps[0] === '') {
      spot = rootOf(at);
      steps.splice(0, 2);
    }
    const last = steps.at(-1)?.startsWith('@') ? steps.pop()?.slice(1) : undefined;
    for (const step of steps) {
      if (step === 'text()') continue;
      const next: Element | undefined = child(spot?.element, step);
      spot = spot && next && below(spot, next);
    }
    if (spot === undefined || (last !== undefined && attribute(spot.element, last) === undefined)) continue;
    return { at: spot, ...(last === undefined ? {} : { attribute: last }) };
  }
  return undefined;
}

function rootOf(at: Spot): Spot {
  return at.parent === undefined ? at : rootOf(at.parent);
}

function placeOfNote({ at, attribute: name }: Note): Place {
  return placeOf(at.element, name === undefined ? pathOf(at) : `${pathOf(at)}/@${name}`);
}

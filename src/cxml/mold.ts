/**
 * Makes objects out of filled slots. V8 turns an object into a slow dictionary when more than a dozen keys are added
 * to it by computed name; a copy of one that has the same keys already stays quick, to make and to write as JSON.
 * Measured with 30 of 110 keys: 2.3 µs to make and 3.1 µs to write against 0.7 and 1.5.
 */
export interface Mold {
  /** An object with the keys whose slots are filled, in their order. */
  cast(slots: readonly unknown[]): Record<string, unknown>;
}

/** Below this many keys the plain way is as quick. */
const FEW = 12;

/** The lines of an order, and the orders of a buyer, fill the same few sets of keys. Only a hostile one fills many. */
const MOST_FORMS = 256;

export function createMold(keys: readonly string[]): Mold {
  return keys.length <= FEW ? { cast: (slots) => addKeys(keys, slots) } : createForms(keys);
}

function createForms(keys: readonly string[]): Mold {
  const forms = new Map<string, Record<string, unknown>>();
  return {
    cast(slots) {
      const set = setOf(slots);
      const form = forms.get(set);
      if (form === undefined) {
        const made = addKeys(keys, slots);
        if (forms.size < MOST_FORMS) forms.set(set, formOf(made));
        return made;
      }
      const value = { ...form };
      for (let slot = 0; slot < slots.length; slot++) {
        if (slots[slot] !== undefined) value[keys[slot] as string] = slots[slot];
      }
      return value;
    },
  };
}

function addKeys(keys: readonly string[], slots: readonly unknown[]): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (let slot = 0; slot < keys.length; slot++) {
    if (slots[slot] !== undefined) value[keys[slot] as string] = slots[slot];
  }
  return value;
}

/** Which slots are filled, 30 to a number. */
function setOf(slots: readonly unknown[]): string {
  let set = '';
  for (let start = 0; start < slots.length; start += 30) {
    let bits = 0;
    const end = Math.min(start + 30, slots.length);
    for (let slot = start; slot < end; slot++) if (slots[slot] !== undefined) bits |= 1 << (slot - start);
    set += `${bits},`;
  }
  return set;
}

/** The same keys without the values, as quick as the JSON reader makes objects. */
function formOf(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(Object.fromEntries(Object.keys(value).map((key) => [key, null]))));
}

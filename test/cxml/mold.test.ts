import { expect } from 'chai';
import { createMold } from '../../src/cxml/mold.ts';

const KEYS = Array.from({ length: 70 }, (_, slot) => `key${slot}`);

/** Different for every number: the slots that its binary digits name. */
const slotsOf = (number: number) =>
  KEYS.map((_, slot) => ((number >> (slot % 10)) & 1 ? slot + number : undefined));

describe('a mold', () => {
  it('gives the keys of the filled slots, in order, every time', () => {
    const mold = createMold(KEYS);
    // More sets of keys than it remembers, each cast twice.
    for (let number = 0; number < 1200; number++) {
      const slots = slotsOf(number % 600);
      const filled = KEYS.flatMap((key, slot) => (slots[slot] === undefined ? [] : [[key, slots[slot]]]));
      expect(Object.entries(mold.cast(slots))).to.deep.equal(filled);
    }
  });

  it('keeps null, and shares nothing between two objects', () => {
    const mold = createMold(KEYS);
    const slots = KEYS.map((_, slot) => (slot === 3 ? null : slot));
    const [first, second] = [mold.cast(slots), mold.cast(slots)];
    first.key1 = 'changed';
    expect(second).to.include({ key1: 1, key3: null });
    expect(mold.cast(slots).key1).to.equal(1);
  });
});

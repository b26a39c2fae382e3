import { expect } from 'chai';
import { createReadingRoom } from '../../src/intake/reading-room.ts';

/** A room for 10 bytes, and who is inside. */
function open() {
  const room = createReadingRoom(10);
  const inside: string[] = [];
  const leave = new Map<string, () => void>();
  const come = async (name: string, bytes: number): Promise<void> => {
    const place = await room.enter(bytes);
    inside.push(name);
    leave.set(name, () => place[Symbol.dispose]());
  };
  return {
    inside,
    come: (name: string, bytes: number) => void come(name, bytes),
    leave: (name: string) => leave.get(name)?.(),
    settled: () => new Promise(setImmediate),
  };
}

describe('createReadingRoom', () => {
  it('lets in what fits, and the rest in order as room is made', async () => {
    const { come, leave, inside, settled } = open();
    for (const name of ['a', 'b', 'c', 'd']) come(name, 5);
    await settled();
    expect(inside).to.deep.equal(['a', 'b']);
    leave('b');
    await settled();
    expect(inside).to.deep.equal(['a', 'b', 'c']);
    leave('a');
    await settled();
    expect(inside).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('lets a small one pass a large one that does not fit', async () => {
    const { come, inside, settled } = open();
    come('first', 7);
    come('large', 7);
    come('small', 3);
    await settled();
    expect(inside).to.deep.equal(['first', 'small']);
  });

  it('lets in one that is larger than the room, when it is empty', async () => {
    const { come, leave, inside, settled } = open();
    come('small', 1);
    come('giant', 100);
    await settled();
    expect(inside).to.deep.equal(['small']);
    leave('small');
    come('late', 1);
    await settled();
    expect(inside).to.deep.equal(['small', 'giant']);
    leave('giant');
    await settled();
    expect(inside).to.deep.equal(['small', 'giant', 'late']);
  });
});

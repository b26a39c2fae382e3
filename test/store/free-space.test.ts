import { expect } from 'chai';
import { createFreeSpaceFloor } from '../../src/store/free-space.ts';

describe('createFreeSpaceFloor', () => {
  it('objects below the floor and not at it, looking once a second', () => {
    let [clock, free, looks] = [0, 99, 0];
    const objection = createFreeSpaceFloor({
      folder: '/anywhere',
      minFreeBytes: 100,
      now: () => clock,
      freeBytes: () => {
        looks += 1;
        return free;
      },
    });
    expect(objection()).to.include('disk almost full: 99 bytes');
    free = 100;
    clock = 999;
    expect(objection()).to.include('disk almost full');
    expect(looks).to.equal(1);
    clock = 1_000;
    expect(objection()).to.equal(undefined);
    expect(looks).to.equal(2);
  });

  it('asks the real file system', () => {
    expect(createFreeSpaceFloor({ folder: '.', minFreeBytes: 1 })()).to.equal(undefined);
    expect(createFreeSpaceFloor({ folder: '.', minFreeBytes: 2 ** 60 })()).to.include('disk almost full');
  });
});

import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { openSqliteReader } from '../../src/store/sqlite-reader.ts';
import { arrival } from './arrivals.ts';
import { startProgram } from './child.ts';
import { createSqlitePlace, failureOf } from './sqlite-place.ts';

describe('the lock of a store', function () {
  this.timeout(60_000);

  it('refuses a second process, and is free as soon as the first is killed', async () => {
    await using place = await createSqlitePlace();
    await using holder = startProgram('hold-store.ts', place.path);
    expect(await holder.line()).to.equal('open');
    const error = await failureOf(place.open());
    expect(error).to.be.instanceOf(StartupError);
    expect((error as StartupError).hint).to.include('stop that one first');
    await holder.kill();
    await using store = await place.open();
    expect(await store.keepOrder(arrival())).to.include({ outcome: 'kept' });
  });

  it('does not keep a reader out', async () => {
    await using place = await createSqlitePlace();
    await using holder = startProgram('hold-store.ts', place.path);
    expect(await holder.line()).to.equal('open');
    await using reader = await openSqliteReader(place.path);
    expect(await reader.listOrders()).to.deep.equal([]);
  });
});

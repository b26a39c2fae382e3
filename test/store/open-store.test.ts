import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { openStore, openStoreReader } from '../../src/store/open-store.ts';
import { arrival } from './arrivals.ts';
import { createSqlitePlace, failureOf } from './sqlite-place.ts';

const LIMITS = { refused_max_count: 10, refused_max_bytes: 1_000, min_free_bytes: 0 };

describe('openStore', () => {
  it('opens the SQLite file behind the colon, and a reader beside it', async () => {
    await using place = await createSqlitePlace();
    const url = `sqlite:${place.path}`;
    await using store = await openStore({ url, ...LIMITS });
    await store.keepOrder(arrival());
    await using reader = await openStoreReader({ url });
    expect(await reader.listOrders()).to.have.length(1);
  });

  for (const url of [
    '',
    'data/orders.db',
    'sqlite:',
    'sqlite::memory:',
    'sqlite://host/orders.db',
    'postgres://sallyport:hush-hush@db/orders',
  ]) {
    it(`refuses ${url === '' ? 'nothing' : url}, without quoting a password`, async () => {
      for (const error of [
        await failureOf(openStore({ url, ...LIMITS })),
        await failureOf(openStoreReader({ url })),
      ]) {
        expect(error).to.be.instanceOf(StartupError);
        expect((error as StartupError).hint).to.include('sqlite:');
        expect(String(error)).to.not.include('hush');
      }
    });
  }
});

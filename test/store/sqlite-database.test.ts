import { join } from 'node:path';
import { expect } from 'chai';
import { StartupError } from '../../src/errors.ts';
import { isAtLeast, openReading, openWriting } from '../../src/store/sqlite-database.ts';
import { createSqlitePlace } from './sqlite-place.ts';

describe('openWriting', () => {
  it('writes ahead, syncs every commit, and holds to foreign keys', async () => {
    await using place = await createSqlitePlace();
    using database = openWriting(join(place.folder, 'orders.db'));
    expect(database.prepare('PRAGMA journal_mode').get()).to.deep.include({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).to.deep.include({ synchronous: 2 });
    expect(database.prepare('PRAGMA foreign_keys').get()).to.deep.include({ foreign_keys: 1 });
    expect(database.prepare('PRAGMA busy_timeout').get()).to.deep.include({ timeout: 5_000 });
  });

  it('refuses where SQLite will not write ahead, as in memory', () => {
    expect(() => openWriting(':memory:')).to.throw(StartupError, 'journal_mode is memory');
  });
});

describe('openReading', () => {
  it('cannot write', async () => {
    await using place = await createSqlitePlace();
    const file = join(place.folder, 'orders.db');
    openWriting(file).close();
    using database = openReading(file);
    expect(() => database.exec('CREATE TABLE a (id INTEGER)')).to.throw('readonly');
  });
});

describe('isAtLeast', () => {
  for (const [version, oldest, expected] of [
    ['3.51.3', '3.51.3', true],
    ['3.53.0', '3.51.3', true],
    ['4.0.0', '3.51.3', true],
    ['3.51.2', '3.51.3', false],
    ['3.9.9', '3.51.3', false],
    ['3.51', '3.51.3', false],
  ] as const) {
    it(`says ${expected} of ${version} where ${oldest} is the oldest`, () => {
      expect(isAtLeast(version, oldest)).to.equal(expected);
    });
  }
});
